//! Which web pages may read the answers: the origins in `ALLOWED_ORIGINS`. Pure.

use lambda_http::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderName, VARY};

/// The allowed origins, in the order of the setting.
pub(crate) struct Origins(Vec<String>);

impl Origins {
    /// Reads a comma-separated list such as `https://app.example.com,http://localhost:3000`.
    pub(crate) fn parse(setting: &str) -> Self {
        let origins = setting.split(',').map(|origin| origin.trim().trim_end_matches('/'));
        Self(origins.filter(|origin| !origin.is_empty()).map(ToOwned::to_owned).collect())
    }

    /// The headers for a request from `asked`: the origin itself where it is allowed, otherwise
    /// the first allowed one (which a browser elsewhere takes as a no), or none at all.
    pub(crate) fn headers(&self, asked: Option<&str>) -> Vec<(HeaderName, &str)> {
        let matching = self.0.iter().find(|origin| Some(origin.as_str()) == asked);
        let Some(origin) = matching.or(self.0.first()) else { return vec![] };
        let mut headers = vec![(ACCESS_CONTROL_ALLOW_ORIGIN, origin.as_str())];
        if self.0.len() > 1 {
            // A cache must not give one origin's answer to another.
            headers.push((VARY, "Origin"));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(setting: &str, asked: Option<&str>) -> Vec<(String, String)> {
        let origins = Origins::parse(setting);
        origins.headers(asked).into_iter().map(|(name, value)| (name.to_string(), value.to_owned())).collect()
    }

    #[test]
    fn one_origin_is_always_the_answer() {
        let wanted = [("access-control-allow-origin".to_owned(), "https://a.example.com".to_owned())];
        assert_eq!(allowed("https://a.example.com/", Some("https://evil.example.com")), wanted);
    }

    #[test]
    fn of_several_origins_the_matching_one_is_answered_and_caches_are_told() {
        let headers = allowed("https://a.example.com, https://b.example.com", Some("https://b.example.com"));
        assert_eq!(headers[0].1, "https://b.example.com");
        assert_eq!(headers[1], ("vary".to_owned(), "Origin".to_owned()));
    }

    #[test]
    fn without_allowed_origins_there_is_no_header() {
        assert!(allowed("", Some("https://a.example.com")).is_empty());
    }
}
