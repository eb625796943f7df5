//! Asking API Gateway itself whether an authorizer lets a token in.

use super::SecretString;
use crate::{
    aws::{Aws, absent},
    error::Result,
};
use std::collections::BTreeMap;

/// API Gateway's answer.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What a client would have been answered; 0 when the authorizer let the token in.
    pub status: i32,
    pub claims: BTreeMap<String, String>,
    /// In milliseconds.
    pub latency: i64,
}

impl Verdict {
    /// AWS's reference says 0, and its answers have been seen to say 200.
    pub fn lets_in(&self) -> bool {
        matches!(self.status, 0 | 200)
    }
}

/// Tests an authorizer that is there. `None` where the target cannot: emulators that lack the
/// operation answer that its path is not there.
pub async fn test(
    aws: &Aws,
    api: &str,
    authorizer: &str,
    header: &str,
    token: &SecretString,
) -> Result<Option<Verdict>> {
    let send = || {
        let request = aws
            .apigateway
            .test_invoke_authorizer()
            .rest_api_id(api)
            .authorizer_id(authorizer);
        request
            .headers(header, format!("Bearer {}", token.expose()))
            .send()
    };
    let answer = match aws.read("apigateway:TestInvokeAuthorizer", send).await {
        answer if aws.is_emulator() => absent(answer)?,
        answer => Some(answer?),
    };
    Ok(answer.map(|answer| Verdict {
        status: answer.client_status,
        claims: answer.claims.unwrap_or_default().into_iter().collect(),
        latency: answer.latency,
    }))
}
