//! examples/two-apis.toml in a sandbox: which of the two APIs a call goes to, and what each lets in.

use crate::support::sandbox::Sandbox;

const STACK: &str = include_str!("../../examples/two-apis.toml");

const ANN: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";

const FUNCTION: &str = "export const handler = async (event) => {\n\
    console.log(event.requestContext.authorizer.claims.sub);\n\
    return { statusCode: 200, body: JSON.stringify({ users: [] }) };\n};\n";

fn call(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> String {
    let said = sandbox.answer(code, &[&["call"][..], arguments].concat(), &[PASSWORD]);
    said.out + &said.err
}

#[test]
fn each_has_an_address_and_rules_of_its_own() {
    let program = "runtime = \"nodejs22.x\"\nhandler = \"index.handler\"\nfile = \"index.mjs\"";
    let stack = STACK.replace("crate = \"../lambda\"", program);
    let sandbox = Sandbox::of(&stack, &[("index.mjs", FUNCTION)]);
    sandbox.apply();
    sandbox.plan_is_empty();
    let sign_up = ["user", "sign-up", ANN, "--password-stdin"];
    sandbox.answer(0, &sign_up, &[PASSWORD]);
    sandbox.answer(0, &["user", "confirm", ANN, "--admin"], &[]);

    let health = call(&sandbox, 0, &["GET", "/health"]);
    assert!(health.contains("\"up\": true"), "{health}");
    let admin = ["--api", "admin"];
    let elsewhere = [&["GET", "/health", "--anonymous"][..], &admin].concat();
    let elsewhere = call(&sandbox, 4, &elsewhere);
    assert!(
        elsewhere.contains("Missing Authentication Token"),
        "{elsewhere}"
    );
    let as_ann = ["--as", ANN, "--password-stdin"];
    for api in [&[][..], &admin] {
        let users = [&["GET", "/users"][..], &as_ann, api].concat();
        let users = call(&sandbox, 0, &users);
        assert!(users.contains("\"users\": []"), "{users}");
    }
    // The only API that has the route is meant, and its key goes along.
    let report = [&["GET", "/report"][..], &as_ann].concat();
    let report = call(&sandbox, 0, &report);
    assert!(report.contains("\"users\": []"), "{report}");
    let refused = call(&sandbox, 4, &["GET", "/report", "--anonymous"]);
    assert!(refused.contains("Unauthorized"), "{refused}");
    let unknown = call(&sandbox, 1, &["GET", "/users", "--api", "admn"]);
    assert!(unknown.contains("there are: api, admin"), "{unknown}");

    let outputs = sandbox.answer(0, &["outputs", "--json"], &[]).out;
    let outputs: serde_json::Value = serde_json::from_str(&outputs).unwrap();
    assert_ne!(outputs["api_id"], outputs["api_id_admin"]);
    for (id, url) in [("api_id", "api_url"), ("api_id_admin", "api_url_admin")] {
        let id = outputs[id].as_str().unwrap();
        assert!(outputs[url].as_str().unwrap().contains(id), "{outputs:#}");
    }

    let verified = sandbox.run(&["verify", "--sandbox", "--json"]).out;
    let verified: serde_json::Value = serde_json::from_str(&verified).unwrap();
    let checks = verified["checks"].as_array().unwrap();
    for name in ["GET /users", "GET /users of admin", "GET /report of admin"] {
        let subject = format!("{name} refuses a forged token");
        let check = checks.iter().find(|it| it["subject"] == subject.as_str());
        assert_eq!(check.unwrap()["status"], "passed", "{subject}");
    }
}
