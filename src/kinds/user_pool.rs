//! The user pool: the spec of `[user_pool]`, and how it is found, made, changed and deleted.

use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::Result,
    kind::{Found, FoundBy, Kind, Produces, Sighting, Stack, Wanted},
    owner::{Owner, Retag, StackOutputs, Tags, marks, owner},
    shape,
};
use aws_sdk_cognitoidentityprovider::types::UserPoolMfaType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod doors;
mod find;
mod live;
mod mfa;
mod overlay;
mod schema;
mod settings;
mod users;
mod write;

pub(crate) use find::describe;
pub use mfa::{Mfa, Mode, SmsMfa};
#[cfg(test)]
pub(super) use overlay::left_out;
pub(crate) use schema::STANDARD;
pub use settings::{
    Alias, CustomAttribute, DataType, Email, EmailOption, EmailSender, FeaturePlan, InvitationMessage,
    PasswordPolicy, Recovery, SignIn, VerificationMessage, Verified,
};
pub(super) use settings::{from_words, word};

/// The Cognito user pool, the directory of your users. What is left out keeps the value that it
/// has in AWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserPool {
    /// The pool's name, as the console shows it.
    #[schemars(with = "shape::CognitoName")]
    pub name: String,
    /// With what users sign in: `email`, `phone_number` or both, or `username` alone. Fixed when
    /// the pool is made: a change replaces the pool and loses its users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<BTreeSet<SignIn>>,
    /// What users of a pool with `sign_in = ["username"]` may sign in with too. Fixed when the
    /// pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<BTreeSet<Alias>>,
    /// Whether `Ann` and `ann` are two users; not so in a pool that wsctl makes, unless declared.
    /// Fixed when the pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_sensitive: Option<bool>,
    /// Whether people can sign up themselves; otherwise only an administrator creates users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_registration: Option<bool>,
    /// The standard attributes that every user must have, all of them: `name`, `phone_number`.
    /// Fixed when the pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_attributes: Option<BTreeSet<String>>,
    /// Attributes of your own, by name without `custom:`. Cognito can add one to a pool, but never
    /// remove or change it: one that is not declared stays, also in a pool that is only `existing`
    /// when the stack is destroyed; a plan that would change one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::keyed::<shape::CustomAttributeName, CustomAttribute>")]
    pub custom_attributes: Option<BTreeMap<String, CustomAttribute>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_policy: Option<PasswordPolicy>,
    /// With what a user can begin to sign in: `PASSWORD`, `EMAIL_OTP`, `SMS_OTP`, `WEB_AUTHN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::AuthFactor>>", length(min = 1))]
    pub first_factors: Option<BTreeSet<String>>,
    /// The addresses to which Cognito sends a code when a user signs up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_verify: Option<BTreeSet<Verified>>,
    /// How a user gets back in after forgetting the password; the first that works is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_recovery: Option<Vec<Recovery>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Mfa>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_plan: Option<FeaturePlan>,
    /// Whether AWS refuses to delete the pool. It is lifted only when that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_protection: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_message: Option<VerificationMessage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_message: Option<InvitationMessage>,
    /// The pool's tags, all of them but wsctl's and AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
}

/// What a pool gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPoolOutputs {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The `iss` of its tokens, an https URL.
    pub issuer: String,
    /// Whether deletion protection was on when the pool was read.
    pub deletion_protection: bool,
}

impl Produces for UserPool {
    const NAME: &'static str = "user pool";
    type Outputs = UserPoolOutputs;
}

impl Kind for UserPool {
    type Parent = Stack;
    const TABLE: &'static str = "";
    const REPLACE_ON: &'static [&'static str] =
        &["sign_in", "aliases", "case_sensitive", "required_attributes"];
    const WHOLE: &'static [&'static str] = &["tags"];
    const TOGETHER: &'static [&'static str] = &["mfa"];
    const ADDED_TO: &'static [&'static str] = &["custom_attributes"];
    const FOUND: FoundBy = FoundBy::List;
    const READ_BY_ID: bool = true;
    const LOST: &'static str = "its id, ARN and issuer change, and with them every client's id";

    fn normal(self) -> Self {
        settings::normal(self)
    }

    async fn find(reads: &Reads, _: &StackOutputs, wanted: &Wanted<Self>) -> Result<Vec<Sighting<Self>>> {
        find::find(reads, wanted).await
    }

    async fn read(
        reads: &Reads,
        _: &StackOutputs,
        name: &str,
        outputs: &UserPoolOutputs,
    ) -> Result<Option<Found<Self>>> {
        let pool = describe(reads, &outputs.id).await?;
        let Some(pool) = pool.as_ref() else {
            return find::confirm_gone(reads, outputs).await.map(|()| None);
        };
        // A description that does not say whether there is MFA is no word for off.
        let factors = match pool.mfa_configuration() {
            Some(UserPoolMfaType::Off) => Some(mfa::no_factors()),
            _ => absent(mfa::ask(&reads.aws, &outputs.id).await)?,
        };
        let region = &reads.aws.region;
        let tags = live::tags(pool);
        let owner = reads.owner_of(&tags);
        Ok(factors.map(|factors| Found {
            name: reads.address_of(&tags, Some(name), name),
            spec: match owner {
                Owner::Ours => live::spec(pool, &factors, region),
                _ => live::spec_of_another(pool, &factors, region),
            },
            outputs: live::outputs(pool, &reads.aws),
            owner,
            notes: live::notes(pool),
            set_elsewhere: live::set_elsewhere(pool, &factors),
            obstacles: live::obstacles(pool, region),
            holds: live::holds(pool),
            protected: live::is_protected(pool),
            marks: marks(&tags),
            was: None,
        }))
    }

    /// Makes the pool with MFA off, then turns MFA on: Cognito takes it only so (docs/aws.md §2).
    async fn create(&self, aws: &Aws, within: &StackOutputs, name: &str) -> Result<UserPoolOutputs> {
        let pool = write::create(aws, self, owner(within, name, self.tags.as_ref())).await?;
        let outputs = live::outputs(&pool, aws);
        if let Some(mfa) = self.mfa.as_ref().filter(|mfa| mfa.mode != Mode::Off) {
            mfa::set_first(aws, &outputs, mfa).await.map_err(|error| {
                error.at(format!("the pool {} was made, but its MFA not set", outputs.id)).half_done()
            })?;
        }
        Ok(outputs)
    }

    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let id = &live.outputs.id;
        let added = schema::additions(self, &live.spec);
        let mfa = self.mfa.as_ref().filter(|_| any_touches(changes, &["mfa"]));
        // Cognito refuses some first factors while MFA is strict, and strict MFA while there are
        // such factors: so MFA is loosened first and tightened last.
        let mfa_first = mfa.filter(|mfa| live.spec.mfa.as_ref().is_some_and(|live| mfa.mode < live.mode));
        if let Some(mfa) = mfa_first {
            mfa::set(aws, id, mfa).await?;
        }
        if self.needs_update(&live.spec, changes) {
            write::update(aws, id, self).await?;
        }
        write::add_attributes(aws, id, &added).await?;
        // What is off and stays off has no more to it than UpdateUserPool has set.
        match mfa {
            Some(mfa) if mfa_first.is_none() && mfa.mode != Mode::Off => mfa::set(aws, id, mfa).await,
            _ => Ok(()),
        }
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &UserPoolOutputs) -> Result<()> {
        if live.deletion_protection {
            write::unprotect(aws, &live.id).await?;
        }
        write::delete(aws, &live.id).await
    }

    async fn is_there(aws: &Aws, live: &UserPoolOutputs) -> Result<bool> {
        Ok(find::ask(aws, &live.id).await?.is_some())
    }

    async fn loses(aws: &Aws, live: &UserPoolOutputs) -> Result<Option<String>> {
        users::any(aws, &live.id).await
    }

    async fn doors(aws: &Aws, live: &Found<Self>) -> Result<Vec<String>> {
        doors::providers(aws, &live.outputs.id).await
    }

    async fn mark(aws: &Aws, live: &UserPoolOutputs, tags: Retag) -> Result<()> {
        write::retag(aws, &live.arn, tags).await
    }
}

impl UserPool {
    /// Whether any change is one that `UpdateUserPool` makes.
    fn needs_update(&self, live: &Self, changes: &[Change]) -> bool {
        let is_off = self.mfa.as_ref().is_some_and(|mfa| mfa.mode == Mode::Off);
        let in_aws = |it: &Self| it.mfa.as_ref().and_then(|mfa| mfa.in_aws.clone());
        let has_other_texts = in_aws(self).is_some_and(|it| it.has_other_texts(in_aws(live).as_ref()));
        has_other_texts
            || changes.iter().any(|change| {
                // Without MFA, SetUserPoolMfaConfig takes no SMS settings.
                (is_off && change.touches("mfa.sms"))
                    || !(change.touches("mfa") || change.touches("custom_attributes"))
            })
    }

    #[cfg(test)]
    fn named(name: &str) -> Self {
        toml::from_str(&format!("name = {name:?}")).unwrap()
    }
}
