"""Who may ask the sandbox for what. It stands before everything that MiniStack serves.

A function that somebody makes and invokes is a program that runs as the user, and whoever reaches
the port is a stranger: a page in the browser, another user of this machine. So what AWS serves to
everybody is served to everybody, and all else only to who signs with the sandbox's key, as AWS
wants it. MiniStack's own AUTH=true is not used: it also enforces IAM's policies, which a key
without a user has none of, and leaves /_ministack/* and the answers to preflights open.
"""

import hashlib
import hmac
import json
import os
import re
import socket
import sys
from urllib.parse import parse_qs, quote

# More than the largest zip that Lambda takes directly, as base64 in JSON.
LARGEST_BODY = 80 * 1024 * 1024

# The login's pages and endpoints, and its keys: a pool's own addresses, open on AWS too.
LOGIN = re.compile(
    r"/(login|logout|signup|confirm|oauth2/(authorize|login|token|revoke|userinfo|userInfo))"
    r"|/[\w-]+_[0-9A-Za-z]+/\.well-known/(jwks\.json|openid-configuration)"
)
HEALTH = "/_ministack/health"
CODE = "/_ministack/lambda-code/"
COGNITO = {
    "cognito-idp": "AWSCognitoIdentityProviderService.",
    "cognito-identity": "AWSCognitoIdentityService.",
}


def keep_to_ourselves(key):
    """Gives the key to the sandbox's own parts, before anything else changes them."""
    sign_code_links(key)
    keep_the_runtime_api()
    # A function calls AWS with its own credentials; here they are the sandbox's.
    os.environ["AWS_SECRET_ACCESS_KEY"] = key
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}"


def guard(module, key):
    """Puts the guard before the module's app."""
    names = [f"{host}:{os.environ['GATEWAY_PORT']}" for host in ("127.0.0.1", "localhost")]
    unsigned, serve = unsigned_operations(), module.app

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            return await serve(scope, receive, send)
        if scope["type"] != "http":
            return await close(receive, send)
        headers = headers_of(scope)
        # A page whose own name leads to 127.0.0.1 is of the same origin to its browser.
        if headers.get("host") not in names:
            return await refuse(send, "this is the sandbox of wsctl, and not that host")
        if is_public(module, scope, headers, key):
            return await serve(scope, receive, send)
        if is_unsigned(scope, headers, unsigned):
            return await serve(without(scope, b"authorization"), receive, send)
        if "origin" in headers:
            return await refuse(send, "no page may ask for this")
        body = await read(receive)
        problem = "the request is too large" if body is None else signature_problem(scope, headers, body, key)
        if problem:
            return await refuse(send, problem)
        await serve(scope, again(body, receive), without_cors(send))

    module.app = app


def headers_of(scope):
    """By name in lower case; a repeated one is not one value, so it never equals what is wanted."""
    headers = {}
    for name, value in scope["headers"]:
        name, value = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def is_public(module, scope, headers, key):
    """What AWS serves without credentials: an API's own address, the login, the link to a code."""
    path, method = scope["path"], scope["method"]
    if path.startswith(CODE):
        signature = parse_qs(scope["query_string"].decode("latin-1")).get("X-Amz-Signature", [""])[0]
        return method == "GET" and hmac.compare_digest(signature.encode(), code_signature(path, key).encode())
    is_api = module._parse_execute_api_url(headers["host"], path) is not None
    return is_api or LOGIN.fullmatch(path) is not None or (path == HEALTH and method == "GET")


def unsigned_operations():
    """Cognito's operations that need no credentials, by its published models."""
    from botocore.loaders import Loader

    return {
        f"{target}{name}"
        for service, target in COGNITO.items()
        for name, operation in Loader().load_service_model(service, "service-2")["operations"].items()
        if operation.get("authtype") == "none"
    }


def is_unsigned(scope, headers, unsigned):
    """Whether it is one of them, and nothing in it could be taken for another request."""
    target = headers.get("x-amz-target", "")
    is_plain = scope["method"] == "POST" and scope["path"] == "/" and not scope["query_string"]
    return is_plain and target in unsigned


def signature_problem(scope, headers, body, key):
    """What is wrong with the request's signature (SigV4, in the header); None if nothing is."""
    from ministack.core import sigv4

    if not headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 "):
        return "the request is not signed; wsctl signs with the sandbox's key"
    signature = sigv4.parse_header_signature(headers)
    if isinstance(signature, tuple):
        return signature[1]
    late = sigv4.request_time_failure(signature)
    if late:
        return late[1]
    if "host" not in signature.signed_headers.split(";"):
        return "the host is not signed"
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    canonical = sigv4.build_canonical_request(
        scope["method"],
        path,
        headers,
        parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        signature.signed_headers,
        payload_hash=hashlib.sha256(body).hexdigest(),
    )
    place = signature.date_stamp, signature.region, signature.service
    text = sigv4.build_string_to_sign(signature.amz_date, *place, canonical)
    key = secret_of(signature, scope, body, key)
    if sigv4.signatures_match(sigv4.calculate_signature(key, *place, text), signature.signature):
        return None
    return "the request is signed with another key than the sandbox's"


def secret_of(signature, scope, body, key):
    """The sandbox's key. Credentials that an identity pool gave have their own, good for one question: whose they are."""
    from ministack.services import sts

    session = sts._sessions.get(signature.access_key_id)
    # MiniStack takes the service from a target before it looks at anything else.
    is_plain = signature.service == "sts" and scope["path"] == "/" and not scope["query_string"]
    is_plain = is_plain and "x-amz-target" not in headers_of(scope)
    asks = is_plain and parse_qs(body.decode("latin-1")).get("Action") == ["GetCallerIdentity"]
    return session["SecretAccessKey"] if session and asks else key


async def read(receive):
    """The request's body; None where it is too large."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST_BODY:
            return None
    return body


def again(body, receive):
    """Gives the body once more, then what comes after it."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again():
        return messages.pop() if messages else await receive()

    return receive_again


def without(scope, header):
    return {**scope, "headers": [it for it in scope["headers"] if it[0].lower() != header]}


def without_cors(send):
    """Lets no page read what only wsctl may ask for."""

    async def send_without(message):
        if message["type"] == "http.response.start":
            kept = [it for it in message["headers"] if not it[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return send_without


async def refuse(send, why):
    body = json.dumps({"__type": "AccessDeniedException", "message": why}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", b"AccessDeniedException"),
    ]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def close(receive, send):
    """Ends a WebSocket: nothing of the stack speaks it."""
    if (await receive())["type"] == "websocket.connect":
        await send({"type": "websocket.close", "code": 1008})


def code_signature(path, key):
    return hmac.new(key.encode(), path.encode(), hashlib.sha256).hexdigest()


def sign_code_links(key):
    """AWS's link to a function's code is signed; MiniStack's serves whoever can guess it."""
    from ministack.services import lambda_svc

    link = lambda_svc._presigned_code_url

    def signed(name):
        url, _, query = link(name).partition("?")
        path = "/" + url.split("/", 3)[3]
        kept = [it for it in query.split("&") if not it.startswith("X-Amz-Signature=")]
        return f"{url}?{'&'.join(kept)}&X-Amz-Signature={code_signature(path, key)}"

    lambda_svc._presigned_code_url = signed


def keep_the_runtime_api():
    """Events come from a port of this machine, with who calls and their tokens in them: to programs
    of the same user only, and to none that is a browser. Who connects stands in Linux's /proc."""
    from ministack.core import lambda_runtime

    make_class = lambda_runtime.ProvidedWorker._build_handler_class

    def guarded_class(worker, generation, pending):
        class Guarded(make_class(worker, generation, pending)):
            def parse_request(self):
                if not super().parse_request():
                    return False
                names = [name.lower() for name in self.headers]
                is_page = any(name in ("origin", "referer") or name.startswith("sec-") for name in names)
                is_named = self.headers["host"] == "%s:%d" % self.server.server_address
                if is_named and not is_page and owner(self.client_address, self.server.server_address) == os.getuid():
                    return True
                self.send_error(403)
                return False

        return Guarded

    lambda_runtime.ProvidedWorker._build_handler_class = guarded_class


def owner(client, server):
    """The user whose socket is connected so; this one where the system does not tell."""
    if not os.path.exists("/proc/net/tcp"):
        return os.getuid()
    ends = [socket_address(client), socket_address(server)]
    with open("/proc/net/tcp") as table:
        rows = (line.split() for line in table.readlines()[1:])
        return next((int(row[7]) for row in rows if row[1:3] == ends), None)


def socket_address(address):
    """127.0.0.1 at port 80 is 0100007F:0050 there: the bytes as the machine has them."""
    host, port = address
    number = int.from_bytes(socket.inet_aton(host), sys.byteorder)
    return f"{number:08X}:{port:04X}"
