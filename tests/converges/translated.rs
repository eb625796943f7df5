//! Stacks that people have published for Terraform, SAM and the Serverless Framework, as stack.toml says them.

use super::world::World;
use crate::support::story::told;
use serde_json::json;
use wsctl::cli::ImportArgs;

const POOL: &str = "people";

/// Applied once, as the file says; written down from AWS it plans empty too; and nothing is left of it.
fn lives_its_life(text: &str) {
    let world = World::new();
    let is_attached = text.contains("existing = true");
    if is_attached {
        let config =
            json!({ "PreSignUp": "arn:aws:lambda:eu-west-1:123456789012:function:theirs" });
        let input = json!({ "PoolName": POOL, "LambdaConfig": config });
        world.somebody("cognito-idp", "CreateUserPool", input);
        world.later();
    }
    let before = world.memory().cloud().dump(|_| true);
    world.apply(text);
    world.is_settled(text);
    world.later();
    let args = ImportArgs {
        environment: true,
        ..ImportArgs::default()
    };
    let imported = world.import(&args).unwrap();
    let plan = imported.plan.unwrap();
    assert!(plan.is_empty(), "{:#?}\n{}", told(&plan), imported.text);
    world.is_innocent();
    world.destroy(text);
    assert_eq!(world.memory().cloud().dump(|_| true), before, "{text}");
}

macro_rules! translated {
    ($($name:ident: $file:literal,)*) => {$(
        #[test]
        fn $name() {
            lives_its_life(include_str!($file));
        }
    )*};
}

translated! {
    a_users_api_of_terraform: "translated/terraform-users-api.toml",
    a_developer_portal_of_terraform: "translated/terraform-developer-portal.toml",
    an_items_api_of_sam: "translated/sam-items-api.toml",
    machine_to_machine_of_sam: "translated/sam-machine-to-machine.toml",
    sign_up_by_functions_of_serverless: "translated/serverless-sign-up.toml",
    a_custom_challenge_of_serverless: "translated/serverless-custom-challenge.toml",
}
