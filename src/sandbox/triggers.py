

def call_triggers():
    """A pool's triggers (docs/aws.md §2, "Triggers"). MiniStack calls some of them, whoever may call the function,
    lets a failure pass when it makes tokens, and calls none once people are confirmed or sign in. Custom
    senders and inbound federation stay as they are there."""
    from fnmatch import fnmatchcase
    from threading import local

    from ministack import app
    from ministack.services import cognito, lambda_svc

    now = local()  # What is asked on this thread: MiniStack answers each call on one.
    passwords = ("USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH")

    class Refused(Exception):
        def __init__(self, code, text):
            super().__init__(text)
            self.code = code

    def function_of(pool, trigger):
        config = pool.get("LambdaConfig") or {}
        versioned = config.get(f"{trigger}Config") or {}
        return versioned.get("LambdaArn") or config.get(trigger)

    def ask_leave(pool, trigger, record, arn):
        """A statement of the function's own policy gives it."""
        for it in record.get("policy", {}).get("Statement", []):
            conditions = it.get("Condition", {})
            source = conditions.get("ArnLike", {}).get("AWS:SourceArn", "*")
            is_cognito = it.get("Principal") in ("*", {"Service": "cognito-idp.amazonaws.com"})
            if is_cognito and it.get("Resource") == arn and fnmatchcase(pool["Arn"], source):
                return
        text = f"{trigger} invocation failed due to error AccessDeniedException."
        raise Refused("UnexpectedLambdaException", text)

    def call(pool, trigger, source, username, attributes, request, response, **more):
        """What the function behind the trigger answers, or None where there is none."""
        if not (arn := function_of(pool, trigger)):
            return None
        record, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if record is None or config is None:
            text = f"{trigger} invocation failed due to error ResourceNotFoundException."
            raise Refused("UnexpectedLambdaException", text)
        ask_leave(pool, trigger, record, arn)
        event = {
            "version": "1",
            "triggerSource": source,
            "region": cognito._pool_region(pool["Id"]),
            "userPoolId": pool["Id"],
            "userName": username or "",
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id()},
            "request": {"userAttributes": attributes, **request},
            "response": response,
            **more,
        }
        record = lambda_svc._execution_record_for_config(record, config)
        result = lambda_svc._execute_function_with_config_scope(record, event)
        body = result.get("body")
        try:
            body = json.loads(body) if isinstance(body, (str, bytes)) else body
        except ValueError:
            body = None
        if result.get("error"):
            said = body.get("errorMessage", "") if isinstance(body, dict) else ""
            raise Refused("UserLambdaValidationException", f"{trigger} failed with error {said}.")
        if not isinstance(body, dict) or not isinstance(body.get("response"), dict):
            raise Refused("InvalidLambdaResponseException", "Unrecognizable lambda output")
        return body["response"]

    def asked():
        return getattr(now, "data", {})

    def client_id():
        return asked().get("ClientId") or "CLIENT_ID_NOT_APPLICABLE"

    def metadata():
        given = asked().get("ClientMetadata")
        return {"clientMetadata": dict(given)} if given else {}

    def attributes_of(user):
        known = cognito._attr_list_to_dict(user.get("Attributes", []))
        return {**known, "cognito:user_status": user.get("UserStatus", "")}

    def pool_and_user(data):
        pool = cognito._user_pools.get(data.get("UserPoolId")) or cognito._pool_for_client(data.get("ClientId"))[0]
        name = data.get("Username") or (data.get("AuthParameters") or {}).get("USERNAME")
        return pool, name, cognito._resolve_user(pool, name)[0] if pool and name else None

    def sign_up(pool_id, client, username, attributes, trigger_source="PreSignUp_ExternalProvider"):
        """Before a user is made; AdminCreateUser asks too, and leaves aside what is to be confirmed."""
        given = {it["Name"]: it.get("Value", "") for it in asked().get("ValidationData") or []}
        keys = ("autoConfirmUser", "autoVerifyEmail", "autoVerifyPhone")
        request = {"validationData": given, **metadata()}
        pool, response = cognito._user_pools.get(pool_id), dict.fromkeys(keys, False)
        if not pool:
            return response
        try:
            said = call(pool, "PreSignUp", trigger_source, username, attributes, request, response) or {}
        except Refused as refused:
            if trigger_source != "PreSignUp_ExternalProvider":
                raise
            raise cognito._PreSignUpRejected(str(refused)) from refused
        return {key: bool(said.get(key)) for key in keys}

    def make_claims(pool_id, claims, token_type, **asked_for):
        """Asked once for each sign-in; a first version changes the identity token only."""
        pool = cognito._user_pools.get(pool_id) or {}
        config = (pool.get("LambdaConfig") or {}).get("PreTokenGenerationConfig") or {}
        version = config.get("LambdaVersion", "V1_0")
        is_first, source = version == "V1_0", asked_for["trigger_source"]
        is_machine = source == "TokenGeneration_ClientCredentials"
        if not function_of(pool, "PreTokenGeneration") or is_machine and version != "V3_0":
            return claims
        if is_first and token_type != "id":
            return claims
        response = getattr(now, "claims", None)
        if response is None:
            given = {key: value for key, value in asked_for.items() if key != "scope"}
            event = cognito._build_pretoken_event(
                pool_id=pool_id, version=version, scope=asked_for["scope"], **given)
            request = {key: value for key, value in event["request"].items() if key != "userAttributes"}
            response = call(
                pool, "PreTokenGeneration", source, event["userName"], event["request"]["userAttributes"],
                request, event["response"], version=event["version"], callerContext=event["callerContext"])
            if hasattr(now, "claims"):
                now.claims = response
        if is_first:
            details = response.get("claimsOverrideDetails") or {}
            change = details
        else:
            details = response.get("claimsAndScopeOverrideDetails") or {}
            part = "accessTokenGeneration" if token_type == "access" else "idTokenGeneration"
            change = details.get(part) or {}
        claims = {**claims, **(change.get("claimsToAddOrOverride") or {})}
        for claim in change.get("claimsToSuppress") or []:
            claims.pop(claim, None)
        if token_type == "access":
            less = change.get("scopesToSuppress") or []
            scopes = [it for it in claims.get("scope", "").split() if it not in less]
            scopes += [it for it in change.get("scopesToAdd") or [] if it not in scopes]
            claims["scope"] = " ".join(scopes)
        groups = (details.get("groupOverrideDetails") or {}).get("groupsToOverride")
        return claims if groups is None else {**claims, "cognito:groups": groups}

    def word(pool, trigger_source, username, attributes, client_metadata=None, username_parameter="{username}"):
        """What a message says."""
        request = {"codeParameter": "{####}", "usernameParameter": username_parameter, **metadata()}
        response = {"smsMessage": None, "emailMessage": None, "emailSubject": None}
        return call(pool, "CustomMessage", trigger_source, username, attributes, request, response) or {}

    messages = {
        "SignUp": "CustomMessage_SignUp",
        "ResendConfirmationCode": "CustomMessage_ResendCode",
        "ForgotPassword": "CustomMessage_ForgotPassword",
        "AdminResetUserPassword": "CustomMessage_ForgotPassword",
        "UpdateUserAttributes": "CustomMessage_UpdateUserAttribute",
    }
    send = cognito._send_verification_email

    def send_worded(pool, username, attributes, code, **named):
        if source := messages.get(getattr(now, "action", None)):
            said = word(pool, source, username, dict(attributes), username_parameter=None)
            if said.get("emailMessage") and "{####}" not in said["emailMessage"]:
                raise Refused("InvalidLambdaResponseException", "The message has no {####}.")
        return send(pool, username, attributes, code, **named)

    def before_sign_in(pool, name, user, password):
        """A user who is not there may be in another directory; whoever is may be turned away."""
        given = {"validationData": dict(asked().get("ClientMetadata") or {})}
        if user is None and password is not None:
            take_over(pool, name, "UserMigration_Authentication", {"password": password, **given})
            user = cognito._resolve_user(pool, name)[0]
        if user is None:
            return
        call(pool, "PreAuthentication", "PreAuthentication_Authentication", user["Username"],
             attributes_of(user), given, {})

    def take_over(pool, name, source, request):
        """From the directory that the function asks, with the password that was given."""
        response = {key: None for key in ("userAttributes", "finalUserStatus", "messageAction")}
        try:
            said = call(pool, "UserMigration", source, name, {}, request, response)
        except Refused as refused:
            text = f"Exception migrating user in app client {client_id()}"
            raise Refused("UserNotFoundException", text) from refused
        attributes = (said or {}).get("userAttributes")
        if not attributes:
            return
        attributes = {key: it for key, it in attributes.items() if key not in ("username", "sub")}
        status = said.get("finalUserStatus") or "RESET_REQUIRED"
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        made = cognito._admin_create_user({
            "UserPoolId": pool["Id"], "Username": name, "UserAttributes": listed, "MessageAction": "SUPPRESS",
            "TemporaryPassword": request.get("password"),
        })
        if made[0] != 200:
            raise Refused("UserNotFoundException", json.loads(made[2])["message"])
        user = cognito._resolve_user(pool, name)[0]
        user["UserStatus"] = "CONFIRMED" if status == "CONFIRMED" else "RESET_REQUIRED"

    def signed_in(pool, user):
        request = {"newDeviceUsed": False, **metadata()}
        call(pool, "PostAuthentication", "PostAuthentication_Authentication", user["Username"],
             attributes_of(user), request, {})

    def confirmed(pool, user, source):
        call(pool, "PostConfirmation", source, user["Username"], attributes_of(user), metadata(), {})

    def before(action, data):
        pool, name, user = pool_and_user(data)
        if not pool:
            return
        if action in ("InitiateAuth", "AdminInitiateAuth"):
            is_password = data.get("AuthFlow") in passwords
            if is_password or data.get("AuthFlow") == "USER_SRP_AUTH":
                password = (data.get("AuthParameters") or {}).get("PASSWORD") if is_password else None
                before_sign_in(pool, name, user, password)
        elif action == "ForgotPassword" and not user:
            take_over(pool, name, "UserMigration_ForgotPassword", metadata())
        elif action == "AdminCreateUser" and not user:
            known = cognito._attr_list_to_dict(data.get("UserAttributes", []))
            sign_up(pool["Id"], None, name, known, "PreSignUp_AdminCreateUser")

    def after(action, data, answer):
        confirms = {
            "ConfirmSignUp": "PostConfirmation_ConfirmSignUp",
            "AdminConfirmSignUp": "PostConfirmation_ConfirmSignUp",
            "ConfirmForgotPassword": "PostConfirmation_ConfirmForgotPassword",
        }
        is_confirmed = action == "SignUp" and json.loads(answer[2]).get("UserConfirmed")
        source = confirms["ConfirmSignUp"] if is_confirmed else confirms.get(action)
        if source:
            pool, _, user = pool_and_user(data)
            confirmed(pool, user, source)

    run = cognito._run_idp_handler

    def run_with_triggers(handler, action, data):
        def handle(data):
            now.action, now.data = action, data
            before(action, data)
            answer = handler(data)
            if answer[0] == 200:
                after(action, data, answer)
            return answer

        try:
            return run(handle, action, data)
        except Refused as refused:
            return cognito.error_response_json(refused.code, str(refused))
        finally:
            now.__dict__.clear()

    build, issue_code = cognito._build_auth_result, cognito._issue_auth_code_redirect
    sign_ins = ("TokenGeneration_Authentication", "TokenGeneration_NewPasswordChallenge")

    def build_with_triggers(pool_id, client, user, *rest, **named):
        if named.get("trigger_source", sign_ins[0]) in sign_ins and not hasattr(now, "form"):
            signed_in(cognito._user_pools[pool_id], user)
        now.claims = None
        try:
            return build(pool_id, client, user, *rest, **named)
        finally:
            del now.claims

    def issue_with_triggers(client, pool_id, redirect_uri, scope, username, *rest):
        pool = cognito._get_pool_unscoped(pool_id)
        if hasattr(now, "form"):
            signed_in(pool, pool["_users"][username])
        return issue_code(client, pool_id, redirect_uri, scope, username, *rest)

    authenticate, submit, token = (
        cognito._authenticate_hosted_ui_user, cognito.handle_login_submit, cognito._oauth2_token)

    def authenticate_with_triggers(pool, username, password):
        before_sign_in(pool, username, cognito._resolve_user(pool, username)[0], password)
        return authenticate(pool, username, password)

    def submit_with_triggers(method, path, headers, body, query):
        """The login shows what a function says to whom it turns away."""
        fields = cognito.parse_qs((body or b"").decode("utf-8", errors="replace"), keep_blank_values=True)
        form = {key: values[0] for key, values in fields.items()}
        now.form, now.data = True, {"ClientId": form.get("client_id")}
        try:
            return submit(method, path, headers, body, query)
        except Refused as refused:
            oauth = cognito._extract_oauth_form_params(form)
            order = ("client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge")
            fields = [oauth[key] for key in (*order, "code_challenge_method", "nonce")]
            page = cognito._login_page_html(*fields, error_message=str(refused))
            return 200, {"Content-Type": "text/html; charset=utf-8"}, page.encode()
        finally:
            now.__dict__.clear()

    def token_with_triggers(*given):
        now.form = True
        try:
            return token(*given)
        except Refused as refused:
            return cognito._oauth2_error("invalid_grant", str(refused))
        finally:
            now.__dict__.clear()

    answer_body = app._handle_cognito_body_request

    async def answer_on_a_thread(method, path, headers, body, query):
        """A function may call back while the login waits for it."""
        if path in ("/oauth2/login", "/login") and method == "POST":
            return await cognito.run_reentrant(cognito.handle_login_submit, method, path, headers, body, query)
        return await answer_body(method, path, headers, body, query)

    def guarded(challenge, trigger):
        def ask(pool_id, *given):
            pool = cognito._user_pools.get(pool_id) or {}
            if arn := function_of(pool, trigger):
                record = lambda_svc._get_func_record_for_ref(arn)[0]
                if record is not None:
                    ask_leave(pool, trigger, record, arn)
            return challenge(pool_id, *given)

        return ask

    for name, trigger in (("define", "DefineAuthChallenge"), ("create", "CreateAuthChallenge"),
                          ("verify", "VerifyAuthChallengeResponse")):
        invoker = f"_invoke_{name}_auth_challenge_trigger"
        setattr(cognito, invoker, guarded(getattr(cognito, invoker), trigger))
    cognito._apply_presignup_trigger, cognito._apply_pretoken_trigger = sign_up, make_claims
    cognito._apply_custom_message_trigger, cognito._send_verification_email = word, send_worded
    cognito._run_idp_handler = run_with_triggers
    cognito._build_auth_result, cognito._issue_auth_code_redirect = build_with_triggers, issue_with_triggers
    cognito._authenticate_hosted_ui_user = authenticate_with_triggers
    cognito.handle_login_submit, cognito._oauth2_token = submit_with_triggers, token_with_triggers
    app._handle_cognito_body_request = answer_on_a_thread
