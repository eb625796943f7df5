//! The calls of a managed login branding.

mod document;

use crate::{
    aws::{Aws, Reads, absent, told},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    plan::laid_over_all,
    spec::{
        Found, Spec,
        branding::{Asset, Branding, BrandingOutputs},
        client::ClientOutputs,
    },
};
use aws_sdk_cognitoidentityprovider::types::{AssetType, ManagedLoginBrandingType};
use aws_smithy_types::Blob;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A request may have two megabytes, its images in base64 (docs/aws.md §4): what goes into one, in characters, with
/// room for the settings.
const AT_ONCE: usize = 1_500_000;

impl Kind for Branding {
    /// Looks only for a wanted one, and for a file: one that is not declared is not managed.
    async fn find(
        reads: &Reads,
        client: &ClientOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        if wanted.is_empty() && !reads.is_for_a_file() {
            return Ok(vec![]);
        }
        let live = ask(&reads.aws, client).await?;
        let found = live.map(|it| Found::child("", spec(&it), BrandingOutputs {}));
        Ok(found.map(Listed::Full).into_iter().collect())
    }

    async fn create(&self, aws: &Aws, client: &ClientOutputs, _: &str) -> Result<BrandingOutputs> {
        let mut packs = packs(&assets(self.assets.as_ref())?).into_iter();
        // Cognito's own style and settings exclude each other, and one of the two there has to be.
        let is_own = self.settings.is_none() && packs.len() == 0;
        let settings = self.settings.clone().unwrap_or_else(|| json!({}));
        let sent = (!is_own).then(|| document::of(&settings));
        let first = packs.next();
        let send = || {
            let request = aws.cognito.create_managed_login_branding();
            request
                .use_cognito_provided_values(is_own)
                .set_settings(sent.clone())
                .set_assets(first.clone())
                .user_pool_id(&client.pool_id)
                .client_id(&client.id)
                .send()
        };
        let answer = aws
            .create("cognito-idp:CreateManagedLoginBranding", send)
            .await?;
        let id = id(answer.managed_login_branding.as_ref())?;
        for pack in packs {
            let changed = change(aws, client, &id, &settings, pack).await;
            changed.map_err(Error::half_done)?;
        }
        Ok(BrandingOutputs {})
    }

    /// What is sent is added to what is there, so a style with an image that is to go is made anew.
    async fn update(
        &self,
        aws: &Aws,
        client: &ClientOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let there = live.spec.assets.clone().unwrap_or_default();
        let wanted = self.assets.as_ref().unwrap_or(&there);
        let own = live.spec.settings.clone().unwrap_or_else(|| json!({}));
        let settings = match &self.settings {
            Some(declared) => laid_over_all(&own, declared),
            None => own,
        };
        if there.keys().any(|it| !wanted.contains_key(it)) {
            Self::delete(aws, client, &live.outputs).await?;
            let whole = Self {
                settings: Some(settings),
                assets: Some(wanted.clone()),
                ..Self::default()
            };
            return whole.normal().create(aws, client, "").await.map(drop);
        }
        let mut new = wanted.clone();
        new.retain(|name, it| there.get(name) != Some(it));
        let mut packs = packs(&assets(Some(&new))?);
        if packs.is_empty() && any_touches(changes, &["settings"]) {
            packs.push(vec![]);
        }
        let id = id(ask(aws, client).await?.as_ref())?;
        for pack in packs {
            change(aws, client, &id, &settings, pack).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, client: &ClientOutputs, _: &BrandingOutputs) -> Result<()> {
        let Some(live) = ask(aws, client).await? else {
            return Ok(());
        };
        let id = id(Some(&live))?;
        let send = || {
            let request = aws.cognito.delete_managed_login_branding();
            request
                .user_pool_id(&client.pool_id)
                .managed_login_branding_id(&id)
                .send()
        };
        absent(
            aws.write("cognito-idp:DeleteManagedLoginBranding", send)
                .await,
        )?;
        Ok(())
    }
}

/// The style of a client.
async fn ask(aws: &Aws, client: &ClientOutputs) -> Result<Option<ManagedLoginBrandingType>> {
    let send = || {
        let request = aws.cognito.describe_managed_login_branding_by_client();
        request
            .user_pool_id(&client.pool_id)
            .client_id(&client.id)
            .send()
    };
    let answer = aws
        .read("cognito-idp:DescribeManagedLoginBrandingByClient", send)
        .await;
    Ok(absent(answer)?.and_then(|it| it.managed_login_branding))
}

fn id(style: Option<&ManagedLoginBrandingType>) -> Result<String> {
    let id = style.and_then(|it| it.managed_login_branding_id());
    told(id, "cognito-idp:DescribeManagedLoginBrandingByClient")
}

/// Sends settings, and images, which may be none.
async fn change(
    aws: &Aws,
    client: &ClientOutputs,
    id: &str,
    settings: &Value,
    assets: Vec<AssetType>,
) -> Result<()> {
    let settings = document::of(settings);
    let assets = Some(assets).filter(|it| !it.is_empty());
    let send = || {
        let request = aws.cognito.update_managed_login_branding();
        request
            .user_pool_id(&client.pool_id)
            .managed_login_branding_id(id)
            .settings(settings.clone())
            .set_assets(assets.clone())
            .send()
    };
    aws.write("cognito-idp:UpdateManagedLoginBranding", send)
        .await?;
    Ok(())
}

/// Images as AWS takes them.
fn assets(declared: Option<&BTreeMap<String, String>>) -> Result<Vec<AssetType>> {
    let all = declared.into_iter().flatten();
    all.map(|(name, image)| {
        let no_image = || Error::internal(format!("{name} is no image"));
        let asset = Asset::of(name, image).ok_or_else(no_image)?;
        let made = AssetType::builder()
            .category(asset.category.as_str().into())
            .color_mode(asset.color_mode.as_str().into())
            .extension(asset.extension.as_str().into())
            .bytes(Blob::new(asset.bytes));
        made.build().map_err(|_| no_image())
    })
    .collect()
}

/// As many at once as a request may have.
fn packs(assets: &[AssetType]) -> Vec<Vec<AssetType>> {
    let mut packs: Vec<Vec<AssetType>> = vec![];
    let mut room = 0;
    for asset in assets {
        let size = asset.bytes().map_or(0, |it| it.as_ref().len()).div_ceil(3) * 4;
        match packs.last_mut().filter(|_| size <= room) {
            Some(pack) => {
                pack.push(asset.clone());
                room -= size;
            }
            None => {
                packs.push(vec![asset.clone()]);
                room = AT_ONCE.saturating_sub(size);
            }
        }
    }
    packs
}

fn spec(live: &ManagedLoginBrandingType) -> Branding {
    let assets = live.assets().iter().map(|it| {
        let asset = Asset {
            category: it.category().as_str().to_owned(),
            color_mode: it.color_mode().as_str().to_owned(),
            extension: it.extension().as_str().to_owned(),
            bytes: it
                .bytes()
                .map(|it| it.as_ref().to_vec())
                .unwrap_or_default(),
        };
        asset.told()
    });
    Branding {
        settings: live.settings().map(document::read),
        assets: Some(assets.collect()),
        ..Branding::default()
    }
    .normal()
}
