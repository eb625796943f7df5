

def take_definitions():
    """PutRestApi, merging: each thing that a definition names is made by the request that makes it alone, all of them or
    none (docs/aws.md §5). MiniStack reads definitions only for CloudFormation, and in part."""
    import copy

    from ministack.services import apigateway_v1 as gateway

    handle = gateway.handle_request
    stores = ("_resources", "_authorizers_v1", "_models", "_request_validators", "_gateway_responses", "_rest_apis")
    pools, function = "COGNITO_USER_POOLS", "CUSTOM"

    class Refused(Exception):
        """What one of the requests was answered."""

    async def handle_definitions(method, path, headers, body, query):
        parts = [it for it in path.split("/") if it]
        is_definition = method == "PUT" and len(parts) == 2 and parts[0] == "restapis"
        if not is_definition or parts[1] not in gateway._rest_apis:
            return await handle(method, path, headers, body, query)
        if gateway._qp(query, "mode") == "overwrite":
            return gateway._v1_error("BadRequestException", "the sandbox merges only", 400)
        api = parts[1]
        before = {store: copy.deepcopy(getattr(gateway, store).get(api)) for store in stores}
        try:
            await merge(api, json.loads(body), headers)
        except (Refused, ValueError, KeyError, AttributeError, TypeError) as why:
            for store, there in before.items():
                if there is None:
                    getattr(gateway, store).pop(api, None)
                else:
                    getattr(gateway, store)[api] = there
            return gateway._v1_error("BadRequestException", f"Errors found during import:\n\t{why}", 400)
        return await handle("GET", path, headers, b"", {})

    async def merge(api, definition, headers):
        async def send(method, path, data):
            status, _, answer = await gateway.handle_request(
                method, f"/restapis/{api}/{path}", headers, json.dumps(data).encode(), {}
            )
            if status >= 400:
                raise Refused(json.loads(answer).get("message"))
            return json.loads(answer)

        info, components = definition["info"], definition.get("components") or {}
        gateway._rest_apis[api].update({"name": info["title"], "version": info["version"]})
        schemes = {
            name: await scheme(send, name, it) for name, it in (components.get("securitySchemes") or {}).items()
        }
        for name, schema in (components.get("schemas") or {}).items():
            model = {"name": name, "contentType": "application/json", "schema": json.dumps(schema)}
            await send("POST", "models", model)
        validators = {}
        for name, checks in (definition.get("x-amazon-apigateway-request-validators") or {}).items():
            validators[name] = (await send("POST", "requestvalidators", {**checks, "name": name}))["id"]
        for kind, response in (definition.get("x-amazon-apigateway-gateway-responses") or {}).items():
            await send("PUT", f"gatewayresponses/{kind}", response)
        for path, item in (definition.get("paths") or {}).items():
            resource = await resource_at(api, send, path)
            for verb, operation in item.items():
                verb = "ANY" if verb == "x-amazon-apigateway-any-method" else verb.upper()
                at = f"resources/{resource}/methods/{verb}"
                await send("PUT", at, method_of(operation, schemes, validators))
                await integrate(send, at, operation)

    async def scheme(send, name, it):
        """What a method has of it that names it."""
        authorizer = it.get("x-amazon-apigateway-authorizer")
        if authorizer is None:
            signed = it.get("x-amazon-apigateway-authtype") == "awsSigv4"
            return {"authorizationType": "AWS_IAM"} if signed else {"apiKeyRequired": True}
        kind = authorizer["type"].upper()
        source = {} if kind == "REQUEST" else {"identitySource": f"method.request.header.{it['name']}"}
        made = await send("POST", "authorizers", {**source, **authorizer, "name": name, "type": kind})
        return {"authorizationType": pools if kind == pools else function, "authorizerId": made["id"]}

    async def resource_at(api, send, path):
        """The id of the resource at a path, made with all above it where they are not there."""
        there = {it["path"]: id for id, it in gateway._resources[api].items()}
        if path not in there:
            above, _, part = path.rpartition("/")
            parent = await resource_at(api, send, above or "/")
            there[path] = (await send("POST", f"resources/{parent}", {"pathPart": part}))["id"]
        return there[path]

    def method_of(operation, schemes, validators):
        method = {"authorizationType": "NONE"}
        for required in operation.get("security") or []:
            for name, scopes in required.items():
                method.update(schemes[name])
                if scopes:
                    method["authorizationScopes"] = scopes
        if validator := operation.get("x-amazon-apigateway-request-validator"):
            method["requestValidatorId"] = validators[validator]
        places = {"query": "querystring"}
        method["requestParameters"] = {
            f"method.request.{places.get(it['in'], it['in'])}.{it['name']}": it.get("required", False)
            for it in operation.get("parameters") or []
        }
        content = (operation.get("requestBody") or {}).get("content") or {}
        method["requestModels"] = {media: it["schema"]["$ref"].rpartition("/")[2] for media, it in content.items()}
        return method

    async def integrate(send, at, operation):
        integration = operation.get("x-amazon-apigateway-integration")
        if not integration:
            return
        words = {it: integration[it].upper() for it in ("type", "passthroughBehavior") if it in integration}
        rest = {name: it for name, it in integration.items() if name != "responses"}
        await send("PUT", f"{at}/integration", {**rest, **words})
        for status, response in (operation.get("responses") or {}).items():
            sent = {f"method.response.header.{it}": False for it in response.get("headers") or {}}
            await send("PUT", f"{at}/responses/{status}", {"responseParameters": sent})
        for pattern, response in (integration.get("responses") or {}).items():
            pattern = {} if pattern == "default" else {"selectionPattern": pattern}
            await send("PUT", f"{at}/integration/responses/{response['statusCode']}", {**response, **pattern})

    gateway.handle_request = handle_definitions
