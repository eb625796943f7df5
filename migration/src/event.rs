//! What a user pool sends, and what it is answered. Pure.

use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Attributes by name: `email`, `custom:team`.
pub(crate) type Attributes = BTreeMap<String, String>;

/// When the pool asks.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum Source {
    /// Somebody whom the new pool does not know signs in.
    #[serde(rename = "UserMigration_Authentication")]
    SignIn,
    /// Somebody whom the new pool does not know has forgotten the password.
    #[serde(rename = "UserMigration_ForgotPassword")]
    ForgotPassword,
    /// A user of the new pool is in, by the password or by a new one.
    #[serde(
        rename = "PostAuthentication_Authentication",
        alias = "PostConfirmation_ConfirmForgotPassword"
    )]
    SignedIn,
}

/// An event of one of the three triggers. It has no `Debug`, since it holds the password.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    #[serde(rename = "triggerSource")]
    pub(crate) source: Source,
    pub(crate) user_pool_id: String,
    /// As it was typed, where the pool does not know it.
    pub(crate) user_name: String,
    #[serde(default)]
    pub(crate) request: Request,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Request {
    pub(crate) password: String,
    pub(crate) user_attributes: Attributes,
}

impl Event {
    /// The event, where it is one that this function does something about.
    pub(crate) fn parse(event: &Value) -> Option<Self> {
        Self::deserialize(event).ok()
    }
}

/// A user of the old pool.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct OldUser {
    pub(crate) user_name: String,
    pub(crate) attributes: Attributes,
}

impl OldUser {
    /// The attribute and the value of an address at which the user has shown to be.
    pub(crate) fn verified_address(&self) -> Option<(&'static str, &str)> {
        verified_address(&self.attributes)
    }
}

/// The attribute and the value of an address at which somebody has shown to be.
pub(crate) fn verified_address(attributes: &Attributes) -> Option<(&'static str, &str)> {
    let mut names = ["email", "phone_number"].into_iter();
    let name = names.find(|it| attributes.contains_key(*it) && is_verified(attributes, it))?;
    Some((name, attributes.get(name)?))
}

/// Whether somebody has shown to this pool to be at an address. What an identity provider says of one was shown
/// to that provider.
pub(crate) fn is_verified(attributes: &Attributes, name: &str) -> bool {
    let word = attributes.get(&format!("{name}_verified"));
    !attributes.contains_key("identities") && word.is_some_and(|it| it == "true")
}

/// What the new pool looks like to whom it has users brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewPool {
    /// The attributes that it has.
    pub(crate) attributes: Vec<String>,
    /// Whether the user name is an address there: Cognito then makes up the name itself.
    pub(crate) names_are_addresses: bool,
}

impl NewPool {
    /// The old user's attributes, as far as the new pool has them, and the user name where another one was
    /// typed.
    pub(crate) fn takes(&self, typed: &str, old: OldUser) -> Attributes {
        let mut brought: Attributes = old.attributes;
        // Each pool has its own, and what other providers know of somebody cannot be brought.
        let stays = |name: &str| ["sub", "identities"].contains(&name);
        brought.retain(|name, _| !stays(name) && self.attributes.contains(name));
        if !self.names_are_addresses && typed != old.user_name {
            brought.insert("username".to_owned(), old.user_name);
        }
        brought
    }
}

/// What the new pool makes of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Confirmed,
    /// The password is right, but only until another one is set.
    ResetRequired,
}

/// The answer that brings a user along; nothing is sent to whoever it is.
pub(crate) fn response(attributes: &Attributes, status: Option<Status>) -> Value {
    let mut response = json!({ "userAttributes": attributes, "messageAction": "SUPPRESS" });
    if let Some(status) = status {
        response["finalUserStatus"] = json!(match status {
            Status::Confirmed => "CONFIRMED",
            Status::ResetRequired => "RESET_REQUIRED",
        });
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Attributes {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn only_events_of_its_triggers_are_read() {
        let event = |source: &str| {
            let event = json!({
                "triggerSource": source, "userPoolId": "eu-west-1_new", "userName": "ana@example.com",
                "request": { "userAttributes": { "email": "ana@example.com" } }, "response": {},
            });
            Event::parse(&event).map(|it| it.source)
        };
        assert_eq!(event("UserMigration_Authentication"), Some(Source::SignIn));
        assert_eq!(
            event("UserMigration_ForgotPassword"),
            Some(Source::ForgotPassword)
        );
        for source in [
            "PostAuthentication_Authentication",
            "PostConfirmation_ConfirmForgotPassword",
        ] {
            assert_eq!(event(source), Some(Source::SignedIn));
        }
        // Whoever has signed up is new, and has no groups to bring.
        assert_eq!(event("PostConfirmation_ConfirmSignUp"), None);
        assert!(Event::parse(&json!([])).is_none());
    }

    #[test]
    fn only_a_verified_address_says_who_somebody_is() {
        let email = ("email", "ana@example.com");
        let phone = ("phone_number", "+15555550100");
        for (known, address) in [
            (vec![email], None),
            (vec![email, ("email_verified", "false")], None),
            (vec![("email_verified", "true")], None),
            (
                vec![email, ("email_verified", "true"), ("identities", "[]")],
                None,
            ),
            (vec![email, ("email_verified", "true")], Some(email)),
            (
                vec![email, phone, ("phone_number_verified", "true")],
                Some(phone),
            ),
        ] {
            assert_eq!(verified_address(&attributes(&known)), address, "{known:?}");
        }
    }

    #[test]
    fn what_the_new_pool_does_not_have_stays_behind() {
        let old = OldUser {
            user_name: "u-1".into(),
            attributes: attributes(&[
                ("sub", "u-1"),
                ("email", "ana@example.com"),
                ("custom:team", "a"),
                ("identities", "[]"),
            ]),
        };
        let mut new = NewPool {
            attributes: ["sub", "email", "identities"].map(ToOwned::to_owned).into(),
            names_are_addresses: true,
        };
        let brought = attributes(&[("email", "ana@example.com")]);
        assert_eq!(new.takes("ana@example.com", old.clone()), brought);
        new.names_are_addresses = false;
        assert_eq!(new.takes("u-1", old.clone()), brought);
        let named = attributes(&[("email", "ana@example.com"), ("username", "u-1")]);
        assert_eq!(new.takes("ana@example.com", old), named);
    }
}
