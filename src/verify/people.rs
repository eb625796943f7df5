//! Who takes part: a user of the pool for as long as the run lasts, and a stranger from a pool of
//! its own.

use super::{
    MARK,
    checks::{TOKEN_CLAIMS, TOKENS, USER, USER_DETAILS},
    report::{Found, Outcome, Trouble, failed, look},
    run::Verify,
};
use crate::{
    aws::{Aws, absent},
    error::{Error, Kind, Result},
    identity::{
        Attributes, Door, Expected, Flow, Hidden, Keys, NewUser, Nobody, Pool, PoolClient, Token, Tokens,
        Use, Users, check, client_secret, sign_in,
    },
    kinds::{
        client::Client,
        user_pool::{SignIn, UserPool},
    },
};
use aws_sdk_cognitoidentityprovider::types::ExplicitAuthFlowsType;
use rand::RngExt;
use std::time::{Duration, SystemTime};

/// The user of this run.
pub(super) struct Visitor {
    pub(super) username: String,
    pub(super) password: Hidden,
    attributes: Attributes,
}

impl Visitor {
    /// Somebody whom this pool takes; nobody has been made yet.
    pub(super) fn of(settings: &UserPool) -> Self {
        let signs_in_with = |it: &SignIn| settings.sign_in.as_ref().is_some_and(|ways| ways.contains(it));
        let number: u32 = rand::rng().random_range(0..10_000);
        let name = format!("{MARK}{:08x}", rand::rng().random_range(0..u32::MAX));
        let (email, phone) = (format!("{name}@example.com"), format!("+1555555{number:04}"));
        let username = match () {
            () if signs_in_with(&SignIn::Email) => email.clone(),
            () if signs_in_with(&SignIn::PhoneNumber) => phone.clone(),
            () => name,
        };
        let required = settings.required_attributes.iter().flatten().map(String::as_str);
        let mut attributes: Attributes =
            required.map(|name| (name.to_owned(), value_for(name, &phone))).collect();
        attributes.insert("email".into(), email);
        attributes.insert("email_verified".into(), "true".into());
        if username == phone {
            attributes.insert("phone_number".into(), phone);
        }
        Self { username, password: Hidden::random_password(), attributes }
    }
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
        let sub = Token::parse(tokens.id.expose()).ok()?.text("sub")?.to_owned();
        Some(Self { tokens, sub })
    }
}

impl Verify<'_> {
    /// Makes the user without a message to anybody, and with a password that nobody has to change.
    pub(super) async fn make(&self, visitor: &Visitor, pool: &Pool) -> Vec<Outcome> {
        let users = Users { aws: self.aws, pool_id: &pool.id };
        let made = look(&USER, "a user is made and confirmed", async {
            users.create(&invitation(visitor)).await?;
            users.set_password(&visitor.username, &visitor.password, true).await?;
            match users.required(&visitor.username).await?.status.as_str() {
                "CONFIRMED" => Ok("CONFIRMED".to_owned()),
                other => failed(format!("the user is {other}, not CONFIRMED")),
            }
        });
        let made = made.await;
        let listed = look(&USER_DETAILS, "the user is in the list of users", async {
            let filter = format!("email = {:?}", visitor.attributes["email"]);
            let (what, pause) = ("the user is in the list", Duration::from_millis(500));
            // The list lags behind on AWS.
            let ask = || async { Ok(users.list(Some(&filter), 2).await?.pop()) };
            let user = self.aws.wait(what, pause, Duration::from_secs(10), ask).await?;
            Ok(format!("{}, {}", user.username, user.status))
        });
        vec![made, listed.await]
    }

    /// Signs in at every client by every flow that the file lets it use.
    pub(super) async fn sign_in(&self, visitor: &Visitor, pool: &Pool) -> (Vec<Outcome>, Option<SignedIn>) {
        let (mut outcomes, mut first) = (vec![], None);
        for (key, flow) in self.doors() {
            let mut tokens = None;
            let subject = format!("client {key} gives tokens for {}", &flow.allowed_by()["ALLOW_".len()..]);
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
        let allows = |client: &Client, flow: Flow| {
            client.auth_flows.as_ref().is_some_and(|flows| flows.contains(flow.allowed_by()))
        };
        self.clients().flat_map(move |(key, client)| {
            let flows =
                [Flow::AdminPassword, Flow::Srp].into_iter().filter(move |flow| allows(client, *flow));
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
        let client_secret = match client.live.secret {
            Some(true) => client_secret(self.aws, &pool.id, &client.id).await?,
            _ => None,
        };
        let door = Door { pool_id: pool.id.clone(), client_id: client.id.clone(), client_secret };
        let (user, password) = (&visitor.username, &visitor.password);
        Ok(sign_in(self.aws, &door, flow, user, password, &mut Nobody).await?)
    }

    /// Everything that AWS's guide asks to be verified of a token.
    async fn claims(&self, pool: &Pool, key: &str, tokens: &Tokens) -> Vec<Outcome> {
        let verify = |token: &Hidden, token_use: Use| {
            let token = token.clone();
            async move {
                let keys = Keys::fetch(self.http, &pool.keys_url).await?;
                let clients = pool.client(Some(key)).map(|it| vec![it.id.clone()])?;
                let expected =
                    Expected { issuer: Some(pool.issuer.clone()), clients, token_use: Some(token_use) };
                verified(&Token::parse(token.expose())?, &keys, &expected)
            }
        };
        let subject = |sort: &str| format!("the {sort} token of client {key} is genuine");
        let id = look(&TOKEN_CLAIMS, subject("ID"), verify(&tokens.id, Use::Id));
        let access = look(&TOKEN_CLAIMS, subject("access"), verify(&tokens.access, Use::Access));
        let (id, access) = futures::join!(id, access);
        vec![id, access]
    }
}

fn verified(token: &Token, keys: &Keys, expected: &Expected) -> Found {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs();
    let checks = check(token, keys, expected, now.try_into().unwrap_or(i64::MAX));
    let wrong: Vec<_> = checks.iter().filter(|it| !it.passed).map(|it| it.detail.as_str()).collect();
    match wrong.as_slice() {
        [] => Ok("signature, issuer, audience, expiry and use".into()),
        wrong => failed(wrong.join("; ")),
    }
}

fn invitation(visitor: &Visitor) -> NewUser {
    NewUser {
        username: visitor.username.clone(),
        attributes: visitor.attributes.clone(),
        temporary_password: Some(visitor.password.clone()),
        invites: false,
    }
}

/// A client that the file declares and that is not there is a fault, not a reason to look away.
fn missing(error: Error) -> Trouble {
    Trouble::Failed(error.to_string())
}

/// A token that is good in every way, but from another pool: made for the run, and deleted with it.
pub(super) async fn strangers_token(aws: &Aws, pool_id: &mut Option<String>) -> Result<Hidden> {
    let name = format!("{MARK}{:08x}", rand::rng().random_range(0..u32::MAX));
    let made = aws
        .create("cognito-idp:CreateUserPool", || aws.cognito.create_user_pool().pool_name(&name).send())
        .await?;
    let id = made.user_pool.and_then(|it| it.id).ok_or_else(|| nothing("pool"))?;
    *pool_id = Some(id.clone());
    let flow = ExplicitAuthFlowsType::AllowAdminUserPasswordAuth;
    let client = || {
        let request = aws.cognito.create_user_pool_client().user_pool_id(&id).client_name(&name);
        let request = request.explicit_auth_flows(flow.clone());
        request.explicit_auth_flows(ExplicitAuthFlowsType::AllowRefreshTokenAuth).send()
    };
    let client = aws.create("cognito-idp:CreateUserPoolClient", client).await?;
    let client_id = client.user_pool_client.and_then(|it| it.client_id).ok_or_else(|| nothing("client"))?;
    let (users, password) = (Users { aws, pool_id: &id }, Hidden::random_password());
    let stranger = Visitor { username: name, password, attributes: Attributes::new() };
    users.create(&invitation(&stranger)).await?;
    users.set_password(&stranger.username, &stranger.password, true).await?;
    let door = Door { pool_id: id, client_id, client_secret: None };
    let (flow, nobody) = (Flow::AdminPassword, &mut Nobody);
    Ok(sign_in(aws, &door, flow, &stranger.username, &stranger.password, nobody).await?.id)
}

fn nothing(what: &str) -> Error {
    Error::new(Kind::Aws, format!("Cognito made a {what} and did not say which"))
}

/// Deletes the stranger's pool; that it is gone already is success.
pub(super) async fn delete_pool(aws: &Aws, id: &str) -> Result<()> {
    let send = || aws.cognito.delete_user_pool().user_pool_id(id).send();
    absent(aws.write("cognito-idp:DeleteUserPool", send).await).map(|_| ())
}
