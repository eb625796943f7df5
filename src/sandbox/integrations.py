"""What answers a route that no function answers by itself (docs/aws.md §5, "Integrations"). MiniStack hands an address
all of a request whatever is mapped, and its answer back as if nothing were said of it; a function is given what a proxy
gives it; and an answer's template is sent as it is written."""

import json
import re
import urllib.error
import urllib.request
from urllib.parse import quote, urlencode

JSON = "application/json"


def answer_otherwise():
    from ministack.services import apigateway_v1 as gateway

    class Arrived:
        """A request, and where its parts are."""

        def __init__(self, headers, body, query, path):
            self.headers = {name: it if isinstance(it, str) else it[-1] for name, it in (headers or {}).items()}
            self.query = {name: it if isinstance(it, list) else [it] for name, it in (query or {}).items()}
            self.path, self.text = path or {}, (body or b"").decode("utf-8", "replace")

        def header(self, name):
            return gateway._header_ci(self.headers, name)

        def parameters(self):
            return {**self.headers, **{name: it[-1] for name, it in self.query.items()}, **self.path}

        def named(self, source):
            """What a mapping takes from it; nothing where it has none."""
            if source.startswith("'"):
                return source[1:-1]
            place, _, name = source.removeprefix("method.request.").partition(".")
            if place == "body":
                found = gateway._vtl_json_path(self.text, name) if name else self.text
                return found if isinstance(found, str) else json.dumps(found)
            if place == "path":
                return self.path.get(name)
            if place in ("querystring", "multivaluequerystring"):
                return (self.query.get(name) or [None])[-1]
            return self.header(name) or None if source.startswith("method.request.") else None

        def body_for(self, integration, context=None):
            media = (self.header("content-type") or JSON).split(";", 1)[0].strip().lower()
            templates = integration.get("requestTemplates") or {}
            fitting = [it for name, it in templates.items() if name.lower() == media]
            if not fitting or not fitting[0]:
                return self.text
            return gateway._render_request_template_v1(fitting[0], self.text, self.parameters(), context)

    def failed(status):
        return status, {"Content-Type": JSON}, json.dumps({"message": "Internal server error"}).encode()

    def chosen(integration, outcome):
        """The response for a status or an error's message: the one of its pattern, or of none."""
        responses = list((integration.get("integrationResponses") or {}).items())
        of = lambda it: it[1].get("selectionPattern")
        for status, response in [it for it in responses if of(it) and re.fullmatch(of(it), outcome)]:
            return status, response
        return next(((status, it) for status, it in responses if not it.get("selectionPattern")), (None, None))

    def made(integration, outcome, text, headers, arrived, context=None):
        """What callers get of what came back."""
        status, response = chosen(integration, outcome)
        if response is None:
            return failed(500)
        sent = {"Content-Type": JSON}
        for target, source in (response.get("responseParameters") or {}).items():
            place, _, name = source.removeprefix("integration.response.").partition(".")
            value = source[1:-1] if source.startswith("'") else None
            if place in ("header", "multivalueheader"):
                value = gateway._header_ci(headers, name) or None
            elif place == "body":
                found = gateway._vtl_json_path(text, name) if name else text
                value = found if isinstance(found, str) else json.dumps(found)
            if value is not None:
                sent[target.removeprefix("method.response.header.")] = value
        templates = response.get("responseTemplates") or {}
        accepted = (arrived.header("accept") or JSON).split(",", 1)[0].split(";", 1)[0].strip().lower()
        media = accepted if accepted in templates else next(iter(templates), None)
        if media and templates[media]:
            text = gateway._render_request_template_v1(templates[media], text, arrived.parameters(), context)
            sent["Content-Type"] = media
        return int(status), sent, text.encode()

    def place(integration, arrived):
        """The address of a request, and the headers that go along."""
        is_proxy = integration.get("type") == "HTTP_PROXY"
        address, query, headers = integration.get("uri", ""), {}, {}
        if is_proxy:
            query.update(arrived.query)
            own = ("host", "content-length", "connection")
            headers.update({name: it for name, it in arrived.headers.items() if name.lower() not in own})
        elif arrived.header("content-type"):
            headers["Content-Type"] = arrived.header("content-type")
        for target, source in (integration.get("requestParameters") or {}).items():
            kind, _, name = target.removeprefix("integration.request.").partition(".")
            value = arrived.named(source)
            if kind == "path":
                address = address.replace("{" + name + "}", quote(value or "", safe="/"))
            elif value is not None and kind == "querystring":
                query[name] = [value]
            elif value is not None:
                headers[name] = value
        asked = urlencode([(name, it) for name, all in query.items() for it in all])
        return address + (("&" if "?" in address else "?") + asked if asked else ""), headers

    async def call_address(integration, path, method, headers, body, query, path_params=None):
        arrived = Arrived(headers, body, query, path_params)
        address, sent = place(integration, arrived)
        is_proxy, by = integration.get("type") == "HTTP_PROXY", integration.get("httpMethod") or method
        text = body if is_proxy else arrived.body_for(integration).encode()
        request = urllib.request.Request(address, data=text or None, method=method if by == "ANY" else by, headers=sent)
        try:
            seconds = int(integration.get("timeoutInMillis") or 29000) / 1000
            status, back, text = await gateway._urlopen_async(request, seconds)
        except urllib.error.HTTPError as error:
            status, back, text = error.code, error.headers, error.read()
        except TimeoutError:
            return failed(504)
        except Exception:
            return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        back = dict(back.items())
        if not is_proxy:
            return made(integration, str(status), text.decode("utf-8", "replace"), back, arrived)
        own = ("connection", "content-length", "date", "server", "transfer-encoding")
        return status, {name: it for name, it in back.items() if name.lower() not in own}, text

    async def call_function(integration, api, stage, stage_tree, resource, path, method, headers, body, query,
                            path_params, *, owner_account_id=None, owner_region=None, binary_media_types=None,
                            authorizer_context=None, caller_identity=None):
        arrived = Arrived(headers, body, query, path_params)
        context = {"authorizer": authorizer_context} if authorizer_context else {}
        text = arrived.body_for(integration, context)
        try:
            event = json.loads(text) if text else {}
        except ValueError:
            # Lambda takes nothing but JSON.
            return failed(500)
        function = gateway._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
        result, error = await gateway._call_lambda_raw(
            function, event, account_id=owner_account_id, region=owner_region)
        if error or result.get("throttle"):
            return failed(504)
        said = result.get("body")
        said = said.decode("utf-8", "replace") if isinstance(said, (bytes, bytearray)) else json.dumps(said)
        outcome = ""
        if result.get("error"):
            told = json.loads(said) if said else {}
            outcome = str(told.get("errorMessage", "")) if isinstance(told, dict) else ""
        return made(integration, outcome, said, {}, arrived, context)

    def answer_alone(integration):
        responses = integration.get("integrationResponses") or {}
        template = next(iter((integration.get("requestTemplates") or {}).values()), None) or ""
        status = re.search(r'"statusCode"\s*:\s*(\d{3})', template)
        if not status or not responses:
            return failed(500)
        # Conditions are not understood here: of several origins the first is told, as to anybody else.
        spoken = {code: {**it, "responseTemplates": {media: text for media, text in
                                                     (it.get("responseTemplates") or {}).items() if "#if" not in text}}
                  for code, it in responses.items()}
        alone = {**integration, "integrationResponses": spoken}
        return made(alone, status.group(1), "", {}, Arrived({}, b"", {}, {}))

    def answer_of_service(integration, status, text, accept, parameters, context=None):
        return made(integration, str(status), text, {}, Arrived({"accept": accept}, b"", {}, parameters), context)

    read_input = gateway._vtl_input

    def as_json(steps, st):
        """$input.json is JSON: a text has its quotes (API Gateway developer guide, "$input variables")."""
        (name, args), rest = steps[0] if steps else ("", None), steps[1:]
        if name != "json" or args is None or rest:
            return read_input(steps, st)
        asked = gateway._vtl_split_args(args)
        node = gateway._vtl_json_path(st["body"], str(gateway._vtl_value(asked[0], st)) if asked else "$")
        return "" if node in ("", None) else json.dumps(node, separators=(",", ":"), ensure_ascii=False)

    gateway._vtl_input = as_json
    gateway._invoke_http_proxy_v1 = call_address
    gateway._invoke_lambda_custom_v1 = call_function
    gateway._invoke_mock_v1 = answer_alone
    gateway._service_integration_response = answer_of_service
