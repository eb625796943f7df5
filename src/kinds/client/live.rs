//! A client as Cognito describes it → its spec, with Cognito's defaults made explicit. Pure.

use super::validity::{self, ACCESS, ID, REFRESH, SESSION};
use crate::{
    duration::Unit,
    spec::{
        client::{Client, Grant, default_flows},
        user_pool::from_words,
    },
};

use aws_sdk_cognitoidentityprovider::types::{
    ExplicitAuthFlowsType, FeatureType, PreventUserExistenceErrorTypes, UserPoolClientType,
};

use std::collections::BTreeSet;

/// The client's spec, every field filled in.
pub(super) fn spec(live: &UserPoolClientType) -> Client {
    let session = live.auth_session_validity();
    let hides = live.prevent_user_existence_errors() == Some(&PreventUserExistenceErrorTypes::Enabled);
    let units = live.token_validity_units();
    let access = units.and_then(|it| it.access_token());
    let id = units.and_then(|it| it.id_token());
    let refresh = units.and_then(|it| it.refresh_token());
    let text = |it: &Option<String>| it.clone().filter(|text| !text.is_empty());
    Client {
        name: live.client_name().unwrap_or_default().to_owned(),
        secret: Some(live.client_secret().is_some_and(|it| !it.is_empty())),
        auth_flows: Some(auth_flows(live.explicit_auth_flows())),
        auth_session_validity: Some(validity::read(session, None, Unit::Minutes, SESSION)),
        access_token_validity: Some(validity::read(
            live.access_token_validity(),
            access,
            Unit::Hours,
            ACCESS,
        )),
        id_token_validity: Some(validity::read(live.id_token_validity(), id, Unit::Hours, ID)),
        refresh_token_validity: Some(validity::read(
            Some(live.refresh_token_validity()),
            refresh,
            Unit::Days,
            REFRESH,
        )),
        oauth_grants: Some(grants(live)),
        oauth_scopes: Some(set(live.allowed_o_auth_scopes())),
        callback_urls: Some(set(live.callback_urls())),
        logout_urls: Some(set(live.logout_urls())),
        default_redirect_uri: text(&live.default_redirect_uri),
        identity_providers: Some(set(live.supported_identity_providers())),
        prevent_user_existence_errors: Some(hides),
        token_revocation: Some(live.enable_token_revocation().unwrap_or(false)),
        read_attributes: Some(set(live.read_attributes())),
        write_attributes: Some(set(live.write_attributes())),
    }
}

/// Whether its refresh tokens are replaced as they are used.
pub(super) fn rotates(live: &UserPoolClientType) -> bool {
    live.refresh_token_rotation().is_some_and(|it| *it.feature() == FeatureType::Enabled)
}

fn set(live: &[String]) -> BTreeSet<String> {
    live.iter().cloned().collect()
}

fn auth_flows(live: &[ExplicitAuthFlowsType]) -> BTreeSet<String> {
    if live.is_empty() {
        return default_flows();
    }
    live.iter().map(|it| it.as_str().to_owned()).collect()
}

/// The grants in force: without `AllowedOAuthFlowsUserPoolClient`, none is.
fn grants(live: &UserPoolClientType) -> BTreeSet<Grant> {
    match live.allowed_o_auth_flows_user_pool_client() {
        Some(true) => from_words(live.allowed_o_auth_flows().iter().map(|it| it.as_str())),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::duration::Duration;
    use aws_sdk_cognitoidentityprovider::types::OAuthFlowType;

    #[test]
    fn cognitos_defaults_are_explicit() {
        let live = spec(&UserPoolClientType::builder().client_name("spa").build());
        assert_eq!(live.refresh_token_validity, Some("30d".parse::<Duration>().unwrap()));
        assert_eq!(live.access_token_validity, Some("60m".parse().unwrap()));
        assert_eq!(live.auth_session_validity, Some("3m".parse().unwrap()));
        assert_eq!(live.prevent_user_existence_errors, Some(false));
        assert!(live.auth_flows.unwrap().contains("ALLOW_USER_SRP_AUTH"));
    }

    #[test]
    fn grants_that_are_switched_off_are_none() {
        let client = UserPoolClientType::builder().allowed_o_auth_flows(OAuthFlowType::Code);
        assert_eq!(spec(&client.clone().build()).oauth_grants, Some(BTreeSet::new()));
        let client = client.allowed_o_auth_flows_user_pool_client(true).build();
        assert_eq!(spec(&client).oauth_grants, Some([Grant::Code].into()));
    }

    #[test]
    fn a_secret_is_only_known_to_be_there() {
        let secret = "not-a-real-secret";
        let live = spec(&UserPoolClientType::builder().client_secret(secret).build());
        assert_eq!(live.secret, Some(true));
        assert!(!format!("{live:?}").contains(secret));
    }
}
