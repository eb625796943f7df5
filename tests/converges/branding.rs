//! What the login looks like: settings are laid over what is there, and images are those of the file.

use super::{usage::becomes, world::World};
use serde_json::{Value, json};

fn pool(branding: &str) -> String {
    format!(
        "[stack]\nname = \"made\"\nregion = \"eu-west-1\"\n\
         [user_pool]\nname = \"people\"\n\
         [user_pool.domain]\nprefix = \"made\"\nmanaged_login_version = 2\n\
         [user_pool.clients.web]\nname = \"web\"\n{branding}"
    )
}

const LOGO: &str = "FORM_LOGO = \"data:image/svg+xml;base64,PHN2Zy8+\"";
const OTHER: &str = "FORM_LOGO = \"data:image/png;base64,AAAA\"";
const NIGHT: &str = "PAGE_BACKGROUND_DARK = \"data:image/jpeg;base64,BBBB\"";

fn style(settings: &str, assets: &str) -> String {
    pool(&format!(
        "[user_pool.clients.web.branding]\nassets = {{ {assets} }}\n\
         [user_pool.clients.web.branding.settings]\n{settings}\n"
    ))
}

const LIGHT: &str = "categories.global = { colorSchemeMode = \"LIGHT\" }";
const DARK: &str = "categories.global = { colorSchemeMode = \"DARK\" }";

#[test]
fn settings_and_images_come_change_and_go() {
    let both = style(LIGHT, &format!("{LOGO}, {NIGHT}"));
    let (one, other) = (style(LIGHT, LOGO), style(DARK, OTHER));
    let none = style(DARK, "");
    becomes(&pool(""), &both);
    for (before, after) in [
        (&one, &other),
        (&one, &both),
        (&both, &one),
        (&both, &none),
        (&none, &both),
    ] {
        becomes(before, after);
    }
}

fn live(world: &World) -> Value {
    let mut cloud = world.cloud();
    let mut call = |operation, input| cloud.call("cognito-idp", operation, input).unwrap();
    let pools = call("ListUserPools", json!({ "MaxResults": 60 }));
    let pool = pools["UserPools"][0]["Id"].clone();
    let clients = call("ListUserPoolClients", json!({ "UserPoolId": pool }));
    let client = clients["UserPoolClients"][0]["ClientId"].clone();
    let asked = json!({ "UserPoolId": pool, "ClientId": client });
    call("DescribeManagedLoginBrandingByClient", asked)["ManagedLoginBranding"].clone()
}

/// What somebody says in the console of what the file leaves out stays, also where an image has to go, which
/// takes a new style.
#[test]
fn what_the_console_says_beside_the_file_stays() {
    let (both, one) = (
        style(LIGHT, &format!("{LOGO}, {NIGHT}")),
        style(LIGHT, LOGO),
    );
    let world = World::new();
    world.apply(&both);
    world.later();
    let there = live(&world);
    world.somebody(
        "cognito-idp",
        "UpdateManagedLoginBranding",
        json!({ "UserPoolId": there["UserPoolId"], "ManagedLoginBrandingId": there["ManagedLoginBrandingId"],
                "Settings": { "componentClasses": { "buttons": { "borderRadius": 2 } } } }),
    );
    world.is_settled(&both);
    world.apply(&one);
    world.is_settled(&one);
    let there = live(&world);
    assert_eq!(
        there["Settings"],
        json!({ "categories": { "global": { "colorSchemeMode": "LIGHT" } },
                "componentClasses": { "buttons": { "borderRadius": 2 } } })
    );
    assert_eq!(there["Assets"].as_array().map(Vec::len), Some(1));
    // The file that says nothing of it leaves it alone.
    world.apply(&pool(""));
    assert_eq!(live(&world), there);
}

/// A request may have 2 MB: what is more goes in several, and one that is cut off between them is gone on with.
#[test]
fn more_than_a_request_may_have_goes_in_several() {
    let large = format!("data:image/png;base64,{}", "AAAA".repeat(200_000));
    let names = ["FORM_LOGO", "FORM_BACKGROUND", "PAGE_BACKGROUND"];
    let assets: Vec<_> = names
        .iter()
        .map(|it| format!("{it} = \"{large}\""))
        .collect();
    let world = World::new();
    world.apply(&style(LIGHT, &assets.join(", ")));
    let writes = world.writes();
    let sent = writes
        .iter()
        .filter(|it| it.contains("ManagedLoginBranding"))
        .count();
    assert_eq!(sent, 3, "{writes:#?}");
    world.is_settled(&style(LIGHT, &assets.join(", ")));
}
