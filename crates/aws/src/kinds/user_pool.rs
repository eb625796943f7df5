//! The calls of a user pool.

use crate::{
    aws::{Aws, Reads, absent},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    kinds::by_tag,
    owner::{Owner, Retag, StackOutputs, owner},
    spec::{
        Found,
        user_pool::{
            CHALLENGE, Devices, FIRST_VERSION, Mfa, Mode, TRIGGERS, Triggers, UserPool,
            UserPoolOutputs,
        },
    },
};
use aws_sdk_cognitoidentityprovider::types::UserPoolMfaType;
use std::borrow::Cow;

mod devices;
mod email;
mod fields;
mod find;
mod invitation;
mod live;
mod mfa;
mod password;
mod requests;
mod schema;
mod triggers;
mod users;
mod verification;
mod write;

pub(crate) use find::describe;
#[cfg(test)]
pub(super) use requests::left_out;

impl Kind for UserPool {
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        by_tag::find(reads, wanted).await
    }

    async fn read(
        reads: &Reads,
        _: &StackOutputs,
        name: &str,
        outputs: &UserPoolOutputs,
    ) -> Result<Option<Found<Self>>> {
        let pool = describe(reads, &outputs.id).await?;
        let Some(pool) = pool.as_ref() else {
            return by_tag::confirm_gone::<Self>(reads, outputs)
                .await
                .map(|()| None);
        };
        let region = &reads.aws.region;
        let tags = live::tags(pool);
        let owner = reads.owner_of(&tags);
        // A description that does not say whether there is MFA is no word for off; what is not wsctl's is
        // remembered whole.
        let is_off = pool.mfa_configuration() == Some(&UserPoolMfaType::Off);
        let factors = match is_off && owner == Owner::Ours && !fields::takes_passkeys(pool) {
            true => Some(mfa::no_factors()),
            false => absent(mfa::ask(&reads.aws, &outputs.id).await)?,
        };
        let Some(factors) = factors else {
            return Ok(None);
        };
        let spec = match owner {
            Owner::Ours => fields::spec(pool, &factors, region)?,
            _ => fields::spec_of_another(pool, &factors, region)?,
        };
        let outputs = live::outputs(pool, &reads.aws);
        Ok(Some(Found {
            notes: live::notes(pool),
            holds: live::holds(pool),
            protected: live::is_protected(pool),
            ..by_tag::found(reads, name, &tags, spec, outputs)
        }))
    }

    /// Makes the pool with MFA off, then turns MFA on: Cognito takes it only so (docs/aws.md §2).
    async fn create(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        name: &str,
    ) -> Result<UserPoolOutputs> {
        let pool = write::create(aws, self, owner(parent, name, self.tags.as_ref())).await?;
        let outputs = live::outputs(&pool, aws);
        let is_set = |it: &&Mfa| it.mode != Mode::Off || it.passkeys.is_some();
        if let Some(mfa) = self.mfa.as_ref().filter(is_set) {
            mfa::set_first(aws, &outputs, mfa).await.map_err(|error| {
                error
                    .at(format!(
                        "the pool {} was made, but its MFA not set",
                        outputs.id
                    ))
                    .half_done()
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
        let mfa_first = mfa.filter(|mfa| {
            live.spec
                .mfa
                .as_ref()
                .is_some_and(|live| mfa.mode < live.mode)
        });
        // Strict MFA and passkeys as a first factor go together once a passkey counts as both.
        let has_passkeys = any_touches(changes, &["mfa.passkeys"]);
        let is_strong = |mfa: &&Mfa| {
            has_passkeys
                && mfa.has_strong_passkeys()
                && live
                    .spec
                    .mfa
                    .as_ref()
                    .is_some_and(|live| mfa.mode == live.mode)
        };
        let mfa_first = mfa_first.or(mfa.filter(is_strong));
        // Codes by e-mail are sent from an address that UpdateUserPool sets, and it is left only without them.
        let is_by_email = mfa.and_then(|it| it.email);
        let by_email = is_by_email.filter(|_| any_touches(changes, &["mfa.email"]));
        let mfa_first = mfa_first.or(mfa.filter(|_| by_email == Some(false)));
        if let Some(mfa) = mfa_first {
            let without = (by_email == Some(true)).then_some(false);
            let email = without.or(mfa.email);
            mfa::set(
                aws,
                id,
                &Mfa {
                    email,
                    ..mfa.clone()
                },
            )
            .await?;
        }
        if needs_update(self, &live.spec, changes) {
            write::update(aws, id, &without_others(self, &live.spec, changes)).await?;
        }
        write::add_attributes(aws, id, &added).await?;
        // What is off and stays off has no more to it than UpdateUserPool has set.
        match mfa {
            Some(mfa)
                if (mfa.mode != Mode::Off || has_passkeys)
                    && (mfa_first.is_none() || by_email == Some(true)) =>
            {
                mfa::set(aws, id, mfa).await
            }
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

    async fn mark(aws: &Aws, live: &UserPoolOutputs, tags: Retag) -> Result<()> {
        write::retag(aws, &live.arn, tags).await
    }
}

/// Without what somebody else has set and lets people in otherwise, where that is a change: triggers, and devices
/// that stand in for the second factor; and without what the pool's new plan does not take.
fn without_others<'a>(
    spec: &'a UserPool,
    live: &UserPool,
    changes: &[Change],
) -> Cow<'a, UserPool> {
    let mut spec = Cow::Borrowed(spec);
    if spec.triggers.is_none() && any_touches(changes, &[TRIGGERS]) {
        spec.to_mut().triggers = Some(Triggers::default());
    }
    // Triggers are set last, and the LITE plan takes none that changes access tokens (docs/aws.md §2).
    let triggers = live.triggers.clone().unwrap_or_default();
    let is_first = |version: &String| version == FIRST_VERSION;
    let version = triggers.pre_token_generation_version.as_ref();
    if spec.triggers.is_none() && spec.is_lite() && !version.is_none_or(is_first) {
        spec.to_mut().triggers = Some(Triggers {
            pre_token_generation_version: Some(FIRST_VERSION.to_owned()),
            ..triggers
        });
    }
    let devices = spec.devices.clone().unwrap_or_default();
    if devices.challenge_new_devices.is_none() && any_touches(changes, &[CHALLENGE]) {
        spec.to_mut().devices = Some(Devices {
            challenge_new_devices: Some(false),
            ..devices
        });
    }
    spec
}

/// Whether any change is one that `UpdateUserPool` makes.
fn needs_update(spec: &UserPool, live: &UserPool, changes: &[Change]) -> bool {
    let is_off = spec.mfa.as_ref().is_some_and(|mfa| mfa.mode == Mode::Off);
    let in_aws = |it: &UserPool| it.mfa.as_ref().and_then(|mfa| mfa.in_aws.clone());
    let has_other_texts =
        in_aws(spec).is_some_and(|it| mfa::in_aws::has_other_texts(&it, in_aws(live).as_ref()));
    has_other_texts
        || changes.iter().any(|change| {
            // Without MFA, SetUserPoolMfaConfig takes no SMS settings.
            (is_off && change.touches("mfa.sms"))
                || !(change.touches("mfa") || change.touches("custom_attributes"))
        })
}
