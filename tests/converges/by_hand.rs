//! Accounts as people leave them, made of choices: also what no stack.toml can declare. Pure.

use super::{
    stacks::Choices,
    world::{ACCOUNT, zip},
};
use crate::support::REGION;
use aws_in_memory::{Cloud, Strict};
use base64::Engine;
use serde_json::{Value, json};

/// What must be in no file, whatever is asked for.
pub(super) const SECRETS: [&str; 2] = ["made-up-secret", "canary-of-an-address"];
/// What only `--environment` may write.
pub(super) const VARIABLE: &str = "canary-of-a-variable";

/// Texts that a file has to be careful with.
const TEXTS: [&str; 14] = [
    "plain",
    "${stack.name} and ${user_pool.id}",
    "a ${b} c",
    "$${user_pool.id}",
    "$$${x",
    "${",
    "ends with $",
    "\"double\" 'single' ''' \"\"\"",
    "two\nlines",
    "two\r\nlines, \ta tab, a bell \u{7} and \u{7f}",
    "back\\slash \\u0041",
    "ünï¢ödé 漢字 ✓",
    "# no comment = [1]",
    " spaces ",
];

/// An account, and what is in it by name.
pub(super) struct ByHand {
    pub(super) cloud: Cloud,
    pub(super) pool: String,
    pub(super) api: String,
    pub(super) functions: Vec<String>,
}

struct Hand<'a> {
    cloud: Cloud,
    choices: Choices<'a>,
}

/// The account that these choices make.
pub(super) fn account(choices: &[u8]) -> ByHand {
    let cloud = Cloud::new(ACCOUNT, REGION, Strict::default());
    let mut hand = Hand {
        cloud,
        choices: Choices(choices),
    };
    let (pool, arn) = hand.pool();
    let count = 1 + hand.choices.pick(3);
    let functions: Vec<_> = (0..count).map(|index| hand.function(index)).collect();
    let api = hand.api(&arn, &functions);
    if hand.choices.pick(4) == 3 {
        // A second one of each name, so that only ids tell which is meant.
        hand.call(
            "cognito-idp",
            "CreateUserPool",
            json!({ "PoolName": pool.1 }),
        );
        hand.call("apigateway", "CreateRestApi", json!({ "name": api.1 }));
    }
    let pool = if hand.choices.pick(4) == 3 {
        pool.0
    } else {
        unique(&pool, &hand.cloud)
    };
    ByHand {
        cloud: hand.cloud,
        pool,
        api: api.0,
        functions,
    }
}

/// A name, where one pool has it.
fn unique((id, name): &(String, String), cloud: &Cloud) -> String {
    let all = cloud
        .clone()
        .call("cognito-idp", "ListUserPools", json!({ "MaxResults": 60 }))
        .unwrap();
    let all = all["UserPools"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["Name"] == json!(name))
        .count();
    if all == 1 { name.clone() } else { id.clone() }
}

impl Hand<'_> {
    fn call(&mut self, service: &str, operation: &str, input: Value) -> Value {
        let answer = self.cloud.call(service, operation, input.clone());
        answer.unwrap_or_else(|refusal| panic!("{operation} {input}: {}", refusal.message))
    }

    fn text(&mut self) -> &'static str {
        self.choices.of(&TEXTS)
    }

    fn one(&mut self, among: &[Value]) -> Value {
        among[usize::from(self.choices.pick(u8::try_from(among.len()).unwrap()))].clone()
    }

    /// Its id and name, and its ARN.
    fn pool(&mut self) -> ((String, String), String) {
        let name = self
            .choices
            .of(&["people", "Pool (dev), a+b=c.d@e_f", "ünï 漢字", "a"]);
        let tier = self.choices.of(&["ESSENTIALS", "LITE", "PLUS"]);
        let mut input = json!({ "PoolName": name, "UserPoolTier": tier });
        match self.choices.pick(4) {
            0 => input["UsernameAttributes"] = json!(["email"]),
            1 => input["AliasAttributes"] = json!(["email", "preferred_username"]),
            2 => input["UsernameAttributes"] = json!(["phone_number", "email"]),
            _ => {}
        }
        input["UsernameConfiguration"] = self.one(&[
            Value::Null,
            json!({ "CaseSensitive": false }),
            json!({ "CaseSensitive": true }),
        ]);
        input["Schema"] = self.one(&[
            Value::Null,
            json!([{ "Name": "level", "AttributeDataType": "Number", "Mutable": true,
                "NumberAttributeConstraints": { "MinValue": "0", "MaxValue": "9" } }]),
            json!([{ "Name": "email", "Required": true, "Mutable": false },
                { "Name": "dev:it", "AttributeDataType": "String", "DeveloperOnlyAttribute": true },
                { "Name": "custom:twice", "AttributeDataType": "DateTime" }]),
        ]);
        let text = self.text();
        input["VerificationMessageTemplate"] = self.one(&[
            Value::Null,
            json!({ "DefaultEmailOption": "CONFIRM_WITH_LINK", "EmailSubject": text, "EmailMessage": text,
                "EmailMessageByLink": "{##here##}", "SmsMessage": "no code in it" }),
        ]);
        let text = self.text();
        input["AdminCreateUserConfig"] = self.one(&[
            Value::Null,
            json!({ "AllowAdminCreateUserOnly": true,
                "InviteMessageTemplate": { "EmailSubject": text, "EmailMessage": text, "SMSMessage": text } }),
        ]);
        input["EmailConfiguration"] = self.one(&[
            Value::Null,
            json!({ "EmailSendingAccount": "DEVELOPER", "From": "A <a@example.com>",
                "SourceArn": format!("arn:aws:ses:{REGION}:{ACCOUNT}:identity/example.com") }),
            json!({ "EmailSendingAccount": "COGNITO_DEFAULT", "ReplyToEmailAddress": "a@example.com" }),
        ]);
        let trigger = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:trigger");
        input["LambdaConfig"] = self.one(&[
            json!({}),
            json!({ "PreSignUp": trigger, "CustomMessage": trigger }),
            json!({ "PreTokenGeneration": format!("{trigger}:live") }),
        ]);
        input["DeviceConfiguration"] =
            self.one(&[Value::Null, json!({ "ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false })]);
        input["DeletionProtection"] = self.one(&[json!("INACTIVE"), json!("ACTIVE")]);
        input["UserPoolTags"] = self.one(&[json!({}), json!({ "cost centre": "a@b", "é": "" })]);
        input["Policies"] = self.one(&[
            json!({}),
            json!({ "PasswordPolicy": { "MinimumLength": 6, "RequireUppercase": false, "RequireLowercase": true,
                "RequireNumbers": false, "RequireSymbols": false, "TemporaryPasswordValidityDays": 0 } }),
        ]);
        let made = self.call("cognito-idp", "CreateUserPool", input)["UserPool"].clone();
        let id = made["Id"].as_str().unwrap().to_owned();
        self.factors(&id, tier);
        self.pool_parts(&id);
        (
            (id, name.to_owned()),
            made["Arn"].as_str().unwrap().to_owned(),
        )
    }

    fn factors(&mut self, id: &str, tier: &str) {
        let set = self.one(&[
            Value::Null,
            json!({ "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": { "Enabled": true } }),
            json!({ "MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": { "Subject": "a", "Message": "{####}" } }),
            json!({ "MfaConfiguration": "ON", "SmsMfaConfiguration": { "SmsAuthenticationMessage": "code",
                "SmsConfiguration": { "SnsCallerArn": format!("arn:aws:iam::{ACCOUNT}:role/sms"), "ExternalId": "a" } } }),
        ]);
        let fields = self.one(&[
            Value::Null,
            json!({ "AutoVerifiedAttributes": ["phone_number", "email"] }),
            json!({ "AccountRecoverySetting": { "RecoveryMechanisms": [
                { "Priority": 2, "Name": "verified_phone_number" }, { "Priority": 1, "Name": "verified_email" }] } }),
            match tier {
                "PLUS" => json!({ "UserPoolAddOns": { "AdvancedSecurityMode": "AUDIT" } }),
                _ => json!({ "AutoVerifiedAttributes": ["email"] }),
            },
        ]);
        let pool = self.described(id);
        let name = pool["Name"].as_str().unwrap();
        self.cloud.set_on_pools(name, &fields);
        let is_taken = set["EmailMfaConfiguration"].is_null()
            || pool["EmailConfiguration"]["EmailSendingAccount"] == "DEVELOPER";
        if !set.is_null() && tier != "LITE" && is_taken {
            let mut set = set;
            set["UserPoolId"] = json!(id);
            self.call("cognito-idp", "SetUserPoolMfaConfig", set);
        }
    }

    fn described(&mut self, id: &str) -> Value {
        let input = json!({ "UserPoolId": id });
        let answer = self.call("cognito-idp", "DescribeUserPool", input);
        answer["UserPool"].clone()
    }

    fn pool_parts(&mut self, id: &str) {
        if self.choices.yes() {
            let prefix = self.choices.of(&["by-hand", "by-hand-123456789012"]);
            let version = self.choices.pick(2) + 1;
            let input =
                json!({ "UserPoolId": id, "Domain": prefix, "ManagedLoginVersion": version });
            // Managed login is not in every plan.
            let _ = self
                .cloud
                .call("cognito-idp", "CreateUserPoolDomain", input);
        }
        for (index, name) in ["admin", "ünï-\"quoted\"", "a.b\\c", "${x}"]
            .iter()
            .enumerate()
        {
            if self.choices.yes() {
                let text = self.text();
                let mut input = json!({ "UserPoolId": id, "GroupName": name, "Description": text });
                if index > 0 {
                    input["Precedence"] = json!(index);
                }
                self.call("cognito-idp", "CreateGroup", input);
            }
        }
        // Its scope is one that clients may have.
        let server = json!({ "UserPoolId": id, "Identifier": "server", "Name": "A server",
            "Scopes": [{ "ScopeName": "read", "ScopeDescription": self.text() }] });
        self.call("cognito-idp", "CreateResourceServer", server);
        (0..self.choices.pick(5)).for_each(|_| self.client(id));
    }

    fn client(&mut self, pool: &str) {
        let name = self.choices.of(&[
            "web",
            "My app (web)",
            "My app [web]",
            "漢字",
            "web-2",
            "web",
        ]);
        let is_secret = self.choices.yes();
        let input = json!({ "UserPoolId": pool, "ClientName": name, "GenerateSecret": is_secret });
        self.call("cognito-idp", "CreateUserPoolClient", input);
        let urls = self.one(&[
            json!([]),
            json!(["https://example.com/a", "myapp://cb", "com.example.app:/cb"]),
            json!(["http://localhost:3000/"]),
        ]);
        let mut fields = self.one(&[
            json!({}),
            json!({ "ExplicitAuthFlows": ["ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH"] }),
            json!({ "ExplicitAuthFlows": ["ALLOW_USER_AUTH", "ALLOW_MAGIC", "ALLOW_REFRESH_TOKEN_AUTH"] }),
            json!({ "AllowedOAuthFlows": ["implicit", "code"], "AllowedOAuthScopes": ["openid", "server/read"],
                "AllowedOAuthFlowsUserPoolClient": true, "CallbackURLs": urls }),
            json!({ "AllowedOAuthFlows": ["code"], "AllowedOAuthScopes": ["openid"],
                "AllowedOAuthFlowsUserPoolClient": false, "CallbackURLs": urls }),
            json!({ "AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["openid"],
                "AllowedOAuthFlowsUserPoolClient": true }),
        ]);
        let more = self.one(&[
            json!({}),
            json!({ "SupportedIdentityProviders": ["Google", "COGNITO"], "LogoutURLs": ["https://example.com/"] }),
            json!({ "TokenValidityUnits": { "AccessToken": "seconds", "RefreshToken": "minutes" },
                "AccessTokenValidity": 301, "IdTokenValidity": 1, "RefreshTokenValidity": 61 }),
            json!({ "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 10 },
                "ReadAttributes": ["email", "custom:level"], "EnableTokenRevocation": false }),
            json!({ "RefreshTokenRotation": { "Feature": "DISABLED", "RetryGracePeriodSeconds": 20 } }),
            json!({ "PreventUserExistenceErrors": "ENABLED", "DefaultRedirectURI": "https://example.com/a",
                "AccessTokenValidity": 60, "TokenValidityUnits": { "AccessToken": "minutes" } }),
        ]);
        let all = fields.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        self.cloud.set_on_clients(name, &fields);
    }

    fn function(&mut self, index: u8) -> String {
        let long = "x".repeat(62);
        let name = self
            .choices
            .of(&["users", "Users_2", "1st-function", &long, "provided"]);
        let name = format!("{name}-{index}");
        let name = &name[..name.len().min(64)];
        let bytes = std::fs::read(&zip().path).unwrap();
        let code = base64::engine::general_purpose::STANDARD.encode(bytes);
        let runtime = self
            .choices
            .of(&["provided.al2023", "nodejs22.x", "python3.13", ""]);
        let mut input = json!({ "FunctionName": name, "Code": { "ZipFile": code },
            "Role": format!("arn:aws:iam::{ACCOUNT}:role/service-role/of-{index}") });
        if runtime.is_empty() {
            input["PackageType"] = json!("Image");
        } else {
            let handler = self.choices.of(&["bootstrap", "index.handler"]);
            input["Runtime"] = json!(runtime);
            input["Handler"] = json!(handler);
        }
        let (one, other) = (self.text(), self.text());
        input["Description"] = json!(one);
        input["Environment"] = self.one(&[
            Value::Null,
            json!({ "Variables": { "TEXT": other, "SECRET": VARIABLE } }),
            json!({ "Variables": { "TZ": "UTC", "a_b": "" } }),
        ]);
        input["Layers"] = self.one(&[
            Value::Null,
            json!([format!("arn:aws:lambda:{REGION}:{ACCOUNT}:layer:a:1")]),
        ]);
        input["MemorySize"] = self.one(&[Value::Null, json!(512)]);
        input["Timeout"] = self.one(&[Value::Null, json!(900)]);
        input["Architectures"] = self.one(&[Value::Null, json!(["arm64"])]);
        input["VpcConfig"] = self.one(&[
            Value::Null,
            json!({ "SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"] }),
        ]);
        input["Tags"] = self.one(&[Value::Null, json!({ "team": "a b" })]);
        let input = input
            .as_object()
            .unwrap()
            .clone()
            .into_iter()
            .filter(|(_, it)| !it.is_null());
        self.call("lambda", "CreateFunction", Value::Object(input.collect()));
        if self.choices.yes() {
            let group = format!("/aws/lambda/{name}");
            self.call("logs", "CreateLogGroup", json!({ "logGroupName": group }));
            if self.choices.yes() {
                let input = json!({ "logGroupName": group, "retentionInDays": 2192 });
                self.call("logs", "PutRetentionPolicy", input);
            }
        }
        name.to_owned()
    }

    /// Its id and name.
    fn api(&mut self, pool: &str, functions: &[String]) -> (String, String) {
        let long = "n".repeat(300);
        let name = self.choices.of(&[
            "notes",
            "${self:service}-api",
            "Users API (dev) \"x\"",
            &long,
        ]);
        let text = self.text();
        let endpoint = self.choices.of(&["REGIONAL", "EDGE", "PRIVATE"]);
        // Without one a private API cannot be deployed.
        let statement = json!({ "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*" });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let policy = (endpoint == "PRIVATE").then_some(policy);
        let input = json!({ "name": name, "description": text, "binaryMediaTypes": ["image/png"],
            "endpointConfiguration": { "types": [endpoint] }, "policy": policy });
        let made = self.call("apigateway", "CreateRestApi", input);
        let (api, root) = (made["id"].clone(), made["rootResourceId"].clone());
        let other = format!("arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_other");
        let mut authorizers = vec![];
        for (name, kind, arns) in [
            ("Pool", "COGNITO_USER_POOLS", json!([pool])),
            ("Other pool", "COGNITO_USER_POOLS", json!([other])),
            ("Other_pool", "COGNITO_USER_POOLS", json!([pool, other])),
            ("Lambda", "TOKEN", Value::Null),
        ] {
            let mut input = json!({ "restApiId": api, "name": name, "type": kind,
                "identitySource": "method.request.header.Authorization" });
            if kind == "TOKEN" {
                input["authorizerUri"] = json!(uri("authorizer", ""));
            } else {
                input["providerARNs"] = arns;
            }
            let ttl = self.one(&[Value::Null, json!(0), json!(300)]);
            if !ttl.is_null() {
                input["authorizerResultTtlInSeconds"] = ttl;
            }
            authorizers.push((
                self.call("apigateway", "CreateAuthorizer", input)["id"].clone(),
                kind,
            ));
        }
        let mut resources = vec![root.clone()];
        for part in ["users", "{id}", "a.b-c_d~e:f@g", "{proxy+}"] {
            let parent = if part == "{id}" { &resources[1] } else { &root };
            let input = json!({ "restApiId": api, "parentId": parent, "pathPart": part });
            resources.push(self.call("apigateway", "CreateResource", input)["id"].clone());
        }
        let count = self.choices.pick(7);
        let mut taken = vec![];
        for _ in 0..count {
            let resource = usize::from(self.choices.pick(5));
            let verb = self
                .choices
                .of(&["GET", "POST", "ANY", "OPTIONS", "DELETE"]);
            if !taken.contains(&(resource, verb)) {
                taken.push((resource, verb));
                self.method(&api, &resources[resource], verb, &authorizers, functions);
            }
        }
        if !taken.is_empty() {
            self.stages(&api);
        }
        self.responses(&api);
        (api.as_str().unwrap().to_owned(), name.to_owned())
    }

    fn method(
        &mut self,
        api: &Value,
        resource: &Value,
        verb: &str,
        authorizers: &[(Value, &str)],
        functions: &[String],
    ) {
        let mut input = json!({ "restApiId": api, "resourceId": resource, "httpMethod": verb });
        let (authorizer, kind) = &authorizers[usize::from(self.choices.pick(4))];
        let way = self.choices.pick(4);
        input["authorizationType"] = match way {
            0 => json!("NONE"),
            1 => json!("AWS_IAM"),
            _ if *kind == "TOKEN" => json!("CUSTOM"),
            _ => json!("COGNITO_USER_POOLS"),
        };
        if way > 1 {
            input["authorizerId"] = authorizer.clone();
            if way == 3 && *kind != "TOKEN" {
                input["authorizationScopes"] = json!(["openid", "server/read"]);
            }
        }
        input["apiKeyRequired"] = json!(self.choices.yes());
        self.call("apigateway", "PutMethod", input);
        let function = &functions[usize::from(self.choices.pick(4)) % functions.len()];
        let mut input = match self.choices.pick(7) {
            0..=2 => {
                json!({ "type": "AWS_PROXY", "uri": uri(function, ""), "integrationHttpMethod": "POST" })
            }
            3 => {
                json!({ "type": "AWS_PROXY", "uri": uri(function, ":live"), "integrationHttpMethod": "POST" })
            }
            4 => json!({ "type": "HTTP_PROXY", "integrationHttpMethod": "GET",
                "uri": format!("https://ann:{}@example.com/a?key={}", SECRETS[1], SECRETS[1]) }),
            5 => {
                json!({ "type": "MOCK", "requestTemplates": { "application/json": "{\"statusCode\": 200}" } })
            }
            _ => {
                json!({ "type": "AWS", "uri": uri("elsewhere", ""), "integrationHttpMethod": "POST",
                "credentials": format!("arn:aws:iam::{ACCOUNT}:role/caller") })
            }
        };
        let timeout = self.one(&[Value::Null, json!(29_000), json!(1_500), json!(10_000)]);
        if !timeout.is_null() {
            input["timeoutInMillis"] = timeout;
        }
        for (key, value) in [
            ("restApiId", api),
            ("resourceId", resource),
            ("httpMethod", &json!(verb)),
        ] {
            input[key] = value.clone();
        }
        self.call("apigateway", "PutIntegration", input);
        if self.choices.yes() {
            // As the console does: one statement a method, and of this API alone.
            let source = format!(
                "arn:aws:execute-api:{REGION}:{ACCOUNT}:{}/*/*/*",
                api.as_str().unwrap()
            );
            let input = json!({ "FunctionName": function, "StatementId": "all", "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com", "SourceArn": source });
            let _ = self.cloud.call("lambda", "AddPermission", input);
        }
    }

    fn stages(&mut self, api: &Value) {
        for stage in ["dev", "prod_2"] {
            if self.choices.pick(4) == 0 {
                continue;
            }
            let input = json!({ "restApiId": api, "stageName": stage });
            self.call("apigateway", "CreateDeployment", input);
            let text = self.text();
            let patches = self.one(&[
                json!([]),
                json!([{ "op": "replace", "path": "/*/*/metrics/enabled", "value": "true" }]),
                json!([{ "op": "replace", "path": "/*/*/throttling/burstLimit", "value": "100" },
                    { "op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR" }]),
                json!([{ "op": "replace", "path": "/description", "value": text },
                    { "op": "replace", "path": "/*/*/throttling/rateLimit", "value": "-1" }]),
                json!([{ "op": "replace", "path": "/accessLogSettings/format", "value": "$context.requestId" },
                    { "op": "replace", "path": "/accessLogSettings/destinationArn",
                        "value": format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:elsewhere") }]),
            ]);
            let input = json!({ "restApiId": api, "stageName": stage, "patchOperations": patches });
            self.call("apigateway", "UpdateStage", input);
        }
    }

    fn responses(&mut self, api: &Value) {
        for kind in ["UNAUTHORIZED", "DEFAULT_4XX"] {
            if self.choices.pick(3) == 2 {
                let input = json!({ "restApiId": api, "responseType": kind, "statusCode": "418",
                    "responseTemplates": { "application/json": "{}" } });
                self.call("apigateway", "PutGatewayResponse", input);
            }
        }
    }
}

fn uri(function: &str, alias: &str) -> String {
    format!(
        "arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}{alias}/invocations"
    )
}
