//! Which web pages may read the answers: the origins in `ALLOWED_ORIGINS`. Pure.

/// The methods that a page may use.
const METHODS: &str = "GET,POST,PUT,DELETE,OPTIONS";
/// The headers that a page may send: those that API Gateway's console allows.
const HEADERS: &str = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token";

/// The allowed origins, in the order of the setting.
pub(crate) struct Origins(Vec<String>);

impl Origins {
    /// Reads a comma-separated list such as `https://app.example.com,http://localhost:3000`.
    pub(crate) fn parse(setting: &str) -> Self {
        let origins = setting
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/'));
        Self(
            origins
                .filter(|origin| !origin.is_empty())
                .map(ToOwned::to_owned)
                .collect(),
        )
    }

    /// The headers for a request from `asked`: the origin itself where it is allowed, otherwise
    /// the first allowed one (which a browser elsewhere takes as a no), or no origin at all.
    pub(crate) fn headers(&self, asked: Option<&str>) -> Vec<(&'static str, &str)> {
        let mut headers = vec![
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", HEADERS),
        ];
        let matching = self.0.iter().find(|origin| Some(origin.as_str()) == asked);
        let any = self.0.iter().find(|origin| *origin == "*");
        if let Some(origin) = matching.or(any).or(self.0.first()) {
            headers.push(("Access-Control-Allow-Origin", origin));
            // A cache must not give one origin's answer to another.
            headers.push(("Vary", "Origin"));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(setting: &str, asked: &str) -> Option<String> {
        let origins = Origins::parse(setting);
        let headers = origins.headers(Some(asked));
        headers
            .iter()
            .find(|it| it.0 == "Access-Control-Allow-Origin")
            .map(|it| it.1.to_owned())
    }

    #[test]
    fn the_matching_origin_is_echoed_and_caches_are_told() {
        let setting = "https://a.example.com/, https://b.example.com";
        for asked in ["https://a.example.com", "https://b.example.com"] {
            assert_eq!(origin(setting, asked).as_deref(), Some(asked));
        }
        assert!(
            Origins::parse(setting)
                .headers(None)
                .contains(&("Vary", "Origin"))
        );
    }

    #[test]
    fn another_origin_is_never_echoed() {
        let answered = origin("https://a.example.com", "https://evil.example.com");
        assert_eq!(answered.as_deref(), Some("https://a.example.com"));
    }

    #[test]
    fn a_star_allows_every_page() {
        assert_eq!(
            origin("https://a.example.com,*", "https://b.example.com").as_deref(),
            Some("*")
        );
    }

    #[test]
    fn without_allowed_origins_no_page_may_read() {
        assert_eq!(origin("", "https://a.example.com"), None);
    }

    #[test]
    fn all_five_methods_and_the_token_are_allowed() {
        let origins = Origins::parse("");
        let headers = origins.headers(None);
        assert_eq!(headers[0].1, "GET,POST,PUT,DELETE,OPTIONS");
        assert!(headers[1].1.split(',').any(|name| name == "Authorization"));
    }
}
