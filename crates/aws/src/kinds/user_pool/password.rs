//! Where Cognito keeps a pool's password policy. Pure.

use crate::{
    error::Result,
    kinds::rows::{always, maybe, rows},
    spec::{
        Produces, defaults, from_tree,
        user_pool::{PasswordPolicy, UserPool},
    },
};
use aws_sdk_cognitoidentityprovider::types::PasswordPolicyType;

rows! { PasswordPolicy in PasswordPolicyType:
    minimum_length = minimum_length: maybe,
    require_lowercase = require_lowercase: always,
    require_uppercase = require_uppercase: always,
    require_numbers = require_numbers: always,
    require_symbols = require_symbols: always,
    temporary_password_validity_days = temporary_password_validity_days: days,
    history = password_history_size: former,
}

/// 0 days are the default (docs/aws.md §2).
mod days {
    pub(super) use crate::kinds::rows::always::write;

    pub(super) fn read(live: &i32) -> Option<i32> {
        Some(*live).filter(|days| *days > 0)
    }
}

/// None is what no history is: the LITE plan takes no other.
mod former {
    pub(super) fn read(live: &Option<i32>) -> Option<i32> {
        *live
    }

    pub(super) fn write(live: &mut Option<i32>, declared: &Option<i32>) {
        *live = declared.or(*live).filter(|size| *size > 0);
    }
}

/// The policy that AWS tells; a pool without one has the default one (docs/aws.md §2).
pub(super) fn policy(live: Option<&PasswordPolicyType>) -> PasswordPolicy {
    live.map(read).unwrap_or_default()
}

/// Lays what is declared over the policy, or over that of a pool that was made without one.
pub(super) fn overlay(
    live: &mut Option<PasswordPolicyType>,
    declared: &PasswordPolicy,
) -> Result<()> {
    let mut policy = match live.take() {
        Some(policy) => policy,
        None => unset()?,
    };
    write(&mut policy, declared);
    *live = Some(policy);
    Ok(())
}

/// The policy of a pool that was made without one.
pub(super) fn unset() -> Result<PasswordPolicyType> {
    let mut policy = PasswordPolicyType::builder().build();
    write(
        &mut policy,
        &from_tree(&defaults(UserPool::NAME)["password_policy"])?,
    );
    Ok(policy)
}
