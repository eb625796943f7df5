import json
import urllib.error
import urllib.request

import pytest


def get(url, token=None):
    headers = {"Authorization": token} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


def test_who_is_signed_in_is_known_to_the_api(stack, token):
    assert get(f"{stack['api_url']}/users", token)["caller"] == "ann@example.com"


@pytest.mark.parametrize("token", [None, "no-token"])
def test_nobody_else_is_let_in(stack, token):
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{stack['api_url']}/users", token)
    assert refused.value.code == 401
