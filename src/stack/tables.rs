//! The tables of stack.toml. These types are its schema, and their comments its reference. Pure.

use crate::{
    duration::Duration,
    owner::Tags,
    shape,
    spec::{client::Client, domain::Domain, group::Group, secret::Secret, user_pool::UserPool},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    pub api: Option<ApiTable>,
    #[serde(default, skip_serializing_if = "DriftTable::is_empty")]
    pub drift: DriftTable,
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
    /// What to do with what is there in an owned resource but not in this file: `delete` (the
    /// default) or `warn`.
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
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct UserPoolTable {
    #[serde(flatten)]
    pub settings: UserPool,
    /// The hosted login's address.
    pub domain: Option<Domain>,
    /// App clients, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<Client>")]
    pub clients: BTreeMap<String, Client>,
    /// Groups, by their name. Each signed-in user's groups are in the token as `cognito:groups`.
    #[serde(default)]
    #[schemars(schema_with = "shape::keyed::<shape::GroupName, Group>")]
    pub groups: BTreeMap<String, Group>,
}

/// A Lambda function. wsctl also makes its log group, and its role unless `role` names one.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct FunctionTable {
    /// The function's name in AWS.
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z0-9_-]+$"), extend("patternHint" = "write letters, digits, - and _"))]
    pub name: String,
    /// What it is for.
    #[schemars(length(max = 256))]
    pub description: Option<String>,
    /// A zip file with an executable `bootstrap` at its root, beside this file.
    pub zip: Option<String>,
    /// A Rust crate with a binary called `bootstrap`, which wsctl builds and packs.
    #[serde(rename = "crate")]
    pub crate_folder: Option<String>,
    /// The Lambda runtime. Only the one for native binaries is supported.
    #[serde(default = "provided")]
    #[schemars(extend("enum" = ["provided.al2023"]))]
    pub runtime: String,
    /// The processor: `x86_64` or `arm64`.
    #[serde(default = "x86_64")]
    #[schemars(extend("enum" = ["x86_64", "arm64"]))]
    pub architecture: String,
    /// Memory in MB; more memory is also more processor.
    #[schemars(range(min = 128, max = 10240))]
    pub memory: Option<u32>,
    /// The longest that one call may take, in whole seconds: "10s".
    pub timeout: Option<Duration>,
    /// Environment variables. Put the name of a secret here, never its value.
    #[serde(default)]
    #[schemars(schema_with = "shape::keyed::<shape::EnvironmentVariableName, String>")]
    pub environment: Option<BTreeMap<String, String>>,
    /// The network it runs in, when it has to reach a database in a VPC.
    pub vpc: Option<VpcTable>,
    /// How many days its log is kept.
    #[schemars(extend("enum" = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]))]
    pub log_retention_days: Option<u32>,
    /// The ARN of a role to run as. Left out, wsctl makes one that may do the least it needs.
    #[schemars(with = "Option<shape::RoleArn>")]
    pub role: Option<String>,
    /// ARNs of secrets that are not in this file and that the role made by wsctl may read, such as
    /// the one that RDS made for a database. Those that `environment` refers to need not be listed.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::PolicyResource>")]
    pub reads_secrets: BTreeSet<String>,
    /// The name of the role that wsctl makes.
    #[schemars(with = "Option<shape::RoleName>")]
    pub role_name: Option<String>,
    /// The ARN of a managed policy beyond which the role that wsctl makes may do nothing, whatever
    /// its own policies say. Who runs wsctl can be allowed to make roles only with it.
    #[schemars(with = "Option<shape::PermissionsBoundary>")]
    pub permissions_boundary: Option<String>,
    /// Tags.
    #[serde(default)]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
}

/// The one runtime that wsctl makes functions with.
pub(crate) const RUNTIME: &str = "provided.al2023";

fn provided() -> String {
    RUNTIME.into()
}

fn x86_64() -> String {
    "x86_64".into()
}

/// Where in a VPC a function runs.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct VpcTable {
    /// Subnet ids, `subnet-…`.
    #[schemars(with = "BTreeSet<shape::SubnetId>", length(max = 16))]
    pub subnet_ids: BTreeSet<String>,
    /// Security group ids, `sg-…`.
    #[schemars(with = "BTreeSet<shape::SecurityGroupId>", length(max = 5))]
    pub security_group_ids: BTreeSet<String>,
}

/// The API Gateway REST API.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct ApiTable {
    /// The API's name in AWS.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// What it is for.
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// Where it is served from: `REGIONAL` (the default), `EDGE` for CloudFront's locations too, or
    /// `PRIVATE`, which needs a resource policy that wsctl does not write.
    #[schemars(extend("enum" = ["REGIONAL", "EDGE", "PRIVATE"]))]
    pub endpoint: Option<String>,
    /// Which web pages may call it. Makes an OPTIONS method for every path that has none of its own,
    /// and puts the CORS headers on the errors that API Gateway answers itself.
    pub cors: Option<CorsTable>,
    /// The deployed version of the API. Only an API that is there already and has no routes here can
    /// do without.
    pub stage: Option<StageSettings>,
    /// Who decides whether a caller is let in, by a name of your choice.
    #[serde(default)]
    #[schemars(schema_with = "named::<AuthorizerTable>")]
    pub authorizers: BTreeMap<String, AuthorizerTable>,
    /// What the API answers: `"GET /users" = { function = "users", authorizer = "cognito" }`.
    pub routes: BTreeMap<String, RouteTable>,
    /// Tags.
    #[serde(default)]
    #[schemars(schema_with = "shape::api_tags")]
    pub tags: Option<Tags>,
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
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema, PartialEq, Eq, PartialOrd, Ord)]
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

/// A stage: what callers reach.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct StageSettings {
    /// The stage's name, the first part of every path: `dev`.
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z0-9_-]+$"), extend("patternHint" = "write letters, digits, - and _"))]
    pub name: String,
    /// What it is for.
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
    /// How many requests it takes.
    pub throttling: Option<ThrottlingTable>,
    /// Whether every method has its own CloudWatch metrics.
    pub metrics: Option<bool>,
    /// What API Gateway logs: OFF, ERROR or INFO. Needs the account's CloudWatch role.
    #[schemars(extend("enum" = ["OFF", "ERROR", "INFO"]))]
    pub logging_level: Option<String>,
    /// One line for each request. Needs the account's CloudWatch role.
    pub access_logs: Option<AccessLogsTable>,
}

/// Request limits of a stage.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct ThrottlingTable {
    /// Requests a second.
    #[schemars(range(min = 0))]
    pub rate_limit: f64,
    /// Requests at once.
    #[schemars(range(min = 0))]
    pub burst_limit: i32,
}

/// Access logs of a stage.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct AccessLogsTable {
    /// The line's format. Left out: a JSON line with request id, caller, method, path, status.
    #[schemars(with = "Option<shape::AccessLogFormat>")]
    pub format: Option<String>,
    /// How many days the lines are kept.
    #[schemars(extend("enum" = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]))]
    pub retention_days: Option<u32>,
}

/// A Cognito authorizer: lets in who shows a token of the stack's user pool.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct AuthorizerTable {
    /// The authorizer's name in AWS.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// Further pools whose tokens are let in: their ARNs.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::ProviderArn>")]
    pub user_pool_arns: BTreeSet<String>,
    /// The request header that carries the token. Left out on creation: `Authorization`.
    #[schemars(with = "Option<shape::HeaderReference>")]
    pub token_source: Option<String>,
    /// A regular expression that the token's `aud` has to match. Leave it out unless you know why.
    pub validation_expression: Option<String>,
    /// How long a decision is remembered: "5m", at most "1h", "0s" for not at all.
    pub ttl: Option<Duration>,
}

/// What answers a method on a path, and who may call it.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub struct RouteTable {
    /// A function of this file, by its name here.
    pub function: String,
    /// An authorizer of this file by its name here, `"none"` for everyone, or `"AWS_IAM"`.
    pub authorizer: String,
    /// OAuth scopes, one of which an *access* token has to have. Without scopes the route takes
    /// ID tokens.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::Scope>")]
    pub scopes: BTreeSet<String>,
    /// How long API Gateway waits for the function, at most "29s" (also when left out).
    pub timeout: Option<Duration>,
}
