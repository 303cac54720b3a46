"""The audit log and the exports, over HTTP."""

import io
import json
import zipfile
from typing import Any

import psycopg

from domain.api_keys import hash_secret
from domain.audit import AuditLink, first_break
from integration.api.client import PASSWORD, Client, Contract
from integration.api.keys import make_key, member


def shown(key: Any) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name != "secret"}


async def actions(client: Client) -> list[str]:
    found = await client.get("/audit_events?limit=100")
    return [event["action"] for event in found.json["data"]]


async def test_the_log_tells_who_did_what_from_where(ada: Client) -> None:
    made = await ada.post("/bots", {"name": "A bot"}, headers={"X-Request-Id": "request-7"})
    event = (await ada.get("/audit_events?action=bot.")).json["data"][0]
    assert event["action"] == "bot.created"
    assert event["actor"] == {"kind": "user", "id": ada.account["user"]["id"]}
    assert event["subject"] == {"type": "bot", "id": made.json["id"]}
    assert event["address"] == "127.0.0.1"
    assert event["request_id"] == "request-7"


async def test_what_changes_a_workspace_is_told(ada: Client) -> None:
    bot = await ada.bot()
    await ada.patch(f"/bots/{bot}", {"name": "Another"})
    await ada.post(f"/bots/{bot}/versions")
    await ada.post(f"/bots/{bot}/versions/1/publish")
    document = await ada.text(bot, "We open at nine.")
    await ada.patch(f"/documents/{document}", {"title": "Hours"})
    await ada.delete(f"/documents/{document}")
    await ada.delete(f"/bots/{bot}")
    told = {action for action in await actions(ada) if action.startswith(("bot.", "document."))}
    assert told == {
        "bot.created",
        "bot.updated",
        "bot.version_created",
        "bot.published",
        "document.added",
        "document.updated",
        "document.deleted",
        "bot.deleted",
    }


async def test_what_was_refused_is_not_told(ada: Client) -> None:
    await ada.bot()
    before = await actions(ada)
    await ada.post("/bots", {"name": ""})
    await ada.delete("/bots/bot_00000000000000000000000000")
    assert await actions(ada) == before


async def test_a_tenant_sees_its_own_log_only(ada: Client, eve: Client) -> None:
    bot = await ada.bot()
    assert bot not in (await eve.get("/audit_events?limit=100")).body.decode()


async def test_the_exported_chain_can_be_checked_by_anyone(ada: Client) -> None:
    for _ in range(3):
        await ada.bot()
    lines = (await ada.get("/audit_events/export")).body.splitlines()
    links = [
        AuditLink(link["seq"], link["body"], link["previous_hash"], link["hash"])
        for link in map(json.loads, lines)
    ]
    assert len(links) >= 3
    assert first_break(links) is None
    verdict = (await ada.get("/audit_events/verification")).json
    assert verdict["intact"] is True
    assert (verdict["entries"], verdict["head"]) == (len(links), links[-1].hash)


async def test_an_entry_that_was_changed_in_the_database_is_found(ada: Client) -> None:
    await ada.bot()
    await ada.bot()
    with psycopg.connect(ada.service.container.conninfo(), autocommit=True) as connection:
        changed = connection.execute(
            "UPDATE audit_events SET body = replace(body, 'bot.created', 'bot.deleted') "
            "WHERE tenant_id = %s AND action = 'bot.created'",
            [ada.account["workspace"]["id"]],
        )
        assert changed.rowcount == 2
    verdict = (await ada.get("/audit_events/verification")).json
    assert verdict["intact"] is False
    assert verdict["first_break"] is not None


async def test_a_workspace_is_exported_whole(ada: Client) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, "We open at nine in the morning.", "Hours")
    answer = await ada.ask(bot, "When do you open?")
    said = await ada.put(f"/messages/{answer['id']}/feedback", {"rating": "up", "comment": "Yes!"})
    crawl = await ada.post(f"/bots/{bot}/crawls", {"url": "https://harbour.example.com/"})
    key = await make_key(ada, "chat")
    workspace = ada.account["workspace"]["id"]
    reply = await ada.get(f"/workspaces/{workspace}/export")
    assert reply.headers["Content-Type"] == "application/zip"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        folder = f"bots/{bot}"
        place = f"{folder}/documents/{document}"
        assert names >= {
            "workspace.json",
            f"{folder}/bot.json",
            f"{place}/document.json",
            f"{place}/text.txt",
            f"{place}/original",
            f"{folder}/conversations.ndjson",
            f"{folder}/crawls.ndjson",
            "api_keys.ndjson",
            "usage.ndjson",
            "audit_events.ndjson",
        }
        assert archive.read(f"{place}/original") == b"We open at nine in the morning."
        told = json.loads(archive.read(f"{folder}/conversations.ndjson").splitlines()[0])
        assert told["messages"][-1]["id"] == answer["id"]
        assert told["messages"][-1]["feedback"] == [{**said.json, "by": told["started_by"]}]
        assert "role" not in json.loads(archive.read("workspace.json"))
        assert json.loads(archive.read(f"{folder}/crawls.ndjson"))["id"] == crawl.json["id"]
        assert json.loads(archive.read("api_keys.ndjson")) == shown(key)
        usage = [json.loads(line) for line in archive.read("usage.ndjson").splitlines()]
        everything = b"".join(archive.read(name) for name in names)
    assert sum(month["messages"] for month in usage) == 1
    assert sum(month["documents"] for month in usage) == 1
    assert all(month.keys() >= {"month", "model", "prompt_tokens"} for month in usage)
    for secret in (b"argon2", key["secret"].encode(), hash_secret(key["secret"]).encode()):
        assert secret not in everything
    assert "workspace.exported" in await actions(ada)


async def test_another_tenants_workspace_is_not_exported(ada: Client, eve: Client) -> None:
    workspace = ada.account["workspace"]["id"]
    assert (await eve.get(f"/workspaces/{workspace}/export")).problem == (404, "not_found")


async def test_people_take_their_data_with_them(ada: Client) -> None:
    key = await make_key(ada, "chat")
    found = (await ada.get("/me/export")).json
    assert found["user"]["email"] == ada.account["user"]["email"]
    assert (found["user"]["email_verified"], found["user"]["second_factor"]) == (False, False)
    assert [w["id"] for w in found["workspaces"]] == [ada.account["workspace"]["id"]]
    sessions = (await ada.get("/auth/sessions")).json["data"]
    assert found["sessions"] == sessions
    assert sessions[0]["address"] == "127.0.0.1"
    assert found["api_keys"] == [{"workspace_id": ada.account["workspace"]["id"], **shown(key)}]
    for secret in ("argon2", key["secret"], hash_secret(key["secret"])):
        assert secret not in json.dumps(found)


async def test_only_the_keys_that_one_made_are_taken_along(ada: Client, contract: Contract) -> None:
    await make_key(ada, "chat")
    async with member(ada, contract, "admin") as other:
        own = await make_key(other, "chat")
        found = (await other.get("/me/export")).json["api_keys"]
    assert [key["id"] for key in found] == [own["id"]]


async def test_what_happens_to_an_account_is_told_with_its_request(
    ada: Client, anyone: Client
) -> None:
    body = {"email": ada.account["user"]["email"], "password": PASSWORD}
    await anyone.post("/auth/login", body, headers={"X-Request-Id": "request-8"})
    events = (await ada.get("/me/export")).json["audit_events"]
    assert {event["actor"]["kind"] for event in events} == {"user"}
    assert events[0]["action"] == "account.registered"
    assert all(event["request_id"] for event in events)
    assert (events[-1]["action"], events[-1]["request_id"]) == ("login.succeeded", "request-8")


async def test_a_deletion_gives_a_receipt_that_anyone_with_its_id_may_see(
    ada: Client, anyone: Client
) -> None:
    gone = await ada.delete(f"/workspaces/{ada.account['workspace']['id']}")
    receipt = (await anyone.get(f"/erasures/{gone.headers['Erasure-Receipt']}")).json
    assert (receipt["subject_type"], receipt["finished_at"]) == ("workspace", None)
    left = await ada.request("DELETE", "/me", json={"password": PASSWORD})
    receipt = (await anyone.get(f"/erasures/{left.headers['Erasure-Receipt']}")).json
    assert receipt["subject_type"] == "user"
    assert receipt["finished_at"] is not None
    assert receipt["counts"]["users"] == 1
    unknown = await anyone.get("/erasures/era_00000000000000000000000000")
    assert unknown.problem == (404, "not_found")


async def test_the_log_is_searched_by_who_what_and_when(ada: Client, contract: Contract) -> None:
    bot = await ada.bot()
    async with member(ada, contract, "editor") as other:
        await other.patch(f"/bots/{bot}", {"name": "Another"})
        who = other.account["user"]["id"]
    today = (await ada.get("/audit_events")).json["data"][0]["at"][:10]

    async def found(query: str) -> list[str]:
        reply = await ada.get(f"/audit_events?{query}")
        return [event["action"] for event in reply.json["data"]]

    assert await found(f"actor={who}") == ["bot.updated"]
    assert await found(f"target={bot}") == ["bot.updated", "bot.created"]
    assert await found(f"target={bot}&actor={ada.account['user']['id']}") == ["bot.created"]
    assert await found(f"target={bot}&from={today}&to={today}") == ["bot.updated", "bot.created"]
    assert await found(f"target={bot}&to=2020-01-01") == []
    assert await found(f"target={bot}&from=2999-12-31&to=9999-12-31") == []
