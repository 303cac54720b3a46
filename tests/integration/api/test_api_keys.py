"""API keys over HTTP: made, listed, rotated and revoked; each does what its scopes say and no more."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.access import SCOPES, Least, rule_of
from integration.api.client import API, Client, Contract
from integration.api.keys import holder, make_key, member, run

ABSENT = "00000000000000000000000000"
PREFIXES = {"bot_id": "bot", "document_id": "doc", "conversation_id": "conv", "message_id": "msg",
            "key_id": "key", "crawl_id": "crawl"}  # fmt: skip
FAR = "2027-06-01T00:00:00Z"


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()


def operations(contract: Contract, workspace: str) -> list[tuple[str, str, str]]:
    """Return method, path with ids of nothing (but in this workspace), and operation of all that
    takes credentials."""
    found = []
    ids = {name: f"{prefix}_{ABSENT}" for name, prefix in PREFIXES.items()}
    ids["workspace_id"] = workspace
    for path, methods in contract.document["paths"].items():
        for method in methods:
            operation = f"{method.upper()} {path}"
            if rule_of(operation).least is not Least.PUBLIC:
                filled = re.sub(r"\{(\w+)\}", lambda m: ids.get(m[1], "x"), path)
                found.append((method.upper(), filled, operation))
    return found


async def test_the_secret_is_shown_once_and_works(ada: Client, contract: Contract) -> None:
    body = {"name": " Nightly  import ", "scopes": ["chat", "bots:read"]}
    made = await ada.post("/api_keys", body)
    key = made.json
    assert (made.status, made.headers["ETag"]) == (201, '"v1"')
    assert re.fullmatch(r"csk_[A-Za-z0-9_-]{43}[0-9a-z]{6}", key["secret"])
    assert (key["name"], key["scopes"]) == ("Nightly import", ["bots:read", "chat"])
    assert (key["hint"], key["expires_at"]) == (key["secret"][:8], None)
    assert key["created_by"] == ada.account["user"]["id"]
    listed, one = await ada.get("/api_keys"), await ada.get(f"/api_keys/{key['id']}")
    assert listed.json["data"] == [one.json]
    assert one.json == {name: value for name, value in key.items() if name != "secret"}
    assert key["secret"].encode() not in listed.body + one.body
    async with holder(ada, contract, key["secret"]) as program:
        assert (await program.get("/bots")).status == 200


async def test_a_secret_is_stored_as_a_hash_only(ada: Client) -> None:
    key = await make_key(ada, "chat")
    question = text("SELECT row_to_json(k)::text FROM api_keys k WHERE id = :id")
    async with ada.service.container.system_pool().connect(None) as connection:
        stored = await connection.scalar(question, {"id": key["id"]})
    assert key["secret"] not in stored
    assert key["secret"][9:20] not in stored


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["admin"]}, "/scopes/0"),
        ({"scopes": ["chat", "*"]}, "/scopes/1"),
        ({"scopes": "chat"}, "/scopes"),
        ({"name": ""}, "/name"),
        ({"name": " "}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": in_days(732)[:10] + "T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "/expires_at"),
        ({"expires_at": "2027-06-01T00:00:00"}, "/expires_at"),
        ({"expires_at": "1800000000"}, "/expires_at"),
        ({"expires_at": 1800000000}, "/expires_at"),
        ({"secret": "csk_mine"}, "/secret"),  # pragma: allowlist secret
        ({"created_by": "usr_1"}, "/created_by"),
        ({"tenant_id": "ws_1"}, "/tenant_id"),
    ],
    ids=str,
)
async def test_a_key_that_does_not_fit_is_refused(
    ada: Client, change: dict[str, Any], pointer: str
) -> None:
    refused = await ada.post("/api_keys", {"name": "K", "scopes": ["chat"], **change})
    assert refused.problem == (422, "invalid_request")
    assert refused.json["errors"][0]["pointer"] == pointer
    assert (await ada.get("/api_keys")).json["data"] == []


async def test_a_repeated_request_makes_one_key_and_does_not_show_the_secret_again(
    ada: Client,
) -> None:
    body, headers = {"name": "K", "scopes": ["chat"]}, {"Idempotency-Key": "once"}
    first = await ada.post("/api_keys", body, headers=headers)
    again = await ada.post("/api_keys", body, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status, again.json) == (201, {**first.json, "secret": None})
    other = await ada.post("/api_keys", {**body, "name": "L"}, headers=headers)
    assert other.problem == (422, "idempotency_conflict")
    question = text("SELECT json_agg(i)::text FROM idempotency_keys i")
    tenant = ada.account["workspace"]["id"]
    async with ada.service.container.pool().connect(tenant) as connection:
        assert first.json["secret"] not in await connection.scalar(question)


async def test_a_key_is_renamed_and_revoked_by_version(ada: Client) -> None:
    path = f"/api_keys/{(await make_key(ada, 'chat'))['id']}"
    renamed = await ada.patch(path, {"name": "Other"}, headers={"If-Match": '"v1"'})
    assert (renamed.json["name"], renamed.headers["ETag"]) == ("Other", '"v2"')
    for change in (
        ada.patch(path, {"name": "Third"}, headers={"If-Match": '"v1"'}),
        ada.delete(path, headers={"If-Match": '"v1"'}),
    ):
        assert (await change).problem == (412, "precondition_failed")
    assert (await ada.delete(path, headers={"If-Match": '"v2"'})).status == 204
    for gone in (ada.get(path), ada.delete(path), ada.post(f"{path}/rotate")):
        assert (await gone).problem == (404, "not_found")


async def test_keys_are_listed_in_pages(ada: Client) -> None:
    made = [(await make_key(ada, "chat"))["id"] for _ in range(3)]
    first = (await ada.get("/api_keys?limit=2")).json
    rest = (await ada.get(f"/api_keys?limit=2&cursor={first['next_cursor']}")).json
    assert [key["id"] for key in first["data"] + rest["data"]] == made[::-1]
    assert (first["has_more"], rest["has_more"]) == (True, False)


async def test_each_scope_opens_its_operations_and_no_other(
    ada: Client, contract: Contract
) -> None:
    asked, allowed, workspace = 0, 0, ada.account["workspace"]["id"]
    for scope in SCOPES:
        async with holder(ada, contract, (await make_key(ada, scope))["secret"]) as program:
            for method, path, operation in operations(contract, workspace):
                needed = rule_of(operation).scope
                reply = await program.request(method, path)
                asked += 1
                if needed == scope:
                    assert reply.status not in (401, 403), operation
                    allowed += 1
                    continue
                assert reply.problem == (403, "forbidden"), operation
                assert (needed or "API keys cannot do this") in reply.json["detail"]
    assert allowed > 30
    assert asked > 4 * allowed
    print(f"scopes x operations: {asked}, allowed: {allowed}")  # noqa: T201


async def test_a_key_with_every_scope_manages_neither_keys_nor_people(
    ada: Client, contract: Contract
) -> None:
    key = await make_key(ada, *SCOPES)
    async with holder(ada, contract, key["secret"]) as program:
        for method, path in (
            ("GET", "/api_keys"),
            ("POST", "/api_keys"),
            ("DELETE", f"/api_keys/{key['id']}"),
            ("POST", f"/api_keys/{key['id']}/rotate"),
            ("GET", "/me"),
            ("PATCH", "/me"),
            ("POST", "/auth/logout"),
        ):
            assert (await program.request(method, path)).problem == (403, "forbidden"), path
    assert (await ada.get(f"/api_keys/{key['id']}")).status == 200


async def test_a_key_works_in_its_own_workspace_only(
    ada: Client, eve: Client, contract: Contract
) -> None:
    bot = await eve.bot()
    key = await make_key(ada, *SCOPES)
    async with holder(ada, contract, key["secret"]) as program:
        assert (await program.get(f"/bots/{bot}")).problem == (404, "not_found")
        for workspace in (eve.account["workspace"]["id"], f"ws_{ABSENT}"):
            there = await program.get("/bots", headers={"X-Workspace-Id": workspace})
            assert there.problem == (404, "not_found")
    for call in (
        eve.get(f"/api_keys/{key['id']}"),
        eve.patch(f"/api_keys/{key['id']}", {"name": "Mine"}),
        eve.delete(f"/api_keys/{key['id']}"),
        eve.post(f"/api_keys/{key['id']}/rotate"),
    ):
        assert (await call).problem == (404, "not_found")


async def test_only_admins_manage_keys(ada: Client, contract: Contract) -> None:
    key = await make_key(ada, "chat")
    body = {"name": "K", "scopes": ["chat"]}
    for role in ("viewer", "editor"):
        async with member(ada, contract, role) as person:
            for call in (
                person.get("/api_keys"),
                person.post("/api_keys", body),
                person.get(f"/api_keys/{key['id']}"),
                person.delete(f"/api_keys/{key['id']}"),
                person.post(f"/api_keys/{key['id']}/rotate"),
            ):
                assert (await call).problem == (403, "forbidden")
    async with member(ada, contract, "admin") as admin:
        assert (await admin.post("/api_keys", body)).status == 201
        rotated = await admin.post(f"/api_keys/{key['id']}/rotate")
        assert rotated.problem == (403, "forbidden")  # she would act as the owner from now on
        assert (await admin.delete(f"/api_keys/{key['id']}")).status == 204


async def test_rotation_with_grace_keeps_the_old_secret_for_so_long(
    ada: Client, contract: Contract
) -> None:
    key = await make_key(ada, "bots:read")
    path = f"/api_keys/{key['id']}/rotate"
    rotated = await ada.post(path, {"grace_seconds": 2})
    assert (rotated.status, rotated.json["id"]) == (200, key["id"])
    assert rotated.json["secret"] != key["secret"]
    async with (
        holder(ada, contract, key["secret"]) as old,
        holder(ada, contract, rotated.json["secret"]) as new,
    ):
        assert [(await each.get("/bots")).status for each in (old, new)] == [200, 200]
        await asyncio.sleep(2)
        assert [(await each.get("/bots")).status for each in (old, new)] == [401, 200]
        newest = await ada.post(path)
        assert (await new.get("/bots")).problem == (401, "unauthenticated")
        new.headers["Authorization"] = f"Bearer {newest.json['secret']}"
        assert (await new.get("/bots")).status == 200
    for grace in (-1, 86_401, "60", None):
        refused = await ada.post(path, {"grace_seconds": grace})
        assert refused.problem == (422, "invalid_request")


async def test_what_is_no_key_is_refused(ada: Client, contract: Contract) -> None:
    secret = (await make_key(ada, "bots:read"))["secret"]
    for wrong in (secret[:-1], secret + "0", secret.swapcase(), "csk_", "csk_" + "a" * 49):
        async with holder(ada, contract, wrong) as program:
            assert (await program.get("/bots")).problem == (401, "unauthenticated")


async def test_the_last_use_is_told_to_the_minute(ada: Client, contract: Contract) -> None:
    key = await make_key(ada, "bots:read")
    path = f"/api_keys/{key['id']}"
    assert key["last_used_at"] is None
    async with holder(ada, contract, key["secret"]) as program:
        for _ in range(5):
            await program.get("/bots")
        await ada.service.container.key_uses().aclose()
        first = (await ada.get(path)).json["last_used_at"]
        assert abs(datetime.now(UTC) - datetime.fromisoformat(first)) < timedelta(seconds=30)
        await program.get("/bots")
        await ada.service.container.key_uses().aclose()
        assert (await ada.get(path)).json["last_used_at"] == first


async def test_a_key_is_worth_what_its_maker_may_do_now(ada: Client, contract: Contract) -> None:
    demote = text(
        "UPDATE memberships SET role = :role WHERE user_id = :user AND tenant_id = :tenant"
    )
    disable = text("UPDATE users SET disabled = :disabled WHERE id = :user")
    leave = text("DELETE FROM memberships WHERE user_id = :user AND tenant_id = :tenant")
    delete = text("UPDATE workspaces SET deleted_at = now() WHERE id = :tenant")
    tenant = ada.account["workspace"]["id"]
    async with member(ada, contract, "admin") as maker:
        user = maker.account["user"]["id"]
        key = await make_key(maker, "bots:read", "bots:write")
        own = await make_key(ada, "bots:read")
        async with (
            holder(ada, contract, key["secret"]) as program,
            holder(ada, contract, own["secret"]) as adas,
        ):

            async def able() -> list[int]:
                made = await program.post("/bots", {"name": "B"})
                return [(await program.get("/bots")).status, made.status]

            assert await able() == [200, 201]
            await run(ada.service, demote, {"role": "viewer", "user": user, "tenant": tenant})
            assert await able() == [200, 403]
            await run(ada.service, demote, {"role": "editor", "user": user, "tenant": tenant})
            assert await able() == [200, 201]
            await run(ada.service, disable, {"disabled": True, "user": user})
            assert await able() == [401, 401]
            await run(ada.service, disable, {"disabled": False, "user": user})
            assert await able() == [200, 201]
            await run(ada.service, leave, {"user": user, "tenant": tenant})
            assert await able() == [401, 401]
            assert (await adas.get("/bots")).status == 200
            await run(ada.service, delete, {"tenant": tenant})
            assert (await adas.get("/bots")).problem == (401, "unauthenticated")


async def test_an_expired_key_is_refused(ada: Client, contract: Contract) -> None:
    expires_at = in_days(1.5 / 86_400)
    key = await make_key(ada, "bots:read", expires_at=expires_at)
    async with holder(ada, contract, key["secret"]) as program:
        assert (await program.get("/bots")).status == 200
        await asyncio.sleep(1.6)
        assert (await program.get("/bots")).problem == (401, "unauthenticated")
    assert [key["id"] for key in (await ada.get("/api_keys")).json["data"]] == [key["id"]]


async def test_a_key_in_the_url_is_no_credential(ada: Client, anyone: Client) -> None:
    secret = (await make_key(ada, "bots:read"))["secret"]
    for query in (f"?token={secret}", f"?api_key={secret}", f"?access_token={secret}"):
        assert (await anyone.get(f"{API}/bots{query}")).problem == (401, "unauthenticated")
