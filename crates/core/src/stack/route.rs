//! Which declared route answers a request. Pure.

use super::tables::ApiTable;
use crate::spec::route::{Route, method_and_path};

/// The route of a method and path, as API Gateway chooses it: a literal segment before a
/// parameter, a parameter before `{rest+}`, and the method itself before ANY.
pub fn route_for<'a>(api: &'a ApiTable, method: &str, path: &str) -> Option<&'a Route> {
    let asked = segments(path.split('?').next().unwrap_or_default());
    let routes = api.routes.iter().filter_map(|(name, route)| {
        let (verb, template) = method_and_path(name)?;
        let any = verb.eq_ignore_ascii_case("ANY");
        let rank = rank(&segments(template), &asked)?;
        (any || verb.eq_ignore_ascii_case(method)).then_some(((rank, any), route))
    });
    routes
        .min_by(|one, other| one.0.cmp(&other.0))
        .map(|it| it.1)
}

/// How literally a template matches, a number a segment, smaller for more so.
fn rank(template: &[&str], asked: &[&str]) -> Option<Vec<u8>> {
    let mut ranks = vec![];
    for (index, part) in template.iter().enumerate() {
        if part.ends_with("+}") {
            ranks.push(2);
            return (asked.len() > index).then_some(ranks);
        }
        let segment = asked.get(index)?;
        match part.starts_with('{') {
            true => ranks.push(1),
            false if part == segment => ranks.push(0),
            false => return None,
        }
    }
    (template.len() == asked.len()).then_some(ranks)
}

/// A path that can be asked for: in place of each parameter something that no row has.
pub fn concrete(path: &str) -> String {
    let part = |part: &str| {
        if part.starts_with('{') {
            "0".to_owned()
        } else {
            part.to_owned()
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|it| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_literal_route_answers() {
        let routes = [
            "GET /users",
            "GET /users/{id}",
            "GET /users/me",
            "ANY /{rest+}",
            "ANY /users/{id}",
        ];
        let lines: String = routes
            .iter()
            .map(|route| format!("{route:?} = {{ function = {route:?}, authorizer = \"none\" }}\n"))
            .collect();
        let api = format!("name = \"x\"\n[stage]\nname = \"dev\"\n[routes]\n{lines}");
        let api: ApiTable = toml::from_str(&api).unwrap();
        let chosen =
            |method: &str, path: &str| route_for(&api, method, path).map(|it| it.function.as_str());
        assert_eq!(chosen("GET", "/users"), Some("GET /users"));
        assert_eq!(chosen("get", "users/7?x=/"), Some("GET /users/{id}"));
        assert_eq!(chosen("GET", "/users/me"), Some("GET /users/me"));
        assert_eq!(chosen("PUT", "/users/7"), Some("ANY /users/{id}"));
        assert_eq!(chosen("GET", "/a/b/c"), Some("ANY /{rest+}"));
        assert_eq!(chosen("GET", "/"), None);
    }
}
