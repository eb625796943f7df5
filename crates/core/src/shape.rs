//! The shapes of texts: which ones AWS takes, under the names that its own models give them.
//!
//! A field of stack.toml names its shape in `#[schemars(with = …)]`, so that the schema, its
//! reference and the checks say the same. Patterns are those of the services' published models
//! (Java's: `\s` and `.` are written out, since JSON Schema's mean more), or where a model has
//! none, of the service's documentation. Pure.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Facts about a text that its schema has.
#[derive(Clone, Copy)]
pub(crate) struct Facts {
    /// The least and most characters.
    pub(crate) length: (u64, u64),
    pub(crate) pattern: &'static str,
    /// The only texts, where there are few.
    pub(crate) words: &'static [&'static str],
    /// What to write, after "write".
    pub(crate) hint: &'static str,
    /// What the text is, after "cannot be".
    pub(crate) what: &'static str,
    /// Whether an empty text is understood, and never sent: it removes what is there.
    pub(crate) empty_removes: bool,
}

/// No limit.
const ANY: (u64, u64) = (0, u64::MAX);

pub(crate) const NOTHING: Facts = Facts {
    length: ANY,
    pattern: "",
    words: &[],
    hint: "",
    what: "",
    empty_removes: false,
};

impl Facts {
    pub(crate) fn schema(self) -> Schema {
        let Self {
            length: (least, most),
            pattern,
            words,
            hint,
            what,
            empty_removes,
        } = self;
        let mut map = Map::from_iter([("type".to_owned(), json!("string"))]);
        let mut put = |key: &str, value: Value, is_said: bool| {
            if is_said {
                map.insert(key.into(), value);
            }
        };
        put("minLength", json!(least), least > 0);
        put("maxLength", json!(most), most < u64::MAX);
        put("enum", json!(words), !words.is_empty());
        put("pattern", json!(pattern), !pattern.is_empty());
        put(
            "patternHint",
            json!(format!("write {hint}")),
            !hint.is_empty(),
        );
        put("what", json!(what), !what.is_empty());
        put("emptyRemoves", json!(true), empty_removes);
        map.into()
    }
}

/// The shapes of texts; a kind has those that it alone needs beside its fields.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident { $($fact:ident: $value:expr),* $(,)? })*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::shape::Facts { $($fact: $value,)* ..$crate::shape::NOTHING }.schema()
            }
        }
    )*};
}
pub(crate) use shapes;

shapes! {
    /// The name of a user pool or of an app client.
    CognitoName {
        length: (1, 128),
        pattern: r"^[A-Za-z0-9_ \t\n\x0B\f\r+=,.@-]+$",
        hint: "letters, digits, blanks and _+=,.@-",
    }
    /// The name of a custom attribute, without `custom:`.
    CustomAttributeName {
        length: (1, 20),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$",
        hint: "1 to 20 characters without blanks",
        what: "an attribute's name",
    }
    /// As Cognito takes it, but without a comma: API Gateway tells a function a user's groups as one text
    /// with commas in between, in which a member of `not,admin` is one of `admin`.
    GroupName {
        length: (1, 128),
        pattern: r"^(?:[\p{L}\p{M}\p{S}\p{N}]|[^,\P{P}])+$",
        hint: "1 to 128 characters without blanks, and without commas, with which API Gateway joins groups",
        what: "a group's name",
    }
    /// A way to sign in with the API (`ExplicitAuthFlowsType`). The last three are the old names of others;
    /// AWS takes them still.
    AuthFlow {
        words: &[
            "ALLOW_USER_AUTH",
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_CUSTOM_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
            "ALLOW_TOKEN_EXCHANGE_DELEGATION",
            "ALLOW_TOKEN_EXCHANGE_IMPERSONATION",
            "ADMIN_NO_SRP_AUTH",
            "CUSTOM_AUTH_FLOW_ONLY",
            "USER_PASSWORD_AUTH",
        ],
    }
    /// With what a sign-in can begin (`AuthFactorType`).
    AuthFactor { words: &["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN", "SOFTWARE_TOKEN"] }
    /// An ARN as Cognito takes it.
    Arn { length: (1, 2048), pattern: ARN, hint: "an ARN, arn:aws:SERVICE:REGION:ACCOUNT:NAME" }
    /// The ARN of an SES identity.
    SourceArn {
        length: (20, 2048),
        pattern: ARN,
        hint: "an SES identity's ARN, arn:aws:ses:REGION:ACCOUNT:identity/NAME",
        empty_removes: true,
    }
    EmailAddress {
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P}]+@[\p{L}\p{M}\p{S}\p{N}\p{P}]+$",
        hint: "an address, NAME@HOST",
        empty_removes: true,
    }
    /// A text that Cognito only passes on (`StringType`).
    Passed { length: (0, 131_072), empty_removes: true }
    ConfigurationSet { length: (1, 64), pattern: WORD, hint: OF_WORDS }
    /// A Lambda function's name, not its ARN.
    FunctionName { length: (1, 64), pattern: WORD, hint: OF_WORDS }
    /// The name of a Lambda runtime, of which there is another one every year.
    Runtime {
        pattern: r"^(?:nodejs[0-9]+\.x|python3\.[0-9]+|java[0-9]+(?:\.al[0-9]+)?|ruby[0-9]+\.[0-9]+|dotnet[0-9]+|provided(?:\.al[0-9]+)?)$",
        hint: "a runtime of Lambda's, such as nodejs22.x, python3.13 or provided.al2023",
    }
    /// What a runtime calls (Lambda's model).
    Handler { length: (1, 128), pattern: r"^[^ \t\n\x0B\f\r]+$", hint: "a handler without blanks, such as index.handler" }
    /// A version of a layer (`LayerVersionArn`).
    LayerVersionArn {
        length: (1, 2048),
        pattern: r"^arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:[0-9]{12}:layer:[a-zA-Z0-9-_]+:[0-9]+$",
        hint: "a layer's ARN with its version, arn:aws:lambda:REGION:ACCOUNT:layer:NAME:1",
    }
    /// What is behind a trigger: a table's name, or an ARN as Cognito takes it (`ArnType`).
    Trigger {
        length: (1, 2048),
        pattern: r"^([A-Za-z][A-Za-z0-9_-]{0,63}|arn:[A-Za-z0-9_+=/,.@-]+:lambda:[A-Za-z0-9_+=/,.@-]+:[0-9]+:function:[A-Za-z0-9_-]+(:[A-Za-z0-9_$-]+)?)$",
        hint: "the name of a function of this file, or a function's ARN, arn:aws:lambda:REGION:ACCOUNT:function:NAME",
    }
    /// A signature of the function that changes tokens (`PreTokenGenerationLambdaVersionType`).
    TokenVersion { words: &["V1_0", "V2_0", "V3_0"] }
    /// The ARN of a key as Cognito takes it (`ArnType`).
    KmsKeyArn {
        length: (20, 2048),
        pattern: r"^arn:[A-Za-z0-9_+=/,.@-]+:kms:[A-Za-z0-9_+=/,.@-]+:[0-9]+:[A-Za-z0-9_+=/,.@-]+$",
        hint: "a key's ARN, arn:aws:kms:REGION:ACCOUNT:key/ID",
    }
    /// The name of a stage of a REST API.
    StageName { length: (1, 128), pattern: WORD, hint: OF_WORDS }
    EmailSubject {
        length: (1, 140),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]+$",
        hint: "a subject without control characters",
    }
    EmailVerificationMessage {
        length: (6, 20000),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]*$",
        hint: "a text with {####} in it, where the code will stand",
    }
    EmailVerificationMessageByLink {
        length: (6, 20000),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]*$",
        hint: "a text with {##click here##} in it, which becomes the link",
    }
    EmailInviteMessage {
        length: (6, 20000),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P} \t\n\x0B\f\r]*$",
        hint: "a text without control characters",
    }
    SmsMessage {
        length: (6, 140),
        pattern: "^[^\\n\\r\u{85}\u{2028}\u{2029}]*\\{####\\}[^\\n\\r\u{85}\u{2028}\u{2029}]*$",
        hint: "one line with {####} in it, where the code will stand",
    }
    RedirectUrl {
        length: (1, 1024),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$",
        hint: "an address without blanks",
        empty_removes: true,
    }
    /// An OAuth scope (RFC 6749, appendix A.4).
    Scope {
        length: (1, 256),
        pattern: r"^[!#-\[\]-~]+$",
        hint: "ASCII characters without blanks, \" and \\",
    }
    ProviderName {
        length: (1, 32),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P}\p{Z}]+$",
        hint: "a provider's name, such as COGNITO",
    }
    /// An attribute that a client may read or write (`ClientPermissionType`).
    AttributeName { length: (1, 2048) }
    /// The ARN of a role as Lambda takes it.
    RoleArn {
        length: (1, 10_000),
        pattern: r"^arn:(aws[a-zA-Z-]*)?:iam::[0-9]{12}:role/?[a-zA-Z_0-9+=,.@/-]+$",
        hint: "a role's ARN, arn:aws:iam::123456789012:role/NAME",
    }
    /// What a policy names: an ARN, `*`, or nothing where a variable is left empty.
    PolicyResource {
        pattern: r"^(?:|\*|arn:[^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:[\t\n\r\x20-\xFF]+)$",
        hint: "a secret's ARN, arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
    }
    /// An action as IAM grants it: of a service, or all of them.
    PolicyAction {
        pattern: r"^(?:\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9_*?-]+)$",
        hint: "SERVICE:ACTION, such as dynamodb:GetItem or s3:Get*",
    }
    /// What may be done with: an ARN, or everything.
    GrantedResource {
        pattern: r"^(?:\*|arn:[^:\n]*:[^:\n]*:[^:\n]*:[^:\n]*:[\t\n\r\x20-\xFF]+)$",
        hint: "an ARN, arn:aws:SERVICE:REGION:ACCOUNT:NAME, or *",
    }
    /// The ARN of a managed policy (IAM's model: 20 to 2048 characters).
    PolicyArn {
        length: (20, 2048),
        pattern: POLICY_ARN,
        hint: "a policy's ARN, arn:aws:iam::aws:policy/NAME",
    }
    RoleName { length: (1, 64), pattern: "^[A-Za-z0-9_+=,.@-]+$", hint: "letters, digits and _+=,.@-" }
    /// The same, or none.
    PermissionsBoundary {
        length: (20, 2048),
        pattern: POLICY_ARN,
        hint: "a policy's ARN, arn:aws:iam::123456789012:policy/NAME",
        empty_removes: true,
    }
    EnvironmentVariableName {
        pattern: "^[a-zA-Z][a-zA-Z0-9_]+$",
        hint: "two or more letters, digits and _, starting with a letter",
        what: "an environment variable",
    }
    SubnetId { pattern: "^subnet-[0-9a-zA-Z]+$", hint: "a subnet's id, subnet-0123456789abcdef0" }
    SecurityGroupId { pattern: "^sg-[0-9a-zA-Z]+$", hint: "a security group's id, sg-0123456789abcdef0" }
    /// The ARN of a user pool.
    ProviderArn {
        pattern: r"^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[A-Za-z0-9_-]+_[0-9a-zA-Z]+$",
        hint: "a user pool's ARN, arn:aws:cognito-idp:REGION:ACCOUNT:userpool/ID",
    }
    /// A request header, as API Gateway refers to one (API Gateway developer guide, "Request
    /// parameters": `^[a-zA-Z0-9._$-]+$`).
    HeaderReference { pattern: "^[A-Za-z0-9._$-]+$", hint: "a header's name, such as Authorization" }
    /// What of a request an authorizer looks at (API Gateway's reference, CreateAuthorizer).
    IdentitySource {
        pattern: r"^(?:method\.request\.(?:header|querystring)|stageVariables|context)\.[A-Za-z0-9._$-]+$",
        hint: "a header, a parameter, a stage variable or a part of the context, such as method.request.header.Authorization",
    }
    /// The media type of a request's body, or any other (API Gateway developer guide, "Request validation").
    BodyType {
        length: (3, 128),
        pattern: r"^(?:\$default|[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+)$",
        hint: "a media type, such as application/json, or $default for any other",
        what: "a body's media type",
    }
    NameOfModel { length: (1, 128) }
    /// A parameter of a request (API Gateway developer guide, "Request and response parameters").
    RequestParameter {
        pattern: r"^method\.request\.(?:path|querystring|multivaluequerystring|header|multivalueheader)\.[A-Za-z0-9._$-]+$",
        hint: "method.request.querystring.NAME, method.request.header.NAME or method.request.path.NAME",
        what: "a request's parameter",
    }
    /// A page's origin (RFC 6454, 6.2), with any scheme: an app's pages have one of their own. It stands
    /// in a response template (VTL) and in single quotes, so it has nothing that means something there.
    Origin {
        length: (1, 512),
        pattern: r"^(?:\*|[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.:\[\]-]+)$",
        hint: "scheme, host and port only, with no slash at the end: https://example.com, http://localhost:3000, capacitor://localhost",
    }
    /// A header's name (RFC 9110, 5.6.2), but `'`, which ends the text that it is sent in.
    HeaderName { pattern: "^[A-Za-z0-9!#$%&*+.^_`|~-]+$", hint: "a header's name, such as Content-Type" }
    /// A media type (RFC 9110, 8.3.1), or `*/*` for any.
    MediaType {
        length: (3, 128),
        pattern: r"^[A-Za-z0-9!#$&^_.+*-]+/[A-Za-z0-9!#$&^_.+*-]+$",
        hint: "a media type, such as image/png, or */* for any",
        what: "a media type",
    }
    /// One line with a request's id (API Gateway developer guide, "Set up access logging").
    AccessLogFormat {
        length: (1, 3000),
        pattern: r"^[^\r\n]*\$context\.(?:requestId|extendedRequestId)[^\r\n]*\n?$",
        hint: "one line, with $context.requestId in it",
    }
    /// A tag's key as every service but API Gateway takes it (Tagging user guide, and IAM's and
    /// CloudWatch Logs' models).
    TagKey {
        length: (1, 128),
        pattern: r"^[\p{L}\p{Z}\p{N}_.:/=+@-]+$",
        hint: "up to 128 letters, digits, blanks and + - = . _ : / @",
        what: "a tag's key",
    }
    /// A tag's key as API Gateway takes it (its model: `[a-zA-Z+-=._:/]`).
    ApiTagKey {
        length: (1, 128),
        pattern: r"^[A-Za-z0-9_.:/=+-]+$",
        hint: "up to 128 letters, digits and + - = . _ : /, the only ones that API Gateway takes",
        what: "a tag's key",
    }
    TagValue {
        length: (0, 256),
        pattern: r"^[\p{L}\p{Z}\p{N}_.:/=+@-]*$",
        hint: "up to 256 letters, digits, blanks and + - = . _ : / @",
    }
}

/// For how many days CloudWatch Logs can keep lines (its model: `Days`).
pub fn retention(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "integer",
        "enum": [
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
        ],
    })
}

const POLICY_ARN: &str = r"^arn:aws[a-zA-Z-]*:iam::(?:aws|[0-9]{12}):policy/[\x21-\x7E]+$";
const WORD: &str = "^[A-Za-z0-9_-]+$";
const OF_WORDS: &str = "letters, digits, - and _";

const ARN: &str = r"^arn:[A-Za-z0-9_+=/,.@-]+:[A-Za-z0-9_+=/,.@-]+:([A-Za-z0-9_+=/,.@-]*)?:[0-9]+:[A-Za-z0-9_+=/,.@-]+(:[A-Za-z0-9_+=/,.@-]+)?(:[A-Za-z0-9_+=/,.@-]+)?$";

/// Whether a text is of this shape.
pub fn is_of<S: JsonSchema>(text: &str) -> bool {
    let schema = S::json_schema(&mut SchemaGenerator::default()).to_value();
    jsonschema::is_valid(&schema, &json!(text))
}

/// A table whose keys are names of one shape.
pub fn keyed<K: JsonSchema, V: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    let keys = K::json_schema(generator);
    let items = generator.subschema_for::<V>();
    json_schema!({ "type": "object", "propertyNames": keys, "additionalProperties": items })
}

/// The tags of a resource.
pub fn tags(generator: &mut SchemaGenerator) -> Schema {
    keyed::<TagKey, TagValue>(generator)
}

/// Those of an API.
pub fn api_tags(generator: &mut SchemaGenerator) -> Schema {
    keyed::<ApiTagKey, TagValue>(generator)
}
