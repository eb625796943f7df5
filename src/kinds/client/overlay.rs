//! What is declared, laid over what is there: the complete inputs of `CreateUserPoolClient` and
//! `UpdateUserPoolClient`. Pure.

use super::validity::{self, ACCESS, ID, REFRESH, SESSION};
use crate::{
    error::Result,
    spec::{client::Client, user_pool::word},
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        create_user_pool_client::builders::CreateUserPoolClientInputBuilder,
        update_user_pool_client::builders::UpdateUserPoolClientInputBuilder,
    },
    types::{PreventUserExistenceErrorTypes, UserPoolClientType},
};
use std::collections::BTreeSet;

/// `live` with everything that `spec` declares. A declared empty list empties the live one.
pub(super) fn overlay(mut live: UserPoolClientType, spec: &Client) -> Result<UserPoolClientType> {
    let Client {
        name,
        secret: _, // Only creation takes it.
        auth_flows,
        auth_session_validity,
        access_token_validity,
        id_token_validity,
        refresh_token_validity,
        oauth_grants,
        oauth_scopes,
        callback_urls,
        logout_urls,
        default_redirect_uri,
        identity_providers,
        prevent_user_existence_errors,
        token_revocation,
        read_attributes,
        write_attributes,
    } = spec;
    live.client_name = Some(name.clone());
    if let Some(flows) = auth_flows {
        live.explicit_auth_flows = Some(flows.iter().map(|it| it.as_str().into()).collect());
    }
    if let Some(duration) = auth_session_validity {
        live.auth_session_validity = Some(validity::session(*duration)?);
    }
    let units = live.token_validity_units.get_or_insert_with(validity::default_units);
    if let Some(duration) = access_token_validity {
        let (number, unit) = validity::write(*duration)?;
        (live.access_token_validity, units.access_token) = (Some(number), Some(unit));
    }
    if let Some(duration) = id_token_validity {
        let (number, unit) = validity::write(*duration)?;
        (live.id_token_validity, units.id_token) = (Some(number), Some(unit));
    }
    if let Some(duration) = refresh_token_validity {
        let (number, unit) = validity::write(*duration)?;
        (live.refresh_token_validity, units.refresh_token) = (number, Some(unit));
    }
    if let Some(grants) = oauth_grants {
        live.allowed_o_auth_flows = Some(grants.iter().map(|it| word(it).as_str().into()).collect());
        live.allowed_o_auth_flows_user_pool_client = Some(!grants.is_empty());
    }
    set_list(&mut live.allowed_o_auth_scopes, oauth_scopes.as_ref());
    set_list(&mut live.callback_urls, callback_urls.as_ref());
    set_list(&mut live.logout_urls, logout_urls.as_ref());
    redirect(&mut live, default_redirect_uri.as_ref());
    set_list(&mut live.supported_identity_providers, identity_providers.as_ref());
    if let Some(hides) = prevent_user_existence_errors {
        live.prevent_user_existence_errors = Some(existence_errors(*hides));
    }
    live.enable_token_revocation = token_revocation.or(live.enable_token_revocation);
    set_list(&mut live.read_attributes, read_attributes.as_ref());
    set_list(&mut live.write_attributes, write_attributes.as_ref());
    Ok(live)
}

fn set_list(slot: &mut Option<Vec<String>>, declared: Option<&BTreeSet<String>>) {
    if let Some(items) = declared {
        *slot = Some(items.iter().cloned().collect());
    }
}

/// An undeclared default that is no longer among the callback URLs would be refused (docs/aws.md §3).
fn redirect(live: &mut UserPoolClientType, declared: Option<&String>) {
    let uri = declared.or(live.default_redirect_uri.as_ref()).filter(|uri| !uri.is_empty()).cloned();
    let is_stale = |uri: &String| declared.is_none() && !live.callback_urls().contains(uri);
    live.default_redirect_uri = uri.filter(|uri| !is_stale(uri));
}

const fn existence_errors(hides: bool) -> PreventUserExistenceErrorTypes {
    if hides { PreventUserExistenceErrorTypes::Enabled } else { PreventUserExistenceErrorTypes::Legacy }
}

/// Everything that `UpdateUserPoolClient` takes, from a client as it should be.
pub(super) fn update_input(client: UserPoolClientType) -> UpdateUserPoolClientInputBuilder {
    UpdateUserPoolClientInputBuilder::default()
        .set_user_pool_id(client.user_pool_id)
        .set_client_id(client.client_id)
        .set_client_name(client.client_name)
        .refresh_token_validity(client.refresh_token_validity)
        .set_access_token_validity(client.access_token_validity)
        .set_id_token_validity(client.id_token_validity)
        .set_token_validity_units(client.token_validity_units)
        .set_read_attributes(client.read_attributes)
        .set_write_attributes(client.write_attributes)
        .set_explicit_auth_flows(client.explicit_auth_flows)
        .set_supported_identity_providers(client.supported_identity_providers)
        .set_callback_urls(client.callback_urls)
        .set_logout_urls(client.logout_urls)
        .set_default_redirect_uri(client.default_redirect_uri)
        .set_allowed_o_auth_flows(client.allowed_o_auth_flows)
        .set_allowed_o_auth_scopes(client.allowed_o_auth_scopes)
        .set_allowed_o_auth_flows_user_pool_client(client.allowed_o_auth_flows_user_pool_client)
        .set_analytics_configuration(client.analytics_configuration)
        .set_prevent_user_existence_errors(client.prevent_user_existence_errors)
        .set_enable_token_revocation(client.enable_token_revocation)
        .set_enable_propagate_additional_user_context_data(
            client.enable_propagate_additional_user_context_data,
        )
        .set_auth_session_validity(client.auth_session_validity)
        .set_refresh_token_rotation(client.refresh_token_rotation)
}

/// Everything that `CreateUserPoolClient` is sent. What Cognito's API has other defaults for than
/// its console is explicit, and so are all validities with their units.
pub(super) fn create_input(pool: &str, spec: &Client) -> Result<CreateUserPoolClientInputBuilder> {
    let explicit = Client {
        auth_session_validity: spec.auth_session_validity.or(Some(SESSION)),
        access_token_validity: spec.access_token_validity.or(Some(ACCESS)),
        id_token_validity: spec.id_token_validity.or(Some(ID)),
        refresh_token_validity: spec.refresh_token_validity.or(Some(REFRESH)),
        prevent_user_existence_errors: spec.prevent_user_existence_errors.or(Some(true)),
        token_revocation: spec.token_revocation.or(Some(true)),
        ..spec.clone()
    };
    let client = overlay(UserPoolClientType::builder().build(), &explicit)?;
    Ok(CreateUserPoolClientInputBuilder::default()
        .user_pool_id(pool)
        .set_client_name(client.client_name)
        .set_generate_secret(spec.secret)
        .refresh_token_validity(client.refresh_token_validity)
        .set_access_token_validity(client.access_token_validity)
        .set_id_token_validity(client.id_token_validity)
        .set_token_validity_units(client.token_validity_units)
        .set_read_attributes(client.read_attributes)
        .set_write_attributes(client.write_attributes)
        .set_explicit_auth_flows(client.explicit_auth_flows)
        .set_supported_identity_providers(client.supported_identity_providers)
        .set_callback_urls(client.callback_urls)
        .set_logout_urls(client.logout_urls)
        .set_default_redirect_uri(client.default_redirect_uri)
        .set_allowed_o_auth_flows(client.allowed_o_auth_flows)
        .set_allowed_o_auth_scopes(client.allowed_o_auth_scopes)
        .set_allowed_o_auth_flows_user_pool_client(client.allowed_o_auth_flows_user_pool_client)
        .set_prevent_user_existence_errors(client.prevent_user_existence_errors)
        .set_enable_token_revocation(client.enable_token_revocation)
        .set_auth_session_validity(client.auth_session_validity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{client::live, user_pool::left_out};
    use aws_sdk_cognitoidentityprovider::types::{
        AnalyticsConfigurationType, FeatureType, OAuthFlowType, RefreshTokenRotationType,
    };

    /// A client in which every field that an update can carry is set.
    fn full() -> UserPoolClientType {
        let rotation = RefreshTokenRotationType::builder().feature(FeatureType::Enabled).build().unwrap();
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
            read_attributes = ['name']\nwrite_attributes = ['name']",
        );
        let live = live::spec(&overlay(full(), &spec).unwrap());
        let (live, spec) = (serde_json::to_value(live).unwrap(), serde_json::to_value(&spec).unwrap());
        assert_eq!(crate::diff::diff(&live, &spec, &[]), []);
    }

    #[test]
    fn what_is_not_declared_stays() {
        let before = live::spec(&full());
        assert_eq!(live::spec(&overlaid("")), Client { name: "after".into(), ..before });
    }

    #[test]
    fn without_grants_the_login_pages_are_switched_off() {
        let client = overlaid("oauth_grants = []");
        assert_eq!(client.allowed_o_auth_flows_user_pool_client(), Some(false));
        assert!(client.allowed_o_auth_flows().is_empty());
    }

    #[test]
    fn a_default_redirect_goes_with_its_callback_url() {
        assert_eq!(overlaid("callback_urls = ['http://localhost:3000']").default_redirect_uri, None);
        assert!(overlaid("callback_urls = ['https://a.example.com']").default_redirect_uri.is_some());
    }

    #[test]
    fn a_new_client_is_explicit_about_what_the_api_does_otherwise() {
        let input = create_input("p_1", &declared("")).unwrap().build().unwrap();
        assert_eq!(input.prevent_user_existence_errors(), Some(&PreventUserExistenceErrorTypes::Enabled));
        assert_eq!(input.enable_token_revocation(), Some(true));
        assert_eq!(input.refresh_token_validity(), Some(30));
        assert!(input.token_validity_units().is_some());
    }
}
