//! The workshop's users API as a Lambda function behind an API Gateway REST API (proxy
//! integration). For now it answers every request with the caller's own claims.
//!
//! One line of JSON is logged per request; tokens, e-mail addresses and bodies never are.

mod claims;
mod cors;

use cors::Origins;
use lambda_http::{
    Body, Error, Request, RequestExt, Response,
    http::{StatusCode, header},
    service_fn,
};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let origins = Origins::parse(&std::env::var("ALLOWED_ORIGINS").unwrap_or_default());
    let origins = &origins;
    lambda_http::run(service_fn(|request: Request| async move { answer(&request, origins) })).await
}

/// Answers one request: always 200 with the claims, null where no authorizer checked a token.
fn answer(request: &Request, origins: &Origins) -> Result<Response<Body>, Error> {
    let claims = claims::of(request);
    let status = StatusCode::OK;
    println!("{}", line(request, claims.as_ref(), status));
    let body = json!({ "success": true, "data": { "claims": claims } });
    respond(request, origins, status, &body)
}

fn respond(
    request: &Request,
    origins: &Origins,
    status: StatusCode,
    body: &Value,
) -> Result<Response<Body>, Error> {
    let asked = request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let mut response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
    for (name, value) in origins.headers(asked) {
        response = response.header(name, value);
    }
    Ok(response.body(Body::Text(body.to_string()))?)
}

/// What is logged of a request: nothing but the sub tells who asked.
fn line(request: &Request, claims: Option<&Value>, status: StatusCode) -> Value {
    let id = request.lambda_context_ref().map(|context| context.request_id.as_str());
    json!({
        "request_id": id,
        "method": request.method().as_str(),
        "path": request.raw_http_path(),
        "status": status.as_u16(),
        "sub": claims.and_then(|claims| claims.get("sub")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(claims: Value) -> Request {
        let event = json!({
            "httpMethod": "GET",
            "path": "/users",
            "headers": { "Authorization": "Bearer token", "origin": "https://app.example.com" },
            "requestContext": { "authorizer": { "claims": claims }, "httpMethod": "GET" },
        });
        lambda_http::request::from_str(&event.to_string()).expect("an API Gateway event")
    }

    fn body(response: &Response<Body>) -> Value {
        serde_json::from_slice(response.body().as_ref()).expect("JSON")
    }

    #[test]
    fn the_answer_holds_the_claims() {
        let claims = json!({ "sub": "a1", "email": "ana@example.com" });
        let response = answer(&get(claims.clone()), &Origins::parse("")).expect("an answer");
        assert_eq!(body(&response), json!({ "success": true, "data": { "claims": claims } }));
    }

    #[test]
    fn without_an_authorizer_the_claims_are_null() {
        let response = answer(&get(Value::Null), &Origins::parse("")).expect("an answer");
        assert_eq!(body(&response), json!({ "success": true, "data": { "claims": null } }));
    }

    #[test]
    fn the_log_names_only_the_sub() {
        let request = get(json!({ "sub": "a1", "email": "ana@example.com" }));
        let line = line(&request, claims::of(&request).as_ref(), StatusCode::OK);
        let wanted =
            json!({"request_id": null, "method": "GET", "path": "/users", "status": 200, "sub": "a1"});
        assert_eq!(line, wanted);
    }

    #[test]
    fn the_front_end_is_allowed_to_read_the_answer() {
        let origins = Origins::parse("https://app.example.com");
        let response = answer(&get(Value::Null), &origins).expect("an answer");
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        assert_eq!(header("access-control-allow-origin"), Some("https://app.example.com"));
        assert_eq!(header("content-type"), Some("application/json"));
    }
}
