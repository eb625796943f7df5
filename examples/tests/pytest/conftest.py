"""The stack in the sandbox, once for all tests: no account, real tokens, a real authorizer."""

import json
import os
import subprocess

import pytest

os.environ["WSCTL_SANDBOX"] = "1"
os.environ["PASSWORD"] = "Correct-horse-1"
ANN = "ann@example.com"


def wsctl(*words):
    """What a command prints; it finds stack.toml in the folder above."""
    ran = subprocess.run(["wsctl", *words], check=True, stdout=subprocess.PIPE, text=True)
    return ran.stdout.strip()


@pytest.fixture(scope="session")
def stack():
    """Its outputs: user_pool_id, client_id_web, api_url and others."""
    wsctl("apply", "--yes", "--quiet")
    yield json.loads(wsctl("outputs", "--json"))
    wsctl("sandbox", "reset", "--yes")


@pytest.fixture(scope="session")
def token(stack):
    """An ID token of a user who is made for the tests."""
    wsctl("user", "create", ANN, "--permanent", "--no-invitation", "--password-env", "PASSWORD")
    return wsctl("token", ANN, "--password-env", "PASSWORD")
