//! The value of an API key, for who calls with it.

use super::SecretString;
use crate::{
    aws::{Aws, absent},
    error::Result,
};

/// The header that carries an API key (API Gateway's own).
pub const HEADER: &str = "x-api-key";

/// The value of the key with this id, which is asked for here alone; `None` where there is none.
pub async fn value(aws: &Aws, id: &str) -> Result<Option<SecretString>> {
    let send = || {
        let request = aws.apigateway.get_api_key().api_key(id);
        request.include_value(true).send()
    };
    let key = absent(aws.read("apigateway:GetApiKey", send).await)?;
    Ok(key.and_then(|it| it.value).map(SecretString::new))
}
