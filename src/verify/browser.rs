//! What a browser asks before a page's request goes to another origin, and how it judges the answer:
//! the Fetch standard's "CORS-preflight fetch" and "CORS check", for pages that send no cookies. Pure.

/// A request that a page is about to make.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub origin: &'a str,
    pub method: &'a str,
    /// The names of its headers that are not safelisted.
    pub headers: &'a [&'a str],
}

/// Methods that any page may use.
const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];
/// The one header for which `*` does not stand ("CORS non-wildcard request-header name").
const NOT_WILD: &str = "authorization";

impl Asked<'_> {
    /// The value of `Access-Control-Request-Headers`.
    pub fn request_headers(&self) -> String {
        let mut names: Vec<_> = self
            .headers
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        names.sort();
        names.join(",")
    }

    /// Whether the page may make its request after this answer; if not, what keeps it out.
    pub fn judge(&self, status: u16, headers: &[(String, String)]) -> Result<(), String> {
        self.check_origin(headers)?;
        if !(200..300).contains(&status) {
            return Err(format!("HTTP {status}"));
        }
        self.check_method(&list(headers, "Access-Control-Allow-Methods")?)?;
        self.check_headers(&list(headers, "Access-Control-Allow-Headers")?)
    }

    /// The "CORS check": also of the answer itself.
    pub fn check_origin(&self, headers: &[(String, String)]) -> Result<(), String> {
        const NAME: &str = "Access-Control-Allow-Origin";
        match combined(headers, NAME) {
            None => Err(format!("no {NAME}")),
            Some(origin) if origin == "*" || origin == self.origin => Ok(()),
            Some(other) => Err(format!("{NAME}: {other}")),
        }
    }

    fn check_method(&self, allowed: &[String]) -> Result<(), String> {
        let is_listed = allowed.iter().any(|it| it == self.method || it == "*");
        match is_listed || SAFELISTED.contains(&self.method) {
            true => Ok(()),
            false => Err(format!(
                "{} is not among the methods {}",
                self.method,
                allowed.join(", ")
            )),
        }
    }

    fn check_headers(&self, allowed: &[String]) -> Result<(), String> {
        let is_wild = allowed.iter().any(|it| it == "*");
        let is_allowed = |name: &str| {
            (is_wild && !name.eq_ignore_ascii_case(NOT_WILD))
                || allowed.iter().any(|it| it.eq_ignore_ascii_case(name))
        };
        match self.headers.iter().find(|name| !is_allowed(name)) {
            None => Ok(()),
            Some(name) => Err(format!(
                "{name} is not among the headers {}",
                allowed.join(", ")
            )),
        }
    }
}

/// All values of a header, as one.
fn combined(headers: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<_> = headers
        .iter()
        .filter(|it| it.0.eq_ignore_ascii_case(name))
        .collect();
    let values: Vec<_> = values.iter().map(|it| it.1.trim()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// A list of names; an answer with anything else in it lets nobody in.
fn list(headers: &[(String, String)], name: &str) -> Result<Vec<String>, String> {
    let value = combined(headers, name).unwrap_or_default();
    let items: Vec<_> = value
        .split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    let is_token = |it: &&str| {
        it.chars()
            .all(|it| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it))
    };
    match items.iter().all(is_token) {
        true => Ok(items.into_iter().map(ToOwned::to_owned).collect()),
        false => Err(format!("{name}: {value} is not a list of names")),
    }
}

#[cfg(test)]
mod pages;

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://example.com";

    fn is_let_in(method: &str, headers: &[&str], status: u16, answer: &[(&str, &str)]) -> bool {
        let answer: Vec<_> = answer
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Asked {
            origin: PAGE,
            method,
            headers,
        }
        .judge(status, &answer)
        .is_ok()
    }

    #[test]
    fn a_page_is_let_in_by_its_origin_method_and_headers_only() {
        let origin = ("access-control-allow-origin", PAGE);
        let methods = ("access-control-allow-methods", "GET, PUT");
        let headers = ("access-control-allow-headers", "authorization,X-Token");
        for (method, sent, status, answer, lets_in) in [
            (
                "PUT",
                &["Authorization"][..],
                200,
                &[origin, methods, headers][..],
                true,
            ),
            (
                "PUT",
                &["Authorization"],
                204,
                &[origin, methods, headers],
                true,
            ),
            (
                "PUT",
                &["Authorization"],
                401,
                &[origin, methods, headers],
                false,
            ),
            ("PUT", &[], 302, &[origin, methods], false),
            ("PATCH", &[], 200, &[origin, methods], false),
            ("put", &[], 200, &[origin, methods], false),
            ("POST", &[], 200, &[origin], true),
            ("PUT", &["x-token"], 200, &[origin, methods, headers], true),
            ("PUT", &["X-Other"], 200, &[origin, methods, headers], false),
            ("PUT", &[], 200, &[methods, headers], false),
            (
                "PUT",
                &[],
                200,
                &[
                    ("Access-Control-Allow-Origin", "https://example.org"),
                    methods,
                ],
                false,
            ),
            (
                "PUT",
                &[],
                200,
                &[("Access-Control-Allow-Origin", "*"), methods],
                true,
            ),
            ("PUT", &[], 200, &[origin, origin, methods], false),
            (
                "PUT",
                &[],
                200,
                &[origin, ("Access-Control-Allow-Methods", "ANY")],
                false,
            ),
            (
                "PUT",
                &[],
                200,
                &[origin, ("Access-Control-Allow-Methods", "*")],
                true,
            ),
            (
                "GET",
                &["X-Token"],
                200,
                &[origin, ("Access-Control-Allow-Headers", "*")],
                true,
            ),
            (
                "GET",
                &["Authorization"],
                200,
                &[origin, ("Access-Control-Allow-Headers", "*")],
                false,
            ),
            (
                "GET",
                &["X-Token"],
                200,
                &[origin, ("Access-Control-Allow-Headers", "X-Token; X-Other")],
                false,
            ),
        ] {
            assert_eq!(
                is_let_in(method, sent, status, answer),
                lets_in,
                "{method} {sent:?} {status} {answer:?}"
            );
        }
    }
}
