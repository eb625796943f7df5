//! The calls of a managed login branding.

use crate::{
    aws::{Aws, Reads, absent},
    diff::Change,
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        branding::{Branding, BrandingOutputs},
        client::ClientOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::types::ManagedLoginBrandingType;

impl Kind for Branding {
    /// Looks only for a wanted one: one that is not declared is not managed.
    async fn find(
        reads: &Reads,
        client: &ClientOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        if wanted.is_empty() {
            return Ok(vec![]);
        }
        let send = || {
            let request = reads
                .aws
                .cognito
                .describe_managed_login_branding_by_client();
            request
                .user_pool_id(&client.pool_id)
                .client_id(&client.id)
                .send()
        };
        let answer = reads
            .aws
            .read("cognito-idp:DescribeManagedLoginBrandingByClient", send)
            .await;
        let live = absent(answer)?.and_then(|it| it.managed_login_branding);
        let outputs = live.and_then(outputs);
        Ok(outputs
            .map(|it| Listed::Full(Found::child("", Branding {}, it)))
            .into_iter()
            .collect())
    }

    async fn create(&self, aws: &Aws, client: &ClientOutputs, _: &str) -> Result<BrandingOutputs> {
        let send = || {
            let request = aws
                .cognito
                .create_managed_login_branding()
                .use_cognito_provided_values(true);
            request
                .user_pool_id(&client.pool_id)
                .client_id(&client.id)
                .send()
        };
        let answer = aws
            .create("cognito-idp:CreateManagedLoginBranding", send)
            .await?;
        let made = answer.managed_login_branding.and_then(outputs);
        made.ok_or_else(|| Error::internal("CreateManagedLoginBranding gave no id"))
    }

    /// There is no field that could change.
    async fn update(
        &self,
        _: &Aws,
        _: &ClientOutputs,
        _: &Found<Self>,
        _: &[Change],
    ) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, client: &ClientOutputs, live: &BrandingOutputs) -> Result<()> {
        let send = || {
            let request = aws
                .cognito
                .delete_managed_login_branding()
                .user_pool_id(&client.pool_id);
            request.managed_login_branding_id(&live.id).send()
        };
        absent(
            aws.write("cognito-idp:DeleteManagedLoginBranding", send)
                .await,
        )?;
        Ok(())
    }
}

fn outputs(live: ManagedLoginBrandingType) -> Option<BrandingOutputs> {
    live.managed_login_branding_id
        .map(|id| BrandingOutputs { id })
}
