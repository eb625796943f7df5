use super::*;
use proptest::prelude::*;
use serde_json::json;

fn masked(mask: &mut Mask, line: Value) -> Value {
    let mut line = line;
    mask.mask(&mut line);
    line
}

#[test]
fn the_same_value_is_the_same_placeholder_in_every_line() {
    let mut mask = Mask::default();
    let first = masked(
        &mut mask,
        json!({ "path": "/tags/arn:aws:apigateway:eu-west-1::/restapis/a1b2c3d4e5", "answer": {
            "UserPoolId": "eu-west-1_AbCdEf123", "Arn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123",
            "name": "users" } }),
    );
    let second = masked(
        &mut mask,
        json!({ "restApiId": "a1b2c3d4e5", "uri": "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/dev",
            "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123", "account": "123456789012" }),
    );
    let text = format!("{first}{second}");
    for value in ["a1b2c3d4e5", "AbCdEf123", "123456789012"] {
        assert!(!text.contains(value), "{value} in {text}");
    }
    let (api, pool) = (
        second["restApiId"].as_str().unwrap(),
        first["answer"]["UserPoolId"].as_str().unwrap(),
    );
    assert_eq!(
        first["path"],
        format!("/tags/arn:aws:apigateway:eu-west-1::/restapis/{api}")
    );
    assert_eq!(
        second["uri"],
        format!("https://{api}.execute-api.eu-west-1.amazonaws.com/dev")
    );
    assert_eq!(
        second["issuer"],
        format!("https://cognito-idp.eu-west-1.amazonaws.com/{pool}")
    );
    assert!(
        pool.starts_with("eu-west-1_id") && pool.len() == "eu-west-1_AbCdEf123".len(),
        "{pool}"
    );
    assert_eq!(first["answer"]["name"], "users");
    let account = second["account"].as_str().unwrap();
    assert_eq!(
        first["answer"]["Arn"],
        format!("arn:aws:cognito-idp:eu-west-1:{account}:userpool/{pool}")
    );
}

#[test]
fn what_a_plan_is_made_of_stays() {
    let line = json!({ "op": "DescribeUserPoolClient", "answer": {
        "ClientName": "workshop-SPA", "TokenValidityUnits": { "AccessToken": "hours", "RefreshToken": "days" },
        "AccessTokenValidity": 1, "EnableTokenRevocation": true, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"],
        "PasswordPolicy": { "MinimumLength": 8, "TemporaryPasswordValidityDays": 7 },
        "UsernameAttributes": ["email"], "UsernameConfiguration": { "CaseSensitive": false },
        "EmailMessage": "Your username is {username} and the code {####}",
        "credentials": "arn:aws:iam::role/gateway", "StatementId": "api-dev-2024-11",
        "templates": { "application/json": "{\"statusCode\": 200}" },
        "CallbackURLs": ["https://example.com/callback", "http://localhost:5173/"],
        "CodeSha256": "q9TvNp6h3EjXyAbCdEfGh1234567890abcdefghijk=", "storedBytes": 123456789012_u64,
        "policy": "arn:aws:execute-api:eu-west-1::/restapis/", "level": "eu-west-1::",
        "allowed": "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'", "rest": "100%25",
    } });
    assert_eq!(masked(&mut Mask::default(), line.clone()), line);
}

#[test]
fn who_calls_and_where_from_is_not_told() {
    let line = json!({ "answer": { "Error": { "Message":
        "User: arn:aws:sts::123456789012:assumed-role/Admin/ann is not authorized from 203.0.113.7 or 2001:db8::7:1" },
        "tags": { "wsctl:was:root": "=7B=22reply_to=22:=22ann=40example.net=22=7D", "owner": "bob@host" },
        "Destination": "a***@e***", "PhoneNumber": "+441632960961", "UserId": "AROAABCDEFGHIJKLMNOPQ:ann" } });
    let text = masked(&mut Mask::default(), line).to_string();
    for part in [
        "Admin",
        "/ann",
        "203.0",
        "2001:",
        "ann=40",
        "bob",
        "a***",
        "960961",
        "123456789012",
        "AROA",
    ] {
        assert!(!text.contains(part), "{part} in {text}");
    }
    assert!(
        text.contains("is not authorized from 192.0.2.1 or 192.0.2.2"),
        "{text}"
    );
}

/// Where a secret may stand: a path of names, the last of which holds it.
const PLACES: [&[&str]; 22] = [
    &["request", "body", "Password"],
    &["request", "body", "AuthParameters", "PASSWORD"],
    &["request", "body", "AuthParameters", "SECRET_HASH"],
    &["request", "body", "ChallengeResponses", "NEW_PASSWORD"],
    &["request", "body", "SecretString"],
    &["request", "body", "SecretBinary"],
    &["request", "body", "ClientRequestToken"],
    &["request", "body", "Environment", "Variables", "TOKEN"],
    &["request", "body", "ConfirmationCode"],
    &["request", "body", "headers", "Authorization"],
    &["request", "query", "position token"],
    &["answer", "UserPoolClient", "ClientSecret"],
    &["answer", "AuthenticationResult", "IdToken"],
    &[
        "answer",
        "AuthenticationResult",
        "NewDeviceMetadata",
        "DeviceKey",
    ],
    &["answer", "Configuration", "Environment", "Variables", "DB"],
    &["answer", "stageVariables", "key"],
    &["answer", "Session"],
    &["answer", "NextToken"],
    &["answer", "Credentials", "AccessKeyId"],
    &["answer", "Credentials", "SecretAccessKey"],
    &["answer", "claims", "email"],
    &["answer", "User", "TemporaryPassword"],
];

fn at(path: &[&str], leaf: Value) -> Value {
    path.iter()
        .rev()
        .fold(leaf, |tree, name| json!({ *name: tree }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    /// In its own place, and in every later message that quotes it, however that is written.
    #[test]
    fn no_secret_is_left_of_any_place(
        place in 0..PLACES.len(),
        secret in "[a-zA-Z0-9 \"\\\\/&<>=+%é{}\n-]{0,20}canary[a-zA-Z0-9\"\\\\&<]{1,20}",
        form in 0..5,
    ) {
        let mut mask = Mask::default();
        let quote = match form {
            0 => secret.clone(),
            1 => json!({ "A": secret }).to_string(),
            2 => urlencoding::encode(&secret).into_owned(),
            3 => base64::engine::general_purpose::STANDARD.encode(&secret),
            _ => secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        };
        let message = json!({ "answer": { "Error": { "Message": format!("Value {quote} is refused") } } });
        let text = masked(&mut mask, at(PLACES[place], json!(secret))).to_string()
            + &masked(&mut mask, message).to_string();
        let coded = base64::engine::general_purpose::STANDARD.encode(&secret);
        prop_assert!(!text.contains("canary") && !text.contains(&coded), "{}: {}", secret, text);
        prop_assert!(text.contains("is refused"), "{}", text);
    }
}

#[test]
fn what_is_in_an_escaped_document_is_masked_too() {
    let document =
        urlencoding::encode("{\"AWS\":\"arn:aws:iam::123456789012:user/ann\"}").into_owned();
    let text = masked(&mut Mask::default(), json!({ "PolicyDocument": document })).to_string();
    assert!(
        !text.contains("123456789012") && !text.contains("ann"),
        "{text}"
    );
}

#[test]
fn the_environment_that_lambda_quotes_is_cut_off() {
    let message = "Lambda was unable to configure your environment variables because the environment variables you \
        have provided exceeded the 4KB limit. String measured: {\"A\":\"b\"}";
    let line = masked(
        &mut Mask::default(),
        json!({ "answer": { "Error": { "Message": message } } }),
    );
    assert!(
        line.to_string()
            .ends_with("limit. String measured: <variables>\"}}}"),
        "{line}"
    );
}

#[test]
fn what_goes_along_with_requests_and_the_variables_of_a_stage_are_not_told() {
    let sent = json!({ "input": {
        "uri": "https://example.com/a?key=not-for-everybody",
        "requestParameters": {
            "integration.request.header.X-Key": "'nor-is-this'",
            "integration.request.header.X-Id": "method.request.header.X-Id",
        },
    } });
    let patch = json!({ "input": { "patchOperations": [
        { "op": "replace", "path": "/variables/table", "value": "and-not-this" },
        { "op": "replace", "path": "/description", "value": "a stage" },
    ] } });
    let mut mask = Mask::default();
    let told = [sent, patch].map(|it| masked(&mut mask, it).to_string());
    assert!(!told[0].contains("everybody") && !told[0].contains("nor-is"));
    assert!(
        told[0].contains("method.request.header.X-Id"),
        "{}",
        told[0]
    );
    assert!(!told[1].contains("and-not"), "{}", told[1]);
    assert!(told[1].contains("a stage") && told[1].contains("/variables/table"));
}

#[test]
fn the_value_of_an_api_key_is_not_told_and_other_values_are() {
    let made = json!({ "answer": { "id": "a1b2c3d4e5", "name": "ali", "value": "not-for-everybody-1234", "enabled": true } });
    let joined = json!({ "answer": { "id": "a1b2c3d4e5", "type": "API_KEY", "value": "nor-is-this-one-12345" } });
    let patch = json!({ "op": "replace", "path": "/schema", "value": "a schema" });
    let mut mask = Mask::default();
    let told = [made, joined, patch].map(|it| masked(&mut mask, it).to_string());
    assert!(told[0].contains("\"ali\"") && !told[0].contains("everybody"));
    assert!(!told[1].contains("nor-is"), "{}", told[1]);
    assert!(told[2].contains("a schema"));
}
