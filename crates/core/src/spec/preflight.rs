//! API Gateway's own answer to a browser's preflight: a MOCK integration with CORS headers. Pure.
//!
//! With one origin (or `*`) `Access-Control-Allow-Origin` is a fixed value. One response can name only
//! one origin, so with several a response template echoes the caller's where it is in the list, by
//! overriding the header, and the fixed value, the first origin, is for everyone else. Sources: Amazon
//! API Gateway developer guide, "Enable CORS" and "Override your API's request and response parameters
//! and status codes"; aws-cdk-lib's `Resource.addCorsPreflight` does the same.

use super::integration::{AS_TEXT, Integration, IntegrationResponse, JSON, MOCK, TAKES_200};
use crate::duration::{Duration, Unit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const STATUS: &str = "200";

/// The header that says which pages may read an answer.
pub const ALLOW_ORIGIN: &str = "Access-Control-Allow-Origin";
const HEADERS: &str = "Access-Control-Allow-Headers";
const METHODS: &str = "Access-Control-Allow-Methods";
const CREDENTIALS: &str = "Access-Control-Allow-Credentials";
const MAX_AGE: &str = "Access-Control-Max-Age";

/// The answer to the OPTIONS request that a browser sends before a call from another origin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Preflight {
    pub allow_origins: BTreeSet<String>,
    pub allow_headers: BTreeSet<String>,
    pub allow_methods: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_credentials: bool,
    /// In whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Duration>,
}

impl Preflight {
    /// What answers so. Its request is taken for text: somebody may have made all of an API's media types
    /// binary.
    pub fn integration(&self) -> Integration {
        let origins = &self.allow_origins;
        let first = origins.first().cloned().unwrap_or_default();
        let always = [
            (ALLOW_ORIGIN, first),
            (HEADERS, join(&self.allow_headers)),
            (METHODS, join(&self.allow_methods)),
        ];
        let credentials = self.allow_credentials.then(|| (CREDENTIALS, "true".into()));
        let max_age = self.max_age.map(|it| (MAX_AGE, it.seconds().to_string()));
        let all = always.into_iter().chain(credentials).chain(max_age);
        let headers = all.map(|(name, value)| (name.to_owned(), format!("'{value}'")));
        let echoes = (origins.len() > 1).then(|| template(origins));
        let response = IntegrationResponse {
            headers: Some(headers.collect()),
            templates: echoes.map(|it| BTreeMap::from([(JSON.to_owned(), it)])),
            ..IntegrationResponse::default()
        };
        Integration {
            r#type: MOCK.into(),
            request_templates: Some(BTreeMap::from([(JSON.into(), TAKES_200.into())])),
            content_handling: Some(AS_TEXT.into()),
            responses: BTreeMap::from([(STATUS.to_owned(), response)]),
            ..Integration::default()
        }
    }

    /// The preflight that something is, and whether its request may be bytes. Lists may be in another
    /// order; whatever else wsctl would not have made the same way is none.
    pub fn of(integration: &Integration) -> Option<(Self, bool)> {
        let response = integration.responses.get(STATUS)?;
        let plain = |name: &str| {
            let value = response.headers.as_ref()?.get(name)?;
            value.strip_prefix('\'')?.strip_suffix('\'')
        };
        let list = |name| plain(name).map(split);
        let template = response.templates.as_ref().and_then(|it| it.get(JSON));
        let seconds = |it: &str| {
            let count = it.parse().ok()?;
            Some(Duration::new(count, Unit::Seconds))
        };
        let preflight = Self {
            allow_origins: match template {
                Some(template) => origins_in(template),
                None => BTreeSet::from([plain(ALLOW_ORIGIN)?.to_owned()]),
            },
            allow_headers: list(HEADERS)?,
            allow_methods: list(METHODS)?,
            allow_credentials: plain(CREDENTIALS) == Some("true"),
            max_age: plain(MAX_AGE).and_then(seconds),
        };
        let as_text = integration.content_handling.as_deref() == Some(AS_TEXT);
        (alike(integration) == alike(&preflight.integration())).then_some((preflight, !as_text))
    }
}

/// It without what may be otherwise: how a list is written, what else its request may be.
fn alike(integration: &Integration) -> Integration {
    let mut it = integration.clone();
    it.content_handling = it.content_handling.filter(|it| it != AS_TEXT);
    for template in it
        .request_templates
        .iter_mut()
        .flat_map(BTreeMap::values_mut)
    {
        if let Ok(parsed) = serde_json::from_str::<Value>(template) {
            *template = parsed.to_string();
        }
    }
    let headers = it
        .responses
        .values_mut()
        .filter_map(|it| it.headers.as_mut());
    for headers in headers {
        for name in [HEADERS, METHODS] {
            let list = headers.get_mut(name).into_iter();
            list.for_each(|list| *list = join(&split(list.trim_matches('\''))));
        }
    }
    it
}

fn join(items: &BTreeSet<String>) -> String {
    let items: Vec<_> = items.iter().map(String::as_str).collect();
    items.join(",")
}

fn split(list: &str) -> BTreeSet<String> {
    let items = list.split(',').map(str::trim);
    let items = items.filter(|item| !item.is_empty());
    items.map(ToOwned::to_owned).collect()
}

/// HTTP/2 sends header names in lower case, so both spellings are looked for.
fn template(origins: &BTreeSet<String>) -> String {
    let conditions: Vec<_> = origins
        .iter()
        .map(|origin| format!(r#"$origin == "{origin}""#))
        .collect();
    let conditions = conditions.join(" || ");
    format!(
        r#"#set($origin = $input.params().header.get("Origin"))
#if(!$origin || $origin == "")
#set($origin = $input.params().header.get("origin"))
#end
#if({conditions})
#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end
"#
    )
}

/// The origins in a template of ours; of any other, perhaps none or wrong ones.
fn origins_in(template: &str) -> BTreeSet<String> {
    let parts = template.split(r#"$origin == ""#).skip(1);
    let quoted = parts.filter_map(|part| part.split_once('"').map(|(origin, _)| origin));
    quoted
        .filter(|origin| !origin.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[&str] = &["https://app.example.com"];
    const TWO: &[&str] = &["http://localhost:3000", "https://app.example.com"];

    fn set(items: &[&str]) -> BTreeSet<String> {
        items.iter().map(ToString::to_string).collect()
    }

    fn preflight(origins: &[&str]) -> Preflight {
        Preflight {
            allow_origins: set(origins),
            allow_headers: set(&["Authorization", "Content-Type"]),
            allow_methods: set(&["GET", "OPTIONS"]),
            ..Preflight::default()
        }
    }

    /// What it is read as, with its one response changed.
    fn changed(origins: &[&str], edit: impl FnOnce(&mut IntegrationResponse)) -> Option<Preflight> {
        let mut integration = preflight(origins).integration();
        edit(integration.responses.get_mut(STATUS).unwrap());
        Preflight::of(&integration).map(|it| it.0)
    }

    fn with_header(origins: &[&str], name: &str, value: &str) -> Option<Preflight> {
        changed(origins, |it| {
            it.headers
                .as_mut()
                .unwrap()
                .insert(name.into(), value.into());
        })
    }

    #[test]
    fn what_was_made_reads_back_as_it_was_declared() {
        let more = Preflight {
            allow_credentials: true,
            max_age: "10m".parse().ok(),
            ..preflight(ONE)
        };
        for it in [preflight(&["*"]), preflight(ONE), preflight(TWO), more] {
            assert_eq!(Preflight::of(&it.integration()), Some((it, false)));
        }
    }

    #[test]
    fn one_origin_is_a_fixed_header_and_several_are_echoed() {
        let response = |origins| preflight(origins).integration().responses[STATUS].clone();
        assert_eq!(
            response(ONE).headers.unwrap()[ALLOW_ORIGIN],
            "'https://app.example.com'"
        );
        assert_eq!(response(ONE).templates, None);
        assert_eq!(
            response(TWO).headers.unwrap()[ALLOW_ORIGIN],
            "'http://localhost:3000'"
        );
        let template = &response(TWO).templates.unwrap()[JSON];
        assert!(template.contains(
            r#"#if($origin == "http://localhost:3000" || $origin == "https://app.example.com")"#
        ));
    }

    #[test]
    fn a_list_in_another_order_is_the_same_list() {
        let there = with_header(ONE, HEADERS, "'Content-Type, Authorization'");
        assert_eq!(there, Some(preflight(ONE)));
    }

    #[test]
    fn another_header_value_is_a_difference() {
        assert_eq!(
            with_header(ONE, ALLOW_ORIGIN, "'*'"),
            Some(preflight(&["*"]))
        );
    }

    #[test]
    fn a_header_more_or_less_or_without_quotes_is_no_preflight() {
        for (more, value) in [
            ("Access-Control-Expose-Headers", "'X-Id'"),
            (CREDENTIALS, "'false'"),
            (MAX_AGE, "'soon'"),
            (ALLOW_ORIGIN, "*"),
        ] {
            assert_eq!(with_header(ONE, more, value), None, "{more}");
        }
        let without = changed(ONE, |it| drop(it.headers.as_mut().unwrap().remove(METHODS)));
        assert_eq!(without, None);
    }

    #[test]
    fn an_edited_template_is_no_preflight() {
        let edited = |edit: fn(String) -> String| {
            changed(TWO, |it| {
                let templates = it.templates.iter_mut().flat_map(BTreeMap::values_mut);
                templates.for_each(|it| *it = edit(it.clone()));
            })
        };
        assert_eq!(
            edited(|it| it.replace("#if($origin", "#if(true || $origin")),
            None
        );
        assert_eq!(edited(|_| template(&set(ONE))), None);
        let of_one = changed(ONE, |it| {
            it.templates = Some(BTreeMap::from([(JSON.into(), "{}".into())]));
        });
        assert_eq!(of_one, None);
        assert_eq!(
            with_header(TWO, ALLOW_ORIGIN, "'https://app.example.com'"),
            None
        );
    }

    #[test]
    fn what_is_otherwise_a_preflight_and_more_or_less_is_none() {
        let it = preflight(ONE).integration();
        let takes = |template: &str| Integration {
            request_templates: Some(BTreeMap::from([(JSON.into(), template.into())])),
            content_handling: None,
            ..it.clone()
        };
        let spaced = takes("{ \"statusCode\": 200 }");
        assert_eq!(Preflight::of(&spaced), Some((preflight(ONE), true)));
        let mut two = it.clone();
        two.responses
            .insert("204".into(), IntegrationResponse::default());
        let mut chosen = it.clone();
        chosen
            .responses
            .values_mut()
            .for_each(|it| it.selection_pattern = Some("2..".into()));
        for other in [
            takes("{\"statusCode\":204}"),
            two,
            chosen,
            Integration {
                request_templates: None,
                ..it.clone()
            },
            Integration {
                responses: BTreeMap::new(),
                ..it.clone()
            },
            Integration {
                r#type: "HTTP".into(),
                ..it.clone()
            },
        ] {
            assert_eq!(Preflight::of(&other), None, "{other:?}");
        }
    }
}
