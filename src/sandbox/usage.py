

def count_by_keys():
    """API keys and usage plans (docs/aws.md §6, "API keys and usage plans"). MiniStack shows every value, keeps tags in
    two places, makes texts of numbers, and knows neither the plans of a key nor that a stage is gone."""
    from ministack.services import apigateway_v1 as gateway

    handle, delete_stage, delete_plan = gateway.handle_request, gateway._delete_stage, gateway._delete_usage_plan
    delete_key, create_key, join = gateway._delete_api_key, gateway._create_api_key, gateway._create_usage_plan_key

    def arn(table, id):
        return f"arn:aws:apigateway:{gateway.get_region()}::/{table}/{id}"

    def shown(table, thing, with_value):
        if "id" not in thing:
            return thing
        hidden = ("tags",) if with_value else ("tags", "value")
        # What was never set is not there.
        thing = {name: it for name, it in thing.items() if name not in hidden and it != {}}
        tags = gateway._v1_tags.get(arn(table, thing["id"]))
        return {**thing, "tags": tags} if tags else thing

    async def show(method, path, headers, body, query):
        answer = await handle(method, path, headers, body, query)
        parts = [it for it in path.split("/") if it]
        is_known = bool(parts) and parts[0] in ("apikeys", "usageplans") and len(parts) < 3
        if not is_known or answer[0] >= 300 or not answer[2]:
            return answer
        table, tree = parts[0], json.loads(answer[2])
        asked = gateway._qp(query, "includeValue") or gateway._qp(query, "includeValues")
        with_value = method == "POST" or asked == "true"
        if "item" not in tree:
            return gateway._v1_response(shown(table, tree, with_value), answer[0])
        key = gateway._qp(query, "keyId")
        items = [it for it in tree["item"] if not key or key in gateway._usage_plan_keys.get(it["id"], {})]
        return gateway._v1_response({**tree, "item": [shown(table, it, with_value) for it in items]})

    def create_off(data):
        return create_key({**data, "enabled": data.get("enabled", False)})

    def update_plan(id, data):
        plan = gateway._usage_plans.get(id)
        if not plan:
            return gateway._v1_error("NotFoundException", "Invalid Usage Plan ID specified", 404)
        for operation in data.get("patchOperations", []):
            path, value = operation["path"].lstrip("/"), operation.get("value")
            field, _, member = path.partition("/")
            if field == "apiStages":
                api, stage = value.split(":", 1)
                entry = {"apiId": api, "stage": stage}
                kept = [it for it in plan.get("apiStages") or [] if it != entry]
                plan["apiStages"] = kept + [entry] if operation["op"] == "add" else kept
            elif member:
                number = float if member == "rateLimit" else int
                plan[field] = {**(plan.get(field) or {}), member: value if member == "period" else number(value)}
            elif operation["op"] == "remove":
                plan.pop(field, None)
            else:
                plan[field] = value
        return gateway._v1_response(plan)

    def update_key(id, data):
        key = gateway._api_keys.get(id)
        if not key:
            return gateway._v1_error("NotFoundException", "Invalid API Key identifier specified", 404)
        for operation in data.get("patchOperations", []):
            field, value = operation["path"].lstrip("/"), operation.get("value")
            key[field] = value == "true" if field == "enabled" else value
        return gateway._v1_response(key)

    def is_for(plan, entries):
        return any(it in entries for it in plan.get("apiStages") or [])

    def join_once(id, data):
        key, plan = data.get("keyId"), gateway._usage_plans.get(id) or {}
        for other, it in list(gateway._usage_plans.items()):
            if key in gateway._usage_plan_keys.get(other, {}) and (other == id or is_for(it, plan.get("apiStages") or [])):
                text = f"Usage Plan {other} has the API Key for this stage"
                return gateway._v1_error("ConflictException", text, 409)
        return join(id, data)

    def delete_plan_of_none(id):
        stages = (gateway._usage_plans.get(id) or {}).get("apiStages")
        if stages:
            text = f"Cannot delete Usage Plan {id} because there are API Stages associated with it"
            return gateway._v1_error("BadRequestException", text, 400)
        gateway._v1_tags.pop(arn("usageplans", id), None)
        return delete_plan(id)

    def delete_key_everywhere(id):
        for keys in gateway._usage_plan_keys.values():
            keys.pop(id, None)
        gateway._v1_tags.pop(arn("apikeys", id), None)
        return delete_key(id)

    def forget(api, stage=None):
        for plan in gateway._usage_plans.values():
            is_gone = lambda it: it.get("apiId") == api and stage in (None, it.get("stage"))
            plan["apiStages"] = [it for it in plan.get("apiStages") or [] if not is_gone(it)]

    def delete_stage_everywhere(api, stage):
        forget(api, stage)
        return delete_stage(api, stage)

    def keep_tags(create, table):
        def create_tagged(data):
            answer = create(data)
            if answer[0] < 300:
                gateway._v1_tags[arn(table, json.loads(answer[2])["id"])] = dict(data.get("tags") or {})
            return answer

        return create_tagged

    gateway.handle_request = show
    gateway._create_api_key = keep_tags(create_off, "apikeys")
    gateway._create_usage_plan = keep_tags(gateway._create_usage_plan, "usageplans")
    gateway._update_usage_plan = update_plan
    gateway._update_api_key = update_key
    gateway._create_usage_plan_key = join_once
    gateway._delete_usage_plan = delete_plan_of_none
    gateway._delete_api_key = delete_key_everywhere
    gateway._delete_stage = delete_stage_everywhere
