

def change_domain_names():
    """Custom domain names of API Gateway (docs/aws.md §6, "Custom domain names"). MiniStack keeps their tags in another
    place than it reads them from, and changes neither a name nor a base path mapping."""
    from ministack.services import apigateway_v1 as gateway

    handle, delete_api, delete_stage = gateway.handle_request, gateway._delete_rest_api, gateway._delete_stage
    create, map_path = gateway._create_domain_name, gateway._create_base_path_mapping
    show, list_all, delete = gateway._get_domain_name, gateway._get_domain_names, gateway._delete_domain_name
    NO_PATH = "(none)"

    def arn(name):
        return f"arn:aws:apigateway:{gateway.get_region()}::/domainnames/{name}"

    def shown(domain):
        """Without what was never set, and with what the endpoint has."""
        is_edge = "EDGE" in domain["endpointConfiguration"]["types"]
        other = ("regional",) if is_edge else ("distribution",)
        kept = {name: it for name, it in domain.items() if it not in ("", {}) and not name.startswith(other)}
        tags = gateway._v1_tags.get(arn(domain["domainName"]))
        kept.pop("tags", None)
        return {**kept, "domainNameStatus": "AVAILABLE", **({"tags": tags} if tags else {})}

    def again(answer):
        status, _, body = answer
        if status >= 300 or not body:
            return answer
        tree = json.loads(body)
        if "item" in tree:
            return gateway._v1_response({**tree, "item": [shown(it) for it in tree["item"]]})
        return gateway._v1_response(shown(tree), status)

    def create_once(data):
        name = data.get("domainName")
        if name in gateway._domain_names:
            return gateway._v1_error("BadRequestException", "The domain name you provided already exists.", 400)
        data = {"endpointConfiguration": {"types": ["EDGE"]}, **data}
        problem = wrong_certificate(data)
        if problem:
            return problem
        answer = create(data)
        if answer[0] < 300:
            gateway._v1_tags[arn(name)] = dict(data.get("tags") or {})
        return again(answer)

    def wrong_certificate(domain):
        is_edge = "EDGE" in domain["endpointConfiguration"]["types"]
        member, region = ("certificateArn", "us-east-1") if is_edge else ("regionalCertificateArn", gateway.get_region())
        certificate = domain.get(member) or ""
        if certificate.split(":")[3:4] == [region]:
            return None
        text = f"Invalid certificate ARN: {certificate}. Certificate must be in '{region}'."
        return gateway._v1_error("BadRequestException", text, 400)

    def update(name, data):
        domain = gateway._domain_names.get(name)
        if not domain:
            return gateway._v1_error("NotFoundException", "Invalid domain name identifier specified", 404)
        changed = {it["path"].lstrip("/"): it.get("value") for it in data.get("patchOperations", [])}
        problem = wrong_certificate({**domain, **changed})
        if problem:
            return problem
        domain.update(changed)
        return gateway._v1_response(shown(domain))

    def delete_with_tags(name):
        gateway._v1_tags.pop(arn(name), None)
        return delete(name)

    def map_once(name, data):
        path = data.get("basePath") or NO_PATH
        if path in gateway._base_path_mappings.get(name, {}):
            text = "Base path already exists for this domain name"
            return gateway._v1_error("ConflictException", text, 409)
        return leads_nowhere(data) or map_path(name, {**data, "basePath": path})

    def leads_nowhere(mapping):
        api, stage = mapping.get("restApiId"), mapping.get("stage")
        if api not in gateway._rest_apis:
            return gateway._v1_error("BadRequestException", "Invalid REST API identifier specified", 400)
        if stage and stage not in gateway._stages_v1.get(api, {}):
            return gateway._v1_error("BadRequestException", "Invalid stage identifier specified", 400)
        return None

    def update_mapping(name, path, data):
        mapping = gateway._base_path_mappings.get(name, {}).get(path)
        if not mapping:
            return gateway._v1_error("NotFoundException", "Invalid base path mapping identifier specified", 404)
        members = {"/restapiId": "restApiId", "/stage": "stage"}
        changed = {members[it["path"]]: it.get("value") for it in data.get("patchOperations", [])}
        problem = leads_nowhere({**mapping, **changed})
        if problem:
            return problem
        mapping.update(changed)
        return gateway._v1_response(gateway._public_mapping(mapping))

    def delete_mapping(name, path):
        if gateway._base_path_mappings.get(name, {}).pop(path, None) is None:
            return gateway._v1_error("NotFoundException", "Invalid base path mapping identifier specified", 404)
        return 202, {}, b""

    def names_of(api, stage=None):
        def leads(it):
            return it["restApiId"] == api and stage in (None, it.get("stage"))

        mappings = gateway._base_path_mappings
        return [name for name in mappings if any(leads(it) for it in mappings[name].values())]

    def refused(what, names):
        text = f"Deleting {what} failed. Please remove all base path mappings related to it in your domains: "
        return gateway._v1_error("BadRequestException", text + ", ".join(names), 400)

    def delete_free_api(api):
        names = names_of(api)
        return refused(f"RestApi {api}", names) if names else delete_api(api)

    def delete_free_stage(api, stage):
        names = names_of(api, stage)
        return refused(f"stage {stage}", names) if names else delete_stage(api, stage)

    async def change(method, path, headers, body, query):
        parts = [it for it in path.split("/") if it]
        if method == "PATCH" and parts[:1] == ["domainnames"]:
            data = json.loads(body or b"{}")
            return update(parts[1], data) if len(parts) == 2 else update_mapping(parts[1], parts[3], data)
        return await handle(method, path, headers, body, query)

    gateway.handle_request = change
    gateway._create_domain_name = create_once
    gateway._get_domain_name = lambda name: again(show(name))
    gateway._get_domain_names = lambda query: again(list_all(query))
    gateway._delete_domain_name = delete_with_tags
    gateway._create_base_path_mapping = map_once
    gateway._delete_base_path_mapping = delete_mapping
    gateway._delete_rest_api = delete_free_api
    gateway._delete_stage = delete_free_stage
