//! What protects the users of a pool beside passwords and factors: threat protection, devices, addresses that
//! have to be verified. Pure.

use super::{Check, Findings};
use crate::{
    spec::{
        risk_configuration::RiskConfiguration,
        user_pool::{FeaturePlan, Remember, ThreatProtection, UserPool, word},
    },
    stack::source::path,
};

/// AWS refuses what does not fit together (docs/aws.md §2); what a pool has that is there already is not known.
pub(super) fn check(found: &mut Findings<'_>, pool: &UserPool) {
    threat_protection(found, pool);
    devices(found, pool);
    kept_addresses(found, pool);
}

fn threat_protection(found: &mut Findings<'_>, pool: &UserPool) {
    let is_on = pool
        .threat_protection
        .is_some_and(|it| it != ThreatProtection::Off);
    let has_plan = match pool.feature_plan {
        Some(plan) => plan == FeaturePlan::Plus,
        None => found.may_be_there,
    };
    if is_on && !has_plan {
        found.error(
            path(["user_pool", "threat_protection"]),
            "threat protection needs the PLUS plan",
            "set feature_plan = \"PLUS\", or remove threat_protection",
        );
    }
}

/// What is done about risks, where none are looked for: only threat protection does, which asks for its plan itself.
pub(super) fn risks(found: &mut Findings<'_>, pool: &UserPool, risks: &RiskConfiguration) {
    let at = path(["user_pool", "risk_configuration"]);
    match pool.threat_protection {
        Some(ThreatProtection::Enforced) => {}
        Some(ThreatProtection::Audit) => found.warn(
            Check::UnenforcedRisks,
            at.clone(),
            "with AUDIT it is only noted down",
            "set threat_protection = \"ENFORCED\" in [user_pool] for it to count",
        ),
        None if found.may_be_there => {}
        Some(ThreatProtection::Off) | None => found.error(
            at.clone(),
            "nothing looks for risks",
            "set threat_protection = \"ENFORCED\" in [user_pool]",
        ),
    }
    let Some(takeover) = &risks.account_takeover else {
        return;
    };
    let actions = [&takeover.low, &takeover.medium, &takeover.high];
    let tells = actions.into_iter().flatten().any(|it| it.notify);
    if tells && takeover.notify.is_none() && !found.may_be_there {
        found.error(
            at.into_iter()
                .chain(["account_takeover".to_owned()])
                .collect(),
            "users are told by e-mail, and nothing says from where",
            "add [user_pool.risk_configuration.account_takeover.notify] with ses_source_arn",
        );
    }
}

fn devices(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(devices) = &pool.devices else { return };
    let remembers = match devices.remember {
        Some(remember) => remember != Remember::No,
        None => found.may_be_there,
    };
    if devices.challenge_new_devices == Some(true) && !remembers {
        found.error(
            path(["user_pool", "devices", "challenge_new_devices"]),
            "no device is remembered, so none can prove itself",
            "set remember = \"always\", or remove challenge_new_devices",
        );
    }
}

fn kept_addresses(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(kept) = &pool.keep_until_verified else {
        return;
    };
    let verified = match &pool.auto_verify {
        Some(verified) => verified.clone(),
        None if found.may_be_there => return,
        None => Default::default(),
    };
    if let Some(one) = kept.iter().find(|it| !verified.contains(it)) {
        let all: Vec<_> = verified.union(kept).map(word).collect();
        let at = found.item(&path(["user_pool", "keep_until_verified"]), &word(one));
        found.error(
            at,
            format!("no code is sent to a new {}", word(one)),
            format!("set auto_verify = {all:?}"),
        );
    }
}
