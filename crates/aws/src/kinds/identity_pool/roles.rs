//! Which roles people get. AWS keeps them beside the identity pool, and sets all of them at once.

use super::fields::provider;
use crate::{
    aws::{Aws, absent},
    error::{Error, Result},
    spec::{
        identity_pool::{IdentityPool, Otherwise, RoleMapping, RoleRule},
        user_pool::{from_word, word},
    },
};
use aws_sdk_cognitoidentity::{
    operation::get_identity_pool_roles::GetIdentityPoolRolesOutput,
    types::{
        AmbiguousRoleResolutionType, MappingRule, RoleMapping as InAws, RoleMappingType,
        RulesConfigurationType,
    },
};

const AUTHENTICATED: &str = "authenticated";
const UNAUTHENTICATED: &str = "unauthenticated";

pub(super) async fn ask(aws: &Aws, id: &str) -> Result<Option<GetIdentityPoolRolesOutput>> {
    let send = || {
        let request = aws.identity.get_identity_pool_roles();
        request.identity_pool_id(id).send()
    };
    absent(
        aws.read("cognito-identity:GetIdentityPoolRoles", send)
            .await,
    )
}

/// A spec with what AWS tells of the roles.
pub(super) fn with(spec: IdentityPool, live: &GetIdentityPoolRolesOutput) -> IdentityPool {
    let role = |of: &str| Some(live.roles()?.get(of).cloned().unwrap_or_default());
    let mut mappings: Vec<_> = all(live).filter_map(read).collect();
    mappings.sort();
    IdentityPool {
        authenticated_role: role(AUTHENTICATED).or(Some(String::new())),
        unauthenticated_role: role(UNAUTHENTICATED).or(Some(String::new())),
        role_mappings: Some(mappings),
        ..spec
    }
}

/// Mappings that stack.toml has no words for.
pub(super) fn beyond_words(live: &GetIdentityPoolRolesOutput) -> Vec<String> {
    let unknown = all(live).filter(|it| read(*it).is_none());
    unknown
        .map(|(provider, _)| {
            format!("it gives the people of {provider} roles in a way that wsctl does not know")
        })
        .collect()
}

fn all(live: &GetIdentityPoolRolesOutput) -> impl Iterator<Item = (&String, &InAws)> {
    live.role_mappings().into_iter().flatten()
}

/// `None` where it has words of AWS's that are new.
fn read((name, live): (&String, &InAws)) -> Option<RoleMapping> {
    let otherwise = match live.ambiguous_role_resolution() {
        Some(AmbiguousRoleResolutionType::AuthenticatedRole) => Otherwise::AuthenticatedRole,
        None | Some(AmbiguousRoleResolutionType::Deny) => Otherwise::Deny,
        Some(_) => return None,
    };
    let rules = match live.r#type() {
        RoleMappingType::Token => None,
        RoleMappingType::Rules => {
            let rules = live.rules_configuration().map(|it| it.rules());
            Some(
                rules
                    .unwrap_or_default()
                    .iter()
                    .map(read_rule)
                    .collect::<Option<_>>()?,
            )
        }
        _ => return None,
    };
    Some(RoleMapping {
        provider: short(name),
        rules,
        otherwise,
    })
}

fn read_rule(live: &MappingRule) -> Option<RoleRule> {
    Some(RoleRule {
        claim: live.claim.clone(),
        is: from_word(&snake(live.match_type.as_str()))?,
        value: live.value.clone(),
        role: live.role_arn.clone(),
    })
}

/// `StartsWith` as `starts_with`.
fn snake(word: &str) -> String {
    let mut text = String::new();
    for c in word.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// `starts_with` as `StartsWith`.
fn camel(word: &str) -> String {
    let capital = |part: &str| part[..1].to_ascii_uppercase() + &part[1..];
    word.split('_').map(capital).collect()
}

/// A client of a user pool as stack.toml names it, and every other provider as AWS does.
fn short(name: &str) -> String {
    let client = name
        .strip_prefix("cognito-idp.")
        .and_then(|it| it.split_once('/'));
    client.map_or(name, |(_, client)| client).to_owned()
}

/// [`short`] backwards.
fn long(name: &str) -> String {
    match name.split_once(':') {
        Some((pool, client)) if pool.contains('_') && !name.contains('/') => {
            format!("{}:{client}", provider(pool))
        }
        _ => name.to_owned(),
    }
}

/// Sets the roles of one that has none.
pub(super) async fn set(aws: &Aws, id: &str, spec: &IdentityPool) -> Result<()> {
    let nothing = GetIdentityPoolRolesOutput::builder().build();
    set_over(aws, id, nothing, spec).await
}

/// Sets what is declared over what is there.
pub(super) async fn set_over(
    aws: &Aws,
    id: &str,
    there: GetIdentityPoolRolesOutput,
    spec: &IdentityPool,
) -> Result<()> {
    let mut roles = there.roles.unwrap_or_default();
    for (of, role) in [
        (AUTHENTICATED, &spec.authenticated_role),
        (UNAUTHENTICATED, &spec.unauthenticated_role),
    ] {
        match role.as_deref() {
            None => {}
            Some("") => drop(roles.remove(of)),
            Some(arn) => drop(roles.insert(of.to_owned(), arn.to_owned())),
        }
    }
    let mappings = match &spec.role_mappings {
        Some(declared) => declared.iter().map(in_aws).collect::<Result<_>>()?,
        None => there.role_mappings.unwrap_or_default(),
    };
    let send = || {
        let request = aws.identity.set_identity_pool_roles();
        request
            .identity_pool_id(id)
            .set_roles(Some(roles.clone()))
            .set_role_mappings(Some(mappings.clone()))
            .send()
    };
    aws.write("cognito-identity:SetIdentityPoolRoles", send)
        .await
        .map(drop)
}

fn in_aws(declared: &RoleMapping) -> Result<(String, InAws)> {
    let incomplete =
        |error| Error::internal("a mapping of roles without its members").source(error);
    let rule = |it: &RoleRule| {
        let rule = MappingRule::builder().claim(&it.claim).value(&it.value);
        rule.match_type(camel(&word(&it.is)).as_str().into())
            .role_arn(&it.role)
            .build()
            .map_err(incomplete)
    };
    let rules = declared.rules.as_ref();
    let rules = rules.map(|all| all.iter().map(rule).collect::<Result<Vec<_>>>());
    let configuration = |rules| {
        let rules = RulesConfigurationType::builder().set_rules(Some(rules));
        rules.build().map_err(incomplete)
    };
    let rules = rules.transpose()?.map(configuration).transpose()?;
    let mapping = InAws::builder()
        .r#type(match rules {
            Some(_) => RoleMappingType::Rules,
            None => RoleMappingType::Token,
        })
        .set_rules_configuration(rules)
        .ambiguous_role_resolution(camel(&word(&declared.otherwise)).as_str().into())
        .build()
        .map_err(incomplete)?;
    Ok((long(&declared.provider), mapping))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_reads_back_as_it_is_written() {
        for (name, in_aws) in [
            (
                "eu-west-1_AbCdEf:1example23",
                "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf:1example23",
            ),
            ("accounts.google.com", "accounts.google.com"),
            (
                "arn:aws:iam::123456789012:saml-provider/a_b",
                "arn:aws:iam::123456789012:saml-provider/a_b",
            ),
        ] {
            assert_eq!(
                (long(name).as_str(), short(in_aws).as_str()),
                (in_aws, name)
            );
        }
    }

    #[test]
    fn words_have_both_forms() {
        for (ours, in_aws) in [("starts_with", "StartsWith"), ("deny", "Deny")] {
            assert_eq!(
                (camel(ours).as_str(), snake(in_aws).as_str()),
                (in_aws, ours)
            );
        }
    }
}
