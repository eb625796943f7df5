//! What a role is allowed besides what wsctl itself gives it: statements, and the policy that they are. Pure.

use super::{canonical_policy, policy::VERSION};
use crate::shape::{self, Facts, NOTHING};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that a role may do: all of these actions on all of these resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// IAM's names of what it may do: `dynamodb:GetItem`; `*` and `?` stand for any characters behind the
    /// service's name.
    #[schemars(with = "BTreeSet<shape::PolicyAction>", length(min = 1))]
    pub actions: BTreeSet<String>,
    /// The ARNs of what it may do that with, or `*`, in which `*` and `?` stand for any characters.
    #[schemars(with = "BTreeSet<shape::GrantedResource>", length(min = 1))]
    pub resources: BTreeSet<String>,
    /// Under which conditions, all of which have to hold: IAM's operators, each with condition keys, and of
    /// each key one value or a list of values: `{ StringEquals = { "aws:ResourceTag/team" = "a" } }`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "conditions")]
    pub conditions: BTreeMap<String, BTreeMap<String, Values>>,
}

/// A value, or several of which any will do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    One(String),
    Several(BTreeSet<String>),
}

/// The names of operators are IAM's (user guide, "IAM JSON policy elements: Condition operators"); `Null`
/// takes no `IfExists`.
const OPERATOR: Facts = Facts {
    pattern: "^(?:(?:ForAllValues|ForAnyValue):)?(?:Null|(?:String(?:Not)?(?:Equals(?:IgnoreCase)?|Like)\
              |(?:Numeric|Date)(?:(?:Not)?Equals|(?:Less|Greater)Than(?:Equals)?)|Bool|BinaryEquals\
              |(?:Not)?IpAddress|Arn(?:Not)?(?:Equals|Like))(?:IfExists)?)$",
    hint: "an operator of IAM's: StringEquals, StringLike, ArnLike, NumericLessThan, DateGreaterThan, Bool, \
           IpAddress, Null and others",
    what: "an operator",
    ..NOTHING
};

/// `aws:SourceIp`, `dynamodb:LeadingKeys`, `aws:ResourceTag/team`.
const KEY: Facts = Facts {
    length: (3, 256),
    pattern: r"^[A-Za-z0-9._/-]+:[\p{L}\p{N}_.:/=+@, -]+$",
    hint: "a condition key with its service, such as aws:SourceVpc",
    what: "a condition key",
    ..NOTHING
};

fn conditions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "minProperties": 1,
        "propertyNames": OPERATOR.schema(),
        "additionalProperties": {
            "type": "object",
            "minProperties": 1,
            "propertyNames": KEY.schema(),
            "additionalProperties": {
                "type": ["string", "array"], "items": { "type": "string" }, "minItems": 1, "uniqueItems": true,
            },
        },
    })
}

/// The policy that allows all of them.
pub fn policy_of(grants: &[Grant]) -> Value {
    let statements = grants.iter().map(|grant| {
        let mut statement =
            json!({ "Effect": "Allow", "Action": grant.actions, "Resource": grant.resources });
        if !grant.conditions.is_empty() {
            statement["Condition"] = json!(grant.conditions);
        }
        statement
    });
    canonical_policy(json!({ "Version": VERSION, "Statement": statements.collect::<Vec<_>>() }))
}

/// The statements of a policy that are no more than grants: [`policy_of`] backwards.
pub fn grants_of(policy: &Value) -> Vec<Grant> {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    statements.filter_map(grant).collect()
}

fn grant(statement: &Value) -> Option<Grant> {
    let said = statement.as_object()?;
    let is_known = |key: &String| ["Action", "Condition", "Effect", "Resource"].contains(&&**key);
    if statement["Effect"] != "Allow" || !said.keys().all(is_known) {
        return None;
    }
    let lists = |key: &str| serde_json::from_value(statement[key].clone()).ok();
    Some(Grant {
        actions: lists("Action")?,
        resources: lists("Resource")?,
        conditions: match statement.get("Condition") {
            Some(conditions) => serde_json::from_value(conditions.clone()).ok()?,
            None => BTreeMap::new(),
        },
    })
}

impl Grant {
    /// The action that stands for every one of every service, where it may be done with everything.
    pub fn everything(&self) -> Option<&str> {
        let all = self
            .actions
            .iter()
            .find(|it| ["*", "*:*"].contains(&&***it))?;
        self.resources.contains("*").then_some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonschema::is_valid;
    use proptest::{collection::btree_map, collection::btree_set, collection::vec, prelude::*};

    fn values() -> impl Strategy<Value = Values> {
        prop_oneof![
            "[a-z]{1,3}".prop_map(Values::One),
            btree_set("[a-z]{1,3}", 2..4).prop_map(Values::Several),
        ]
    }

    fn any_grant() -> impl Strategy<Value = Grant> {
        let keys = btree_map("aws:[a-z]{1,2}", values(), 1..3);
        let conditions = btree_map("(StringEquals|ArnLike|Bool)", keys, 0..3);
        (
            btree_set("s3:[A-C]{1,2}", 1..4),
            btree_set("arn:[a-c]{1,2}", 1..4),
            conditions,
        )
            .prop_map(|(actions, resources, conditions)| Grant {
                actions,
                resources,
                conditions,
            })
    }

    proptest! {
        #[test]
        fn grants_come_back_from_their_policy_in_whatever_order(
            (grants, other) in vec(any_grant(), 1..5).prop_flat_map(|it| (Just(it.clone()), Just(it).prop_shuffle())),
        ) {
            let policy = policy_of(&grants);
            prop_assert_eq!(&policy, &policy_of(&other));
            prop_assert_eq!(&policy, &policy_of(&grants_of(&policy)));
            prop_assert_eq!(grants_of(&policy).len(), grants.len());
        }
    }

    #[test]
    fn what_is_more_than_a_grant_is_none() {
        let allowed = json!({ "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["*"] });
        for (key, value) in [
            ("Effect", json!("Deny")),
            ("Sid", json!("ByHand")),
            ("NotResource", json!(["arn:x"])),
            ("Principal", json!("*")),
            ("Action", Value::Null),
        ] {
            let mut other = allowed.clone();
            other[key] = value;
            assert_eq!(grants_of(&json!({ "Statement": [other] })), [], "{key}");
        }
        assert_eq!(grants_of(&json!({ "Statement": [allowed] })).len(), 1);
    }

    #[test]
    fn operators_are_iams() {
        let schema = OPERATOR.schema().to_value();
        for known in [
            "StringEquals",
            "StringNotEqualsIgnoreCase",
            "StringLikeIfExists",
            "NumericGreaterThanEquals",
            "DateNotEquals",
            "Bool",
            "BoolIfExists",
            "BinaryEquals",
            "NotIpAddress",
            "ArnNotLike",
            "Null",
            "ForAllValues:StringLike",
            "ForAnyValue:ArnEqualsIfExists",
        ] {
            assert!(is_valid(&schema, &json!(known)), "{known}");
        }
        for unknown in [
            "StringEqual",
            "stringEquals",
            "StringNotLikeIgnoreCase",
            "NullIfExists",
            "NumericLike",
            "IpAddresses",
            "ForAll:StringLike",
            "ArnEqualsIgnoreCase",
            "",
        ] {
            assert!(!is_valid(&schema, &json!(unknown)), "{unknown}");
        }
    }
}
