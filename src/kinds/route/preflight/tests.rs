use super::*;
use aws_sdk_apigateway::types::{IntegrationResponse, MethodResponse};

const ONE: &[&str] = &["https://app.example.com"];
const TWO: &[&str] = &["http://localhost:3000", "https://app.example.com"];

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(ToString::to_string).collect()
}

fn answer(origins: &[&str]) -> Answer {
    Answer::new(&preflight(origins))
}

fn preflight(origins: &[&str]) -> Preflight {
    Preflight {
        allow_origins: set(origins),
        allow_headers: set(&["Authorization", "Content-Type"]),
        allow_methods: set(&["GET", "OPTIONS"]),
        ..Preflight::default()
    }
}

/// The method as AWS gives it back after `put`, with the answer changed by `edit`.
fn live(origins: &[&str], edit: impl FnOnce(&mut Answer)) -> Method {
    let mut answer = answer(origins);
    edit(&mut answer);
    let response = IntegrationResponse::builder()
        .set_response_parameters(Some(answer.parameters.clone()))
        .set_response_templates(answer.templates())
        .build();
    let integration = AwsIntegration::builder()
        .r#type(IntegrationType::Mock)
        .request_templates(JSON, "{ \"statusCode\": 200 }")
        .integration_responses(STATUS, response)
        .build();
    let names = answer.parameters.keys();
    let declared = names.map(|name| (name.clone(), true)).collect();
    let response = MethodResponse::builder()
        .set_response_parameters(Some(declared))
        .build();
    Method::builder()
        .method_responses(STATUS, response)
        .method_integration(integration)
        .build()
}

fn read(method: &Method) -> Result<Preflight, &'static str> {
    of(method, method.method_integration().unwrap())
}

fn is_other(method: &Method) -> bool {
    read(method).is_err()
}

#[test]
fn what_was_put_reads_back_as_it_was_declared() {
    for origins in [&["*"][..], ONE, TWO] {
        assert_eq!(
            read(&live(origins, |_| {})),
            Ok(preflight(origins)),
            "{origins:?}"
        );
    }
}

#[test]
fn one_origin_is_a_fixed_header_and_several_are_echoed() {
    assert_eq!(answer(ONE).parameters[ORIGIN], "'https://app.example.com'");
    assert_eq!(answer(ONE).template, None);
    assert_eq!(answer(TWO).parameters[ORIGIN], "'http://localhost:3000'");
    let template = answer(TWO).template.unwrap();
    assert!(template.contains(
        r#"#if($origin == "http://localhost:3000" || $origin == "https://app.example.com")"#
    ));
}

#[test]
fn credentials_and_an_age_are_headers_more() {
    let method = live(ONE, |answer| {
        answer
            .parameters
            .insert(CREDENTIALS.into(), "'true'".into());
        answer.parameters.insert(MAX_AGE.into(), "'600'".into());
    });
    assert!(!declares_more(
        &method,
        &Answer::new(&read(&method).unwrap())
    ));
    assert!(declares_more(&method, &answer(ONE)));
    let more = Preflight {
        allow_credentials: true,
        max_age: "10m".parse().ok(),
        ..preflight(ONE)
    };
    assert_eq!(read(&method), Ok(more));
}

#[test]
fn a_header_that_the_response_does_not_declare_is_not_sent() {
    let mut method = live(ONE, |_| {});
    let integration = live(ONE, |answer| {
        answer
            .parameters
            .insert(CREDENTIALS.into(), "'true'".into());
    });
    method.method_integration = integration.method_integration;
    assert!(is_other(&method));
}

#[test]
fn a_list_in_another_order_is_the_same_list() {
    let method = live(ONE, |answer| {
        answer
            .parameters
            .insert(HEADERS.into(), "'Content-Type, Authorization'".into());
    });
    assert_eq!(read(&method), Ok(preflight(ONE)));
}

#[test]
fn another_header_value_is_a_difference() {
    let method = live(ONE, |answer| {
        answer.parameters.insert(ORIGIN.into(), "'*'".into());
    });
    assert_eq!(read(&method), Ok(preflight(&["*"])));
}

#[test]
fn a_header_more_or_less_or_without_quotes_is_no_preflight() {
    for (more, value) in [
        (
            "method.response.header.Access-Control-Expose-Headers",
            "'X-Id'",
        ),
        (CREDENTIALS, "'false'"),
        (MAX_AGE, "'soon'"),
    ] {
        assert!(is_other(&live(ONE, |it| drop(
            it.parameters.insert(more.into(), value.into())
        ))));
    }
    assert!(is_other(&live(ONE, |it| drop(
        it.parameters.remove(METHODS)
    ))));
    assert!(is_other(&live(ONE, |it| drop(
        it.parameters.insert(ORIGIN.into(), "*".into())
    ))));
}

#[test]
fn an_edited_template_is_no_preflight() {
    let edited = |template: String| template.replace("#if($origin", "#if(true || $origin");
    assert!(is_other(
        &live(TWO, |it| it.template = it.template.take().map(edited))
    ));
    assert!(is_other(&live(ONE, |it| it.template = Some("{}".into()))));
    assert!(is_other(
        &live(TWO, |it| it.template = Some(template(&set(ONE))))
    ));
    assert!(is_other(&live(TWO, |it| {
        it.parameters
            .insert(ORIGIN.into(), "'https://app.example.com'".into());
    })));
}

#[test]
fn an_incomplete_mock_is_no_preflight() {
    let broken = |edit: fn(&mut Method, &mut AwsIntegration)| {
        let mut method = live(ONE, |_| {});
        let mut integration = method.method_integration.clone().unwrap();
        edit(&mut method, &mut integration);
        method.method_integration = Some(integration);
        method
    };
    assert!(is_other(
        &broken(|method, _| method.method_responses = None)
    ));
    assert!(is_other(&broken(|_, integration| integration
        .integration_responses =
        None)));
    assert!(is_other(&broken(|_, integration| integration
        .request_templates =
        None)));
}
