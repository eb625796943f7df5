//! The managed login branding of a client: `[user_pool.clients.NAME.branding]`. What the file does not say of it
//! is the console's to say. Pure.

use super::client::Client;
use crate::{
    shape::{keyed, shapes},
    spec::{Produces, Spec, Traits},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What the login looks like to those who come from this client, on a domain with managed login. Where it is left
/// out, or says nothing, it is Cognito's own style at first. Without one, a client shows "Login pages unavailable"
/// (docs/aws.md §4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Branding {
    /// A file with the settings in JSON, beside this file: as
    /// `aws cognito-idp describe-managed-login-branding-by-client` prints them under `Settings`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings_file: Option<String>,
    /// The settings themselves, by AWS's names. What is left out stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<Map<String, Value>>",
        extend("examples" = [
            { "componentClasses": { "buttons": { "borderRadius": 4 } } },
            { "categories": { "global": { "colorSchemeMode": "DARK" } } },
        ])
    )]
    pub settings: Option<Value>,
    /// Images by what they are for: each a file beside this file (ICO, JPEG, PNG, SVG or WEBP), or a `data:` URL.
    /// `FORM_LOGO` is for light pages, `FORM_LOGO_DARK` for dark ones, `FORM_LOGO_DYNAMIC` for both.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "keyed::<AssetName, Image>",
        extend("examples" = [
            { "FORM_LOGO": "data:image/png;base64,AAAA" },
            { "FORM_LOGO": "data:image/webp;base64,AAAA", "PAGE_BACKGROUND_DARK": "data:image/jpeg;base64,AAAA" },
        ])
    )]
    pub assets: Option<BTreeMap<String, String>>,
}

shapes! {
    /// `AssetCategoryType`, and `ColorSchemeModeType` behind it unless it is LIGHT.
    AssetName {
        pattern: "^((AUTH_APP|EMAIL|PASSKEY|PASSWORD|SMS)_GRAPHIC|FAVICON_(ICO|SVG)|FORM_(BACKGROUND|LOGO)\
                  |IDP_BUTTON_ICON|PAGE_BACKGROUND|PAGE_(FOOTER|HEADER)_(BACKGROUND|LOGO))(_DARK|_DYNAMIC)?$",
        hint: "one of AWS's categories such as FORM_LOGO, PAGE_BACKGROUND or FAVICON_SVG, with _DARK or _DYNAMIC behind it or nothing",
        what: "an image of the login",
    }
    /// A file's name, or the image itself, as much as goes into one request.
    Image { length: (1, 1_500_000) }
}

/// What a branding gives to others: nothing. Its id is another one when it is made anew for an image that goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandingOutputs {}

impl Produces for Branding {
    const NAME: &'static str = "managed login branding";
    type Outputs = BrandingOutputs;
}

impl Spec for Branding {
    type Parent = Client;

    const TRAITS: Traits = Traits {
        table: "branding",
        whole: &["assets"],
        says_little: Some(|_| true),
        ..Traits::of::<Self>()
    };

    /// A number of a document has no sort; and settings that say nothing are none.
    fn normal(self) -> Self {
        let settings = self.settings.map(plain);
        Self {
            settings_file: None,
            settings: settings.filter(|it| it.as_object().is_some_and(|it| !it.is_empty())),
            ..self
        }
    }
}

/// With whole numbers written as such: `8.0` is 8.
fn plain(tree: Value) -> Value {
    match tree {
        Value::Object(map) => map.into_iter().map(|(key, it)| (key, plain(it))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only of whole numbers that fit"
        )]
        Value::Number(number) => match number.as_f64() {
            Some(it) if it.fract() == 0.0 && it.abs() < 1e15 => (it as i64).into(),
            _ => Value::Number(number),
        },
        other => other,
    }
}

/// The kinds of images: AWS's word for each, its media type, and how its files end.
const FORMATS: [(&str, &str, &[&str]); 5] = [
    ("ICO", "image/x-icon", &["ico"]),
    ("JPEG", "image/jpeg", &["jpg", "jpeg"]),
    ("PNG", "image/png", &["png"]),
    ("SVG", "image/svg+xml", &["svg"]),
    ("WEBP", "image/webp", &["webp"]),
];

/// An image as AWS has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    pub category: String,
    /// LIGHT, DARK or DYNAMIC.
    pub color_mode: String,
    /// ICO, JPEG, PNG, SVG or WEBP.
    pub extension: String,
    pub bytes: Vec<u8>,
}

impl Asset {
    /// One of [`Branding::assets`]; `None` where its value is no image.
    pub fn of(name: &str, image: &str) -> Option<Self> {
        let modes = ["DARK", "DYNAMIC"].into_iter();
        let mut modes =
            modes.filter_map(|it| Some((name.strip_suffix(it)?.strip_suffix('_')?, it)));
        let (category, color_mode) = modes.next().unwrap_or((name, "LIGHT"));
        let (media_type, bytes) = image.strip_prefix("data:")?.split_once(";base64,")?;
        let (extension, ..) = FORMATS.iter().find(|it| it.1 == media_type)?;
        Some(Self {
            category: category.to_owned(),
            color_mode: color_mode.to_owned(),
            extension: (*extension).to_owned(),
            bytes: STANDARD.decode(bytes).ok()?,
        })
    }

    /// Its name and its value in [`Branding::assets`].
    pub fn told(&self) -> (String, String) {
        let name = match self.color_mode.as_str() {
            "LIGHT" => self.category.clone(),
            mode => format!("{}_{mode}", self.category),
        };
        let format = FORMATS.iter().find(|it| it.0 == self.extension);
        let media_type = format.map_or("image", |it| it.1);
        (name, data_url(media_type, &self.bytes))
    }
}

/// The media type of the image in a file; `None` where its name does not end as an image's.
pub fn media_type(file: &str) -> Option<&'static str> {
    let (_, ending) = file.rsplit_once('.')?;
    let ending = ending.to_ascii_lowercase();
    let format = FORMATS.iter().find(|it| it.2.contains(&ending.as_str()))?;
    Some(format.1)
}

/// An image as [`Branding::assets`] has it.
pub fn data_url(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_image_is_told_as_it_is_written() {
        for (name, file) in [
            ("FORM_LOGO", "logo.svg"),
            ("PAGE_BACKGROUND_DARK", "a.b/night.JPG"),
            ("FAVICON_ICO_DYNAMIC", "icon.ico"),
        ] {
            let url = data_url(media_type(file).unwrap(), b"<svg/>");
            let asset = Asset::of(name, &url).unwrap();
            assert_eq!(asset.bytes, b"<svg/>");
            assert_eq!(asset.told(), (name.to_owned(), url));
        }
        assert_eq!(
            Asset::of("FORM_LOGO_DARK", "data:image/png;base64,")
                .unwrap()
                .category,
            "FORM_LOGO"
        );
        for (name, value) in [
            ("FORM_LOGO", "logo.svg"),
            ("FORM_LOGO", "data:text/html;base64,YQ=="),
        ] {
            assert_eq!(Asset::of(name, value), None, "{value}");
        }
        assert_eq!(media_type("logo"), None);
        assert_eq!(media_type("logo.txt"), None);
    }

    #[test]
    fn a_number_of_a_document_has_no_sort() {
        let normal = |settings| {
            Branding {
                settings: Some(settings),
                ..Branding::default()
            }
            .normal()
        };
        let one = normal(json!({ "a": [{ "borderRadius": 8.0, "width": 0.5 }] }));
        assert_eq!(
            one,
            normal(json!({ "a": [{ "borderRadius": 8, "width": 0.5 }] }))
        );
        assert_eq!(normal(json!({})), Branding::default());
    }
}
