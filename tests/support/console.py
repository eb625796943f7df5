"""What an attendee has in the console before section 5.2.7 of the workshop, made with boto3.

    console.py ENDPOINT REGION ACCOUNT make        makes it
    console.py ENDPOINT REGION ACCOUNT pool        makes a user pool of section 5.2.7 too
    console.py ENDPOINT REGION ACCOUNT snapshot    prints all of it as JSON

A snapshot leaves out only what AWS itself changes at every write: times and revision ids.
"""

import io
import json
import os
import sys
import urllib.request
import zipfile

import boto3

ENDPOINT, REGION, ACCOUNT, COMMAND = sys.argv[1:]
KEY = os.environ["AWS_SECRET_ACCESS_KEY"]
SESSION = boto3.Session(aws_access_key_id=ACCOUNT, aws_secret_access_key=KEY, region_name=REGION)
FUNCTION, API, SECRET = "workshop-lambda-sm-rds", "workshop-user-api", "rds!db-00000000-0000-4000-8000-000000000000"
ROUTES = {"/users": ["GET", "POST"], "/users/{id}": ["GET", "PUT", "DELETE"]}
HANDLER = 'export const handler = async () => ({ statusCode: 200, body: JSON.stringify({ success: true, by: "node" }) });\n'
MOVING = {"LastModified", "RevisionId", "lastUpdatedDate", "createdDate", "LastAccessedDate", "ResponseMetadata"}


def client(service):
    return SESSION.client(service, endpoint_url=ENDPOINT)


def zipped():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.mjs", (2025, 1, 1, 0, 0, 0)), HANDLER)
    return data.getvalue()


def make_function():
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    role = client("iam").create_role(RoleName="workshop-lamda-secretsmng-role", AssumeRolePolicyDocument=json.dumps(trust))
    client("secretsmanager").create_secret(
        Name=SECRET, SecretString=json.dumps({"username": "postgres", "password": "synthetic"}), Description="made by RDS"
    )
    client("lambda").create_function(
        FunctionName=FUNCTION,
        Role=role["Role"]["Arn"],
        Runtime="nodejs22.x",
        Handler="index.handler",
        Code={"ZipFile": zipped()},
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        Environment={
            "Variables": {"RDS_HOST": "db.example.com", "DB_NAME": "workshopdb", "SECRET_NAME": SECRET, "REGION": REGION}
        },
        Tags={"team": "attendees"},
    )
    # Only then is its state one to come back to.
    for state in ("function_active_v2", "function_updated_v2"):
        client("lambda").get_waiter(state).wait(FunctionName=FUNCTION)


def make_api():
    gateway, arn = client("apigateway"), f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}"
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    api = gateway.create_rest_api(name=API, endpointConfiguration={"types": ["REGIONAL"]}, tags={"team": "attendees"})["id"]
    resources = {"/": gateway.get_resources(restApiId=api)["items"][0]["id"]}
    for path, methods in ROUTES.items():
        parent, part = path.rsplit("/", 1)
        made = gateway.create_resource(restApiId=api, parentId=resources[parent or "/"], pathPart=part)
        resources[path] = made["id"]
        at = {"restApiId": api, "resourceId": made["id"]}
        for method in methods:
            gateway.put_method(**at, httpMethod=method, authorizationType="NONE")
            gateway.put_integration(**at, httpMethod=method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
            client("lambda").add_permission(
                FunctionName=FUNCTION,
                StatementId=f"console-{method}-{part.strip('{}')}",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/*/{method}{path.replace('{id}', '*')}",
            )
        headers = {"Access-Control-Allow-Origin": "'*'", "Access-Control-Allow-Methods": "'" + ",".join(methods) + "'"}
        gateway.put_method(**at, httpMethod="OPTIONS", authorizationType="NONE")
        gateway.put_integration(
            **at, httpMethod="OPTIONS", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
        )
        gateway.put_method_response(
            **at, httpMethod="OPTIONS", statusCode="200",
            responseParameters={f"method.response.header.{name}": False for name in headers},
        )
        gateway.put_integration_response(
            **at, httpMethod="OPTIONS", statusCode="200",
            responseParameters={f"method.response.header.{name}": value for name, value in headers.items()},
        )
    deployment = gateway.create_deployment(restApiId=api, stageName="dev", description="by hand")["id"]
    limits = {"/*/*/throttling/rateLimit": "1000", "/*/*/throttling/burstLimit": "2000"}
    gateway.update_stage(
        restApiId=api,
        stageName="dev",
        patchOperations=[{"op": "replace", "path": path, "value": value} for path, value in limits.items()],
    )
    return {"api": api, "deployment": deployment}


def make_pool():
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(
        PoolName="people",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        AutoVerifiedAttributes=["email"],
        Schema=[{"Name": name, "Required": True, "Mutable": True, "AttributeDataType": "String"} for name in ("email", "name")],
        Policies={"PasswordPolicy": {"MinimumLength": 12, "RequireLowercase": True, "TemporaryPasswordValidityDays": 7}},
        AccountRecoverySetting={"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
        UserPoolTags={"team": "attendees"},
    )["UserPool"]["Id"]
    made = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="My app @web",
        GenerateSecret=True,
        ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        SupportedIdentityProviders=["COGNITO"],
        CallbackURLs=["https://example.com/callback"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email"],
        AllowedOAuthFlowsUserPoolClient=True,
    )["UserPoolClient"]
    cognito.create_user_pool_domain(UserPoolId=pool, Domain=f"people-{ACCOUNT}")
    cognito.create_group(UserPoolId=pool, GroupName="admin", Description="who may do all", Precedence=1)
    return {"pool": pool, "secret": made["ClientSecret"]}


def at_rest(tree):
    if isinstance(tree, dict):
        if tree.get("authorizationType") == "NONE":
            # It checks nothing there; the emulator keeps the last one.
            tree.pop("authorizerId", None)
        return {key: at_rest(value) for key, value in tree.items() if key not in MOVING}
    return [at_rest(item) for item in tree] if isinstance(tree, list) else tree


def policy():
    try:
        statements = json.loads(client("lambda").get_policy(FunctionName=FUNCTION)["Policy"])["Statement"]
    except client("lambda").exceptions.ResourceNotFoundException:
        statements = []
    return sorted(statements, key=lambda it: it["Sid"])


def snapshot():
    gateway, functions = client("apigateway"), client("lambda")
    api = next(it for it in gateway.get_rest_apis()["items"] if it["name"] == API)
    export = gateway.get_export(
        restApiId=api["id"], stageName="dev", exportType="oas30", parameters={"extensions": "integrations,authorizers"}
    )
    function = functions.get_function(FunctionName=FUNCTION)
    secret = client("secretsmanager")
    resources = gateway.get_resources(restApiId=api["id"], embed=["methods"], limit=500)["items"]
    return {
        "api": api,
        "export": json.loads(export["body"].read()),
        "resources": sorted(resources, key=lambda it: it["path"]),
        "authorizers": gateway.get_authorizers(restApiId=api["id"]).get("items", []),
        "deployments": gateway.get_deployments(restApiId=api["id"])["items"],
        "stages": gateway.get_stages(restApiId=api["id"])["item"],
        "function": function["Configuration"],
        "tags": function.get("Tags"),
        "code": list(urllib.request.urlopen(function["Code"]["Location"]).read()),
        "versions": [it["Version"] for it in functions.list_versions_by_function(FunctionName=FUNCTION)["Versions"]],
        "policy": policy(),
        "secret": secret.describe_secret(SecretId=SECRET),
        "value": secret.get_secret_value(SecretId=SECRET)["SecretString"],
        "roles": sorted(it["RoleName"] for it in client("iam").list_roles()["Roles"]),
        "pools": [it["Name"] for it in client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]],
    }


if COMMAND == "make":
    make_function()
    print(json.dumps(make_api()))
elif COMMAND == "pool":
    print(json.dumps(make_pool()))
else:
    print(json.dumps(at_rest(snapshot()), default=str, sort_keys=True))
