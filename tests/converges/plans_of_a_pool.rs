//! A pool that comes to have another plan, and what only some plans have.

use super::usage::becomes;

fn pool(plan: &str, more: &str, version: &str) -> String {
    format!(
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
         [functions.tokens]\nname = \"tokens\"\nzip = \"users.zip\"\n\
         [user_pool]\nname = \"people\"\nfeature_plan = \"{plan}\"\n{more}\n\
         [user_pool.triggers]\npre_token_generation = \"tokens\"\n\
         pre_token_generation_version = \"{version}\"\n"
    )
}

/// Triggers are set last, and LITE takes none that changes access tokens.
#[test]
fn a_trigger_that_a_plan_does_not_take_is_the_first_one_before() {
    let essentials = pool("ESSENTIALS", "", "V2_0");
    let lite = pool("LITE", "", "V1_0");
    becomes(&essentials, &lite);
    becomes(&lite, &essentials);
}

/// What is done about risks goes with the plan that looks for any, and comes after it.
#[test]
fn risks_come_and_go_with_the_plus_plan() {
    let on = "threat_protection = \"ENFORCED\"";
    let risks = "[user_pool.risk_configuration]\nblocked_ip_ranges = [\"192.0.2.0/24\"]\n";
    let plus = format!("{}{risks}", pool("PLUS", on, "V2_0"));
    let essentials = pool("ESSENTIALS", "threat_protection = \"OFF\"", "V2_0");
    becomes(&plus, &essentials);
    becomes(&essentials, &plus);
    let other = plus.replace("blocked_ip_ranges", "skipped_ip_ranges");
    becomes(&plus, &other);
}

/// Where MFA is required a passkey is both factors, before anybody can begin with one.
#[test]
fn passkeys_become_both_factors_before_they_are_a_first_one() {
    let without = pool("ESSENTIALS", "first_factors = [\"PASSWORD\"]", "V1_0").replace(
        "[user_pool.triggers]",
        "[user_pool.mfa]\nmode = \"on\"\ntotp = true\n[user_pool.triggers]",
    );
    let with = without
        .replace("[\"PASSWORD\"]", "[\"PASSWORD\", \"WEB_AUTHN\"]")
        .replace(
            "totp = true",
            "totp = true\npasskeys = { user_verification = \"required\", multi_factor = true }",
        );
    let weak = with
        .replace("mode = \"on\"", "mode = \"optional\"")
        .replace("multi_factor = true", "multi_factor = false");
    becomes(&with, &weak);
    becomes(&weak, &with);
    let world = super::world::World::new();
    world.apply(&without);
    world.later();
    world.apply(&with);
    world.is_settled(&with);
}
