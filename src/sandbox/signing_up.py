"""The hosted login's pages to sign up and to confirm it, which MiniStack lacks (Amazon Cognito developer guide,
"User pool managed login": `/signup`, `/confirm`)."""

import base64
import hashlib
import hmac
import html
import json
import secrets
from urllib.parse import parse_qs, urlencode

# The fields that an authorization request carries from page to page.
OAUTH = "client_id", "redirect_uri", "scope", "state", "response_type", "code_challenge", "code_challenge_method", "nonce"
# How many sign-ups wait for their codes at once: strangers may ask for pages.
MOST_WAITING = 1000
LABELS = {
    "email": ("Email", "email", "email"),
    "phone_number": ("Phone number, +15555550100", "tel", "tel"),
    "name": ("Name", "text", "name"),
    "birthdate": ("Date of birth", "date", "bday"),
}


def let_people_sign_up():
    import ministack.app
    from ministack.services import cognito

    on_get, on_body = ministack.app._handle_cognito_get_request, ministack.app._handle_cognito_body_request
    pages = {name: getattr(cognito, name) for name in ("_login_page_html", "_username_page_html")}
    waiting = {}

    def with_link(page):
        """A pool in which people sign up themselves offers it below the sign-in."""

        def offer(client_id, redirect_uri, scope, state, response_type, *rest, **named):
            text = page(client_id, redirect_uri, scope, state, response_type, *rest, **named)
            given = dict(zip(OAUTH, (client_id, redirect_uri, scope, state, response_type, *rest)))
            if not is_open(cognito._find_pool_by_client_id(client_id)[1]):
                return text
            link = html.escape(f"/signup?{urlencode(given)}")
            return text.replace("</form>", f'</form>\n<p class="footer">New here? <a href="{link}">Sign up</a></p>', 1)

        return offer

    def is_open(pool):
        return bool(pool) and not pool.get("AdminCreateUserConfig", {}).get("AllowAdminCreateUserOnly", False)

    def pool_of(asked):
        """The pool and client of an authorization request that may go on here, or the answer to it."""
        pool_id, pool, client = cognito._find_pool_by_client_id(asked["client_id"])
        if not pool:
            return None, None, cognito._oauth2_error("invalid_client", "There is no such client.")
        if asked["redirect_uri"] not in client.get("CallbackURLs", []):
            return None, None, cognito._oauth2_error("invalid_request", "redirect_uri is not allowed.")
        if not is_open(pool):
            return None, None, cognito._oauth2_error("invalid_request", "Nobody signs up here but by an administrator.")
        return pool_id, pool, None

    def fields_of(pool):
        """What a new user is asked for: the name to sign in with, and what the pool requires."""
        names = list(pool.get("UsernameAttributes") or [])
        required = [it["Name"] for it in pool.get("SchemaAttributes", []) if it.get("Required") and it["Name"] != "sub"]
        first = names[:1] if names else ["username"]
        return first + [name for name in required if name not in first]

    def page(title, heading, body):
        text = cognito._page_shell(title, heading, body)
        # The shell styles texts and passwords alone.
        text = text.replace("input[type=text],", "input[type=email],input[type=tel],input[type=date],input[type=text],", 1)
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        return 200, headers, text.encode()

    def error_block(text):
        return f'<div class="error" role="alert">{html.escape(text)}</div>' if text else ""

    def sign_up_page(pool, asked, given=None, error=""):
        given, inputs = given or {}, []
        for name in fields_of(pool):
            label, kind, complete = LABELS.get(name, (name.replace("_", " ").capitalize(), "text", "on"))
            value, name, label = html.escape(given.get(name, "")), html.escape(name), html.escape(label)
            inputs.append(
                f'<label for="{name}">{label}</label>\n'
                f'<input type="{kind}" id="{name}" name="{name}" value="{value}" autocomplete="{complete}" required>'
            )
        hidden = "\n".join(f'<input type="hidden" name="{it}" value="{html.escape(asked[it])}">' for it in OAUTH)
        back = html.escape(f"/oauth2/authorize?{urlencode(asked)}")
        body = f"""{error_block(error)}
<form method="POST" action="/signup">
{hidden}
{chr(10).join(inputs)}
<label for="password">Password</label>
<input type="password" id="password" name="password" autocomplete="new-password" required>
<button type="submit">Sign up</button>
</form>
<p class="footer">Already have an account? <a href="{back}">Sign in</a></p>"""
        return page("Sign up", "Sign up", body)

    def confirm_page(token, error=""):
        body = f"""{error_block(error)}
<p>A code was sent. Nothing is sent in the sandbox: the code is 123456.</p>
<form method="POST" action="/confirm">
<input type="hidden" name="token" value="{html.escape(token)}">
<label for="code">Verification code</label>
<input type="text" id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required autofocus>
<button type="submit">Confirm account</button>
</form>"""
        return page("Confirm", "Confirm your account", body)

    def ask(action, data, client):
        """Cognito's own operation, as a client asks for it: None, or what was wrong."""
        secret = client.get("ClientSecret")
        if secret:
            text = data["Username"] + data["ClientId"]
            digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
            data = {**data, "SecretHash": base64.b64encode(digest).decode()}
        handler = {"SignUp": cognito._sign_up, "ConfirmSignUp": cognito._confirm_sign_up}[action]
        status, _, body = cognito._run_idp_handler(handler, action, data)
        return None if status == 200 else json.loads(body).get("message", "It did not work.")

    def sign_up(form):
        asked = {name: form.get(name, "") for name in OAUTH}
        pool_id, pool, refused = pool_of(asked)
        if refused:
            return refused
        names = fields_of(pool)
        username = form.get(names[0], "")
        attributes = [{"Name": it, "Value": form.get(it, "")} for it in names if it != "username" and form.get(it)]
        client = pool["_clients"][asked["client_id"]]
        data = {"ClientId": asked["client_id"], "Username": username, "Password": form.get("password", "")}
        error = ask("SignUp", {**data, "UserAttributes": attributes}, client)
        if error:
            return sign_up_page(pool, asked, form, error)
        user, _ = cognito._resolve_user(pool, username)
        if user.get("UserStatus") == "CONFIRMED":
            return signed_in(pool_id, asked, user["Username"])
        if len(waiting) >= MOST_WAITING:
            waiting.pop(next(iter(waiting)))
        token = secrets.token_urlsafe(24)
        waiting[token] = username, asked
        return confirm_page(token)

    def confirm(form):
        token = form.get("token", "")
        if token not in waiting:
            return cognito._oauth2_error("invalid_request", "This sign-up is over; sign in, or sign up again.")
        username, asked = waiting[token]
        pool_id, pool, refused = pool_of(asked)
        if refused:
            return refused
        data = {"ClientId": asked["client_id"], "Username": username, "ConfirmationCode": form.get("code", "").strip()}
        error = ask("ConfirmSignUp", data, pool["_clients"][asked["client_id"]])
        if error:
            return confirm_page(token, error)
        del waiting[token]
        return signed_in(pool_id, asked, cognito._resolve_user(pool, username)[0]["Username"])

    def signed_in(pool_id, asked, username):
        """Who has just signed up is signed in, as on AWS."""
        fields = "nonce", "code_challenge", "code_challenge_method", "state"
        given = [asked["client_id"], pool_id, asked["redirect_uri"], asked["scope"], username]
        return cognito._issue_auth_code_redirect(*given, *(asked[name] for name in fields))

    async def get(method, path, headers, query):
        if path != "/signup" or method != "GET":
            return await on_get(method, path, headers, query)
        asked = {name: cognito._qp(query, name) for name in OAUTH}
        _, pool, refused = pool_of(asked)
        return refused or sign_up_page(pool, asked)

    async def post(method, path, headers, body, query):
        if path not in ("/signup", "/confirm") or method != "POST":
            return await on_body(method, path, headers, body, query)
        form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        return sign_up(form) if path == "/signup" else confirm(form)

    for name, original in pages.items():
        setattr(cognito, name, with_link(original))
    ministack.app._handle_cognito_get_request = get
    ministack.app._handle_cognito_body_request = post
