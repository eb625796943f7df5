//! Who takes part: a user of the pool, for as long as the run lasts.

use super::{
    MARK,
    checks::{TOKEN_CLAIMS, TOKENS, USER, USER_DETAILS},
    report::{CheckOutcome, Finding, Trouble, failed, look, skipped},
    run::Verify,
};
use crate::{
    error::{Error, Result},
    identity::{
        self, Attributes, Expected, Flow, Keys, NewUser, NonInteractive, Pool, PoolClient,
        SecretString, SignInTarget, Token, Tokens, Use, Users, check, fetch_keys, sign_in, sign_up,
    },
    spec::user_pool::{EmailSender, SignIn, UserPool, Verified},
};
use rand::RngExt;
use std::time::{Duration, SystemTime};

/// The user of this run.
pub(super) struct Visitor {
    pub(super) username: String,
    pub(super) password: SecretString,
    pub(super) attributes: Attributes,
    /// Whether it comes as the page's readers do, by signing up.
    pub(super) signs_up: bool,
}

impl Visitor {
    /// Somebody whom this pool takes; nobody has been made yet.
    pub(super) fn of(settings: &UserPool) -> Self {
        let signs_in_with = |it: &SignIn| {
            settings
                .sign_in
                .as_ref()
                .is_some_and(|ways| ways.contains(it))
        };
        let number: u32 = rand::rng().random_range(0..10_000);
        let name = format!("{MARK}{:08x}", rand::rng().random_range(0..u32::MAX));
        let (email, phone) = (
            format!("{name}@example.com"),
            format!("+1555555{number:04}"),
        );
        let username = match () {
            () if signs_in_with(&SignIn::Email) => email.clone(),
            () if signs_in_with(&SignIn::PhoneNumber) => phone.clone(),
            () => name,
        };
        let required = settings.required().into_iter();
        let mut attributes: Attributes = required
            .map(|name| (name.to_owned(), value_for(name, &phone)))
            .collect();
        attributes.insert("email".into(), email);
        if username == phone {
            attributes.insert("phone_number".into(), phone);
        }
        Self {
            username,
            password: SecretString::random_password(),
            attributes,
            signs_up: false,
        }
    }
}

/// Whether the user comes as the page's readers do.
fn signs_up(settings: &UserPool, is_asked: bool, is_emulator: bool) -> bool {
    let is_free = is_emulator && !bounces(settings);
    settings.self_registration == Some(true) && (is_asked || is_free)
}

/// Whether a sign-up's code would cost something: a text message, or a bounce for the pool's own SES.
fn bounces(settings: &UserPool) -> bool {
    let verifies_phones = settings
        .auto_verify
        .iter()
        .flatten()
        .any(|it| *it == Verified::PhoneNumber);
    let has_own_sender = settings
        .email
        .as_ref()
        .is_some_and(|it| it.sender == Some(EmailSender::Developer));
    verifies_phones || has_own_sender
}

fn value_for(attribute: &str, phone: &str) -> String {
    match attribute {
        "birthdate" => "2000-01-01".into(),
        "phone_number" => phone.into(),
        "updated_at" => "0".into(),
        "picture" | "profile" | "website" => "https://example.com/".into(),
        _ => "wsctl verify".into(),
    }
}

/// The tokens that a client gave, for the calls.
pub(super) struct SignedIn {
    pub(super) tokens: Tokens,
    pub(super) sub: String,
}

impl SignedIn {
    fn of(tokens: Tokens) -> Option<Self> {
        let sub = Token::parse(tokens.id.expose())
            .ok()?
            .text("sub")?
            .to_owned();
        Some(Self { tokens, sub })
    }
}

impl Verify<'_> {
    /// Signing up sends a message, so on AWS an administrator makes the user unless that is asked for; an
    /// emulator sends none.
    pub(super) fn visitor(&self, settings: &UserPool) -> Visitor {
        let signs_up = signs_up(settings, self.signs_up, self.aws.is_emulator());
        Visitor {
            signs_up,
            ..Visitor::of(settings)
        }
    }

    /// Makes the user, with a password that nobody has to change.
    pub(super) async fn make(&self, visitor: &Visitor, pool: &Pool) -> Vec<CheckOutcome> {
        let users = Users {
            aws: self.aws,
            pool_id: &pool.id,
        };
        let how = if visitor.signs_up {
            "signs up"
        } else {
            "is made"
        };
        let made = look(&USER, format!("a user {how} and is confirmed"), async {
            self.admit(visitor, pool, &users).await?;
            match users.required(&visitor.username).await?.status.as_str() {
                "CONFIRMED" => Ok("CONFIRMED".to_owned()),
                other => failed(format!("the user is {other}, not CONFIRMED")),
            }
        });
        let mut outcomes = vec![made.await];
        if self.signs_up && !visitor.signs_up {
            let found = skipped("self_registration is off, so nobody may");
            outcomes.push(CheckOutcome::new(&USER, "a user signs up", found));
        }
        let listed = look(&USER_DETAILS, "the user is in the list of users", async {
            let filter = format!("email = {:?}", visitor.attributes["email"]);
            let (what, pause) = ("the user is in the list", Duration::from_millis(500));
            // The list lags behind on AWS.
            let ask = || async { Ok(users.list(Some(&filter), 2).await?.pop()) };
            let user = self
                .aws
                .wait(what, pause, Duration::from_secs(10), ask)
                .await?;
            Ok(format!("{}, {}", user.username, user.status))
        });
        outcomes.push(listed.await);
        outcomes
    }

    /// As the page does, or as an administrator, without a message to anybody.
    async fn admit(&self, visitor: &Visitor, pool: &Pool, users: &Users<'_>) -> Result<()> {
        let Visitor {
            username,
            password,
            attributes,
            ..
        } = visitor;
        match self
            .clients()
            .next()
            .and_then(|(key, _)| pool.clients.get(key))
        {
            Some(client) if visitor.signs_up => {
                sign_up(
                    self.aws,
                    &SignInTarget::of(self.aws, pool, client).await?,
                    username,
                    password,
                    attributes,
                )
                .await?;
                users.confirm(username).await
            }
            _ => {
                users.create(&invitation(visitor)).await?;
                users.set_password(username, password, true).await
            }
        }
    }

    /// Signs in at every client by every flow that the file lets it use.
    pub(super) async fn sign_in(
        &self,
        visitor: &Visitor,
        pool: &Pool,
    ) -> (Vec<CheckOutcome>, Option<SignedIn>) {
        let (mut outcomes, mut first) = (vec![], None);
        for (key, flow) in self.doors() {
            let mut tokens = None;
            let subject = format!(
                "client {key} gives tokens for {}",
                &flow.allowed_by()["ALLOW_".len()..]
            );
            let enter = async {
                let client = pool.client(Some(key)).map_err(missing)?;
                let given = tokens.insert(self.tokens(visitor, pool, client, flow).await?);
                Ok(format!("good for {} s", given.expires_in))
            };
            outcomes.push(look(&TOKENS, subject, enter).await);
            if let Some(tokens) = tokens {
                outcomes.extend(self.claims(pool, key, &tokens).await);
                first = first.or(SignedIn::of(tokens));
            }
        }
        (outcomes, first)
    }

    /// Every client with every flow that the file lets it use.
    fn doors(&self) -> impl Iterator<Item = (&str, Flow)> {
        self.clients().flat_map(move |(key, client)| {
            let flows = [Flow::AdminPassword, Flow::Srp]
                .into_iter()
                .filter(|flow| client.allows(flow.allowed_by()));
            flows.map(move |flow| (key, flow))
        })
    }

    async fn tokens(
        &self,
        visitor: &Visitor,
        pool: &Pool,
        client: &PoolClient,
        flow: Flow,
    ) -> Result<Tokens, Trouble> {
        let (target, user, password) = (
            SignInTarget::of(self.aws, pool, client).await?,
            &visitor.username,
            &visitor.password,
        );
        Ok(sign_in(self.aws, &target, flow, user, password, &mut NonInteractive).await?)
    }

    /// Everything that AWS's guide asks to be verified of a token.
    async fn claims(&self, pool: &Pool, key: &str, tokens: &Tokens) -> Vec<CheckOutcome> {
        let verify = |token: &SecretString, token_use: Use| {
            let token = token.clone();
            async move {
                let keys = fetch_keys(self.http, &pool.keys_url).await?;
                let clients = pool.client(Some(key)).map(|it| vec![it.id.clone()])?;
                let expected = Expected {
                    issuer: Some(pool.issuer.clone()),
                    clients,
                    token_use: Some(token_use),
                };
                verified(&identity::token(token.expose())?, &keys, &expected)
            }
        };
        let subject = |sort: &str| format!("the {sort} token of client {key} is genuine");
        let id = look(&TOKEN_CLAIMS, subject("ID"), verify(&tokens.id, Use::Id));
        let access = look(
            &TOKEN_CLAIMS,
            subject("access"),
            verify(&tokens.access, Use::Access),
        );
        let (id, access) = futures::join!(id, access);
        vec![id, access]
    }
}

fn verified(token: &Token, keys: &Keys, expected: &Expected) -> Finding {
    let now = SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap_or_default()
        .as_secs();
    let checks = check(token, keys, expected, now.try_into().unwrap_or(i64::MAX));
    let wrong: Vec<_> = checks
        .iter()
        .filter(|it| !it.passed)
        .map(|it| it.detail.as_str())
        .collect();
    match wrong.as_slice() {
        [] => Ok("signature, issuer, audience, expiry and use".into()),
        wrong => failed(wrong.join("; ")),
    }
}

pub(super) fn invitation(visitor: &Visitor) -> NewUser {
    let mut attributes = visitor.attributes.clone();
    if attributes.contains_key("email") {
        attributes.insert("email_verified".into(), "true".into());
    }
    NewUser {
        username: visitor.username.clone(),
        attributes,
        temporary_password: Some(visitor.password.clone()),
        invites: false,
    }
}

/// A client that the file declares and that is not there is a fault, not a reason to look away.
fn missing(error: Error) -> Trouble {
    Trouble::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn on_aws_nobody_gets_a_message_unless_that_was_asked_for() {
        for self_registration in [None, Some(true), Some(false)] {
            for sender in ["COGNITO_DEFAULT", "DEVELOPER"] {
                for verified in [vec![], vec!["email"], vec!["phone_number"]] {
                    let settings: UserPool = serde_json::from_value(json!({
                        "name": "p", "self_registration": self_registration, "auto_verify": verified,
                        "email": { "sender": sender },
                    }))
                    .unwrap();
                    let may = self_registration == Some(true);
                    assert!(!signs_up(&settings, false, false));
                    assert_eq!(signs_up(&settings, true, false), may);
                    assert_eq!(signs_up(&settings, true, true), may);
                    assert_eq!(signs_up(&settings, false, true), may && !bounces(&settings));
                }
            }
        }
    }
}
