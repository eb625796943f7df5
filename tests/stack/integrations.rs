//! examples/integrations.toml in a sandbox, with an address of its own behind it: what answers where no function
//! does, and what a function is given where something else is made of a request.

use crate::support::{http, sandbox::Sandbox};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

const STACK: &str = include_str!("../../examples/integrations.toml");

const ANN: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";

/// An address that says what it was asked; it is there as long as the tests are.
fn catalog() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines: Vec<String> = BufReader::new(&stream)
                .lines()
                .map_while(Result::ok)
                .take_while(|it| !it.is_empty())
                .collect();
            let asked = &lines[0];
            let is_known = !asked.contains("of=nothing");
            let shop = lines
                .iter()
                .find(|it| it.to_lowercase().starts_with("x-shop"));
            let body = format!(
                r#"{{"asked": {asked:?}, "shop": {:?}, "amount": 12.5}}"#,
                shop.map_or("", String::as_str)
            );
            let status = if is_known { "200 OK" } else { "404 Not Found" };
            write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nX-Currency: EUR\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
        }
    });
    address
}

fn call(sandbox: &Sandbox, code: i32, arguments: &[&str]) -> String {
    let said = sandbox.answer(code, &[&["call"][..], arguments].concat(), &[]);
    said.out + &said.err
}

#[test]
fn what_answers_is_an_address_or_nobody() {
    let stack = STACK.replace("https://example.com/catalog", &catalog());
    let sandbox = Sandbox::of(&stack, &[]);
    sandbox.apply();
    sandbox.plan_is_empty();

    let health = call(&sandbox, 0, &["GET", "/health", "-v"]);
    assert!(health.contains("\"up\": true"), "{health}");
    let page = call(&sandbox, 0, &["GET", "/catalog/tea/green?by=price"]);
    assert!(page.contains("GET /tea/green?by=price"), "{page}");
    assert!(page.contains("example"), "{page}");
    let price = call(&sandbox, 0, &["GET", "/price?item=tea&more=a"]);
    assert!(
        price.contains("12.5") && !price.contains("asked"),
        "{price}"
    );
    let none = call(&sandbox, 4, &["GET", "/price?item=nothing"]);
    assert!(
        none.contains("404") && none.contains("nobody sells it"),
        "{none}"
    );

    let refused = call(&sandbox, 4, &["POST", "/orders", "-d", "{}", "--anonymous"]);
    assert!(refused.contains("401"), "{refused}");
    // There is no such queue, which the service says and the API puts otherwise.
    let sign_up = ["user", "sign-up", ANN, "--password-stdin"];
    sandbox.answer(0, &sign_up, &[PASSWORD]);
    sandbox.answer(0, &["user", "confirm", ANN, "--admin"], &[]);
    let order = [
        "call",
        "POST",
        "/orders",
        "-d",
        "{}",
        "--as",
        ANN,
        "--password-stdin",
    ];
    let order = sandbox.answer(5, &order, &[PASSWORD]);
    let order = order.out + &order.err;
    assert!(
        order.contains("502") && order.contains("\"taken\": false"),
        "{order}"
    );

    // One that is no longer said is gone, and the answer for all else is another.
    sandbox.edit(
        "[api.routes.\"GET /price\".integration.responses.404]\nselection_pattern = \"404\"\n",
        "[api.routes.\"GET /price\".integration.responses.410]\n",
    );
    sandbox.edit(
        "[api.routes.\"GET /price\".integration.responses.200]\n",
        "[api.routes.\"GET /price\".integration.responses.200]\nselection_pattern = \"200\"\n",
    );
    sandbox.apply();
    sandbox.plan_is_empty();
    let none = call(&sandbox, 4, &["GET", "/price?item=nothing"]);
    assert!(
        none.contains("410") && none.contains("nobody sells it"),
        "{none}"
    );
}

const FUNCTION: &str = "export const handler = async (event) => {\n\
    if (event.fail) throw new Error(\"refused: \" + event.fail);\n\
    return { given: event };\n};\n";

const WITH_FUNCTION: &str = r#"
[stack]
name = "whole"
region = "eu-west-1"

[functions.echo]
name = "whole-echo"
runtime = "nodejs22.x"
file = "index.mjs"
handler = "index.handler"

[api]
name = "whole"

[api.stage]
name = "live"

[api.routes."POST /echo"]
function = "echo"
authorizer = "none"
integration = { type = "AWS", request_templates = { "application/json" = '{"fail": $input.json("$.fail"), "name": $input.json("$.name")}' }, responses = { 200 = { headers = { X-By = "'function'" } }, 422 = { selection_pattern = "refused:.*", templates = { "application/json" = '{"why": $input.json("$.errorMessage")}' } } } }
"#;

#[test]
fn a_function_is_given_what_is_made_of_a_request() {
    let sandbox = Sandbox::of(WITH_FUNCTION, &[("index.mjs", FUNCTION)]);
    sandbox.apply();
    sandbox.plan_is_empty();
    let body = r#"{"name": "Ali", "fail": false, "more": 1}"#;
    let said = call(&sandbox, 0, &["POST", "/echo", "-d", body]);
    assert!(
        said.contains("\"name\": \"Ali\"") && !said.contains("more"),
        "{said}"
    );
    let body = r#"{"name": "Ali", "fail": "all"}"#;
    let said = call(&sandbox, 4, &["POST", "/echo", "-d", body]);
    assert!(
        said.contains("422") && said.contains("refused: all"),
        "{said}"
    );

    // The function answers by itself again.
    sandbox.edit("integration = {", "# integration = {");
    sandbox.apply();
    sandbox.plan_is_empty();
}

/// A method and an authorizer that somebody deletes go on being served, as on AWS, until the API is deployed again.
#[tokio::test]
async fn the_sandbox_serves_an_api_as_it_was_deployed() {
    let stack = r#"
[stack]
name = "deployed"
region = "eu-west-1"

[user_pool]
name = "deployed"

[api]
name = "deployed"

[api.stage]
name = "live"

[api.authorizers.people]
name = "people"

[api.routes."GET /people"]
authorizer = "people"
integration = { type = "MOCK" }

[api.routes."GET /ping"]
authorizer = "none"

[api.routes."GET /ping".integration]
type = "MOCK"
request_templates = { "application/json" = '{"statusCode": 200}' }
responses = { "200" = { templates = { "application/json" = "one" } } }
"#;
    let sandbox = Sandbox::of(stack, &[]);
    sandbox.apply();
    let outputs = sandbox.outputs();
    let (api, url) = (
        outputs.get("api_id"),
        format!("{}/ping", outputs.get("api_url")),
    );
    let asked = || {
        let (status, body) = http::call("GET", &url, None, "");
        (status, body.contains("one"))
    };
    assert_eq!(asked(), (200, true));
    let closed = format!("{}/people", outputs.get("api_url"));
    let closed = || http::call("GET", &closed, None, "").0;
    assert_eq!(closed(), 401);
    let aws = outputs.aws().await;
    let authorizers = aws.apigateway.get_authorizers().rest_api_id(&api);
    let authorizers = authorizers.send().await.unwrap();
    let id = authorizers.items()[0].id().unwrap();
    let delete = aws.apigateway.delete_authorizer().rest_api_id(&api);
    delete.authorizer_id(id).send().await.unwrap();
    assert_eq!(closed(), 401, "nothing was deployed");
    let resources = aws
        .apigateway
        .get_resources()
        .rest_api_id(&api)
        .send()
        .await
        .unwrap();
    let ping = resources
        .items()
        .iter()
        .find(|it| it.path() == Some("/ping"))
        .unwrap();
    let delete = aws
        .apigateway
        .delete_method()
        .rest_api_id(&api)
        .http_method("GET");
    delete.resource_id(ping.id().unwrap()).send().await.unwrap();
    assert_eq!(asked(), (200, true), "nothing was deployed");
    let deploy = aws
        .apigateway
        .create_deployment()
        .rest_api_id(&api)
        .stage_name("live");
    deploy.send().await.unwrap();
    assert_eq!(asked().0, 403, "AWS's Missing Authentication Token");
    assert_eq!(closed(), 500, "its authorizer is not there");
    sandbox.apply();
    assert_eq!(asked(), (200, true));
    assert_eq!(closed(), 401);
}
