//! The tables of stack.toml. These types are its schema, and their comments its reference. Pure.

use super::{lifecycle, parts::Parts, source::Path};
pub use crate::spec::rest_api::{APIS, ONLY_API, is_api, split_api};
use crate::{
    duration::Duration,
    owner::Tags,
    shape,
    spec::{
        api_key::ApiKey,
        authorizer::Authorizer,
        base_path_mapping::BasePath,
        branding::Branding,
        client::Client,
        custom_domain::CustomDomain,
        domain::Domain,
        domain_name::DomainName,
        function::{
            ARCHITECTURE, Function,
            runtime::{HANDLER, RUNTIME},
        },
        gateway_response::{GatewayResponse, ResponseType},
        identity_pool::IdentityPool,
        rest_api::RestApi,
        risk_configuration::RiskConfiguration,
        role::{Grant, ROLES},
        route::Route,
        secret::Secret,
        stage::Stage,
        usage_plan::UsagePlan,
        user::{User, Username},
        user_pool::UserPool,
    },
    value::{self, Address},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

/// A whole stack.toml. What a table leaves out is not managed: AWS's value stays as it is.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct File {
    pub stack: StackTable,
    /// Values for `${var.NAME}`, by name. `--var NAME=VALUE` takes the place of one; so does
    /// `--sandbox` for `db_host`, `db_port`, `db_name`, `db_tls` and `db_secret`.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    pub user_pool: Option<UserPoolTable>,
    /// Secrets in Secrets Manager, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<Secret>")]
    pub secrets: BTreeMap<String, Secret>,
    /// Lambda functions, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<FunctionTable>")]
    pub functions: BTreeMap<String, FunctionTable>,
    pub identity_pool: Option<IdentityPoolTable>,
    pub api: Option<ApiTable>,
    /// Further APIs, by a name of your choice: each can have all that `[api]` can, in tables of its own, such as
    /// `[apis.admin.stage]` and `[apis.admin.routes]`, and gives the same outputs.
    #[serde(default)]
    #[schemars(schema_with = "named::<ApiTable>")]
    pub apis: BTreeMap<String, ApiTable>,
    /// Names of your own under which the APIs answer, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<DomainNameTable>")]
    pub domain_names: BTreeMap<String, DomainNameTable>,
    /// How much programs may ask of the APIs, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<UsagePlanTable>")]
    pub usage_plans: BTreeMap<String, UsagePlanTable>,
    /// Keys by which programs are told apart, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<ApiKey>")]
    pub api_keys: BTreeMap<String, ApiKey>,
    #[serde(default, skip_serializing_if = "DriftTable::is_empty")]
    pub drift: DriftTable,
    #[serde(default, skip_serializing_if = "ChecksTable::is_empty")]
    pub checks: ChecksTable,
    #[serde(default, skip_serializing_if = "AccountTable::is_empty")]
    pub account: AccountTable,
}

/// What wsctl is not to warn of.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct ChecksTable {
    /// Warnings that are meant, by the id that stands with each: `open-method` lets every one of them be,
    /// `open-method at api.routes."GET /items"` the one there. The ids: [Checks](#checks).
    #[serde(default)]
    #[schemars(length(max = 1000), extend("examples" = [["open-method"]]))]
    pub allow: BTreeSet<String>,
}

impl ChecksTable {
    fn is_empty(&self) -> bool {
        self.allow.is_empty()
    }
}

/// What wsctl may set for the whole account and region, beyond any stack. It stays when a stack goes.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct AccountTable {
    /// Whether API Gateway is given a role to write logs with, `wsctl-api-gateway-logs`, where the account has
    /// none. One that is set is left as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub api_gateway_logging: bool,
}

impl AccountTable {
    fn is_empty(&self) -> bool {
        !self.api_gateway_logging
    }
}

/// What `wsctl drift` is to take as it is.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct DriftTable {
    /// What somebody set beyond this file and may stay: each a line that `drift` and `plan` print
    /// behind "Set elsewhere:", to the letter. It no longer counts as drift, until it changes.
    #[serde(default)]
    #[schemars(length(max = 1000))]
    pub accept: BTreeSet<String>,
}

impl DriftTable {
    fn is_empty(&self) -> bool {
        self.accept.is_empty()
    }
}

/// A table of tables whose names are bare keys, since they become part of addresses and tags.
fn named<T: JsonSchema>(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let items = generator.subschema_for::<T>();
    schemars::json_schema!({
        "type": "object",
        "propertyNames": { "pattern": "^[A-Za-z][A-Za-z0-9_-]{0,63}$" },
        "additionalProperties": items,
    })
}

/// Which stack this is, and where it lives.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct StackTable {
    /// The stack's name. Everything wsctl makes carries it in the tag `wsctl:stack`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,62}$"), extend("patternHint" = "write lower-case letters, digits and -, starting with a letter"))]
    pub name: String,
    /// The AWS region, as in the console's address bar: `ap-southeast-1`.
    #[schemars(regex(pattern = r"^[a-z]{2}(-[a-z]+)+-\d$"), extend("patternHint" = "write a region such as ap-southeast-1"))]
    pub region: String,
    /// The only account that this stack may be applied to: 12 digits. A guard against the wrong
    /// credentials.
    #[schemars(regex(pattern = r"^\d{12}$"), extend("patternHint" = "write the 12 digits of the account in quotes"))]
    pub account: Option<String>,
    /// What to do with what is there in an owned resource but not in this file.
    #[serde(default)]
    pub undeclared: UndeclaredTable,
    /// Tags for everything in the stack that can carry tags.
    #[serde(default)]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
}

/// What happens to what the file does not name.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UndeclaredTable {
    #[default]
    Delete,
    Warn,
}

/// The Cognito user pool: who can sign up and sign in, and how.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct UserPoolTable {
    #[serde(flatten)]
    pub settings: UserPool,
    /// The hosted login's address.
    pub domain: Option<Domain>,
    /// An address of the hosted login under a name of your own.
    pub custom_domain: Option<CustomDomain>,
    pub risk_configuration: Option<RiskConfiguration>,
    #[serde(default, skip_serializing_if = "UserPoolRoles::is_empty")]
    pub roles: UserPoolRoles,
    /// App clients, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<ClientTable>")]
    pub clients: BTreeMap<String, ClientTable>,
    /// Users who are there from the start, by their names.
    #[serde(default)]
    #[schemars(schema_with = "shape::keyed::<Username, User>")]
    pub users: BTreeMap<String, User>,
    #[serde(flatten)]
    pub parts: Parts<UserPool>,
}

/// An app client: one application that signs users in. What is left out keeps the value that it has in AWS.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct ClientTable {
    #[serde(flatten)]
    pub settings: Client,
    pub branding: Option<Branding>,
}

impl Deref for ClientTable {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.settings
    }
}

impl UserPoolTable {
    /// Whether wsctl makes the role that its text messages are sent with.
    pub fn makes_sms_role(&self) -> bool {
        let sms = self.settings.mfa.as_ref().and_then(|it| it.sms.as_ref());
        sms.is_some_and(|it| it.role_arn.is_none())
    }

    /// Whether a login of it shows managed login, where each client needs a style.
    pub fn has_managed_login(&self) -> bool {
        let versions = [
            self.domain.as_ref().map(|it| it.managed_login_version),
            self.custom_domain
                .as_ref()
                .map(|it| it.managed_login_version),
        ];
        versions.into_iter().flatten().any(|it| it == Some(2))
    }
}

/// Roles that wsctl makes for the pool.
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(default)]
pub struct UserPoolRoles {
    /// What is to be said of the role with which Cognito sends text messages, where `[user_pool.mfa.sms]` names
    /// none: wsctl makes it also without this table. It may publish to Amazon SNS anyway.
    pub sms: Option<RoleTable>,
}

impl UserPoolRoles {
    fn is_empty(&self) -> bool {
        self.sms.is_none()
    }
}

/// The Cognito identity pool: which AWS credentials people get.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct IdentityPoolTable {
    #[serde(flatten)]
    pub settings: IdentityPool,
    /// Roles that wsctl makes for its people, by a name of your choice: `unauthenticated_role` for guests, any
    /// other for those who are signed in.
    #[serde(default)]
    #[schemars(schema_with = "named::<RoleTable>")]
    pub roles: BTreeMap<String, RoleTable>,
}

impl IdentityPoolTable {
    /// The one of its roles that a text names, by its name or by reference.
    pub fn role(&self, text: &str) -> Option<&String> {
        role(&Address::new(["identity_pool"]), &self.roles, text)
    }
}

/// The one of a table's roles that a text names, by its name or by reference.
fn role<'a>(
    owner: &Address,
    roles: &'a BTreeMap<String, RoleTable>,
    text: &str,
) -> Option<&'a String> {
    let is_it = |key: &&String| {
        let at = owner.join(ROLES).join(key);
        *key == text || value::needs(&text.into()).contains(&at)
    };
    roles.keys().find(is_it)
}

/// A Lambda function. wsctl also makes its log group, and its role unless `role` names one.
#[derive(Deserialize, Serialize, JsonSchema)]
pub struct FunctionTable {
    #[serde(flatten)]
    pub settings: Function,
    /// A zip file with the program, beside this file: for a native one with an executable `bootstrap` at
    /// its root.
    pub zip: Option<String>,
    /// A Rust crate, whose only program, or the one called `bootstrap`, wsctl builds and packs.
    #[serde(rename = "crate")]
    pub crate_folder: Option<String>,
    /// A folder that wsctl packs. What its `.wsctlignore` names stays out; without one, what `.gitignore`
    /// names in it and above it in the same repository. The same files give the same zip.
    pub folder: Option<String>,
    /// A command that wsctl runs in `folder`, through the shell, before it packs it: `npm ci --omit=dev`. What
    /// it writes is packed, also where `.gitignore` names it. While the folder is as it was left, it is not
    /// run again. It gets neither `AWS_*` nor what this file takes from `${env.NAME}`.
    #[schemars(length(min = 1))]
    pub build: Option<String>,
    /// A single file, such as `index.mjs`, which wsctl packs.
    #[serde(rename = "file")]
    pub single_file: Option<String>,
    /// How many days its log is kept.
    #[serde(default)]
    #[schemars(schema_with = "shape::retention")]
    pub log_retention_days: Option<u32>,
    /// ARNs of secrets that are not in this file and that the role made by wsctl may read, such as
    /// the one that RDS made for a database. Those that `environment` refers to need not be listed.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::PolicyResource>")]
    pub reads_secrets: BTreeSet<String>,
    #[serde(flatten)]
    pub own_role: RoleTable,
}

/// What a role that wsctl makes may do.
#[derive(Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
pub struct RoleTable {
    /// What the role that wsctl makes may do, besides what a function needs anyway, each a table of its own.
    #[schemars(length(min = 1), extend("examples" = grants()))]
    pub allow: Option<Vec<Grant>>,
    /// ARNs of managed policies that the role that wsctl makes has too; any other one is taken off it.
    #[serde(default)]
    #[schemars(
        with = "BTreeSet<shape::PolicyArn>",
        length(max = 10),
        extend("examples" = [
            ["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"],
            ["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess", "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"],
        ])
    )]
    pub managed_policies: BTreeSet<String>,
    /// The name of the role that wsctl makes.
    #[schemars(with = "Option<shape::RoleName>")]
    pub role_name: Option<String>,
    /// The ARN of a managed policy beyond which the role that wsctl makes may do nothing, whatever
    /// its own policies say. Who runs wsctl can be allowed to make roles only with it.
    #[schemars(
        with = "Option<shape::PermissionsBoundary>",
        extend("examples" = ["arn:aws:iam::aws:policy/PowerUserAccess", ""])
    )]
    pub permissions_boundary: Option<String>,
}

impl RoleTable {
    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Two examples of `allow`.
fn grants() -> serde_json::Value {
    let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/users";
    let keys = serde_json::json!({
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a", "b"] },
        "Bool": { "aws:SecureTransport": "true" },
    });
    serde_json::json!([
        [{ "actions": ["dynamodb:GetItem", "dynamodb:PutItem"], "resources": [table] }],
        [
            { "actions": ["s3:Get*"], "resources": ["arn:aws:s3:::example-bucket/*"] },
            { "actions": ["dynamodb:Query"], "resources": [table, format!("{table}/index/*")], "conditions": keys },
        ],
    ])
}

/// Where a function's program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program<'a> {
    Zip(&'a str),
    Crate(&'a str),
    Folder(&'a str),
    File(&'a str),
}

impl Program<'_> {
    /// The field that names it.
    pub fn field(self) -> &'static str {
        match self {
            Self::Zip(_) => "zip",
            Self::Crate(_) => "crate",
            Self::Folder(_) => "folder",
            Self::File(_) => "file",
        }
    }
}

impl FunctionTable {
    /// All that it names as its program; a file without mistakes has one at most.
    pub fn programs(&self) -> Vec<Program<'_>> {
        let named = [
            self.zip.as_deref().map(Program::Zip),
            self.crate_folder.as_deref().map(Program::Crate),
            self.folder.as_deref().map(Program::Folder),
            self.single_file.as_deref().map(Program::File),
        ];
        named.into_iter().flatten().collect()
    }

    /// Its program; a function that is there already may keep its own.
    pub fn program(&self) -> Option<Program<'_>> {
        self.programs().first().copied()
    }

    /// What its program runs on.
    pub fn runtime(&self) -> &str {
        self.settings.runtime.as_deref().unwrap_or(RUNTIME)
    }

    /// What the runtime calls.
    pub fn handler(&self) -> &str {
        self.settings.handler.as_deref().unwrap_or(HANDLER)
    }

    /// Whether it names layers, in which its handler may be: Python and Ruby look there too.
    pub fn has_layers(&self) -> bool {
        self.settings.layers.iter().flatten().next().is_some()
    }

    /// The processor that its program has to be for.
    pub fn architecture(&self) -> &str {
        self.settings
            .architecture
            .as_deref()
            .unwrap_or(ARCHITECTURE)
    }
}

/// The API Gateway REST API.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct ApiTable {
    #[serde(flatten)]
    pub settings: RestApi,
    /// Which web pages may call it. Makes an OPTIONS method for every path that has none of its own,
    /// and puts the CORS headers on the errors that API Gateway answers itself.
    pub cors: Option<CorsTable>,
    /// The deployed version of the API. Only an API that is there already and has no routes here can
    /// do without.
    pub stage: Option<Stage>,
    /// Who decides whether a caller is let in, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<Authorizer>")]
    pub authorizers: BTreeMap<String, Authorizer>,
    /// Roles that wsctl makes for its integrations with services of AWS, by a name of your choice: each says
    /// in `allow` what may be done.
    #[serde(default)]
    #[schemars(schema_with = "named::<RoleTable>")]
    pub roles: BTreeMap<String, RoleTable>,
    /// What API Gateway answers itself, by its type: `UNAUTHORIZED` for a 401 without a token, `DEFAULT_4XX`
    /// and `DEFAULT_5XX` for all that have none here. A page can read them only with `[api.cors]`.
    #[serde(default)]
    #[schemars(schema_with = "shape::keyed::<ResponseType, GatewayResponse>")]
    pub gateway_responses: BTreeMap<String, GatewayResponse>,
    /// What the API answers: `"GET /users" = { function = "users", authorizer = "cognito" }`.
    pub routes: BTreeMap<String, Route>,
    #[serde(flatten)]
    pub parts: Parts<RestApi>,
}

/// One of a file's APIs, and where it stands in the file.
#[derive(Clone, Debug)]
pub struct Api<'a> {
    /// `api`, or `apis.NAME`.
    pub address: Address,
    pub table: &'a ApiTable,
}

impl File {
    /// All its APIs: `[api]` first.
    pub fn apis(&self) -> impl Iterator<Item = Api<'_>> {
        let first = self.api.iter().map(|table| Api {
            address: Address::new([ONLY_API]),
            table,
        });
        let further = self.apis.iter().map(|(name, table)| Api {
            address: Address::new([APIS, name]),
            table,
        });
        first.chain(further)
    }
}

impl Deref for Api<'_> {
    type Target = ApiTable;

    fn deref(&self) -> &ApiTable {
        self.table
    }
}

impl Api<'_> {
    /// The place of something in its table.
    pub(super) fn path<const N: usize>(&self, further: [&str; N]) -> Path {
        let own = self.address.segments().iter().cloned();
        own.chain(further.map(ToOwned::to_owned)).collect()
    }

    /// Whether it is there already and not wsctl's.
    pub(super) fn is_existing(&self, tree: &Value) -> bool {
        lifecycle::is_existing(tree, self.address.segments())
    }

    /// `api`, or the name of its table.
    pub fn name(&self) -> &str {
        self.address.segments().last().map_or("", String::as_str)
    }

    /// The one of its roles that a text names, by its name or by reference.
    pub fn role(&self, text: &str) -> Option<&String> {
        role(&self.address, &self.table.roles, text)
    }
}

/// A custom domain name of API Gateway. The DNS record that leads from it to its `target` is yours to make.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct DomainNameTable {
    #[serde(flatten)]
    pub settings: DomainName,
    /// The API that answers at each base path, by its name: NAME of `[apis.NAME]`, `api` for `[api]`. `"(none)"` is
    /// the path of the name alone.
    #[serde(default)]
    #[schemars(schema_with = "shape::keyed::<BasePath, String>")]
    pub base_paths: BTreeMap<String, String>,
}

/// What each API key in it may ask of this file's APIs. A limit that is left out is none. API Gateway keeps to
/// limits as well as it can: they are no way to keep costs down.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct UsagePlanTable {
    #[serde(flatten)]
    pub settings: UsagePlan,
    /// The APIs that it is for, by their names: NAME of `[apis.NAME]`, `api` for `[api]`. Left out, all that
    /// have a stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub apis: Option<BTreeSet<String>>,
}

impl UsagePlanTable {
    /// Whether it is for an API.
    pub fn is_for(&self, api: &Api<'_>) -> bool {
        self.apis.as_ref().is_none_or(|it| it.contains(api.name()))
    }
}

/// Cross-origin resource sharing.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct CorsTable {
    /// The pages' origins, such as `http://localhost:3000`, or `*` for any.
    #[schemars(with = "BTreeSet<shape::Origin>", length(min = 1))]
    pub origins: BTreeSet<String>,
    /// Request headers that pages may send. Left out: those that a signed-in page needs, that in
    /// which the path's authorizers look for the token among them.
    #[schemars(with = "Option<BTreeSet<shape::HeaderName>>")]
    pub headers: Option<BTreeSet<String>>,
    /// Methods that pages may use; `ANY` stands for all of them. Left out: those that the path has.
    pub methods: Option<BTreeSet<Method>>,
    /// Whether pages may send cookies and client certificates along; a token in a header needs none of it.
    /// Takes the place of `*` by the pages that are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub credentials: Option<bool>,
    /// How long a browser remembers what it was allowed; no browser does for longer than a day. Left out, five
    /// seconds (Fetch standard).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["0s", "1d"]))]
    pub max_age: Option<Duration>,
    /// Headers of an answer that pages may read besides the usual ones: put on the errors that API Gateway
    /// answers itself, `x-amzn-RequestId` among them. On its own answers a function has to say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::HeaderName>>", length(min = 1))]
    pub exposed_headers: Option<BTreeSet<String>>,
}

/// An HTTP method.
#[derive(
    Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Any,
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}
