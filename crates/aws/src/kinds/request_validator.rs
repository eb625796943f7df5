//! The calls of a request validator of a REST API.

use super::{
    rest_api::wire::PAGE,
    rows::{always, patched_rows},
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        request_validator::{RequestValidator, RequestValidatorOutputs},
        rest_api::RestApiOutputs,
    },
};
use aws_sdk_apigateway::types::{PatchOperation, RequestValidator as InAws};
use std::collections::BTreeSet;

patched_rows! { RequestValidator in InAws:
    body = validate_request_body @ "/validateRequestBody": always,
    parameters = validate_request_parameters @ "/validateRequestParameters": always,
}

impl Kind for RequestValidator {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        _: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let page = |position| async move {
            let request = reads.aws.apigateway.get_request_validators();
            let request = request.rest_api_id(&parent.id).limit(PAGE);
            let request = request.set_position(position);
            let page = reads
                .aws
                .read("apigateway:GetRequestValidators", || request.clone().send())
                .await?;
            Ok((page.items.unwrap_or_default(), page.position))
        };
        let all = pages(page).await?;
        let mut names = BTreeSet::new();
        let found = all.iter().map(|it| found(it, &mut names));
        Ok(found.map(Listed::Full).collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        name: &str,
    ) -> Result<RequestValidatorOutputs> {
        let mut wanted = InAws::builder().build();
        write(&mut wanted, self);
        let request = aws
            .apigateway
            .create_request_validator()
            .rest_api_id(&parent.id)
            .name(name)
            .validate_request_body(wanted.validate_request_body)
            .validate_request_parameters(wanted.validate_request_parameters);
        let operation = "apigateway:CreateRequestValidator";
        let made = aws.create(operation, || request.clone().send()).await?;
        let id = told(made.id(), operation)?;
        Ok(RequestValidatorOutputs { id })
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let operations = patch(self, &live.spec, |field| any_touches(changes, &[field]));
        if operations.is_empty() {
            return Ok(());
        }
        let request = aws.apigateway.update_request_validator();
        let request = request
            .rest_api_id(&parent.id)
            .request_validator_id(&live.outputs.id)
            .set_patch_operations(Some(operations));
        aws.write("apigateway:UpdateRequestValidator", || {
            request.clone().send()
        })
        .await
        .map(drop)
    }

    async fn delete(
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &RequestValidatorOutputs,
    ) -> Result<()> {
        let request = aws.apigateway.delete_request_validator();
        let request = request
            .rest_api_id(&parent.id)
            .request_validator_id(&live.id);
        let deleted = aws
            .write("apigateway:DeleteRequestValidator", || {
                request.clone().send()
            })
            .await;
        absent(deleted).map(drop)
    }
}

/// Of several with one name, which AWS takes, the first has it.
fn found(live: &InAws, names: &mut BTreeSet<String>) -> Found<RequestValidator> {
    let id = live.id().unwrap_or_default().to_owned();
    let mut name = live.name().unwrap_or_default().to_owned();
    if !names.insert(name.clone()) {
        name = format!("{name} ({id})");
    }
    Found::child(name, read(live), RequestValidatorOutputs { id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_with_one_name_each_has_a_name_of_its_own() {
        let validator = |id: &str| InAws::builder().id(id).name("all").build();
        let mut names = BTreeSet::new();
        let name = |id, names: &mut _| found(&validator(id), names).name;
        assert_eq!(name("a1", &mut names), "all");
        assert_eq!(name("b2", &mut names), "all (b2)");
    }
}
