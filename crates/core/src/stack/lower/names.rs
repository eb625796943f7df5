//! Names that the file does not say but that are made of those it says. Pure.
//!
//! They hold for every name that is allowed: where the plain one is no name to AWS, what is known of
//! it is followed by a digest, so that two of them stay two. A plain name that AWS takes stays as it
//! is, since another one would replace what is there.

use crate::{
    spec::role::ROLES,
    stack::{
        open,
        tables::{FunctionTable, RoleTable},
    },
    value::{self, Address, KnownOutputs, Reference},
};
use serde_json::{Value, json};

/// IAM's and CloudWatch Logs' longest names (docs/aws.md §10; CloudWatch Logs' model).
const LONGEST_ROLE: usize = 64;
const LONGEST_LOG_GROUP: usize = 512;

/// What names are made with.
pub(crate) struct Names<'a> {
    pub(crate) stack: &'a str,
    pub(crate) region: &'a str,
    /// The environment among it: its values are looked at, but never in a name.
    pub(crate) known: &'a KnownOutputs,
}

impl Names<'_> {
    /// The role of a function.
    pub(crate) fn role(&self, table: &FunctionTable) -> String {
        self.role_of(&table.settings.name, &table.own_role)
    }

    /// A role of the identity pool's, or of an API's, by its address. One of `[apis.NAME.roles]` has the
    /// API's name in its own.
    pub(crate) fn stacks_role(&self, address: &Address, table: &RoleTable) -> String {
        let segments: Vec<_> = address.segments().iter().map(String::as_str).collect();
        let (owner, key) = match segments.as_slice() {
            [_, owner @ .., ROLES, key] => (owner, *key),
            _ => (&[][..], ""),
        };
        let words = [&[self.stack], owner, &[key]].concat();
        self.role_of(&words.join("-"), table)
    }

    /// Role names are global: the region keeps two stacks of one account apart.
    fn role_of(&self, of: &str, table: &RoleTable) -> String {
        if let Some(name) = &table.role_name {
            return name.clone();
        }
        let region = self.region;
        let plain = format!("{of}-{region}");
        match open::known_length(&self.seen(&plain)) <= LONGEST_ROLE {
            true => plain,
            false => {
                let end = format!("-{}-{region}", self.digest(of));
                format!(
                    "{}{end}",
                    words(of, LONGEST_ROLE - end.len(), |c| "_+=,.@-".contains(c))
                )
            }
        }
    }

    pub(crate) fn access_log_group(&self, api: &str, stage: &str) -> String {
        let (start, end) = ("/aws/apigateway/", format!("/{stage}"));
        let plain = format!("{start}{api}{end}");
        let seen = self.seen(&plain);
        let is_taken = open::known_length(&seen) <= LONGEST_LOG_GROUP
            && open::known_parts(&seen)
                .concat()
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || is_log_mark(c))
            && !value::references(&seen)
                .unwrap_or_default()
                .iter()
                .any(has_marks_of_its_own);
        if is_taken {
            return plain;
        }
        let digest = self.digest(api);
        let most = LONGEST_LOG_GROUP - start.len() - digest.len() - 1 - end.len();
        format!("{start}{}-{digest}{end}", words(api, most, is_log_mark))
    }

    /// The text with all in its place that is known before anything is made; an account is twelve
    /// digits.
    fn seen(&self, text: &str) -> String {
        let account = KnownOutputs::from([(
            Address::new(["stack"]),
            json!({ "account": "0".repeat(12) }),
        )]);
        let resolved = value::resolve(&value::resolve(&json!(text), self.known), &account);
        resolved.as_str().unwrap_or(text).to_owned()
    }

    fn digest(&self, name: &str) -> String {
        let mut digest = value::digest(&Value::from(vec![self.stack, name]));
        digest.truncate(8);
        digest
    }
}

/// CloudWatch Logs' model: `[\.\-_/#A-Za-z0-9]+`.
fn is_log_mark(c: char) -> bool {
    ".-_/#".contains(c)
}

/// An output that is an ARN or an address has colons.
fn has_marks_of_its_own(reference: &Reference) -> bool {
    ["arn", "url", "issuer"]
        .iter()
        .any(|word| reference.output.contains(word))
}

/// What is known of a text, in characters that are allowed.
fn words(text: &str, most: usize, is_mark: impl Fn(char) -> bool) -> String {
    let known = open::known_parts(text).concat();
    let taken = known.chars().map(|c| {
        if c.is_ascii_alphanumeric() || is_mark(c) {
            c
        } else {
            '-'
        }
    });
    taken.take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn known() -> KnownOutputs {
        KnownOutputs::from([(
            Address::new(["env"]),
            json!({ "PLAIN": "users", "ODD": "Users (dev)", "LONG": "x".repeat(64) }),
        )])
    }

    fn role(name: &str, region: &str) -> String {
        let table = toml::from_str(&format!("name = {name:?}")).unwrap();
        Names {
            stack: "demo",
            region,
            known: &known(),
        }
        .role(&table)
    }

    fn log_group(api: &str, stage_name: &str) -> String {
        Names {
            stack: "demo",
            region: "eu-west-1",
            known: &known(),
        }
        .access_log_group(api, stage_name)
    }

    #[test]
    fn a_name_that_works_stays() {
        assert_eq!(role("users", "eu-west-1"), "users-eu-west-1");
        assert_eq!(
            role(&"x".repeat(54), "eu-west-1"),
            format!("{}-eu-west-1", "x".repeat(54))
        );
        assert_eq!(role("${env.PLAIN}", "eu-west-1"), "${env.PLAIN}-eu-west-1");
        assert_eq!(
            log_group("workshop-user-api", "dev"),
            "/aws/apigateway/workshop-user-api/dev"
        );
        assert_eq!(
            log_group("a/b#c.d_e", "dev"),
            "/aws/apigateway/a/b#c.d_e/dev"
        );
        assert_eq!(
            log_group("x-${stack.account}", "dev"),
            "/aws/apigateway/x-${stack.account}/dev"
        );
    }

    #[test]
    fn a_value_of_the_environment_is_in_no_name() {
        for name in [
            role("${env.LONG}", "eu-west-1"),
            log_group("${env.ODD}", "dev"),
        ] {
            assert!(!name.contains("xxx") && !name.contains("Users"), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn every_function_has_a_role_of_its_own(
            one in "[A-Za-z0-9_-]{1,64}", other in "[A-Za-z0-9_-]{1,64}",
            region in "(ap-southeast-1|us-gov-west-1|eu-west-1)",
        ) {
            let (first, second) = (role(&one, &region), role(&other, &region));
            prop_assert!((1..=64).contains(&first.len()), "{first}");
            prop_assert!(first.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)), "{first}");
            prop_assert_eq!(one == other, first == second);
        }

        #[test]
        fn every_api_has_a_log_group_of_its_own(
            one in r"[^$\x00]{1,255}", other in r"[ -#%-~é]{1,40}", stage in "[A-Za-z0-9_-]{1,128}",
        ) {
            let (first, second) = (log_group(&one, &stage), log_group(&other, &stage));
            prop_assert!((1..=512).contains(&first.len()), "{first}");
            prop_assert!(first.chars().all(|c| c.is_ascii_alphanumeric() || ".-_/#".contains(c)), "{first}");
            prop_assert!(first.ends_with(&format!("/{stage}")), "{first}");
            prop_assert_eq!(one == other, first == second);
        }
    }
}
