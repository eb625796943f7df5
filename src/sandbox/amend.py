"""What MiniStack lacks of the stack's operations, or does otherwise than AWS (docs/aws.md §3 to §11).

Each piece makes the sandbox answer as AWS does; nothing in wsctl itself knows of it.
"""

import json
import os
import time


def amend():
    complete_tagging_index()
    patch_what_is_no_text()
    rename_what_is_below()
    have_a_logging_role()
    read_api_tags_from_one_place()
    write_lists_in_claims_with_commas()
    check_bodies_by_their_media_type()
    add_cognito_operations()
    keep_the_callers_version_id()
    have_the_databases_secret()
    call_triggers()
    give_credentials()
    count_by_keys()
    change_domain_names()
    answer_otherwise()
    remember_sign_ins()
    let_people_sign_up()
    refuse_access_tokens_without_scopes()
    check_what_users_send()
    rotate_refresh_tokens()
    reset_what_an_update_leaves_out()
    refuse_unknown_scopes()
    know_who_signs_people_in()
    find_users_in_any_case()
    issue_tokens_from_here()
    test_authorizers()
    serve_each_version_its_own_code()
    end_only_the_callers_functions()
    give_every_line_an_id()
    serve_apis_as_deployed()
    take_definitions()


def complete_tagging_index():
    """AWS's tagging API lists secrets, log groups and REST APIs too; wsctl finds roots by it.

    Services that no stack uses leave it: to ask them is to load them.
    """
    from ministack.services import tagging

    def log_groups():
        from ministack.services import cloudwatch_logs

        for group in cloudwatch_logs._log_groups.values():
            yield group["arn"].removesuffix(":*"), tagging._normalise_flat(group.get("tags"))

    def rest_apis():
        from ministack.services import apigateway_v1

        for api in apigateway_v1._rest_apis:
            arn = apigateway_v1._rest_api_arn(api)
            yield arn, tagging._normalise_flat(apigateway_v1._v1_tags.get(arn))
        keys = ((it, "apikeys") for it in apigateway_v1._api_keys)
        plans = ((it, "usageplans") for it in apigateway_v1._usage_plans)
        domains = ((it, "domainnames") for it in apigateway_v1._domain_names)
        for id, table in (*keys, *plans, *domains):
            arn = f"arn:aws:apigateway:{apigateway_v1.get_region()}::/{table}/{id}"
            yield arn, tagging._normalise_flat(apigateway_v1._v1_tags.get(arn))

    tagging._COLLECTORS = {
        "apigateway": rest_apis,
        # Both kinds of pools.
        "cognito-idp": tagging._collect_cognito,
        "lambda": tagging._collect_lambda,
        "logs": log_groups,
        "secretsmanager": tagging._collect_secretsmanager,
    }


def patch_what_is_no_text():
    """In a patch every value is text; AWS puts it into a list, or makes a number or a boolean of it."""
    from ministack.services import apigateway_v1

    apply_patch = apigateway_v1._apply_patch
    lists = ("providerARNs", "authorizationScopes")
    flags = ("apiKeyRequired", "disableExecuteApiEndpoint")

    def patch(thing, operations):
        rest = []
        for operation in operations:
            path, value = operation.get("path", "").lstrip("/"), operation.get("value")
            if path in lists:
                kept = [it for it in thing.get(path) or [] if it != value]
                thing[path] = kept + [value] if operation["op"] == "add" else kept
            elif path == "authorizerResultTtlInSeconds":
                thing[path] = int(value)
            elif path in flags:
                thing[path] = value == "true"
            elif path.startswith("binaryMediaTypes/"):
                media = path.split("/", 1)[1].replace("~1", "/")
                kept = [it for it in thing.get("binaryMediaTypes") or [] if it != media]
                thing["binaryMediaTypes"] = kept + [media] if operation["op"] == "add" else kept
            elif path.startswith(("requestModels/", "requestParameters/")):
                field, key = path.split("/", 1)
                key = key.replace("~1", "/").replace("~0", "~")
                thing.setdefault(field, {}).pop(key, None)
                if operation["op"] != "remove":
                    thing[field][key] = value if field == "requestModels" else value == "true"
            elif path == "endpointConfiguration/vpcEndpointIds":
                endpoint = thing["endpointConfiguration"]
                kept = [it for it in endpoint.get("vpcEndpointIds") or [] if it != value]
                endpoint["vpcEndpointIds"] = kept + [value] if operation["op"] == "add" else kept
            elif path == "endpointConfiguration/types/0":
                thing["endpointConfiguration"]["types"] = [value]
            else:
                rest.append(operation)
        return apply_patch(thing, rest)

    apigateway_v1._apply_patch = patch


def rename_what_is_below():
    """A resource whose part of the path is another has other paths below it."""
    from ministack.services import apigateway_v1

    update_resource = apigateway_v1._update_resource

    def update(api, resource, data):
        answer = update_resource(api, resource, data)
        for id, it in apigateway_v1._resources.get(api, {}).items():
            it["path"] = apigateway_v1._compute_path(api, id)
        return answer

    apigateway_v1._update_resource = update


def have_a_logging_role():
    """The account has the role that API Gateway's logs need, since nothing is refused without it."""
    from ministack.services import apigateway_v1

    role = "arn:aws:iam::000000000000:role/api-gateway-logs"
    apigateway_v1._ACCOUNT_DEFAULTS["cloudwatchRoleArn"] = role


def read_api_tags_from_one_place():
    """Tags added to a REST API later are in GetRestApis as well."""
    from ministack.services import apigateway_v1

    view = apigateway_v1._rest_api_view

    def with_tags(api):
        tags = apigateway_v1._v1_tags.get(apigateway_v1._rest_api_arn(api["id"]), {})
        return {**view(api), "tags": tags}

    apigateway_v1._rest_api_view = with_tags


def write_lists_in_claims_with_commas():
    """A REST API hands the function `cognito:groups` as `a,b`; `[a b]` is the form of HTTP APIs."""
    from ministack.services import apigateway_v1

    stringify = apigateway_v1._stringify_claims

    def with_commas(claims):
        lists = {name: value for name, value in (claims or {}).items() if isinstance(value, list)}
        return {**stringify(claims), **{name: ",".join(map(str, it)) for name, it in lists.items()}}

    apigateway_v1._stringify_claims = with_commas


def check_bodies_by_their_media_type():
    """A body whose type has no model is checked against that of `$default`, or not at all."""
    from ministack.services import apigateway_v1

    check = apigateway_v1._check_request_validation

    def check_by_type(method, api, request, headers, body, query):
        models = method.get("requestModels") or {}
        sent = apigateway_v1._header_ci(headers, "content-type") or "application/json"
        model = models.get(sent.split(";", 1)[0].strip().lower(), models.get("$default"))
        # That one model is for whatever was sent.
        only = {"application/json": model} if model else {}
        return check({**method, "requestModels": only}, api, request, headers, body, query)

    apigateway_v1._check_request_validation = check_by_type


def add_cognito_operations():
    """Managed login branding with Cognito's own values, UpdateGroup, and what a pool does about risks."""
    from ministack.services import cognito

    def client_of(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        client = None if error else pool["_clients"].get(data.get("ClientId"))
        return client, error or missing("client")

    def missing(what):
        return cognito.error_response_json("ResourceNotFoundException", f"There is no such {what}.")

    def answer(branding):
        return cognito.json_response({"ManagedLoginBranding": branding} if branding else {})

    def create_branding(data):
        client, error = client_of(data)
        if client is None:
            return error
        if client.get("_branding"):
            text = "Managed login branding already exists for this client."
            return cognito.error_response_json("ManagedLoginBrandingExistsException", text)
        branding = {"ManagedLoginBrandingId": cognito.new_uuid(), "UserPoolId": data["UserPoolId"]}
        refused = brand(branding, data)
        if refused is None:
            client["_branding"] = branding
        return refused or answer(branding)

    def brand(branding, data):
        """What is left out stays, and an image takes the place of one for the same."""
        is_own = data.get("UseCognitoProvidedValues", False)
        if is_own == (data.get("Settings") is not None):
            text = "useCognitoProvidedValues or settings should be specified (but not both)"
            return cognito.error_response_json("InvalidParameterException", text)
        assets = {
            (asset["Category"], asset["ColorMode"]): asset
            for asset in branding.get("Assets", []) + (data.get("Assets") or [])
        }
        branding.update({"UseCognitoProvidedValues": is_own, "Assets": list(assets.values())})
        if is_own:
            branding.pop("Settings", None)
        else:
            branding["Settings"] = laid_over(branding.get("Settings"), data["Settings"])
        return None

    def laid_over(there, sent):
        if not (isinstance(there, dict) and isinstance(sent, dict)):
            return sent
        return there | {key: laid_over(there.get(key), value) for key, value in sent.items()}

    def update_branding(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        for client in {} if error else pool["_clients"].values():
            branding = client.get("_branding") or {}
            if branding.get("ManagedLoginBrandingId") == data.get("ManagedLoginBrandingId"):
                return brand(branding, data) or answer(branding)
        return error or missing("branding")

    def describe_branding(data):
        client, error = client_of(data)
        if client is None:
            return error
        return answer(client["_branding"]) if client.get("_branding") else missing("branding")

    def delete_branding(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        for client in {} if error else pool["_clients"].values():
            branding = client.get("_branding") or {}
            if branding.get("ManagedLoginBrandingId") == data.get("ManagedLoginBrandingId"):
                del client["_branding"]
                return answer(None)
        return error or missing("branding")

    def update_group(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        group = None if error else pool["_groups"].get(data.get("GroupName"))
        if group is None:
            return error or missing("group")
        group.update({key: data[key] for key in ("Description", "Precedence", "RoleArn") if key in data})
        return cognito.json_response({"Group": cognito._group_out(group)})

    risks = (
        "CompromisedCredentialsRiskConfiguration",
        "AccountTakeoverRiskConfiguration",
        "RiskExceptionConfiguration",
    )

    def risk_configuration(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        if error:
            return error
        shown = {"UserPoolId": data["UserPoolId"], **pool.get("_risks", {})}
        return cognito.json_response({"RiskConfiguration": shown})

    def set_risks(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        sent = {name: data[name] for name in risks if data.get(name)}
        if error:
            return error
        if sent and pool.get("UserPoolTier") != "PLUS":
            text = "Threat protection is in the PLUS plan alone."
            return cognito.error_response_json("FeatureUnavailableInTierException", text)
        credentials = sent.get("CompromisedCredentialsRiskConfiguration")
        if credentials:
            credentials.setdefault("EventFilter", ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"])
        pool["_risks"] = sent
        return risk_configuration(data)

    added = {
        "DescribeRiskConfiguration": risk_configuration,
        "SetRiskConfiguration": set_risks,
        "CreateManagedLoginBranding": create_branding,
        "UpdateManagedLoginBranding": update_branding,
        "DescribeManagedLoginBrandingByClient": describe_branding,
        "DeleteManagedLoginBranding": delete_branding,
        "UpdateGroup": update_group,
    }
    dispatch = cognito._dispatch_idp

    async def with_added(action, data):
        return added[action](data) if action in added else await dispatch(action, data)

    cognito._dispatch_idp = with_added


def keep_the_callers_version_id():
    """CreateSecret's ClientRequestToken becomes the version's id."""
    from ministack.services import secretsmanager

    create = secretsmanager._create_secret

    def with_token(data):
        token, new_uuid = data.get("ClientRequestToken"), secretsmanager.new_uuid
        if token:
            secretsmanager.new_uuid = lambda: token
        try:
            return create(data)
        finally:
            secretsmanager.new_uuid = new_uuid

    secretsmanager._create_secret = with_token


def have_the_databases_secret():
    """RDS makes a secret with its user and password; so does the sandbox's database, in any region."""
    import os

    from ministack.services import secretsmanager

    get, path = secretsmanager._get_secret_value, os.environ.pop("WSCTL_DATABASE_FILE")
    arn = "arn:aws:secretsmanager:sandbox:000000000000:secret:rds!db-sandbox-000000"

    def get_value(data):
        if data.get("SecretId") != arn or not os.path.exists(path):
            return get(data)
        with open(path) as file:
            value = file.read()
        answer = {"ARN": arn, "Name": "rds!db-sandbox", "VersionId": "1", "VersionStages": ["AWSCURRENT"]}
        return secretsmanager.json_response({**answer, "SecretString": value})

    secretsmanager._get_secret_value = get_value


def remember_sign_ins():
    """The hosted login keeps a session in a cookie and does not ask again; /logout ends it."""
    from http.cookies import SimpleCookie

    from ministack.services import cognito

    authorize, log_out = cognito.handle_oauth2_authorize, cognito.handle_logout
    issue_code, sessions = cognito._issue_auth_code_redirect, {}

    def session_in(headers):
        cookie = SimpleCookie(headers.get("cookie", "")).get("cognito")
        return cookie.value if cookie else ""

    def issue_and_remember(client, pool, redirect_uri, scope, username, *rest):
        status, headers, body = issue_code(client, pool, redirect_uri, scope, username, *rest)
        session = cognito.new_uuid()
        sessions[session] = pool, username
        return status, {**headers, "Set-Cookie": f"cognito={session}; Path=/; HttpOnly"}, body

    def authorize_unless_signed_in(method, path, headers, query):
        answer = authorize(method, path, headers, query)
        asked = {name: cognito._qp(query, name) for name in query}
        pool, username = sessions.get(session_in(headers), (None, None))
        client_pool = cognito._find_pool_by_client_id(asked.get("client_id", ""))
        if answer[0] != 200 or client_pool[0] != pool or username not in client_pool[1]["_users"]:
            return answer
        fields = "nonce", "code_challenge", "code_challenge_method", "state"
        given = [asked.get(name, "") for name in ("redirect_uri", "scope")]
        given += [username] + [asked.get(name, "") for name in fields]
        return issue_code(asked["client_id"], pool, *given)

    def log_out_and_forget(method, path, headers, query):
        sessions.pop(session_in(headers), None)
        return log_out(method, path, headers, query)

    cognito._issue_auth_code_redirect = issue_and_remember
    cognito.handle_oauth2_authorize = authorize_unless_signed_in
    cognito.handle_logout = log_out_and_forget


def refuse_access_tokens_without_scopes():
    """A method without scopes takes ID tokens only (docs/aws.md §6)."""
    from ministack.services import apigateway_v1

    validate = apigateway_v1._validate_cognito_authorizer

    async def validate_use(authorizer, method, headers, query, stage):
        claims, error = await validate(authorizer, method, headers, query, stage)
        if claims and not method.get("authorizationScopes") and claims.get("token_use") != "id":
            return None, apigateway_v1._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, error

    apigateway_v1._validate_cognito_authorizer = validate_use


def check_what_users_send():
    """Flows that the client allows, its secret's hash, codes: MiniStack has all these checks, and makes
    them only when it also checks signatures. A refreshed token's client secret it does not look at."""
    from ministack.services import cognito

    run = cognito._run_idp_handler

    def secret_error(action, data):
        if action != "GetTokensFromRefreshToken":
            return None
        client = (cognito._pool_for_client(data.get("ClientId"))[0] or {}).get("_clients", {})
        secret = client.get(data.get("ClientId"), {}).get("ClientSecret")
        if not secret or secret == data.get("ClientSecret"):
            return None
        text = "Unable to verify the client secret"
        return cognito.error_response_json("NotAuthorizedException", text)

    def mask_destination(action, answer):
        """SignUp shows where the code went as ResendConfirmationCode does."""
        status, headers, body = answer
        said = json.loads(body) if action == "SignUp" and status == 200 else {}
        if sent := said.get("CodeDeliveryDetails"):
            sent["Destination"] = cognito._masked_destination(sent["Destination"])
            return cognito.json_response(said)
        return answer

    def run_checked(handler, action, data):
        if action in cognito._UNSIGNED_IDP_ACTIONS:
            cognito._pin_unsigned_idp_scope(data)
        error = (
            cognito._validate_client_secret_hash(action, data)
            or secret_error(action, data)
            or cognito._auth_flow_error(action, data)
            or cognito._confirmation_code_error(action, data)
        )
        return error or mask_destination(action, run(handler, action, data))

    cognito._run_idp_handler = run_checked


def rotate_refresh_tokens():
    """`RefreshTokenRotation` of a client, which MiniStack does not keep: GetTokensFromRefreshToken gives
    another refresh token and ends the one that was used, when its grace is over (Amazon Cognito developer
    guide, "Refresh token rotation"). The login's /oauth2/token still gives none."""
    from ministack.services import cognito

    create, update = cognito._create_user_pool_client, cognito._update_user_pool_client
    build, refresh = cognito._build_auth_result, cognito._get_tokens_from_refresh_token
    made, ends = {}, {}

    def client_of(client_id):
        return (cognito._pool_for_client(client_id)[0] or {}).get("_clients", {}).get(client_id, {})

    def mistake(data):
        rotation = data.get("RefreshTokenRotation") or {}
        rotates = rotation.get("Feature") == "ENABLED"
        if rotates and "ALLOW_REFRESH_TOKEN_AUTH" in (data.get("ExplicitAuthFlows") or []):
            return "ALLOW_REFRESH_TOKEN_AUTH is not allowed while refresh token rotation is enabled."
        if not 0 <= rotation.get("RetryGracePeriodSeconds", 0) <= 60:
            return "RetryGracePeriodSeconds must be between 0 and 60."
        return None

    def keeping(change):
        """An update that leaves rotation out takes it away."""

        def change_and_keep(data):
            if text := mistake(data):
                return cognito.error_response_json("InvalidParameterException", text)
            status, headers, body = change(data)
            if status != 200:
                return status, headers, body
            said = json.loads(body)
            rotation = data.get("RefreshTokenRotation")
            client_of(said["UserPoolClient"]["ClientId"])["RefreshTokenRotation"] = rotation
            if rotation:
                said["UserPoolClient"]["RefreshTokenRotation"] = rotation
            return cognito.json_response(said)

        return change_and_keep

    def build_and_note(*given, **named):
        result = build(*given, **named)
        made["refresh"] = result.get("RefreshToken")
        return result

    def refresh_once(data):
        used = data.get("RefreshToken")
        if used in ends and time.time() >= ends[used]:
            text = "Refresh token has been used already."
            return cognito.error_response_json("RefreshTokenReuseException", text)
        answer = refresh(data)
        rotation = client_of(data.get("ClientId")).get("RefreshTokenRotation") or {}
        if answer[0] != 200 or rotation.get("Feature") != "ENABLED":
            return answer
        said = json.loads(answer[2])
        said["AuthenticationResult"]["RefreshToken"] = made["refresh"]
        ends.setdefault(used, time.time() + rotation.get("RetryGracePeriodSeconds", 0))
        return cognito.json_response(said)

    cognito._create_user_pool_client, cognito._update_user_pool_client = keeping(create), keeping(update)
    cognito._build_auth_result, cognito._get_tokens_from_refresh_token = build_and_note, refresh_once


def refuse_unknown_scopes():
    """A client gets only scopes that its pool has (`ScopeDoesNotExistException`), and a resource server's
    update takes away what it is not sent (docs/aws.md §3, §4)."""
    from ministack.services import cognito

    create, update = cognito._create_user_pool_client, cognito._update_user_pool_client
    update_server = cognito._update_resource_server

    def unknown(data):
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        servers = [] if error else cognito._pool_resource_servers(pool).values()
        own = {f"{it['Identifier']}/{scope['ScopeName']}" for it in servers for scope in it["Scopes"]}
        known = own | set(cognito._STANDARD_OAUTH_SCOPES)
        return next((it for it in data.get("AllowedOAuthScopes") or [] if it not in known), None)

    def checking(change):
        def change_checked(data):
            if scope := unknown(data):
                text = f"Invalid scope requested: {scope}"
                return cognito.error_response_json("ScopeDoesNotExistException", text)
            return change(data)

        return change_checked

    cognito._create_user_pool_client, cognito._update_user_pool_client = checking(create), checking(update)
    cognito._update_resource_server = lambda data: update_server({"Scopes": [], **data})


def reset_what_an_update_leaves_out():
    """UpdateUserPool puts back what it is not sent, but for what AWS keeps (docs/aws.md §2)."""
    from copy import deepcopy

    from ministack.services import cognito

    update = cognito._update_user_pool
    usual = {
        "AutoVerifiedAttributes": [], "LambdaConfig": {}, "SmsConfiguration": {}, "SmsAuthenticationMessage": "",
        "AccountRecoverySetting": {}, "DeletionProtection": "INACTIVE",
    }
    absent = ("DeviceConfiguration", "UserPoolAddOns")

    def update_and_reset(data):
        answer = update(data)
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        if answer[0] == 200 and not error:
            pool.update({it: deepcopy(value) for it, value in usual.items() if it not in data})
            for member in absent:
                if member not in data:
                    pool.pop(member, None)
        return answer

    cognito._update_user_pool = update_and_reset


def know_who_signs_people_in():
    """A pool's schema has `identities` from its first identity provider on, and a client offers only providers
    that its pool has (docs/aws.md §2, §3)."""
    from ministack.services import cognito

    create, update = cognito._create_user_pool_client, cognito._update_user_pool_client
    create_provider = cognito._create_identity_provider

    def checking(change):
        def change_checked(data):
            pool, error = cognito._resolve_pool(data.get("UserPoolId"))
            known = {"COGNITO"} if error else {"COGNITO", *pool.get("_identity_providers", {})}
            asked = data.get("SupportedIdentityProviders") or []
            if unknown := next((it for it in asked if it not in known), None):
                text = f"The provider {unknown} does not exist for User Pool {data.get('UserPoolId')}."
                return cognito.error_response_json("InvalidParameterException", text)
            return change(data)

        return change_checked

    def create_marked(data):
        answer = create_provider(data)
        pool, error = cognito._resolve_pool(data.get("UserPoolId"))
        schema = None if error or answer[0] != 200 else pool.get("SchemaAttributes")
        if schema is not None and not any(it["Name"] == "identities" for it in schema):
            schema.append({
                "Name": "identities", "AttributeDataType": "String", "Mutable": True, "Required": False,
                "DeveloperOnlyAttribute": False, "StringAttributeConstraints": {},
            })
        return answer

    cognito._create_user_pool_client, cognito._update_user_pool_client = checking(create), checking(update)
    cognito._create_identity_provider = create_marked


def find_users_in_any_case():
    """`CaseSensitive: false`: a user's name, e-mail address and preferred name mean the user in any case
    (Amazon Cognito developer guide, "User pool case sensitivity"); MiniStack only notes the setting."""
    from ministack.services import cognito

    run, resolve = cognito._run_idp_handler, cognito._resolve_user

    def is_sensitive(pool):
        return pool.get("UsernameConfiguration", {}).get("CaseSensitive", True)

    def names_of(pool, user):
        attributes = cognito._attr_list_to_dict(user.get("Attributes", []))
        others = {*(pool.get("UsernameAttributes") or []), *(pool.get("AliasAttributes") or [])}
        return [user["Username"], *(attributes[name] for name in sorted(others) if name in attributes)]

    def spelt(pool, name):
        """The name as the user of it was made with; any other name as it is."""
        if not isinstance(name, str) or is_sensitive(pool) or name in pool["_users"]:
            return name
        names = [known for user in pool["_users"].values() for known in names_of(pool, user)]
        if name in names:
            return name
        return next((known for known in names if known.casefold() == name.casefold()), name)

    def resolve_in_any_case(pool, username):
        return resolve(pool, spelt(pool, username))

    def pool_of(data):
        if data.get("UserPoolId"):
            return cognito._user_pools.get(data["UserPoolId"])
        return cognito._pool_for_client(data.get("ClientId"))[0]

    def run_in_any_case(handler, action, data):
        """A second user of a name in another case is a second user of that name."""

        def named(data):
            pool = pool_of(data) if action in ("SignUp", "AdminCreateUser") else None
            found = spelt(pool, data.get("Username")) if pool else data.get("Username")
            if found == data.get("Username"):
                return handler(data)
            attributes = [it for it in data.get("UserAttributes", []) if it["Name"] not in ("email", "phone_number")]
            return handler({**data, "Username": found, "UserAttributes": attributes})

        return run(named, action, data)

    cognito._resolve_user = resolve_in_any_case
    cognito._run_idp_handler = run_in_any_case


def issue_tokens_from_here():
    """The issuer of a token is where its keys and its discovery document are, as on AWS (OpenID Connect
    Discovery §4.3): here, not a host of AWS's that knows nothing of the pool."""
    from ministack.services import apigateway_v1, cognito

    here = f"http://{os.environ['MINISTACK_HOST']}:{os.environ['GATEWAY_PORT']}"
    sign, discover = cognito._signed_jwt, cognito.well_known_openid_configuration
    issuers_of, keys_of = apigateway_v1._cognito_pool_issuers, apigateway_v1._resolve_jwks_url

    def from_here(issuer):
        is_clouds = str(issuer).startswith("https://cognito-idp.")
        return f"{here}/{issuer.rsplit('/', 1)[-1]}" if is_clouds else issuer

    def sign_from_here(claims, *rest):
        return sign({**claims, "iss": from_here(claims["iss"])} if "iss" in claims else claims, *rest)

    def discover_here(*asked):
        status, headers, body = discover(*asked)
        document = json.loads(body)
        document["issuer"] = from_here(document["issuer"])
        return status, headers, json.dumps(document).encode()

    async def keys_from_here(authorizer):
        issuer = str(authorizer["jwtConfiguration"]["issuer"])
        if issuer.startswith(f"{here}/"):
            return f"{issuer}/.well-known/jwks.json"
        return await keys_of(authorizer)

    cognito._signed_jwt = sign_from_here
    cognito.well_known_openid_configuration = discover_here
    apigateway_v1._cognito_pool_issuers = lambda it: [from_here(issuer) for issuer in issuers_of(it)]
    apigateway_v1._resolve_jwks_url = keys_from_here


def test_authorizers():
    """TestInvokeAuthorizer, of authorizers with user pools; as API Gateway asks them before a call."""
    from ministack.services import apigateway_v1

    handle = apigateway_v1.handle_request

    async def with_test(method, path, headers, body, query):
        parts = path.strip("/").split("/")
        is_test = method == "POST" and len(parts) == 4 and (parts[0], parts[2]) == ("restapis", "authorizers")
        authorizer = apigateway_v1._authorizers_v1.get(parts[1], {}).get(parts[3]) if is_test else None
        if not authorizer:
            return await handle(method, path, headers, body, query)
        started = time.monotonic()
        asked = {name.lower(): value for name, value in (json.loads(body or "{}").get("headers") or {}).items()}
        claims, error = await apigateway_v1._validate_cognito_authorizer(authorizer, {}, asked, {}, {})
        answer = {
            "clientStatus": 401 if error else 0,
            "latency": round((time.monotonic() - started) * 1000),
            "log": "Execution log of a test",
        }
        if claims:
            answer["claims"] = apigateway_v1._stringify_claims(claims)
        return apigateway_v1._v1_response(answer)

    apigateway_v1.handle_request = with_test


def serve_each_version_its_own_code():
    """AWS's link to a published version's code leads to that version's, not to the latest."""
    from ministack.services import lambda_svc

    link, get, serve = (
        lambda_svc._presigned_code_url,
        lambda_svc._get_function,
        lambda_svc.serve_function_code,
    )

    def get_version(name, qualifier=None):
        lambda_svc._presigned_code_url = lambda it: link(f"{it}:{qualifier}" if qualifier else it)
        try:
            return get(name, qualifier)
        finally:
            lambda_svc._presigned_code_url = link

    def serve_version(name, account_id=None, region=None):
        name, _, version = name.partition(":")
        function = lambda_svc._functions.get_scoped(account_id, region, name) if version else None
        if not function or version == "$LATEST":
            return serve(name, account_id, region)
        if version not in function["versions"]:
            return 404, {"Content-Type": "text/plain"}, b"Version not found"
        return 200, {"Content-Type": "application/zip"}, function["versions"][version]["code_zip"]

    lambda_svc._get_function = get_version
    lambda_svc.serve_function_code = serve_version


def end_only_the_callers_functions():
    """A change of a function's configuration ends its processes, but not another account's of that name."""
    from ministack.services import lambda_svc

    end = lambda_svc.invalidate_worker

    def end_in_place(name, qualifier=None, account=None, region=None):
        account, region = account or lambda_svc.get_account_id(), region or lambda_svc.get_region()
        end(name, qualifier=qualifier, account=account, region=region)

    lambda_svc.invalidate_worker = end_in_place


def give_every_line_an_id():
    """FilterLogEvents has an id for each line; those that MiniStack writes for functions have none."""
    from ministack.services import cloudwatch_logs

    filter_events = cloudwatch_logs._filter_log_events

    def filter_with_ids(data):
        group = cloudwatch_logs._log_groups.get(cloudwatch_logs._resolve_log_group_name(data), {})
        with cloudwatch_logs._log_events_lock:
            for stream in group.get("streams", {}).values():
                for event in stream["events"]:
                    event.setdefault("eventId", cloudwatch_logs.new_uuid())
        return filter_events(data)

    cloudwatch_logs._filter_log_events = filter_with_ids


def serve_apis_as_deployed():
    """A stage serves the methods and authorizers that were there when it was deployed, whatever became of them since
    (API Gateway developer guide, "Deploy REST APIs"). A sandbox that was started anew serves what is there until the
    next deployment."""
    import contextvars
    import copy
    import types

    from ministack.services import apigateway_v1

    create, execute = apigateway_v1._create_deployment, apigateway_v1._execute_in_scope
    deployed, served = {}, contextvars.ContextVar("served", default=None)
    # Whoever serves a request, and what of the API it reads.
    readers = {
        "_match_resource_tree": "_resources",
        "_match_greedy_fallback": "_resources",
        "_authorize_request_v1": "_authorizers_v1",
    }

    class Served:
        """What the deployment has that is asked; outside of a request what is there."""

        def __init__(self, store):
            self.store = store

        def get(self, api_id, otherwise=None):
            kept = served.get()
            return getattr(apigateway_v1, self.store).get(api_id, otherwise) if kept is None else kept[self.store]

    def create_and_keep(api_id, data):
        answer = create(api_id, data)
        if answer[0] == 201:
            deployment = json.loads(answer[2])["id"]
            stores = {store: getattr(apigateway_v1, store).get(api_id) or {} for store in readers.values()}
            deployed[api_id, deployment] = copy.deepcopy({store: dict(all) for store, all in stores.items()})
        return answer

    async def execute_deployed(request, api_id, stage_name, *rest):
        stage = apigateway_v1._stages_v1.get(api_id, {}).get(stage_name, {})
        token = served.set(deployed.get((api_id, stage.get("deploymentId"))))
        try:
            return await execute(request, api_id, stage_name, *rest)
        finally:
            served.reset(token)

    for name, store in readers.items():
        reader = getattr(apigateway_v1, name)
        names = {**reader.__globals__, store: Served(store)}
        setattr(apigateway_v1, name, types.FunctionType(reader.__code__, names, name, reader.__defaults__))
    apigateway_v1._create_deployment = create_and_keep
    apigateway_v1._execute_in_scope = execute_deployed
