//! Where Cognito keeps each field of a client, and what its updates and creations are sent. Pure.
//!
//! `UpdateUserPoolClient` resets what it is not sent, so it is always sent everything (docs/aws.md §3).

use super::validity;
use crate::{
    duration::Unit,
    error::Result,
    kinds::rows::{minutes, name, sent_rows, switch, text, words},
    spec::{
        Spec,
        client::{Client, Grant},
        completed, explicit,
        user_pool::{from_words, word},
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        create_user_pool_client::builders::CreateUserPoolClientInputBuilder,
        update_user_pool_client::builders::UpdateUserPoolClientInputBuilder,
    },
    types::UserPoolClientType,
};
use std::collections::BTreeSet;

sent_rows! { Client in UserPoolClientType by CreateUserPoolClientInputBuilder, UpdateUserPoolClientInputBuilder:
    name = client_name set_client_name: name,
    auth_flows = explicit_auth_flows set_explicit_auth_flows: words,
    auth_session_validity = auth_session_validity set_auth_session_validity: minutes,
    oauth_scopes = allowed_o_auth_scopes set_allowed_o_auth_scopes: words,
    callback_urls = callback_urls set_callback_urls: words,
    logout_urls = logout_urls set_logout_urls: words,
    default_redirect_uri = default_redirect_uri set_default_redirect_uri: text,
    identity_providers = supported_identity_providers set_supported_identity_providers: words,
    prevent_user_existence_errors = prevent_user_existence_errors set_prevent_user_existence_errors: existence,
    token_revocation = enable_token_revocation set_enable_token_revocation: switch,
    refresh_token_rotation = refresh_token_rotation set_refresh_token_rotation: rotation,
    additional_user_context = enable_propagate_additional_user_context_data set_enable_propagate_additional_user_context_data: switch,
    read_attributes = read_attributes set_read_attributes: words,
    write_attributes = write_attributes set_write_attributes: words;
    // Only creation takes a secret; the others are more than one member.
    but secret, access_token_validity, id_token_validity, refresh_token_validity, oauth_grants
}

/// Errors that hide who exists: `ENABLED`, or `LEGACY`.
mod existence {
    use aws_sdk_cognitoidentityprovider::types::PreventUserExistenceErrorTypes as Errors;

    pub(super) fn read(live: &Option<Errors>) -> Option<bool> {
        Some(*live == Some(Errors::Enabled))
    }

    pub(super) fn write(live: &mut Option<Errors>, declared: &Option<bool>) {
        if let Some(hides) = declared {
            *live = Some(if *hides {
                Errors::Enabled
            } else {
                Errors::Legacy
            });
        }
    }
}

/// Refresh tokens that are good only once; off where AWS says nothing.
mod rotation {
    use crate::{
        duration::{Duration, Unit},
        spec::client::Rotation,
    };
    use aws_sdk_cognitoidentityprovider::types::{FeatureType, RefreshTokenRotationType as Live};

    pub(super) fn read(live: &Option<Live>) -> Option<Rotation> {
        let seconds = live.as_ref().and_then(|it| it.retry_grace_period_seconds());
        Some(Rotation {
            enabled: live
                .as_ref()
                .is_some_and(|it| *it.feature() == FeatureType::Enabled),
            retry_grace_period: seconds
                .and_then(|it| it.try_into().ok())
                .map(|it| Duration::new(it, Unit::Seconds)),
        })
    }

    pub(super) fn write(live: &mut Option<Live>, declared: &Option<Rotation>) {
        let Some(Rotation {
            enabled,
            retry_grace_period,
        }) = declared
        else {
            return;
        };
        let seconds = retry_grace_period.and_then(|it| i32::try_from(it.seconds()).ok());
        let seconds = seconds.or_else(|| live.as_ref()?.retry_grace_period_seconds());
        let feature = if *enabled {
            FeatureType::Enabled
        } else {
            FeatureType::Disabled
        };
        let rotation = Live::builder()
            .feature(feature)
            .set_retry_grace_period_seconds(seconds);
        // It has its one required member.
        *live = rotation.build().ok();
    }
}

/// The client's spec, every field filled in.
pub(super) fn spec(live: &UserPoolClientType) -> Result<Client> {
    let units = live.token_validity_units();
    let spec = Client {
        secret: Some(live.client_secret().is_some_and(|it| !it.is_empty())),
        access_token_validity: validity::read(
            live.access_token_validity(),
            units.and_then(|it| it.access_token()),
            Unit::Hours,
        ),
        id_token_validity: validity::read(
            live.id_token_validity(),
            units.and_then(|it| it.id_token()),
            Unit::Hours,
        ),
        refresh_token_validity: validity::read(
            Some(live.refresh_token_validity()),
            units.and_then(|it| it.refresh_token()),
            Unit::Days,
        ),
        oauth_grants: Some(grants(live)),
        ..read(live)
    };
    completed(spec.normal())
}

/// `live` with everything that `spec` declares. A declared empty list empties the live one.
pub(super) fn overlay(mut live: UserPoolClientType, spec: &Client) -> Result<UserPoolClientType> {
    write(&mut live, spec);
    let units = live
        .token_validity_units
        .get_or_insert_with(validity::default_units);
    if let Some((number, unit)) = validity::write(spec.access_token_validity)? {
        (live.access_token_validity, units.access_token) = (Some(number), Some(unit));
    }
    if let Some((number, unit)) = validity::write(spec.id_token_validity)? {
        (live.id_token_validity, units.id_token) = (Some(number), Some(unit));
    }
    if let Some((number, unit)) = validity::write(spec.refresh_token_validity)? {
        (live.refresh_token_validity, units.refresh_token) = (number, Some(unit));
    }
    if let Some(grants) = &spec.oauth_grants {
        live.allowed_o_auth_flows =
            Some(grants.iter().map(|it| word(it).as_str().into()).collect());
        live.allowed_o_auth_flows_user_pool_client = Some(!grants.is_empty());
    }
    if spec.default_redirect_uri.is_none() {
        drop_stale_redirect(&mut live);
    }
    Ok(live)
}

/// The grants in force: without `AllowedOAuthFlowsUserPoolClient`, none is.
fn grants(live: &UserPoolClientType) -> BTreeSet<Grant> {
    match live.allowed_o_auth_flows_user_pool_client() {
        Some(true) => from_words(live.allowed_o_auth_flows().iter().map(|it| it.as_str())),
        _ => BTreeSet::new(),
    }
}

/// An undeclared default that is no longer among the callback URLs would be refused (docs/aws.md §3).
fn drop_stale_redirect(live: &mut UserPoolClientType) {
    let uri = live.default_redirect_uri.take();
    live.default_redirect_uri = uri.filter(|uri| live.callback_urls().contains(uri));
}

/// What creations and updates both are sent.
macro_rules! members {
    ($input:expr, $client:expr) => {
        $input
            .refresh_token_validity($client.refresh_token_validity)
            .set_access_token_validity($client.access_token_validity)
            .set_id_token_validity($client.id_token_validity)
            .set_token_validity_units($client.token_validity_units)
            .set_allowed_o_auth_flows($client.allowed_o_auth_flows)
            .set_allowed_o_auth_flows_user_pool_client(
                $client.allowed_o_auth_flows_user_pool_client,
            )
            .set_analytics_configuration($client.analytics_configuration)
    };
}

/// Everything that `UpdateUserPoolClient` takes, from a client as it should be.
pub(super) fn update_input(mut client: UserPoolClientType) -> UpdateUserPoolClientInputBuilder {
    let input = UpdateUserPoolClientInputBuilder::default()
        .sent(&mut client)
        .set_user_pool_id(client.user_pool_id)
        .set_client_id(client.client_id);
    members!(input, client)
}

/// Everything that `CreateUserPoolClient` is sent. What Cognito's API has other defaults for than
/// its console is explicit, and so are all validities with their units.
pub(super) fn create_input(pool: &str, spec: &Client) -> Result<CreateUserPoolClientInputBuilder> {
    let mut client = overlay(UserPoolClientType::builder().build(), &explicit(spec)?)?;
    let input = CreateUserPoolClientInputBuilder::default()
        .sent(&mut client)
        .user_pool_id(pool);
    Ok(members!(input.set_generate_secret(spec.secret), client))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{duration::Duration, kinds::user_pool::left_out};
    use aws_sdk_cognitoidentityprovider::types::{
        AnalyticsConfigurationType, FeatureType, OAuthFlowType, PreventUserExistenceErrorTypes,
        RefreshTokenRotationType,
    };

    /// A client in which every field that an update can carry is set.
    fn full() -> UserPoolClientType {
        let rotation = RefreshTokenRotationType::builder()
            .feature(FeatureType::Enabled)
            .build()
            .unwrap();
        let client = UserPoolClientType::builder()
            .user_pool_id("p_1")
            .client_id("c_1")
            .client_name("before")
            .refresh_token_validity(5)
            .access_token_validity(60)
            .id_token_validity(60)
            .read_attributes("email")
            .write_attributes("email")
            .explicit_auth_flows("ALLOW_USER_AUTH".into())
            .supported_identity_providers("COGNITO")
            .callback_urls("https://a.example.com")
            .logout_urls("https://a.example.com")
            .default_redirect_uri("https://a.example.com");
        client
            .allowed_o_auth_flows(OAuthFlowType::Code)
            .allowed_o_auth_scopes("openid")
            .allowed_o_auth_flows_user_pool_client(true)
            .analytics_configuration(AnalyticsConfigurationType::builder().build())
            .prevent_user_existence_errors(PreventUserExistenceErrorTypes::Enabled)
            .enable_token_revocation(true)
            .enable_propagate_additional_user_context_data(true)
            .auth_session_validity(3)
            .refresh_token_rotation(rotation)
            .build()
    }

    fn declared(toml: &str) -> Client {
        toml::from_str(&format!("name = \"after\"\n{toml}")).unwrap()
    }

    fn overlaid(toml: &str) -> UserPoolClientType {
        overlay(full(), &declared(toml)).unwrap()
    }

    #[test]
    fn every_field_of_the_update_is_carried() {
        let input = update_input(overlaid("")).build().unwrap();
        assert_eq!(left_out(&format!("{input:#?}")), [""; 0]);
    }

    #[test]
    fn what_is_declared_reads_back() {
        let spec = declared(
            "auth_flows = ['ALLOW_USER_SRP_AUTH']\nauth_session_validity = '5m'
            access_token_validity = '90m'\nid_token_validity = '1h'\nrefresh_token_validity = '5d'
            oauth_grants = ['code', 'implicit']\noauth_scopes = ['openid', 'email']
            callback_urls = ['http://localhost:3000']\nlogout_urls = []\nidentity_providers = []
            prevent_user_existence_errors = false\ntoken_revocation = false
            refresh_token_rotation = {enabled = true, retry_grace_period = '20s'}
            read_attributes = ['name']\nwrite_attributes = ['name']",
        );
        let live = super::spec(&overlay(full(), &spec).unwrap()).unwrap();
        let (live, spec) = (
            serde_json::to_value(live).unwrap(),
            serde_json::to_value(&spec).unwrap(),
        );
        assert_eq!(crate::diff::diff(&live, &spec, &[]), []);
    }

    #[test]
    fn what_is_not_declared_stays() {
        let before = spec(&full()).unwrap();
        assert_eq!(
            spec(&overlaid("")).unwrap(),
            Client {
                name: "after".into(),
                ..before
            }
        );
    }

    #[test]
    fn without_grants_the_login_pages_are_switched_off() {
        let client = overlaid("oauth_grants = []");
        assert_eq!(client.allowed_o_auth_flows_user_pool_client(), Some(false));
        assert!(client.allowed_o_auth_flows().is_empty());
    }

    #[test]
    fn a_default_redirect_goes_with_its_callback_url() {
        assert_eq!(
            overlaid("callback_urls = ['http://localhost:3000']").default_redirect_uri,
            None
        );
        assert!(
            overlaid("callback_urls = ['https://a.example.com']")
                .default_redirect_uri
                .is_some()
        );
    }

    #[test]
    fn a_new_client_is_explicit_about_what_the_api_does_otherwise() {
        let input = create_input("p_1", &declared("")).unwrap().build().unwrap();
        assert_eq!(
            input.prevent_user_existence_errors(),
            Some(&PreventUserExistenceErrorTypes::Enabled)
        );
        assert_eq!(input.enable_token_revocation(), Some(true));
        assert_eq!(input.refresh_token_validity(), Some(30));
        assert!(input.token_validity_units().is_some());
    }

    #[test]
    fn cognitos_defaults_are_explicit() {
        let live = spec(&UserPoolClientType::builder().client_name("spa").build()).unwrap();
        assert_eq!(
            live.refresh_token_validity,
            Some("30d".parse::<Duration>().unwrap())
        );
        assert_eq!(live.access_token_validity, Some("60m".parse().unwrap()));
        assert_eq!(live.auth_session_validity, Some("3m".parse().unwrap()));
        assert_eq!(live.prevent_user_existence_errors, Some(false));
        assert!(live.auth_flows.unwrap().contains("ALLOW_USER_SRP_AUTH"));
    }

    #[test]
    fn grants_that_are_switched_off_are_none() {
        let client = UserPoolClientType::builder().allowed_o_auth_flows(OAuthFlowType::Code);
        assert_eq!(
            spec(&client.clone().build()).unwrap().oauth_grants,
            Some(BTreeSet::new())
        );
        let client = client.allowed_o_auth_flows_user_pool_client(true).build();
        assert_eq!(
            spec(&client).unwrap().oauth_grants,
            Some([Grant::Code].into())
        );
    }

    #[test]
    fn a_secret_is_only_known_to_be_there() {
        let secret = "not-a-real-secret";
        let live = spec(&UserPoolClientType::builder().client_secret(secret).build()).unwrap();
        assert_eq!(live.secret, Some(true));
        assert!(!format!("{live:?}").contains(secret));
    }
}
