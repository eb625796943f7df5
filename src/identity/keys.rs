//! A pool's public keys, from where it publishes them.

use super::{
    Keys,
    http::{Http, Request},
};
use crate::error::{Error, ErrorKind, Result};

/// Reads the keys that are published at this URL.
pub async fn fetch_keys(http: &Http, url: &str) -> Result<Keys> {
    let answer = http.send(Request::get(url)).await?;
    let read = || serde_json::from_slice(&answer.body).ok();
    match answer.status {
        200 => read().ok_or_else(|| Error::new(ErrorKind::Aws, format!("{url} has no key set"))),
        status => Err(
            Error::new(ErrorKind::Aws, format!("{url} answers with HTTP {status}"))
                .hint("is there a user pool of this id in this region?"),
        ),
    }
}
