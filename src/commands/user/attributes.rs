//! The attributes of a new user, from what was typed; checked before anything is sent. Pure.

use crate::{
    cli::user::AttributeArgs,
    error::{Error, Result},
    identity::{Attributes, contact},
    spec::user_pool::{SignIn, UserPool},
};
use std::collections::BTreeMap;

/// What Cognito is told of a new user of this pool.
pub(super) fn attributes(user: &str, args: &AttributeArgs, pool: &UserPool) -> Result<Attributes> {
    check_name(user, pool)?;
    let mut all: BTreeMap<_, _> = args
        .others
        .iter()
        .map(|(name, value)| (full(name, pool), value.clone()))
        .collect();
    let is_email = user.contains('@');
    let email = args
        .email
        .clone()
        .or_else(|| is_email.then(|| user.to_owned()));
    let phone = args
        .phone
        .clone()
        .or_else(|| user.starts_with('+').then(|| user.to_owned()));
    let named = [
        ("email", email),
        ("phone_number", phone),
        ("name", args.name.clone()),
    ];
    all.extend(
        named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?))),
    );
    if let Some(email) = all.get("email") {
        contact::email(email)?;
    }
    if let Some(phone) = all.get("phone_number") {
        contact::phone(phone)?;
    }
    Ok(all)
}

/// Refuses a user without the attributes that the pool requires; only signing up has to have them
/// all, an administrator may leave them to the first sign-in.
pub(super) fn check_required(attributes: &Attributes, pool: &UserPool) -> Result<()> {
    let required = pool.required().into_iter();
    let missing: Vec<_> = required
        .filter(|it| !attributes.contains_key(*it))
        .map(flag)
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::usage("the pool requires more of a new user")
            .hint(format!("add {}", missing.join(" ")))),
    }
}

fn flag(name: &str) -> String {
    match name {
        "email" => "--email ADDRESS".into(),
        "phone_number" => "--phone NUMBER".into(),
        "name" => "--name NAME".into(),
        other => format!("--attribute {other}=VALUE"),
    }
}

/// In a pool where the user name is an address or a number, it has to be one.
fn check_name(user: &str, pool: &UserPool) -> Result<()> {
    let has = |way: SignIn| pool.sign_in.iter().flatten().any(|it| *it == way);
    match (has(SignIn::Email), has(SignIn::PhoneNumber)) {
        (true, false) => contact::email(user),
        (false, true) => contact::phone(user),
        (true, true) if user.starts_with('+') => contact::phone(user),
        (true, true) => contact::email(user),
        (false, false) => Ok(()),
    }
}

/// Cognito's name of an attribute: those that stack.toml declares get their `custom:`.
pub(super) fn full(name: &str, pool: &UserPool) -> String {
    let is_custom = pool
        .custom_attributes
        .iter()
        .flatten()
        .any(|it| it.0 == name);
    if is_custom {
        format!("custom:{name}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(text: &str) -> UserPool {
        toml::from_str(&format!("name = \"x\"\n{text}")).unwrap()
    }

    fn typed(email: Option<&str>, phone: Option<&str>, others: &[(&str, &str)]) -> AttributeArgs {
        let owned = |it: &str| it.to_owned();
        let others = others
            .iter()
            .map(|it| (it.0.to_owned(), it.1.to_owned()))
            .collect();
        AttributeArgs {
            email: email.map(owned),
            phone: phone.map(owned),
            name: None,
            others,
        }
    }

    #[test]
    fn a_user_name_that_is_an_address_is_the_address_too() {
        let found = attributes(
            "ann@example.com",
            &typed(None, None, &[]),
            &pool("sign_in = [\"email\"]"),
        );
        assert_eq!(
            found.unwrap(),
            Attributes::from([("email".into(), "ann@example.com".into())])
        );
    }

    #[test]
    fn a_declared_attribute_of_ones_own_gets_its_prefix() {
        let pool = pool("[custom_attributes.team]\ntype = \"string\"");
        let found = attributes(
            "ann",
            &typed(None, None, &[("team", "a"), ("custom:x", "b")]),
            &pool,
        )
        .unwrap();
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            ["custom:team", "custom:x"]
        );
    }

    #[test]
    fn a_bad_address_or_number_is_refused_before_anything_is_sent() {
        let email = pool("sign_in = [\"email\"]");
        assert!(attributes("ann", &typed(None, None, &[]), &email).is_err());
        assert!(
            attributes(
                "a@example.com",
                &typed(None, Some("+84 0123456789"), &[]),
                &email
            )
            .is_err()
        );
        assert!(
            attributes(
                "a@example.com",
                &typed(None, None, &[("phone_number", "1")]),
                &email
            )
            .is_err()
        );
        assert!(
            attributes(
                "ann",
                &typed(Some("x@y"), None, &[]),
                &pool("sign_in = [\"username\"]")
            )
            .is_err()
        );
    }

    #[test]
    fn what_the_pool_requires_is_named_by_its_flag() {
        let pool = pool("required_attributes = [\"name\", \"phone_number\", \"locale\"]");
        let error = check_required(&Attributes::new(), &pool).unwrap_err();
        let hint = error.hint.unwrap();
        assert_eq!(
            hint,
            "add --attribute locale=VALUE --name NAME --phone NUMBER"
        );
    }
}
