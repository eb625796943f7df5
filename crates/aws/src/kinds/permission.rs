//! The calls of a statement in a function's own policy.
//!
//! A statement cannot be changed, only added anew and removed. The new one comes first, so that nobody
//! is shut out in between, and needs another id for that. Facts: docs/aws.md §8.

mod statement;

use crate::{
    aws::{Aws, Reads, absent, is_there_already},
    diff::Change,
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        function::FunctionOutputs,
        permission::{Permission, PermissionOutputs, STATEMENT_IDS, is_of_further_api},
    },
    value,
};

impl Kind for Permission {
    async fn find(
        reads: &Reads,
        parent: &FunctionOutputs,
        _: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let key = format!("function-policy/{}", parent.name);
        let policy = reads.memo(&key, policy(&reads.aws, &parent.name)).await?;
        let found = statement::statements(&policy)
            .into_iter()
            .map(|(statement_id, spec)| {
                let name = name_of(&statement_id).to_owned();
                let outputs = PermissionOutputs {
                    statement_id,
                    function: parent.name.clone(),
                };
                Listed::Full(Found::child(name, spec, outputs))
            });
        Ok(found.collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &FunctionOutputs,
        name: &str,
    ) -> Result<PermissionOutputs> {
        let id = match is_of_further_api(name) {
            true => id_beside(self, name)?,
            false => name.to_owned(),
        };
        add(self, aws, &parent.name, &id).await
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &FunctionOutputs,
        live: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        match add(self, aws, &parent.name, &id_beside(self, &live.name)?).await {
            // The id is of this very content: an earlier try, whose reply was lost, has added it.
            Err(error) if is_there_already(&error) => {}
            added => drop(added?),
        }
        Self::delete(aws, parent, &live.outputs).await
    }

    async fn delete(aws: &Aws, _: &FunctionOutputs, live: &PermissionOutputs) -> Result<()> {
        let removed = aws.write("lambda:RemovePermission", || {
            let request = aws.lambda.remove_permission().function_name(&live.function);
            request.statement_id(&live.statement_id).send()
        });
        absent(removed.await).map(drop)
    }
}

/// Additions to one function go one at a time: parallel ones lose statements (docs/aws.md §8).
async fn add(spec: &Permission, aws: &Aws, function: &str, id: &str) -> Result<PermissionOutputs> {
    aws.create("lambda:AddPermission", || {
        let request = aws
            .lambda
            .add_permission()
            .function_name(function)
            .statement_id(id);
        let request = request.principal(&spec.principal).action(&spec.action);
        request.set_source_arn(spec.source_arn.clone()).send()
    })
    .await?;
    Ok(PermissionOutputs {
        statement_id: id.to_owned(),
        function: function.to_owned(),
    })
}

/// An id that no statement of other content has.
fn id_beside(spec: &Permission, name: &str) -> Result<String> {
    let tree = serde_json::to_value(spec);
    let tree = tree.map_err(|error| Error::internal("a permission has no tree").source(error))?;
    let digest = value::digest(&tree);
    Ok(format!(
        "{name}-{}",
        digest.get(..DIGITS).unwrap_or(&digest)
    ))
}

/// How much of the digest stands in the id of a statement that took another's place.
const DIGITS: usize = 8;

/// What the statement is called: `wsctl-api-0a1b2c3d` took the place of a `wsctl-api`.
fn name_of(statement_id: &str) -> &str {
    let is_digest = |it: &str| it.len() == DIGITS && it.bytes().all(|it| it.is_ascii_hexdigit());
    let is_of = |name: &&str| {
        let rest = statement_id.strip_prefix(*name);
        rest.and_then(|it| it.strip_prefix('-'))
            .is_some_and(is_digest)
    };
    let of_further = || {
        let (name, end) = statement_id.rsplit_once('-')?;
        (is_of_further_api(name) && is_digest(end)).then_some(name)
    };
    let mut known = STATEMENT_IDS.into_iter();
    known
        .find(is_of)
        .or_else(of_further)
        .unwrap_or(statement_id)
}

/// The function's policy; empty when it has none.
async fn policy(aws: &Aws, function: &str) -> Result<String> {
    let answer = aws.read("lambda:GetPolicy", || {
        aws.lambda.get_policy().function_name(function).send()
    });
    let policy = absent(answer.await)?.and_then(|answer| answer.policy().map(ToOwned::to_owned));
    Ok(policy.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_the_place_of_a_statement_has_its_name_and_another_id() {
        let permission = Permission {
            principal: "apigateway.amazonaws.com".into(),
            ..Default::default()
        };
        let further = ["wsctl-apis-deadbeef", "wsctl-authorizers-of-x-0a1b2c3d"];
        for name in STATEMENT_IDS.into_iter().chain(further) {
            let id = id_beside(&permission, name).unwrap();
            assert_ne!(id, name);
            assert_eq!(name_of(&id), name);
            assert_ne!(id, id_beside(&Permission::default(), name).unwrap());
        }
        for other in [
            "everyone",
            "wsctl-api-of-mine",
            "wsctl-api-",
            "wsctl-api-0a1b2c3d4",
        ] {
            assert_eq!(name_of(other), other);
        }
    }
}
