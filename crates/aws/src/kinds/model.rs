//! The calls of a model of a REST API.

use super::{
    rest_api::wire::PAGE,
    rows::{blank, patched_rows, text},
};
use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::{Change, any_touches},
    error::Result,
    kind::{Declared, Kind, Listed},
    spec::{
        Found, Spec,
        model::{MEDIA_TYPE, Model, ModelOutputs, OF_AWS},
        rest_api::RestApiOutputs,
    },
};
use aws_sdk_apigateway::types::{Model as InAws, PatchOperation};

patched_rows! { Model in InAws:
    description = description @ "/description": blank,
    schema = schema @ "/schema": text;
    // The text of a file is in the place of its name.
    but schema_file
}

impl Kind for Model {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        _: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let page = |position| async move {
            let request = reads.aws.apigateway.get_models().rest_api_id(&parent.id);
            let request = request.limit(PAGE).set_position(position);
            let page = reads
                .aws
                .read("apigateway:GetModels", || request.clone().send())
                .await?;
            Ok((page.items.unwrap_or_default(), page.position))
        };
        let all = pages(page).await?;
        Ok(all.iter().filter_map(found).map(Listed::Full).collect())
    }

    async fn create(&self, aws: &Aws, parent: &RestApiOutputs, name: &str) -> Result<ModelOutputs> {
        let mut wanted = InAws::builder().build();
        write(&mut wanted, self);
        let request = aws
            .apigateway
            .create_model()
            .rest_api_id(&parent.id)
            .name(name)
            .content_type(MEDIA_TYPE)
            .set_description(wanted.description)
            .set_schema(wanted.schema);
        aws.create("apigateway:CreateModel", || request.clone().send())
            .await?;
        Ok(outputs(name))
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
        let request = aws.apigateway.update_model().rest_api_id(&parent.id);
        let request = request
            .model_name(&live.outputs.name)
            .set_patch_operations(Some(operations));
        aws.write("apigateway:UpdateModel", || request.clone().send())
            .await
            .map(drop)
    }

    async fn delete(aws: &Aws, parent: &RestApiOutputs, live: &ModelOutputs) -> Result<()> {
        let request = aws.apigateway.delete_model().rest_api_id(&parent.id);
        let request = request.model_name(&live.name);
        let deleted = aws
            .write("apigateway:DeleteModel", || request.clone().send())
            .await;
        absent(deleted).map(drop)
    }
}

fn outputs(name: &str) -> ModelOutputs {
    ModelOutputs {
        name: name.to_owned(),
    }
}

fn found(live: &InAws) -> Option<Found<Model>> {
    let name = live.name().filter(|it| !OF_AWS.contains(it))?;
    Some(Found::child(name, read(live).normal(), outputs(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_api_has_from_its_making_on_is_nobodys() {
        let model = |name: &str| InAws::builder().name(name).schema("{}").build();
        assert!(found(&model("Empty")).is_none() && found(&model("Error")).is_none());
        assert_eq!(found(&model("Order")).unwrap().name, "Order");
    }
}
