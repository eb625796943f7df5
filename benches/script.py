"""The stack of stack.toml by a script that keeps what it made in a file: `create`, `change` or `destroy`.

It makes each thing once, looks at nothing, and goes on from nothing.
"""

import io
import json
import sys
import time
import zipfile

import boto3

COGNITO, GATEWAY = boto3.client("cognito-idp"), boto3.client("apigateway")
IAM, FUNCTIONS, LOGS = boto3.client("iam"), boto3.client("lambda"), boto3.client("logs")
SECRETS = boto3.client("secretsmanager")
NAME, MADE = "scripted", "made.json"
REGION = COGNITO.meta.region_name
CORS = {"Origin": "'http://localhost:3000'", "Headers": "'Authorization,Content-Type'"}


def client(callback):
    return {
        "ClientName": NAME,
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "SupportedIdentityProviders": ["COGNITO"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid", "email"],
        "CallbackURLs": [callback],
        "LogoutURLs": ["http://localhost:3000/"],
    }


def function():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write("function/index.mjs", "index.mjs")
    return packed.getvalue()


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **it} for it in statements]})


def create():
    required = [{"Name": it, "AttributeDataType": "String", "Required": True} for it in ("name", "phone_number")]
    pool = COGNITO.create_user_pool(
        PoolName=NAME, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], Schema=required
    )["UserPool"]
    account = pool["Arn"].split(":")[4]
    COGNITO.create_user_pool_domain(Domain=f"{NAME}-{account}", UserPoolId=pool["Id"])
    spa = COGNITO.create_user_pool_client(UserPoolId=pool["Id"], **client("http://localhost:3000/callback"))
    secret = SECRETS.create_secret(Name=f"{NAME}/database", SecretString=json.dumps({"password": "synthetic"}))
    group = f"/aws/lambda/{NAME}"
    LOGS.create_log_group(logGroupName=group)
    LOGS.put_retention_policy(logGroupName=group, retentionInDays=14)
    trust = policy({"Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    role = IAM.create_role(RoleName=NAME, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    logs = f"arn:aws:logs:{REGION}:{account}:log-group:{group}:*"
    IAM.put_role_policy(
        RoleName=NAME,
        PolicyName=NAME,
        PolicyDocument=policy(
            {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": logs},
            {"Action": "secretsmanager:GetSecretValue", "Resource": secret["ARN"]},
        ),
    )
    made = FUNCTIONS.create_function(
        FunctionName=NAME, Role=role, Runtime="nodejs22.x", Handler="index.handler", Code={"ZipFile": function()},
        MemorySize=128, Timeout=10,
    )  # fmt: skip
    while FUNCTIONS.get_function_configuration(FunctionName=NAME).get("State", "Active") == "Pending":
        time.sleep(1)
    api = create_api(pool["Arn"], made["FunctionArn"], account)
    with open(MADE, "w") as file:
        json.dump({"pool": pool["Id"], "client": spa["UserPoolClient"]["ClientId"], "api": api, "account": account}, file)


def create_api(pool, arn, account):
    made = GATEWAY.create_rest_api(name=NAME, endpointConfiguration={"types": ["REGIONAL"]})
    api, root = made["id"], made.get("rootResourceId")
    root = root or GATEWAY.get_resources(restApiId=api)["items"][0]["id"]
    authorizer = GATEWAY.create_authorizer(
        restApiId=api, name=NAME, type="COGNITO_USER_POOLS", providerARNs=[pool],
        identitySource="method.request.header.Authorization",
    )["id"]  # fmt: skip
    users = GATEWAY.create_resource(restApiId=api, parentId=root, pathPart="users")["id"]
    user = GATEWAY.create_resource(restApiId=api, parentId=users, pathPart="{id}")["id"]
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
    for resource, methods in ((users, ("GET", "POST")), (user, ("DELETE", "GET", "PUT"))):
        for method in methods:
            at = {"restApiId": api, "resourceId": resource, "httpMethod": method}
            GATEWAY.put_method(**at, authorizationType="COGNITO_USER_POOLS", authorizerId=authorizer)
            GATEWAY.put_integration(**at, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        preflight(api, resource, methods)
    for kind in ("DEFAULT_4XX", "DEFAULT_5XX"):
        headers = {f"gatewayresponse.header.Access-Control-Allow-{it}": value for it, value in CORS.items()}
        GATEWAY.put_gateway_response(restApiId=api, responseType=kind, responseParameters=headers)
    GATEWAY.create_deployment(restApiId=api, stageName="dev")
    FUNCTIONS.add_permission(
        FunctionName=NAME, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{account}:{api}/*",
    )  # fmt: skip
    return api


def preflight(api, resource, methods):
    at = {"restApiId": api, "resourceId": resource, "httpMethod": "OPTIONS"}
    headers = {**CORS, "Methods": "'" + ",".join([*methods, "OPTIONS"]) + "'"}
    names = {it: f"method.response.header.Access-Control-Allow-{it}" for it in headers}
    GATEWAY.put_method(**at, authorizationType="NONE")
    GATEWAY.put_integration(**at, type="MOCK", requestTemplates={"application/json": '{"statusCode":200}'})
    GATEWAY.put_method_response(**at, statusCode="200", responseParameters=dict.fromkeys(names.values(), False))
    values = {names[it]: value for it, value in headers.items()}
    GATEWAY.put_integration_response(**at, statusCode="200", responseParameters=values)


def change():
    made = there()
    COGNITO.describe_user_pool_client(UserPoolId=made["pool"], ClientId=made["client"])
    new = client("http://localhost:3001/callback")
    COGNITO.update_user_pool_client(UserPoolId=made["pool"], ClientId=made["client"], **new)


def destroy():
    made = there()
    GATEWAY.delete_rest_api(restApiId=made["api"])
    FUNCTIONS.delete_function(FunctionName=NAME)
    LOGS.delete_log_group(logGroupName=f"/aws/lambda/{NAME}")
    IAM.delete_role_policy(RoleName=NAME, PolicyName=NAME)
    IAM.delete_role(RoleName=NAME)
    SECRETS.delete_secret(SecretId=f"{NAME}/database", ForceDeleteWithoutRecovery=True)
    COGNITO.delete_user_pool_domain(Domain=f"{NAME}-{made['account']}", UserPoolId=made["pool"])
    COGNITO.delete_user_pool(UserPoolId=made["pool"])


def there():
    with open(MADE) as file:
        return json.load(file)


{"create": create, "change": change, "destroy": destroy}[sys.argv[1]]()
