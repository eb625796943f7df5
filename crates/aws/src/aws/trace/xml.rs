//! The XML of IAM's and STS's answers as a tree: `member`s are a list, everything else a map. Pure.

use serde_json::{Map, Value};

/// What is in the `…Result` of an answer, or in the `Error` of a refusal.
pub(super) fn result(text: &str) -> Option<Value> {
    let root = Reader { rest: text }.element()?.1;
    let parts = root.as_object()?;
    let inner = parts
        .iter()
        .find(|(name, _)| name.ends_with("Result") || *name == "Error");
    // An answer that says nothing has only its metadata.
    Some(inner.map_or_else(
        || Value::Object(Map::new()),
        |(_, tree)| as_map(tree.clone()),
    ))
}

fn as_map(tree: Value) -> Value {
    if tree.is_object() {
        tree
    } else {
        Value::Object(Map::new())
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// The next element: its name and what is in it.
    fn element(&mut self) -> Option<(&'a str, Value)> {
        self.skip_prologue()?;
        let (tag, rest) = self.rest.strip_prefix('<')?.split_once('>')?;
        self.rest = rest;
        let name = tag.split([' ', '/']).next()?;
        if tag.ends_with('/') {
            return Some((name, Value::String(String::new())));
        }
        let tree = self.content()?;
        let end = format!("</{name}>");
        self.rest = self.rest.strip_prefix(end.as_str())?;
        Some((name, tree))
    }

    fn skip_prologue(&mut self) -> Option<()> {
        self.rest = self.rest.trim_start();
        while self.rest.starts_with("<?") {
            self.rest = self.rest.split_once("?>")?.1.trim_start();
        }
        Some(())
    }

    fn content(&mut self) -> Option<Value> {
        let (text, _) = self.rest.split_once('<')?;
        if self.rest[text.len()..].starts_with("</") {
            self.rest = &self.rest[text.len()..];
            return Some(Value::String(unescaped(text)));
        }
        let mut parts = vec![];
        while !self.rest.trim_start().starts_with("</") {
            parts.push(self.element()?);
        }
        self.rest = self.rest.trim_start();
        if parts.iter().all(|(name, _)| *name == "member") {
            return Some(parts.into_iter().map(|(_, tree)| tree).collect());
        }
        Some(Value::Object(
            parts
                .into_iter()
                .map(|(name, tree)| (name.to_owned(), tree))
                .collect(),
        ))
    }
}

fn unescaped(text: &str) -> String {
    let plain = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"");
    plain
        .replace("&#39;", "'")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_maps_and_texts_are_told_apart() {
        let text = r#"<?xml version="1.0"?>
            <ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListRolesResult>
              <Roles><member><RoleName>a &amp; b</RoleName><Tags/></member><member><RoleName>c</RoleName></member></Roles>
              <IsTruncated>false</IsTruncated>
            </ListRolesResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></ListRolesResponse>"#;
        let roles = json!([{ "RoleName": "a & b", "Tags": "" }, { "RoleName": "c" }]);
        assert_eq!(
            result(text),
            Some(json!({ "Roles": roles, "IsTruncated": "false" }))
        );
    }

    #[test]
    fn a_refusal_has_its_code_and_what_is_broken_has_nothing() {
        let text = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>x</Message></Error></ErrorResponse>";
        assert_eq!(
            result(text),
            Some(json!({ "Code": "NoSuchEntity", "Message": "x" }))
        );
        for broken in ["<a><b></a>", "<a", "", "<a>text"] {
            assert_eq!(result(broken), None, "{broken}");
        }
    }
}
