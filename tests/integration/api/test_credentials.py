"""A workspace's own key: used for its answers alone, stored sealed, shown to nobody."""

import asyncio
import logging
from typing import Any

import psycopg
import pytest
from psycopg import sql

from adapters.security.secret_box import AesGcmSecretBox
from application.use_cases.sealed_secrets import RotateSecrets
from integration.api.client import Client
from integration.api.conftest import MODEL_KEY
from integration.api.service import Service
from standins.openai_server import OpenAIServer, Script

KEY = "sk-ada-0123456789-abcdefgh-Zq9A"  # pragma: allowlist secret
OTHER_KEY = "sk-eve-9876543210-hgfedcba-Wm3E"  # pragma: allowlist secret
PATH = "/provider_credentials/openai"


async def give(client: Client, key: str, server: OpenAIServer) -> Any:
    """Store a key of the workspace's own."""
    reply = await client.put(PATH, {"api_key": key, "base_url": server.base_url})
    assert reply.status == 200, reply
    return reply.json


async def chat(client: Client) -> Any:
    """Return an answer of a bot that talks freely, by the model of the stand-in servers."""
    bot = await client.bot(agent_type="chat", llm_model="openai/stand-in")
    return await client.ask(bot, "Hello?")


def keys(server: OpenAIServer) -> list[str]:
    """Return the keys that came to a server, in order."""
    return [each.headers["Authorization"].removeprefix("Bearer ") for each in server.requests]


def as_role(service: Service, client: Client, role: str) -> None:
    """Make the owner of a workspace something less."""
    with psycopg.connect(service.container.conninfo()) as connection:
        connection.execute(
            "UPDATE memberships SET role = %s WHERE tenant_id = %s",
            (role, client.account["workspace"]["id"]),
        )


def dump(service: Service) -> str:
    """Return every row of every table as text, as the owner of the database sees it."""
    with psycopg.connect(service.container.conninfo()) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        rows = [
            str(row[0])
            for (table,) in tables
            for row in connection.execute(
                sql.SQL("SELECT row_to_json(t)::text FROM {} t").format(sql.Identifier(table))
            )
        ]
    return "\n".join(rows)


async def test_an_own_key_is_used_and_the_installations_is_not(
    ada: Client, model: OpenAIServer, own_model: OpenAIServer
) -> None:
    await give(ada, KEY, own_model)
    answer = await chat(ada)
    assert answer["status"] == "completed"
    assert answer["model"] == "openai/stand-in"
    assert keys(own_model) == [KEY]
    assert keys(model) == []


async def test_each_workspace_uses_its_own_key_and_who_has_none_the_installations(
    ada: Client, eve: Client, anyone: Client, model: OpenAIServer, own_model: OpenAIServer
) -> None:
    await give(ada, KEY, own_model)
    await give(eve, OTHER_KEY, own_model)
    grace = await anyone.register()
    await chat(ada)
    await chat(eve)
    await chat(grace)
    await asyncio.gather(chat(ada), chat(eve))
    assert keys(own_model)[:2] == [KEY, OTHER_KEY]
    assert sorted(keys(own_model)) == sorted([KEY, OTHER_KEY] * 2)
    assert keys(model) == [MODEL_KEY]


async def test_a_change_counts_from_the_next_answer_on(
    ada: Client, model: OpenAIServer, own_model: OpenAIServer
) -> None:
    bot = await ada.bot(agent_type="chat", llm_model="openai/stand-in")
    await ada.ask(bot, "First?")
    await give(ada, KEY, own_model)
    await ada.ask(bot, "Second?")
    await give(ada, OTHER_KEY, own_model)
    await ada.ask(bot, "Third?")
    assert (await ada.delete(PATH)).status == 204
    await ada.ask(bot, "Fourth?")
    assert keys(own_model) == [KEY, OTHER_KEY]
    assert keys(model) == [MODEL_KEY] * 2


async def test_the_key_is_in_no_answer_no_log_and_no_row(
    ada: Client,
    own_model: OpenAIServer,
    service: Service,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    given = await give(ada, KEY, own_model)
    listed = (await ada.get("/provider_credentials")).json
    assert listed == {"data": [given], "next_cursor": None, "has_more": False}
    assert given == {
        "provider": "openai",
        "hint": "…Zq9A",
        "base_url": own_model.base_url,
        "updated_at": given["updated_at"],
        "updated_by": ada.account["user"]["id"],
    }
    echo = Script(status=401, message=f"Incorrect API key provided: {KEY}.")
    own_model.scripts.append(echo)
    failed = await chat(ada)
    assert failed["status"] == "failed"
    own_model.scripts.append(
        Script(tokens=("Well", " said."), error_after=1, error={"message": KEY})
    )
    broken = await chat(ada)
    refused = await ada.put(PATH, {"api_key": KEY + " ", "base_url": own_model.base_url})
    unknown = await ada.put(PATH, {"api_key": KEY, "secret": KEY})
    assert (refused.status, unknown.status) == (422, 422)
    seen = [listed, failed, broken, refused.body.decode(), unknown.body.decode()]
    assert KEY not in str(seen)
    assert KEY not in caplog.text
    rows = dump(service)
    assert "…Zq9A" in rows  # the dump is of the right database
    assert KEY not in rows


async def test_who_may_not_manage_the_workspace_sees_and_changes_nothing(
    ada: Client, own_model: OpenAIServer, service: Service, anyone: Client
) -> None:
    given = await give(ada, KEY, own_model)
    for role in ("editor", "viewer"):
        as_role(service, ada, role)
        for reply in (
            await ada.get("/provider_credentials"),
            await ada.put(PATH, {"api_key": OTHER_KEY}),
            await ada.delete(PATH),
        ):
            assert reply.problem == (403, "forbidden")
    assert (await anyone.get("/provider_credentials")).problem == (401, "unauthenticated")
    as_role(service, ada, "admin")
    assert (await ada.get("/provider_credentials")).json["data"] == [given]


async def test_another_workspaces_key_is_not_seen_used_or_removed(
    ada: Client, eve: Client, own_model: OpenAIServer, model: OpenAIServer
) -> None:
    given = await give(ada, KEY, own_model)
    assert (await eve.get("/provider_credentials")).json["data"] == []
    assert (await eve.delete(PATH)).problem == (404, "not_found")
    await chat(eve)
    assert (keys(own_model), keys(model)) == ([], [MODEL_KEY])
    assert (await ada.get("/provider_credentials")).json["data"] == [given]


async def test_a_row_that_was_moved_to_another_workspace_does_not_open(
    ada: Client, eve: Client, own_model: OpenAIServer, model: OpenAIServer, service: Service
) -> None:
    await give(ada, KEY, own_model)
    bot = await eve.bot(agent_type="chat", llm_model="openai/stand-in")
    with psycopg.connect(service.container.conninfo()) as connection:
        connection.execute(
            "UPDATE provider_credentials SET tenant_id = %s WHERE tenant_id = %s",
            (eve.account["workspace"]["id"], ada.account["workspace"]["id"]),
        )
    reply = await eve.post(f"/bots/{bot}/chat", {"message": "Hello?"})
    assert reply.problem == (503, "secret_unreadable")
    assert keys(own_model) == keys(model) == []
    assert (await eve.delete(PATH)).status == 204


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/api_key", "invalid_request"),
        ({"api_key": "short"}, "/api_key", "invalid_request"),
        ({"api_key": KEY, "base_url": "http://127.0.0.1:1/v1"}, "/base_url", "url_not_allowed"),
        ({"api_key": KEY, "base_url": "https://10.0.0.5"}, "/base_url", "url_not_allowed"),
        ({"api_key": KEY, "base_url": "http://example.com"}, "/base_url", "url_not_allowed"),
        ({"api_key": KEY, "base_url": "https://169.254.169.254"}, "/base_url", "url_not_allowed"),
        ({"api_key": KEY, "tenant_id": "ws_x"}, "/tenant_id", "invalid_request"),
    ],
)
async def test_bad_input_is_told_where_it_is(
    ada: Client, body: dict[str, str], pointer: str, code: str
) -> None:
    reply = await ada.put(PATH, body)
    assert reply.problem == (422, code)
    assert [each["pointer"] for each in reply.json["errors"]] == [pointer]
    assert (await ada.get("/provider_credentials")).json["data"] == []


@pytest.mark.parametrize("provider", ["extractive", "nobody", "OpenAI", "open%00ai", "x" * 60])
async def test_a_provider_that_there_is_not_is_not_found(ada: Client, provider: str) -> None:
    path = f"/provider_credentials/{provider}"
    assert (await ada.put(path, {"api_key": KEY})).problem == (404, "not_found")
    assert (await ada.delete(path)).problem == (404, "not_found")


async def test_after_rotation_the_old_key_is_needed_no_more_and_answers_go_on(
    ada: Client, eve: Client, own_model: OpenAIServer, service: Service
) -> None:
    await give(ada, KEY, own_model)
    await give(eve, OTHER_KEY, own_model)
    container = service.container
    old, new = service.settings.encryption_secrets[0], b"a newer secret of this installation!"
    parts = (container.units(), container.workspace_list(), container.sealed_outside())
    ada_id = ada.account["user"]["id"]
    context = f"users.totp_secret:{ada_id}"
    with psycopg.connect(container.conninfo()) as connection:
        connection.execute(
            "UPDATE users SET totp_secret = %s WHERE id = %s",
            (AesGcmSecretBox([old]).seal("JBSWY3DP", context), ada_id),
        )
    forth = await RotateSecrets(*parts, AesGcmSecretBox([new, old]))()
    assert forth.resealed >= 3
    assert forth.unreadable == []
    rows = dump(service)
    assert AesGcmSecretBox([new]).current_key_id in rows
    assert f"v1.{AesGcmSecretBox([old]).current_key_id}" not in rows
    back = await RotateSecrets(*parts, AesGcmSecretBox([old, new]))()
    assert back.resealed == forth.resealed
    await chat(ada)
    await chat(eve)
    assert keys(own_model) == [KEY, OTHER_KEY]
