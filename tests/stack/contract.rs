//! The contract of every kind, on every emulator: created, read back as declared, changed, read
//! back as changed, deleted, deleted again.

mod cognito;
mod functions;
mod gateway;

use crate::support::{bench::Bench, place::Emulator};
use wsctl::{
    kinds,
    spec::{
        Produces, api_key::ApiKey, authorizer::Authorizer, base_path_mapping::BasePathMapping,
        branding::Branding, client::Client, custom_domain::CustomDomain, domain::Domain,
        domain_name::DomainName, function::Function, gateway_response::GatewayResponse,
        group::Group, identity_pool::IdentityPool, log_group::LogGroup, permission::Permission,
        resource::Resource, rest_api::RestApi, risk_configuration::RiskConfiguration, role::Role,
        route::Route, secret::Secret, stage::Stage, usage_plan::UsagePlan, user::User,
        user_pool::UserPool,
    },
};

macro_rules! on_each {
    ($($place:ident::$case:ident: $kind:ty,)*) => {
        /// The kinds whose contract is tried here.
        const TRIED: &[&str] = &[$(<$kind>::NAME),*];

        $(
            mod $case {
                use super::{Bench, Emulator, $place};

                #[tokio::test]
                async fn keeps_its_contract_on_ministack() {
                    let bench = Bench::new(Emulator::MiniStack).await;
                    Box::pin($place::$case(&bench)).await;
                }

                #[tokio::test]
                async fn keeps_its_contract_in_memory() {
                    let bench = Bench::new(Emulator::Memory).await;
                    Box::pin($place::$case(&bench)).await;
                }

                #[tokio::test]
                async fn keeps_its_contract_on_moto() {
                    let bench = Bench::new(Emulator::Moto).await;
                    Box::pin($place::$case(&bench)).await;
                }
            }
        )*
    };
}

on_each! {
    functions::a_secret: Secret,
    functions::a_log_group: LogGroup,
    functions::a_role: Role,
    functions::a_function: Function,
    functions::a_permission: Permission,
    cognito::a_user_pool: UserPool,
    cognito::a_group: Group,
    cognito::a_client: Client,
    cognito::a_user: User,
    cognito::a_branding: Branding,
    cognito::a_domain: Domain,
    gateway::a_rest_api: RestApi,
    gateway::an_authorizer: Authorizer,
    gateway::a_resource: Resource,
    gateway::a_route: Route,
    gateway::a_preflight: Route,
    gateway::an_integration: Route,
    gateway::a_mock: Route,
    gateway::a_gateway_response: GatewayResponse,
    gateway::a_stage: Stage,
    gateway::a_domain_name: DomainName,
    gateway::a_usage_plan: UsagePlan,
    gateway::an_api_key: ApiKey,
}

/// moto keeps no certificate of a custom domain.
mod a_custom_domain {
    use super::{Bench, Emulator, cognito};

    #[tokio::test]
    async fn keeps_its_contract_on_ministack() {
        let bench = Bench::new(Emulator::MiniStack).await;
        Box::pin(cognito::a_custom_domain(&bench)).await;
    }

    #[tokio::test]
    async fn keeps_its_contract_in_memory() {
        let bench = Bench::new(Emulator::Memory).await;
        Box::pin(cognito::a_custom_domain(&bench)).await;
    }
}

/// moto has no risk configurations.
mod a_risk_configuration {
    use super::{Bench, Emulator, cognito};

    #[tokio::test]
    async fn keeps_its_contract_on_ministack() {
        let bench = Bench::new(Emulator::MiniStack).await;
        Box::pin(cognito::a_risk_configuration(&bench)).await;
    }

    #[tokio::test]
    async fn keeps_its_contract_in_memory() {
        let bench = Bench::new(Emulator::Memory).await;
        Box::pin(cognito::a_risk_configuration(&bench)).await;
    }
}

/// moto fails at the mappings of a domain name that has none.
mod a_base_path_mapping {
    use super::{Bench, Emulator, gateway};

    #[tokio::test]
    async fn keeps_its_contract_on_ministack() {
        let bench = Bench::new(Emulator::MiniStack).await;
        Box::pin(gateway::a_base_path_mapping(&bench)).await;
    }

    #[tokio::test]
    async fn keeps_its_contract_in_memory() {
        let bench = Bench::new(Emulator::Memory).await;
        Box::pin(gateway::a_base_path_mapping(&bench)).await;
    }
}

/// moto has no roles of identity pools.
mod an_identity_pool {
    use super::{Bench, Emulator, cognito};

    #[tokio::test]
    async fn keeps_its_contract_on_ministack() {
        let bench = Bench::new(Emulator::MiniStack).await;
        Box::pin(cognito::an_identity_pool(&bench)).await;
    }

    #[tokio::test]
    async fn keeps_its_contract_in_memory() {
        let bench = Bench::new(Emulator::Memory).await;
        Box::pin(cognito::an_identity_pool(&bench)).await;
    }
}

/// What a pool holds by name, of every kind: moto has no updates and deletions of some.
mod the_parts_of_a_pool {
    use super::{Bench, Emulator, cognito};

    #[tokio::test]
    async fn keep_their_contract_on_ministack() {
        let bench = Bench::new(Emulator::MiniStack).await;
        Box::pin(cognito::every_part(&bench)).await;
    }

    #[tokio::test]
    async fn keep_their_contract_in_memory() {
        let bench = Bench::new(Emulator::Memory).await;
        Box::pin(cognito::every_part(&bench)).await;
    }
}

/// What an API holds by name.
mod the_parts_of_an_api {
    use super::{Bench, Emulator, gateway};

    #[tokio::test]
    async fn keep_their_contract_on_ministack() {
        let bench = Bench::new(Emulator::MiniStack).await;
        Box::pin(gateway::every_part(&bench)).await;
    }

    #[tokio::test]
    async fn keep_their_contract_in_memory() {
        let bench = Bench::new(Emulator::Memory).await;
        Box::pin(gateway::every_part(&bench)).await;
    }
}

#[test]
fn every_kind_is_tried() {
    for kind in kinds::all() {
        let traits = kind.traits();
        let not_on_moto = [
            IdentityPool::NAME,
            RiskConfiguration::NAME,
            CustomDomain::NAME,
            BasePathMapping::NAME,
        ];
        let elsewhere = traits.part.is_some() || not_on_moto.contains(&traits.name);
        let is_tried = TRIED.contains(&traits.name) || elsewhere;
        assert!(is_tried, "{}", traits.name);
    }
}
