//! examples/lambda-authorizer through its whole life in a sandbox: a function decides whom the API lets in.

use crate::support::sandbox::Sandbox;
use std::fs;

const STACK: &str = include_str!("../../examples/lambda-authorizer/stack.toml");
const FILES: [(&str, &str); 3] = [
    (
        "authorizer/index.mjs",
        include_str!("../../examples/lambda-authorizer/authorizer/index.mjs"),
    ),
    (
        "orders/index.mjs",
        include_str!("../../examples/lambda-authorizer/orders/index.mjs"),
    ),
    (
        "orders/order.json",
        include_str!("../../examples/lambda-authorizer/orders/order.json"),
    ),
];

/// The answer to a partner with this key.
fn call(sandbox: &Sandbox, code: i32, method: &str, key: Option<&str>) -> String {
    let header = key.map(|key| format!("X-Partner-Key: {key}"));
    let header = header.as_deref().map(|it| vec!["-H", it]);
    let order = ["-d", r#"{"item":"tea","count":2}"#];
    let order = if method == "POST" { &order[..] } else { &[] };
    let header = header.unwrap_or_default();
    let arguments = [&["call", method, "/orders"][..], &header, order].concat();
    let said = sandbox.answer(code, &arguments, &[]);
    said.out + &said.err
}

/// What is said of an order by a partner who is let in.
fn order(sandbox: &Sandbox, code: i32, more: &[&str]) -> String {
    let call = [
        "call",
        "POST",
        "/orders",
        "-H",
        "X-Partner-Key: open sesame",
    ];
    let said = sandbox.answer(code, &[&call[..], more].concat(), &[]);
    said.out + &said.err
}

#[test]
fn a_function_lets_partners_in_and_nobody_else() {
    let sandbox = Sandbox::of(STACK, &FILES);
    assert_eq!(sandbox.run(&["validate"]).code, 0);
    sandbox.apply();
    sandbox.plan_is_empty();

    let listed = call(&sandbox, 0, "GET", Some("open sesame"));
    assert!(listed.contains("\"partner\": \"Ali\""), "{listed}");
    call(&sandbox, 0, "POST", Some("open sesame"));
    assert!(call(&sandbox, 4, "GET", Some("sesame")).contains("403"));
    assert!(call(&sandbox, 4, "GET", None).contains("401"));

    only_with_a_key_and_an_order(&sandbox);

    // The same name with another type is none that AWS would make beside the one that routes ask.
    let changes = [
        ("type = \"REQUEST\"", "type = \"TOKEN\""),
        (
            "identity_sources = [\"method.request.header.X-Partner-Key\"]",
            "token_source = \"X-Partner-Key\"",
        ),
    ];
    changes
        .iter()
        .for_each(|(request, token)| sandbox.edit(request, token));
    let refused = sandbox.run(&["plan", "--sandbox"]);
    assert_ne!(refused.code, 0);
    assert!(
        refused.err.contains("give it another name"),
        "{}",
        refused.err
    );
    sandbox.edit(
        "[api.authorizers.partners]\nname = \"partners\"",
        "[api.authorizers.partners]\nname = \"by key\"",
    );
    // A function that is given a token finds it elsewhere.
    let header = "header(event, \"x-partner-key\")";
    let function = sandbox.folder().join(FILES[0].0);
    fs::write(
        &function,
        FILES[0].1.replace(header, "event.authorizationToken"),
    )
    .unwrap();
    sandbox.apply();
    sandbox.plan_is_empty();
    call(&sandbox, 0, "GET", Some("open sesame"));
    assert!(call(&sandbox, 4, "GET", Some("sesame")).contains("403"));

    comes_back(&sandbox);
    let destroyed = sandbox.run(&["destroy", "--sandbox", "--yes"]);
    assert_eq!(destroyed.code, 0, "{}{}", destroyed.out, destroyed.err);
}

/// A program without a key, with one that is none, or with no order gets nowhere; and a key's value is in no
/// output of wsctl's.
fn only_with_a_key_and_an_order(sandbox: &Sandbox) {
    let tea = r#"{"item":"tea","count":2}"#;
    assert!(order(sandbox, 0, &["-d", tea]).contains("201"));
    for none in [
        r#"{"item":"tea"}"#,
        r#"{"item":"tea","count":0}"#,
        r#"{"item":"tea","count":1,"price":0}"#,
        "no JSON",
    ] {
        let said = order(sandbox, 4, &["-d", none]);
        assert!(
            said.contains("400") && said.contains("Invalid request body"),
            "{said}"
        );
    }
    // Of another media type it is no order either.
    let said = order(sandbox, 4, &["-d", "tea", "-H", "Content-Type: text/plain"]);
    assert!(said.contains("400"), "{said}");
    let said = order(sandbox, 4, &["-d", tea, "--anonymous"]);
    assert!(said.contains("403"), "{said}");
    let said = order(
        sandbox,
        4,
        &["-d", tea, "-H", "x-api-key: somebody-elses-0123456789"],
    );
    assert!(said.contains("403"), "{said}");

    let outputs = sandbox.outputs();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let keys = runtime.block_on(async {
        let aws = outputs.aws().await;
        let keys = aws.apigateway.get_api_keys().include_values(true);
        keys.send().await.unwrap()
    });
    let value = keys.items()[0].value().unwrap();
    assert!(value.len() > 20, "{value}");
    for command in [
        &["plan", "--sandbox", "--json"][..],
        &["outputs", "--sandbox", "--json"],
        &["show", "--sandbox"],
    ] {
        let said = sandbox.run(command);
        assert!(!(said.out + &said.err).contains(value), "{command:?}");
    }
}

/// Written down from AWS, with the zips that were packed here, it plans empty again.
fn comes_back(sandbox: &Sandbox) {
    let imported = sandbox.run(&["import", "--sandbox", "--environment"]);
    assert_eq!(imported.code, 0, "{}", imported.err);
    for line in [
        "function = \"authorizer\"",
        "authorizer = \"by_key\"",
        "type = \"TOKEN\"",
    ] {
        assert!(imported.out.contains(line), "no {line} in {}", imported.out);
    }
    let stack = fs::read_to_string(sandbox.folder().join("stack.toml")).unwrap();
    for zip in ["authorizer.zip", "orders.zip"] {
        let packed = sandbox.folder().join(".wsctl/packed").join(zip);
        fs::copy(packed, sandbox.folder().join(zip)).unwrap();
    }
    fs::write(sandbox.folder().join("stack.toml"), imported.out).unwrap();
    sandbox.plan_is_empty();
    fs::write(sandbox.folder().join("stack.toml"), stack).unwrap();
}
