//! Who asks, and what they may do: the claims that API Gateway's authorizer took from the token.
//! Pure.

use crate::answer::Refusal;
use serde_json::Value;

/// Members of this group may change every row and give out roles.
const ADMIN_GROUP: &str = "admin";
/// The role that everybody may have.
pub(crate) const USER_ROLE: &str = "user";

/// A caller whose token was checked.
#[derive(Debug, PartialEq)]
pub(crate) struct Caller<'a> {
    pub(crate) sub: &'a str,
    pub(crate) is_admin: bool,
    claims: &'a Value,
}

impl<'a> Caller<'a> {
    /// The caller with these claims; 401 where there are none, or no `sub` among them.
    pub(crate) fn of(claims: Option<&'a Value>) -> Result<Self, Refusal> {
        let claims = claims
            .ok_or_else(|| Refusal::new(401, "Unauthorized: the request carries no claims"))?;
        let sub = claim(claims, "sub")?;
        Ok(Self {
            sub,
            is_admin: groups(claims).any(|group| group == ADMIN_GROUP),
            claims,
        })
    }

    /// A claim that the caller's own row cannot be without; 401 where it is missing.
    pub(crate) fn claim(&self, name: &str) -> Result<&'a str, Refusal> {
        claim(self.claims, name)
    }

    /// A claim that may be missing: an app client need not ask for the telephone number.
    pub(crate) fn optional_claim(&self, name: &str) -> Option<&'a str> {
        text(self.claims, name)
    }

    /// Whether the row of the user `sub` is this caller's to change.
    pub(crate) fn may_change(&self, sub: &str) -> bool {
        self.is_admin || self.sub == sub
    }

    /// Whether this caller may turn a row's role into `wanted`.
    pub(crate) fn may_give(&self, wanted: &str) -> bool {
        self.is_admin || wanted == USER_ROLE
    }
}

fn claim<'a>(claims: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    let missing = || {
        Refusal::new(
            401,
            format!("Unauthorized: the token has no claim {name}; send the ID token"),
        )
    };
    text(claims, name).ok_or_else(missing)
}

/// PostgreSQL's text cannot hold U+0000, and no claim of Cognito's has it.
fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    claims
        .get(name)?
        .as_str()
        .filter(|value| !value.is_empty() && !value.contains('\0'))
}

/// The groups: a REST API writes the token's list as one string with commas (the `[a b]` of HTTP
/// APIs is no form of its), and some emulators leave it a list.
///
/// In that string a member of a group called `not,admin` cannot be told from a member of `admin`:
/// whoever may make groups can make admins. wsctl refuses such a name in stack.toml and tells of one
/// that is there.
fn groups(claims: &Value) -> impl Iterator<Item = &str> {
    let groups = claims.get("cognito:groups");
    let written = groups
        .and_then(Value::as_str)
        .into_iter()
        .flat_map(|it| it.split(','))
        .map(str::trim);
    let listed = groups
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    written.chain(listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_admin(groups: Value) -> bool {
        let claims = json!({ "sub": "a1", "cognito:groups": groups });
        Caller::of(Some(&claims)).expect("a caller").is_admin
    }

    #[test]
    fn without_a_sub_nobody_asks() {
        for claims in [
            json!({}),
            json!({ "sub": "" }),
            json!({ "sub": 7 }),
            json!({ "sub": "a\0" }),
        ] {
            assert_eq!(
                Caller::of(Some(&claims)).expect_err("no caller").status,
                401
            );
        }
        assert_eq!(Caller::of(None).expect_err("no caller").status, 401);
    }

    #[test]
    fn the_admin_group_is_found_however_the_groups_are_written() {
        assert!(is_admin(json!("admin")));
        assert!(is_admin(json!("editors,admin")));
        assert!(is_admin(json!("editors, admin")));
        assert!(is_admin(json!(["editors", "admin"])));
    }

    #[test]
    fn a_group_that_only_resembles_it_is_not_the_admin_group() {
        for groups in [
            json!("administrators"),
            json!("Admin"),
            json!("[admin]"),
            json!("not admin"),
            json!(true),
        ] {
            assert!(!is_admin(groups));
        }
    }

    #[test]
    fn a_user_may_change_only_its_own_row_and_have_only_the_users_role() {
        let claims = json!({ "sub": "a1" });
        let caller = Caller::of(Some(&claims)).expect("a caller");
        assert!(caller.may_change("a1") && !caller.may_change("b2"));
        assert!(caller.may_give("user") && !caller.may_give("admin"));
    }

    #[test]
    fn an_admin_may_change_every_row_and_give_every_role() {
        let claims = json!({ "sub": "a1", "cognito:groups": "admin" });
        let caller = Caller::of(Some(&claims)).expect("a caller");
        assert!(caller.may_change("b2") && caller.may_give("editor"));
    }

    #[test]
    fn a_missing_claim_is_named() {
        let claims = json!({ "sub": "a1", "email": "" });
        let refusal = Caller::of(Some(&claims))
            .and_then(|it| it.claim("email"))
            .expect_err("no email");
        assert_eq!(
            refusal.message,
            "Unauthorized: the token has no claim email; send the ID token"
        );
    }
}
