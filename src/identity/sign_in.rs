//! Signing in to a pool without the hosted login: with a password sent by an administrator, or
//! with SRP, which needs no AWS credentials; and the challenges that come after.

use super::{SecretString, ours as refused, place::short_name};
use crate::{
    aws::Aws,
    error::{Error, ErrorKind, Result},
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        admin_initiate_auth::AdminInitiateAuthOutput,
        admin_respond_to_auth_challenge::AdminRespondToAuthChallengeOutput,
        initiate_auth::InitiateAuthOutput, respond_to_auth_challenge::RespondToAuthChallengeOutput,
    },
    types::{AuthFlowType, AuthenticationResultType, ChallengeNameType},
};
use cognito_sign_in::{Challenge, Srp, TIMESTAMP, secret_hash};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// How the password reaches Cognito.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// ADMIN_USER_PASSWORD_AUTH: needs AWS credentials.
    AdminPassword,
    /// USER_SRP_AUTH: the password does not leave this machine.
    Srp,
}

impl Flow {
    /// What the client has to have in `auth_flows`.
    pub fn allowed_by(self) -> &'static str {
        match self {
            Self::AdminPassword => "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            Self::Srp => "ALLOW_USER_SRP_AUTH",
        }
    }
}

/// A pool and one of its clients: where to sign in.
#[derive(Clone, Debug)]
pub struct SignInTarget {
    pub pool_id: String,
    pub client_id: String,
    /// Of a client that has one.
    pub client_secret: Option<SecretString>,
}

/// What Cognito gives to who is signed in.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub id: SecretString,
    pub access: SecretString,
    /// Absent after a refresh, unless the pool gives out a new one each time.
    pub refresh: Option<SecretString>,
    /// How long the ID and access tokens last, in seconds.
    pub expires_in: i32,
}

/// Who answers when a password alone is not enough.
pub trait ChallengeResponder: Send {
    /// A new password in place of the temporary one, and values for these attributes.
    fn new_password(
        &mut self,
        missing: &[String],
    ) -> Result<(SecretString, BTreeMap<String, String>)>;
    /// A one-time code from here: "the authenticator app".
    fn code(&mut self, from: &str) -> Result<SecretString>;
}

/// Nobody is there to answer: a challenge is an error.
pub struct NonInteractive;

impl ChallengeResponder for NonInteractive {
    fn new_password(&mut self, _: &[String]) -> Result<(SecretString, BTreeMap<String, String>)> {
        Err(Error::refused(
            "Cognito wants a new password in place of the temporary one",
        ))
    }

    fn code(&mut self, from: &str) -> Result<SecretString> {
        Err(Error::refused(format!(
            "Cognito wants a one-time code from {from}"
        )))
    }
}

/// Signs a user in.
pub async fn sign_in(
    aws: &Aws,
    target: &SignInTarget,
    flow: Flow,
    username: &str,
    password: &SecretString,
    answers: &mut dyn ChallengeResponder,
) -> Result<Tokens> {
    let mut visit = AuthSession {
        aws,
        target,
        flow,
        user: username.to_owned(),
    };
    let mut step = match flow {
        Flow::AdminPassword => visit.by_password(password).await?,
        Flow::Srp => visit.by_srp(password).await?,
    };
    loop {
        if let Some(result) = step.result {
            return tokens(&result);
        }
        step = visit.answer(step, answers).await?;
    }
}

/// New ID and access tokens for a refresh token; needs no AWS credentials.
pub async fn refresh(aws: &Aws, target: &SignInTarget, token: &SecretString) -> Result<Tokens> {
    [Some(token), target.client_secret.as_ref()]
        .into_iter()
        .flatten()
        .for_each(|it| aws.hide(it.expose()));
    let send = || {
        let request = aws.cognito.get_tokens_from_refresh_token();
        let request = request
            .client_id(&target.client_id)
            .refresh_token(token.expose());
        request
            .set_client_secret(
                target
                    .client_secret
                    .as_ref()
                    .map(|it| it.expose().to_owned()),
            )
            .send()
    };
    // After a lost reply, a second try could find that the token has been replaced.
    let answer = aws
        .create("cognito-idp:GetTokensFromRefreshToken", send)
        .await?;
    tokens(answer.authentication_result().ok_or_else(no_answer)?)
}

type Parameters = HashMap<String, String>;

/// Where a sign-in stands: done, or at a challenge.
struct SignInStep {
    challenge: Option<ChallengeNameType>,
    parameters: Parameters,
    session: Option<String>,
    result: Option<AuthenticationResultType>,
}

/// The four answers have the same fields, and nothing in the SDK says so.
macro_rules! step_from {
    ($($answer:ty),*) => {$(
        impl From<$answer> for SignInStep {
            fn from(answer: $answer) -> Self {
                Self {
                    challenge: answer.challenge_name,
                    parameters: answer.challenge_parameters.unwrap_or_default(),
                    session: answer.session,
                    result: answer.authentication_result,
                }
            }
        }
    )*};
}

step_from!(
    AdminInitiateAuthOutput,
    AdminRespondToAuthChallengeOutput,
    InitiateAuthOutput,
    RespondToAuthChallengeOutput
);

struct AuthSession<'a> {
    aws: &'a Aws,
    target: &'a SignInTarget,
    flow: Flow,
    /// As it was typed, and from Cognito's first answer on as Cognito names the user.
    user: String,
}

impl AuthSession<'_> {
    async fn by_password(&self, password: &SecretString) -> Result<SignInStep> {
        self.aws.hide(password.expose());
        let parameters = self.signed([("PASSWORD", password.expose())]);
        let send = || {
            let request = self
                .aws
                .cognito
                .admin_initiate_auth()
                .user_pool_id(&self.target.pool_id);
            let request = request
                .client_id(&self.target.client_id)
                .auth_flow(AuthFlowType::AdminUserPasswordAuth);
            request.set_auth_parameters(Some(parameters.clone())).send()
        };
        Ok(self
            .aws
            .read("cognito-idp:AdminInitiateAuth", send)
            .await?
            .into())
    }

    async fn by_srp(&mut self, password: &SecretString) -> Result<SignInStep> {
        let ours = Srp::new();
        let parameters = self.signed([("SRP_A", &ours.public())]);
        let send = || {
            let request = self
                .aws
                .cognito
                .initiate_auth()
                .client_id(&self.target.client_id);
            let request = request.auth_flow(AuthFlowType::UserSrpAuth);
            request.set_auth_parameters(Some(parameters.clone())).send()
        };
        let step: SignInStep = self
            .aws
            .read("cognito-idp:InitiateAuth", send)
            .await?
            .into();
        if step.challenge != Some(ChallengeNameType::PasswordVerifier) {
            return Ok(step);
        }
        let asked = |name: &str| {
            step.parameters
                .get(name)
                .map(String::as_str)
                .unwrap_or_default()
        };
        let timestamp = Timestamp::now().strftime(TIMESTAMP).to_string();
        let challenge = Challenge {
            pool_name: short_name(&self.target.pool_id),
            user: asked("USER_ID_FOR_SRP"),
            salt: asked("SALT"),
            public: asked("SRP_B"),
            secret_block: asked("SECRET_BLOCK"),
            timestamp: &timestamp,
        };
        let signature = ours.prove(&challenge, password).map_err(refused)?;
        let responses = [
            ("PASSWORD_CLAIM_SECRET_BLOCK", asked("SECRET_BLOCK")),
            ("PASSWORD_CLAIM_SIGNATURE", &signature),
            ("TIMESTAMP", &timestamp),
        ];
        let responses = owned(responses);
        self.user = step
            .parameters
            .get("USERNAME")
            .cloned()
            .unwrap_or_else(|| self.user.clone());
        self.respond(ChallengeNameType::PasswordVerifier, step.session, responses)
            .await
    }

    /// Asks for what Cognito wants, and sends it.
    async fn answer(
        &mut self,
        step: SignInStep,
        answers: &mut dyn ChallengeResponder,
    ) -> Result<SignInStep> {
        let name = step.challenge.clone().ok_or_else(no_answer)?;
        // Later answers have to name the user as Cognito does, not by an alias.
        self.user = step
            .parameters
            .get("USER_ID_FOR_SRP")
            .cloned()
            .unwrap_or_else(|| self.user.clone());
        let responses = match &name {
            ChallengeNameType::NewPasswordRequired => new_password(&step, answers)?,
            ChallengeNameType::SoftwareTokenMfa => {
                code("SOFTWARE_TOKEN_MFA_CODE", "the authenticator app", answers)?
            }
            ChallengeNameType::SmsMfa => code(
                "SMS_MFA_CODE",
                &destination(&step, "a text message"),
                answers,
            )?,
            ChallengeNameType::EmailOtp => {
                code("EMAIL_OTP_CODE", &destination(&step, "an e-mail"), answers)?
            }
            ChallengeNameType::SelectMfaType => owned([("ANSWER", &second_factor(&step)?)]),
            other => return Err(unknown(other)),
        };
        self.respond(name, step.session, responses).await
    }

    /// Sends an answer once: the first one uses the session up.
    async fn respond(
        &self,
        name: ChallengeNameType,
        session: Option<String>,
        mut responses: Parameters,
    ) -> Result<SignInStep> {
        responses.extend(self.signed([]));
        let is_secret = |name: &str| name.ends_with("PASSWORD") || name.ends_with("CODE");
        responses
            .iter()
            .filter(|it| is_secret(it.0))
            .for_each(|it| self.aws.hide(it.1));
        let (cognito, client) = (&self.aws.cognito, &self.target.client_id);
        match self.flow {
            Flow::AdminPassword => {
                let send = || {
                    let request = cognito
                        .admin_respond_to_auth_challenge()
                        .user_pool_id(&self.target.pool_id);
                    let request = request.client_id(client).challenge_name(name.clone());
                    request
                        .set_session(session.clone())
                        .set_challenge_responses(Some(responses.clone()))
                        .send()
                };
                Ok(self
                    .aws
                    .create("cognito-idp:AdminRespondToAuthChallenge", send)
                    .await?
                    .into())
            }
            Flow::Srp => {
                let send = || {
                    let request = cognito.respond_to_auth_challenge().client_id(client);
                    let request = request
                        .challenge_name(name.clone())
                        .set_session(session.clone());
                    request
                        .set_challenge_responses(Some(responses.clone()))
                        .send()
                };
                Ok(self
                    .aws
                    .create("cognito-idp:RespondToAuthChallenge", send)
                    .await?
                    .into())
            }
        }
    }

    /// These parameters and the user's name, with the secret hash where the client has a secret.
    fn signed<const N: usize>(&self, parameters: [(&str, &str); N]) -> Parameters {
        let mut parameters = owned(parameters);
        parameters.insert("USERNAME".into(), self.user.clone());
        if let Some(secret) = &self.target.client_secret {
            let hash = secret_hash(secret, &self.target.client_id, &self.user);
            parameters.insert("SECRET_HASH".into(), hash);
        }
        parameters
    }
}

fn owned<const N: usize>(parameters: [(&str, &str); N]) -> Parameters {
    parameters
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Cognito also wants the required attributes that the user has not; it names them as a JSON list.
fn new_password(step: &SignInStep, answers: &mut dyn ChallengeResponder) -> Result<Parameters> {
    let missing = step
        .parameters
        .get("requiredAttributes")
        .map(String::as_str)
        .unwrap_or("[]");
    let missing: Vec<String> = serde_json::from_str(missing).unwrap_or_default();
    let (password, attributes) = answers.new_password(&missing)?;
    let mut responses = owned([("NEW_PASSWORD", password.expose())]);
    let named = |(name, value): (String, String)| match name.strip_prefix("userAttributes.") {
        Some(_) => (name, value),
        None => (format!("userAttributes.{name}"), value),
    };
    responses.extend(attributes.into_iter().map(named));
    Ok(responses)
}

fn code(parameter: &str, from: &str, answers: &mut dyn ChallengeResponder) -> Result<Parameters> {
    Ok(owned([(parameter, answers.code(from)?.expose())]))
}

/// Of the second factors that the user has set up, the one without a message; Cognito names them as
/// a JSON list.
fn second_factor(step: &SignInStep) -> Result<String> {
    let listed = step
        .parameters
        .get("MFAS_CAN_CHOOSE")
        .map(String::as_str)
        .unwrap_or("[]");
    let mut factors: Vec<String> = serde_json::from_str(listed).unwrap_or_default();
    factors.sort_by_key(|it| it != "SOFTWARE_TOKEN_MFA");
    factors
        .into_iter()
        .next()
        .ok_or_else(|| unknown(&ChallengeNameType::SelectMfaType))
}

fn destination(step: &SignInStep, what: &str) -> String {
    match step.parameters.get("CODE_DELIVERY_DESTINATION") {
        Some(place) => format!("{what} to {place}"),
        None => what.to_owned(),
    }
}

fn tokens(result: &AuthenticationResultType) -> Result<Tokens> {
    let hidden = |text: Option<&str>| text.map(SecretString::new);
    Ok(Tokens {
        id: hidden(result.id_token()).ok_or_else(no_answer)?,
        access: hidden(result.access_token()).ok_or_else(no_answer)?,
        refresh: hidden(result.refresh_token()),
        expires_in: result.expires_in(),
    })
}

fn no_answer() -> Error {
    Error::new(
        ErrorKind::Aws,
        "Cognito answered with neither tokens nor a challenge",
    )
    .hint("is this really Cognito that answers? check the endpoint")
}

fn unknown(challenge: &ChallengeNameType) -> Error {
    let error = Error::refused(format!(
        "Cognito wants {challenge} to be answered, which wsctl cannot"
    ));
    error.hint(match challenge {
        ChallengeNameType::MfaSetup => {
            "the pool demands a second factor and the user has none: sign in with wsctl login, whose page sets \
             one up; or write mode = \"optional\" under [user_pool.mfa], then wsctl apply"
        }
        _ => "sign in with wsctl login, in the browser",
    })
}
