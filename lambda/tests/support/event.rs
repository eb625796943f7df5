//! Events of API Gateway's proxy integration.

use serde_json::{Value, json};

/// Claims of the user `name`, as the authorizer passes them on: all of them strings.
pub(crate) fn claims(name: &str) -> Value {
    json!({
        "sub": format!("sub-{name}"),
        "email": format!("{name}@example.com"),
        "cognito:username": name,
        "phone_number": "+15555550100",
        "token_use": "id",
    })
}

/// Claims of a member of the group `admin`.
pub(crate) fn admin() -> Value {
    let mut claims = claims("root");
    claims["cognito:groups"] = json!("editors,admin");
    claims
}

/// A request of a caller with these claims; null for none.
pub(crate) fn request(claims: &Value, method: &str, path: &str, body: Option<&str>) -> Value {
    let id = path.strip_prefix("/users/").filter(|id| !id.is_empty());
    json!({
        "resource": if id.is_some() { "/users/{id}" } else { "/users" },
        "path": path,
        "httpMethod": method,
        "headers": { "Authorization": "Bearer very-secret-token", "origin": "http://localhost:3000" },
        "pathParameters": id.map(|id| json!({ "id": id })),
        "requestContext": { "stage": "dev", "authorizer": { "claims": claims } },
        "body": body,
        "isBase64Encoded": false,
    })
}

pub(crate) fn get(claims: &Value, path: &str) -> Value {
    request(claims, "GET", path, None)
}

pub(crate) fn post(claims: &Value, body: &Value) -> Value {
    request(claims, "POST", "/users", Some(&body.to_string()))
}

pub(crate) fn put(claims: &Value, id: &Value, body: &Value) -> Value {
    request(
        claims,
        "PUT",
        &format!("/users/{id}"),
        Some(&body.to_string()),
    )
}

pub(crate) fn delete(claims: &Value, id: &Value) -> Value {
    request(claims, "DELETE", &format!("/users/{id}"), None)
}
