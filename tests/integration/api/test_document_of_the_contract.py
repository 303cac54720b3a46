"""The OpenAPI document: complete, as checked in, and true of what is served."""

import asyncio
import json
import logging
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig, SchemathesisConfig
from schemathesis.core.control import SkipTest

from entrypoints.serve import openapi_document
from integration.api.client import Client, Contract

CHECKED_IN = Path(__file__).parents[3] / "docs" / "openapi.json"
EXAMPLES = 5
OPERATIONS = 106
# What would end the session, the account or the workspace that the test works with.
ENDS_THE_SESSION = re.compile(r"/logout$|DELETE .*/me$|/auth/sessions$|/transfer$")
LEFT_OUT = 5
REFUSALS = ["400", "401", "403", "404", "405", "412", "413", "414", "415", "422"]


def operations(contract: Contract) -> list[tuple[str, str, Any]]:
    return [
        (method, path, operation)
        for path, methods in contract.document["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_document_that_is_checked_in_is_the_one_that_is_served() -> None:
    text = json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    assert CHECKED_IN.read_text(encoding="utf-8") == text, (
        "the API has changed: chatsphere openapi --out docs/openapi.json"
    )


async def test_the_document_is_served(anyone: Client, contract: Contract) -> None:
    assert (await anyone.get(f"{anyone.service.url}/openapi.json")).json == contract.document
    asyncapi = (await anyone.get(f"{anyone.service.url}/asyncapi.json")).json
    assert asyncapi["asyncapi"] == "3.0.0"


def test_every_operation_says_what_it_does_and_what_can_go_wrong(contract: Contract) -> None:
    assert len(operations(contract)) == OPERATIONS
    for method, path, operation in operations(contract):
        name = f"{method} {path}"
        assert operation["summary"], name
        assert operation["description"].endswith("."), name
        assert operation["tags"], name
        codes = operation["responses"].keys()
        assert any(code.startswith(("2", "302")) for code in codes), name
        if path.startswith("/api/"):
            assert "503" in codes, name
        if "security" in operation:
            assert "401" in codes, name
        if "{" in path:
            assert "404" in codes, name
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= codes, name
        for code in codes:
            if code[0] in "45" and path.startswith("/api/"):
                content = operation["responses"][code]["content"]
                assert content.keys() == {"application/problem+json"}, (name, code)


def test_every_json_response_has_a_schema(contract: Contract) -> None:
    for method, path, operation in operations(contract):
        for code, response in operation["responses"].items():
            for kind, content in response.get("content", {}).items():
                if kind == "application/json":
                    assert content["schema"], (method, path, code)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
async def test_whatever_schemathesis_sends_is_answered_as_documented(
    ada: Client, contract: Contract, mode: GenerationMode
) -> None:
    """Requests made from the document, fitting and unfitting, from a fixed seed."""
    ids = await things(ada)
    tested = await asyncio.to_thread(conform, ada, contract.document, mode, ids)
    assert tested == OPERATIONS - LEFT_OUT


async def things(ada: Client) -> dict[str, str]:
    """Make one of each, so that ids in paths often name something."""
    bot = await ada.bot()
    document = await ada.text(bot, "The harbour opens at seven.")
    await ada.post(f"/bots/{bot}/versions")
    answer = await ada.ask(bot, "When does the harbour open?")
    workspace = ada.account["workspace"]["id"]
    invited = {"email": "guest@example.com", "role": "viewer"}
    invitation = await ada.post(f"/workspaces/{workspace}/invitations", invited)
    key = await ada.post("/api_keys", {"name": "A key", "scopes": ["chat"]})
    crawl = await ada.post(f"/bots/{bot}/crawls", {"url": "https://harbour.example.com/"})
    session = (await ada.get("/auth/sessions")).json["data"][0]["id"]
    return {
        "workspace_id": workspace,
        "user_id": ada.account["user"]["id"],
        "invitation_id": invitation.json["id"],
        "key_id": key.json["id"],
        "crawl_id": crawl.json["id"],
        "session_id": session,
        "bot_id": bot,
        "document_id": document,
        "conversation_id": answer["conversation_id"],
        "message_id": answer["id"],
    }


def conform(ada: Client, document: Any, mode: GenerationMode, ids: dict[str, str]) -> int:
    """Test every operation and return how many were tested; runs in a thread of its own."""
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    generation = GenerationConfig(modes=[mode], deterministic=True, with_security_parameters=False)
    refusals = {"negative_data_rejection": {"expected-statuses": REFUSALS}}
    config = SchemathesisConfig.from_dict({"checks": refusals})
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=ada.service.url)
    schema.config.generation = generation
    tested = 0
    with requests.Session() as session:
        session.headers["Authorization"] = ada.headers["Authorization"]
        for result in schema.get_all_operations():
            operation = result.ok()
            if ENDS_THE_SESSION.search(f"{operation.method.upper()} {operation.path}"):
                continue
            with suppress(
                SkipTest
            ):  # an operation that takes nothing cannot be sent what does not fit
                exercise(operation, mode, session, ids)
            tested += 1
    return tested


def exercise(operation: Any, mode: GenerationMode, session: Any, ids: dict[str, str]) -> None:
    deletes = operation.method.upper() == "DELETE"

    @seed(1)
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), derandomize=False,
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and not deletes:
            for name in ids.keys() & (case.path_parameters or {}).keys():
                case.path_parameters[name] = ids[name]
        case.call_and_validate(session=session, timeout=20, checks=checks())

    run()


def checks() -> list[Any]:
    from schemathesis import checks as known
    from schemathesis.specs.openapi import checks as openapi

    return [
        known.not_a_server_error,
        openapi.status_code_conformance,
        openapi.content_type_conformance,
        openapi.response_schema_conformance,
        openapi.response_headers_conformance,
        openapi.negative_data_rejection,
        openapi.use_after_free,
    ]
