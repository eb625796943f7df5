

def give_credentials():
    """Identity pools (docs/aws.md §4, "Identity pools"). MiniStack gives credentials to whoever asks, with the same role
    for all, keeps tags in two places, and keeps what an update leaves out."""
    from copy import deepcopy

    from ministack.services import cognito, iam, sts

    usual = {
        "AllowClassicFlow": False, "SupportedLoginProviders": {}, "DeveloperProviderName": "",
        "OpenIdConnectProviderARNs": [], "CognitoIdentityProviders": [], "SamlProviderARNs": [],
    }
    unknown = "Token is not from a supported provider of this identity pool."
    create, update, show = cognito._create_identity_pool, cognito._update_identity_pool, cognito._identity_pool_out
    get_id, give = cognito._get_id, cognito._get_credentials_for_identity
    sign = cognito._signed_jwt

    def refuse(text, code="NotAuthorizedException"):
        return cognito.error_response_json(code, text, 400)

    def create_tagged(data):
        answer = create(data)
        if answer[0] == 200:
            id = json.loads(answer[2])["IdentityPoolId"]
            cognito._identity_tags[id] = dict(data.get("IdentityPoolTags") or {})
        return answer

    def update_and_reset(data):
        rest = {it: deepcopy(value) for it, value in usual.items() if it not in data}
        id = data.get("IdentityPoolId")
        if id in cognito._identity_pools:
            cognito._identity_tags[id] = dict(data.get("IdentityPoolTags") or {})
        return update({**rest, **data})

    def show_tags(pool):
        return {**show(pool), "IdentityPoolTags": cognito._identity_tags.get(pool["IdentityPoolId"], {})}

    def pool_of(identity):
        return next((it for it in cognito._identity_pools.values() if identity in it["_identities"]), None)

    def problem(pool, identity, logins):
        """Why somebody with these tokens gets nothing."""
        stored = (pool["_identities"].get(identity) or {}).get("Logins") or {}
        if not logins:
            if stored:
                return f"Access to Identity '{identity}' is forbidden."
            if not pool.get("AllowUnauthenticatedIdentities"):
                return "Unauthenticated access is not supported for this identity pool."
            return None
        if stored and not any(it in stored for it in logins):
            return "Logins don't match. Please include at least one valid login for this identity or identity pool."
        problems = (token_problem(pool, stored, provider, token) for provider, token in logins.items())
        return next((it for it in problems if it), None)

    def token_problem(pool, stored, provider, token):
        if not provider.startswith("cognito-idp."):
            arns = pool.get("OpenIdConnectProviderARNs") or []
            known = {*(pool.get("SupportedLoginProviders") or {}), *(pool.get("SamlProviderARNs") or [])}
            known |= {arn.split("oidc-provider/", 1)[-1] for arn in arns}
            return None if provider in known else unknown
        of = [it for it in pool.get("CognitoIdentityProviders") or [] if it.get("ProviderName") == provider]
        claims = cognito._token_claims(token)
        if claims.get("token_use") != "id" or claims.get("aud") not in [it.get("ClientId") for it in of]:
            return unknown
        if str(claims.get("iss")).rsplit("/", 1)[-1] != provider.rsplit("/", 1)[-1]:
            return "Invalid login token. Issuer doesn't match providerName"
        if not cognito._signature_valid(token):
            return "Invalid login token. Token signature invalid."
        if claims.get("exp", 0) <= time.time():
            return f"Invalid login token. Token expired: {int(time.time())} >= {claims.get('exp')}"
        if provider in stored and cognito._token_claims(stored[provider]).get("sub") != claims.get("sub"):
            return "Logins don't match. Please include at least one valid login for this identity or identity pool."
        client = next(it for it in of if it.get("ClientId") == claims["aud"])
        if client.get("ServerSideTokenCheck") and not is_welcome(provider, claims):
            return "Invalid login token. Token is revoked or the user is disabled."
        return None

    def is_welcome(provider, claims):
        pool = cognito._get_pool_unscoped(provider.rsplit("/", 1)[-1]) or {}
        user = pool.get("_users", {}).get(claims.get("cognito:username"))
        return bool(user) and user.get("Enabled", True) and claims.get("origin_jti") not in cognito._revoked_tokens

    def id_for(data):
        pool = cognito._identity_pools.get(data.get("IdentityPoolId"))
        text = problem(pool, None, data.get("Logins") or {}) if pool else None
        return refuse(text) if text else get_id(data)

    def role_of(pool, logins, asked):
        """The role that somebody gets; None where there is none."""
        roles = pool.get("_roles") or {}
        if not logins:
            return roles.get("unauthenticated")
        for provider, token in logins.items():
            claims = cognito._token_claims(token)
            mapping = (pool.get("_role_mappings") or {}).get(f"{provider}:{claims.get('aud')}")
            mapping = mapping or (pool.get("_role_mappings") or {}).get(provider)
            if not mapping:
                continue
            found = by_token(claims, asked) if mapping["Type"] == "Token" else by_rule(mapping, claims)
            if found or mapping.get("AmbiguousRoleResolution") != "AuthenticatedRole":
                return found
        return roles.get("authenticated")

    def by_token(claims, asked):
        return asked if asked in claims.get("cognito:roles", []) else claims.get("cognito:preferred_role")

    def by_rule(mapping, claims):
        for rule in mapping["RulesConfiguration"]["Rules"]:
            claim, value = claims.get(rule["Claim"]), rule["Value"]
            texts = [str(it) for it in claim] if isinstance(claim, list) else [str(claim)]
            fits = {
                "Equals": value in texts, "NotEqual": value not in texts,
                "Contains": any(value in it for it in texts),
                "StartsWith": any(it.startswith(value) for it in texts),
            }
            if claim is not None and fits[rule["MatchType"]]:
                return rule["RoleARN"]
        return None

    def trusts(role, pool, amr):
        document = role.get("AssumeRolePolicyDocument") or {}
        document = json.loads(document) if isinstance(document, str) else document
        for it in many(document.get("Statement")):
            conditions = it.get("Condition") or {}
            aud = conditions.get("StringEquals", {}).get("cognito-identity.amazonaws.com:aud")
            wanted = conditions.get("ForAnyValue:StringLike", {}).get("cognito-identity.amazonaws.com:amr")
            is_ours = pool["IdentityPoolId"] in many(aud)
            allows = it.get("Effect") == "Allow" and "sts:AssumeRoleWithWebIdentity" in many(it.get("Action"))
            if allows and is_ours and (not wanted or any(one in amr for one in many(wanted))):
                return True
        return False

    def many(value):
        return value if isinstance(value, list) else [] if value is None else [value]

    def credentials(data):
        identity, logins = data.get("IdentityId"), data.get("Logins") or {}
        pool = pool_of(identity)
        if not pool:
            return refuse(f"Identity '{identity}' not found.", "ResourceNotFoundException")
        if text := problem(pool, identity, logins):
            return refuse(text)
        arn = role_of(pool, logins, data.get("CustomRoleArn"))
        role = next((it for it in iam._roles.values() if it["Arn"] == arn), None)
        amr = cognito._identity_login_fields(logins)[0]
        if not role or not trusts(role, pool, amr):
            text = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
            return refuse(text, "InvalidIdentityPoolConfigurationException")
        answer = give(data)
        if answer[0] == 200:
            key = json.loads(answer[2])["Credentials"]["AccessKeyId"]
            head = sts._sessions[key]["Arn"].split(":assumed-role/")[0]
            sts._sessions[key]["Arn"] = f"{head}:assumed-role/{role['RoleName']}/CognitoIdentityCredentials"
        return answer

    def sign_with_roles(claims, *rest):
        """The roles of a user's groups are in the ID token, and the one of the first of them."""
        groups = claims.get("cognito:groups") if claims.get("token_use") == "id" else None
        if groups:
            id = str(claims.get("iss")).rsplit("/", 1)[-1]
            pools = (pool for (_, _, it), pool in cognito._user_pools.all_items() if it == id)
            known = next(pools, {}).get("_groups", {})
            own = [known[it] for it in groups if known.get(it, {}).get("RoleArn")]
            own.sort(key=lambda it: it["Precedence"] if isinstance(it.get("Precedence"), int) else 2**31)
            if own:
                claims = {
                    **claims, "cognito:roles": [it["RoleArn"] for it in own],
                    "cognito:preferred_role": own[0]["RoleArn"],
                }
        return sign(claims, *rest)

    cognito._create_identity_pool = create_tagged
    cognito._update_identity_pool = update_and_reset
    cognito._identity_pool_out = show_tags
    cognito._get_id = id_for
    cognito._get_credentials_for_identity = credentials
    cognito._signed_jwt = sign_with_roles
