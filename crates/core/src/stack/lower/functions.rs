//! `[functions.NAME]`: the function, its log group, its role, and leave for the API and the pool to call it.
//! Pure.

use super::{Lowering, reference, user_pool};
use crate::{
    error::Result,
    spec::{
        function::{ACTIVE, Function},
        log_group::LogGroup,
        permission::{
            OF_A_FURTHER_API, OF_FURTHER_AUTHORIZERS, OF_THE_API, OF_THE_AUTHORIZERS, OF_THE_POOL,
            Permission,
        },
        rest_api::PRINCIPAL,
        role::{Role, canonical_policy, function_policy, policy_of},
    },
    stack::{
        lifecycle,
        tables::{File, FunctionTable, ONLY_API, RoleTable},
    },
    value::{self, Address},
};
use serde_json::{Value, json};

/// The inline policies of a role that wsctl makes: what its function needs, and what `allow` says.
pub(crate) const NEEDED: &str = "wsctl";
pub(crate) const ALLOWED: &str = "wsctl-allow";

pub(super) fn lower(
    lowering: &mut Lowering<'_>,
    file: &File,
    key: &str,
    table: &FunctionTable,
) -> Result<()> {
    let function = Address::new(["functions", key]);
    if lifecycle::is_existing(lowering.tree, &["functions", key]) {
        lowering.root::<Function>(function.clone(), &existing(key, table))?;
        return permissions(lowering, file, key, &function);
    }
    let log_group = function.join("log_group");
    let spec = json!({
        "name": format!("/aws/lambda/{}", table.settings.name),
        "retention_days": table.log_retention_days,
        "owned": true,
        "tags": table.settings.tags,
    });
    lowering.root::<LogGroup>(log_group.clone(), &spec)?;
    let role = match &table.settings.role {
        Some(arn) => arn.clone(),
        None => role(lowering, key, table, &log_group)?,
    };
    let spec = Function {
        role: Some(role),
        ..with_program(key, table)
    };
    lowering.root::<Function>(function.clone(), &spec)?.after = [log_group].into();
    permissions(lowering, file, key, &function)
}

/// A function that is there already keeps its role, and its log group is not wsctl's. What is not
/// declared of it stays; with a program of its own it also gets that program's runtime.
fn existing(key: &str, table: &FunctionTable) -> Function {
    let spec = match table.program() {
        Some(_) => with_program(key, table),
        // It is set only together with the program.
        None => Function {
            architecture: None,
            ..table.settings.clone()
        },
    };
    Function { tags: None, ..spec }
}

/// The function with its program, and what that runs on.
fn with_program(key: &str, table: &FunctionTable) -> Function {
    Function {
        runtime: Some(table.runtime().to_owned()),
        handler: Some(table.handler().to_owned()),
        architecture: Some(table.architecture().to_owned()),
        code: Some(code_reference(key)),
        ..table.settings.clone()
    }
}

/// Leave to call the function for the API whose routes and the pool whose triggers run it: for exactly
/// those, since without a source ARN any account's may call (docs/aws.md §8).
fn permissions(
    lowering: &mut Lowering<'_>,
    file: &File,
    key: &str,
    function: &Address,
) -> Result<()> {
    let permission = |principal: &str, source_arn: String| {
        json!({
            "principal": principal,
            "action": "lambda:InvokeFunction",
            "source_arn": source_arn,
        })
    };
    for api in file.apis() {
        let execute_arn = reference(&api.address, "execute_arn");
        let named = |of_the_api: &str, of_further: &str| match api.name() {
            ONLY_API => of_the_api.to_owned(),
            name => format!("{of_further}{name}"),
        };
        let mut routes = api.routes.values();
        if let Some(stage) = &api.stage
            && routes.any(|route| route.function == key)
        {
            let source_arn = format!("{execute_arn}/{}/*/*", stage.name);
            let spec = permission(PRINCIPAL, source_arn);
            let name = named(OF_THE_API, OF_A_FURTHER_API);
            lowering.child::<Permission>(function, &name, &spec)?;
        }
        let mut authorizers = api.authorizers.values();
        if authorizers.any(|it| it.function.as_deref() == Some(key)) {
            // Its authorizers only: a method's call comes from elsewhere (docs/aws.md §8).
            let source_arn = format!("{execute_arn}/authorizers/*");
            let spec = permission(PRINCIPAL, source_arn);
            let name = named(OF_THE_AUTHORIZERS, OF_FURTHER_AUTHORIZERS);
            lowering.child::<Permission>(function, &name, &spec)?;
        }
    }
    if user_pool::runs(file, key) {
        let source_arn = reference(&Address::new(["user_pool"]), "arn");
        let spec = permission("cognito-idp.amazonaws.com", source_arn);
        lowering.child::<Permission>(function, OF_THE_POOL, &spec)?;
    }
    Ok(())
}

/// What runs a function of the file by its name, and one of others by its ARN.
pub(super) fn arn(file: &File, function: String) -> String {
    match file.functions.contains_key(&function) {
        true => reference(&Address::new(["functions", &function]), "arn"),
        false => function,
    }
}

/// Where the digest of a function's zip is found once the zip is there.
pub fn code_address(key: &str) -> Address {
    Address::new(["functions", key, "code"])
}

fn code_reference(key: &str) -> String {
    reference(&code_address(key), "sha256")
}

/// A role that may write to its own log group, read the secrets that the environment names, and
/// make network interfaces only in a VPC; returns the reference to its ARN.
fn role(
    lowering: &mut Lowering<'_>,
    key: &str,
    table: &FunctionTable,
    log_group: &Address,
) -> Result<String> {
    let address = Address::new(["functions", key, "role"]);
    let secrets = value::needs(&json!(table.settings.environment)).into_iter();
    let secrets = secrets.filter(|it| it.is_within(&Address::new(["secrets"])));
    let secrets = secrets.map(|it| reference(&it, "arn"));
    // A variable that is left empty names none.
    let others = table
        .reads_secrets
        .iter()
        .filter(|arn| !arn.is_empty())
        .cloned();
    let secrets: Vec<_> = secrets.chain(others).collect();
    let policy: Value = function_policy(
        &reference(log_group, "arn"),
        &secrets,
        table.settings.vpc.is_some(),
        table.settings.tracing.as_deref() == Some(ACTIVE),
    );
    let mut spec = own_role(&table.own_role, Some(canonical_policy(policy)));
    spec["name"] = lowering.names.role(table).into();
    spec["assumed_by"] = "lambda.amazonaws.com".into();
    spec["tags"] = json!(table.settings.tags);
    lowering.root::<Role>(address.clone(), &spec)?;
    Ok(reference(&address, "arn"))
}

/// What a role that wsctl makes may do: what it needs, and what its table says.
pub(super) fn own_role(table: &RoleTable, needed: Option<Value>) -> Value {
    let mut policies = json!({});
    if let Some(needed) = needed {
        policies[NEEDED] = needed;
    }
    if let Some(grants) = &table.allow {
        policies[ALLOWED] = policy_of(grants);
    }
    json!({
        "policies": policies,
        "attached": table.managed_policies,
        "permissions_boundary": table.permissions_boundary,
    })
}
