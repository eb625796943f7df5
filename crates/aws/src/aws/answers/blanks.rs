//! JSON without what says nothing. Pure.

use serde_json::{Map, Value};

/// `body` without nulls and without blocks that have nothing in them; `None` where it has neither, or
/// is no JSON: IAM and STS answer in XML, and what is broken is for the SDK to judge.
///
/// An empty block is a member in Cognito's and Lambda's spelling, `"DeviceConfiguration": {}`. The SDK
/// makes one with zeros for it, and refuses it where a part is required. API Gateway's spelling is
/// another, and there an empty object may tell something: `"resourceMethods": {"GET": {}}`.
pub(super) fn without(body: &[u8]) -> Option<Vec<u8>> {
    let text = body.trim_ascii();
    if text == b"null" {
        return Some(b"{}".to_vec());
    }
    if !matches!(text.first(), Some(b'{' | b'[')) || !may_have_some(text) {
        return None;
    }
    let mut tree: Value = serde_json::from_slice(text).ok()?;
    // `{"UserPool": {}}` is an answer without its parts, and none without a pool.
    let only = tree
        .as_object()
        .filter(|it| it.len() == 1)
        .and_then(|it| it.iter().next());
    let only = only
        .filter(|(_, block)| block.is_object())
        .map(|(name, _)| name.clone());
    let dropped = drop_from(&mut tree);
    if let (Some(only), Some(members)) = (only, tree.as_object_mut().filter(|it| it.is_empty())) {
        members.insert(only, Value::Object(Map::new()));
    }
    (dropped > 0)
        .then(|| serde_json::to_vec(&tree).ok())
        .flatten()
}

fn may_have_some(text: &[u8]) -> bool {
    let closes =
        |at: usize| text[at + 1..].iter().find(|it| !it.is_ascii_whitespace()) == Some(&b'}');
    text.windows(4).any(|it| it == b"null")
        || (0..text.len()).any(|at| text[at] == b'{' && closes(at))
}

/// How many went.
fn drop_from(tree: &mut Value) -> usize {
    match tree {
        Value::Object(members) => drop_members(members),
        Value::Array(items) => {
            let before = items.len();
            items.retain(|it| !it.is_null());
            before - items.len() + items.iter_mut().map(drop_from).sum::<usize>()
        }
        _ => 0,
    }
}

fn drop_members(members: &mut Map<String, Value>) -> usize {
    let below: usize = members.values_mut().map(drop_from).sum();
    let before = members.len();
    members.retain(|name, it| !it.is_null() && !is_empty_block(name, it));
    before - members.len() + below
}

/// `Policies`, and not `GET`.
fn is_empty_block(name: &str, value: &Value) -> bool {
    let is_in_capitals = name.starts_with(|it: char| it.is_ascii_uppercase());
    let is_named_so = is_in_capitals && name.contains(|it: char| it.is_ascii_lowercase());
    is_named_so && value.as_object().is_some_and(Map::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn dropped(tree: &Value) -> Value {
        let body = tree.to_string();
        without(body.as_bytes())
            .map_or_else(|| tree.clone(), |it| serde_json::from_slice(&it).unwrap())
    }

    #[test]
    fn nulls_go_at_every_depth_and_nothing_else_does() {
        let answer = json!({ "item": [
            { "id": "a", "parentId": null, "templates": { "application/json": null, "text/plain": "null" } },
            null,
            { "list": [null, 0, false, "", [], {}, [null]] },
        ] });
        let kept = json!({ "item": [
            { "id": "a", "templates": { "text/plain": "null" } },
            { "list": [0, false, "", [], {}, []] },
        ] });
        assert_eq!(dropped(&answer), kept);
    }

    #[test]
    fn a_block_without_anything_goes_and_a_listed_method_stays() {
        let answer = json!({ "UserPool": { "Id": "p", "Policies": { "PasswordPolicy": {}, "SignInPolicy": null } },
            "resourceMethods": { "GET": {} }, "tags": {}, "List": [{}] });
        let kept = json!({ "UserPool": { "Id": "p" }, "resourceMethods": { "GET": {} }, "tags": {}, "List": [{}] });
        assert_eq!(dropped(&answer), kept);
    }

    #[test]
    fn an_answer_is_never_emptied_of_what_it_is_about() {
        for answer in [
            json!({ "UserPool": {} }),
            json!({ "UserPool": { "Policies": { "A": null } } }),
        ] {
            assert_eq!(dropped(&answer), json!({ "UserPool": {} }));
        }
        assert_eq!(dropped(&json!({ "NextToken": null })), json!({}));
    }

    #[test]
    fn what_has_none_is_left_byte_for_byte() {
        for body in [
            &b"{ \"a\":1.50, \"b\" : \"null\" }"[..],
            b"<GetRoleResponse>null</GetRoleResponse>",
            b"{\"a\":null",
            b"",
            b"nullify",
            b"\xff null",
        ] {
            assert_eq!(without(body), None, "{}", String::from_utf8_lossy(body));
        }
        assert_eq!(without(b" null\n"), Some(b"{}".to_vec()));
    }

    fn tree() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f32>()
                .prop_filter("JSON has no other", |it| it.is_finite())
                .prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map(".{0,8}", inner, 0..5)
                    .prop_map(|it| Value::Object(it.into_iter().collect())),
            ]
        })
    }

    /// Puts nulls between the items and members, by the choices.
    fn sprinkled(tree: &Value, choices: &mut impl Iterator<Item = bool>) -> Value {
        let mut is_due = || choices.next().unwrap_or(false);
        match tree {
            Value::Array(items) => {
                let mut more = vec![];
                for item in items {
                    if is_due() {
                        more.push(Value::Null);
                    }
                    more.push(item.clone());
                }
                if is_due() {
                    more.push(Value::Null);
                }
                Value::Array(more.iter().map(|it| sprinkled(it, choices)).collect())
            }
            Value::Object(members) => {
                let mut more = members.clone();
                if is_due() {
                    more.insert("one that is null, and new".into(), Value::Null);
                }
                Value::Object(
                    more.iter()
                        .map(|(name, it)| (name.clone(), sprinkled(it, choices)))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn nulls_anywhere_change_nothing(tree in tree(), choices in proptest::collection::vec(any::<bool>(), 0..60)) {
            prop_assume!(tree.is_array() || tree.is_object());
            let with = sprinkled(&tree, &mut choices.into_iter());
            prop_assert_eq!(dropped(&with), dropped(&tree));
            prop_assert_eq!(dropped(&dropped(&tree)), dropped(&tree));
        }
    }
}
