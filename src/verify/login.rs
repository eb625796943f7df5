//! The hosted login: which addresses it sends people back to, and which not.

use super::{
    checks::CALLBACK,
    report::{CheckOutcome, Finding, failed, look},
    run::Verify,
};
use crate::{
    identity::{Pool, Request, Response},
    spec::client::{Client, Grant},
};
use futures::future::join_all;
use urlencoding::encode;

/// An address that no file declares.
const UNLISTED: &str = "https://unlisted.example.com/callback";

/// A challenge as PKCE wants it; nobody will ever ask for the tokens.
const CHALLENGE: &str =
    "code_challenge_method=S256&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

impl Verify<'_> {
    /// Asks with each declared address, and with one that is not.
    pub(super) async fn login(&self, pool: &Pool) -> Vec<CheckOutcome> {
        let Some(base) = &pool.login_url else {
            return vec![];
        };
        let mut looks = vec![];
        for (key, declared) in self.clients() {
            let Some(client) = pool.clients.get(key) else {
                continue;
            };
            if !declared.has(Grant::Code) {
                continue;
            }
            looks.extend(declared.callbacks().map(|url| {
                (
                    authorize(base, &client.id, declared, url),
                    url.as_str(),
                    true,
                )
            }));
            looks.push((
                authorize(base, &client.id, declared, UNLISTED),
                UNLISTED,
                false,
            ));
            // A client without any is not asked to send people on after they sign out.
            let Some(logouts) = declared
                .logout_urls
                .as_ref()
                .filter(|urls| !urls.is_empty())
            else {
                continue;
            };
            looks.extend(
                logouts
                    .iter()
                    .map(|url| (logout(base, &client.id, url), url.as_str(), true)),
            );
            looks.push((logout(base, &client.id, UNLISTED), UNLISTED, false));
        }
        join_all(
            looks
                .into_iter()
                .map(|(asked, url, is_listed)| self.ask(asked, url, is_listed)),
        )
        .await
    }

    async fn ask(&self, asked: String, url: &str, is_listed: bool) -> CheckOutcome {
        let door = if asked.contains("/logout?") {
            "the logout"
        } else {
            "the login"
        };
        let way = if is_listed { "accepts" } else { "refuses" };
        look(&CALLBACK, format!("{door} {way} {url}"), async {
            let answer = self.http.send(Request::get(asked)).await?;
            judge(&answer, is_listed)
        })
        .await
    }
}

fn authorize(base: &str, client_id: &str, client: &Client, callback: &str) -> String {
    let (scopes, callback) = (
        encode(&client.scope()).into_owned(),
        encode(callback).into_owned(),
    );
    format!(
        "{base}/oauth2/authorize?client_id={client_id}&response_type=code&scope={scopes}&\
         redirect_uri={callback}&{CHALLENGE}"
    )
}

fn logout(base: &str, client_id: &str, url: &str) -> String {
    format!(
        "{base}/logout?client_id={client_id}&logout_uri={}",
        encode(url)
    )
}

/// AWS sends people on either way: to its login, or to a page of its own that names the error.
fn judge(answer: &Response, is_listed: bool) -> Finding {
    let to = answer.header("location").unwrap_or_default();
    let is_accepted = answer.status == 200 || (answer.status == 302 && !to.contains("error"));
    let found = match to {
        "" => format!("HTTP {}", answer.status),
        to => format!(
            "HTTP {} to {}",
            answer.status,
            to.split('?').next().unwrap_or_default()
        ),
    };
    if is_accepted == is_listed {
        Ok(found)
    } else {
        failed(found)
    }
}
