//! examples/lambda-authorizer through its whole life in a sandbox: a function decides whom the API lets in.

use crate::support::sandbox::Sandbox;
use std::fs;

const STACK: &str = include_str!("../../examples/lambda-authorizer/stack.toml");
const FILES: [(&str, &str); 2] = [
    (
        "authorizer/index.mjs",
        include_str!("../../examples/lambda-authorizer/authorizer/index.mjs"),
    ),
    (
        "orders/index.mjs",
        include_str!("../../examples/lambda-authorizer/orders/index.mjs"),
    ),
];

/// The answer to a partner with this key.
fn call(sandbox: &Sandbox, code: i32, method: &str, key: Option<&str>) -> String {
    let header = key.map(|key| format!("X-Partner-Key: {key}"));
    let header = header.as_deref().map(|it| vec!["-H", it]);
    let arguments = [vec!["call", method, "/orders"], header.unwrap_or_default()].concat();
    let said = sandbox.answer(code, &arguments, &[]);
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

    // The same name with another type is none that AWS would make beside the one that routes ask.
    let token = "type = \"TOKEN\"\ntoken_source = \"X-Partner-Key\"";
    let request = "type = \"REQUEST\"                    # it is given the request; TOKEN would give it one header\n\
        identity_sources = [\"method.request.header.X-Partner-Key\"]";
    sandbox.edit(request, token);
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
