"""Plans through the API: limits that hold across processes, refusals that say why, and the report."""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from integration.api.client import Client, Contract, Reply
from integration.api.service import Service, serving
from standins.openai_server import OpenAIServer

NO_LIMITS = {
    "bots": None,
    "documents": None,
    "bytes": None,
    "messages_month": None,
    "tokens_month": None,
    "members": None,
}
MONTH = datetime.now(UTC).strftime("%Y-%m")


@pytest.fixture
async def admin(eve: Client) -> Client:
    """Somebody who runs the installation, and works in another workspace than Ada."""
    with psycopg.connect(eve.service.container.conninfo()) as connection:
        connection.execute(
            "UPDATE users SET instance_admin = true WHERE id = %s", (eve.account["user"]["id"],)
        )
    return eve


@pytest.fixture
async def second_service(service: Service) -> AsyncIterator[Service]:
    """Another process's worth of the application over the same database."""
    settings = service.settings
    async with serving(
        service.container.conninfo(),
        settings.data_dir,
        openai_base_url=settings.given["openai_base_url"],
        openai_api_key=settings.given["openai_api_key"],
    ) as second:
        yield second


def workspace_of(client: Client) -> str:
    return str(client.account["workspace"]["id"])


async def limit(admin: Client, client: Client, **limits: int) -> str:
    """Give the workspace of a client a plan of its own with these limits; return the plan's id."""
    plan = f"p_{workspace_of(client)[3:]}"
    body = {"name": "Made for a test", "limits": NO_LIMITS | limits}
    made = await admin.put(f"/admin/plans/{plan}", body)
    assert made.status in {200, 201}, made
    given = await admin.put(f"/workspaces/{workspace_of(client)}/subscription", {"plan": plan})
    assert given.status == 200, given
    return plan


async def standings(client: Client) -> Mapping[str, Any]:
    """Return how the limits stand, by name."""
    return {each["name"]: each for each in (await client.get("/usage")).json["limits"]}


async def test_everyone_sees_the_plans_and_members_the_one_they_have(
    ada: Client, anyone: Client
) -> None:
    plans = (await ada.get("/plans")).json["data"]
    assert [plan["id"] for plan in plans[:3]] == ["free", "pro", "enterprise"]
    assert plans[2]["limits"] == NO_LIMITS
    own = await ada.get(f"/workspaces/{workspace_of(ada)}/subscription")
    assert own.json == {"workspace_id": workspace_of(ada), "plan": plans[0]}
    assert (await anyone.get("/plans")).problem == (401, "unauthenticated")


async def test_only_who_runs_the_installation_changes_plans(ada: Client, eve: Client) -> None:
    body = {"name": "Mine", "limits": NO_LIMITS}
    own, other = workspace_of(ada), workspace_of(eve)
    for path, given in (
        ("/admin/plans/free", body),
        ("/admin/plans/mine", body),
        (f"/workspaces/{own}/subscription", {"plan": "enterprise"}),
        (f"/workspaces/{other}/subscription", {"plan": "enterprise"}),
        (f"/workspaces/ws_{'0' * 26}/subscription", {"plan": "enterprise"}),
    ):
        assert (await ada.put(path, given)).problem == (403, "forbidden")
    assert (await ada.get(f"/workspaces/{own}/subscription")).json["plan"]["id"] == "free"


async def test_the_plan_of_another_workspace_is_not_found(ada: Client, eve: Client) -> None:
    for workspace in (workspace_of(eve), f"ws_{'0' * 26}"):
        reply = await ada.get(f"/workspaces/{workspace}/subscription")
        assert reply.problem == (404, "not_found")


async def test_an_admin_gives_any_workspace_a_plan_that_there_is(
    ada: Client, admin: Client
) -> None:
    path = f"/workspaces/{workspace_of(ada)}/subscription"
    assert (await admin.put(path, {"plan": "pro"})).json["plan"]["id"] == "pro"
    assert (await ada.get(path)).json["plan"]["id"] == "pro"
    assert (await admin.put(path, {"plan": "nothing"})).problem == (422, "invalid_request")
    nowhere = f"/workspaces/ws_{'0' * 26}/subscription"
    assert (await admin.put(nowhere, {"plan": "pro"})).problem == (404, "not_found")


async def test_a_plan_is_made_changed_and_guarded_by_its_version(
    ada: Client, admin: Client
) -> None:
    path = f"/admin/plans/team_{workspace_of(ada)[3:]}"
    made = await admin.put(path, {"name": "Team", "limits": NO_LIMITS})
    assert (made.status, made.headers["ETag"]) == (201, '"v1"')
    limits = NO_LIMITS | {"bots": 7}
    match = {"If-Match": '"v1"'}
    changed = await admin.put(path, {"name": "Team", "limits": limits}, headers=match)
    assert (changed.status, changed.json["limits"]["bots"]) == (200, 7)
    late = await admin.put(path, {"name": "Team", "limits": NO_LIMITS}, headers=match)
    assert late.problem == (412, "precondition_failed")
    for wrong in (
        {"bots": 1},
        NO_LIMITS | {"bots": -1},
        NO_LIMITS | {"bots": 2**53},
        NO_LIMITS | {"seats": 1},
    ):
        refused = await admin.put(path, {"name": "Team", "limits": wrong})
        assert refused.problem == (422, "invalid_request")


async def test_a_refusal_names_the_limit_its_value_and_when_it_renews(
    ada: Client, admin: Client
) -> None:
    await limit(admin, ada, bots=1, messages_month=0)
    bot = await ada.bot()
    refused = await ada.post("/bots", {"name": "One too many"})
    assert refused.problem == (403, "quota_exceeded")
    assert refused.json["limit"] == "bots"
    assert "bots is 1" in refused.json["detail"]
    message = await ada.post(f"/bots/{bot}/chat", {"message": "Hello?"})
    assert message.problem == (403, "quota_exceeded")
    assert message.json["limit"] == "messages_month"
    assert "It renews on" in message.json["detail"]
    assert (await ada.delete(f"/bots/{bot}")).status == 204
    await ada.bot()


async def test_of_fifty_messages_at_once_in_two_processes_ten_reach_the_model(
    ada: Client,
    admin: Client,
    model: OpenAIServer,
    second_service: Service,
    contract: Contract,
) -> None:
    bot = await ada.bot(agent_type="chat", llm_model="openai/stand-in")
    await limit(admin, ada, messages_month=10)
    async with Client(second_service, contract) as elsewhere:
        elsewhere.headers |= ada.headers
        replies = await asyncio.gather(
            *(
                (elsewhere if n % 2 else ada).post(f"/bots/{bot}/chat", {"message": "Hello?"})
                for n in range(50)
            )
        )
    statuses = [reply.status for reply in replies]
    assert (statuses.count(200), statuses.count(403)) == (10, 40)
    assert {reply.problem for reply in replies if reply.status == 403} == {(403, "quota_exceeded")}
    assert len(model.requests) == 10
    standing = (await standings(ada))["messages_month"]
    assert (standing["used"], standing["limit"]) == (10, 10)
    assert standing["renews_at"] > MONTH
    assert (await ada.get("/usage")).json["data"][0]["messages"] == 10


async def test_a_request_that_is_repeated_counts_and_asks_once(
    ada: Client, admin: Client, model: OpenAIServer
) -> None:
    bot = await ada.bot(agent_type="chat", llm_model="openai/stand-in")
    await limit(admin, ada, messages_month=1)
    again = {"Idempotency-Key": "once"}
    for _ in range(3):
        reply = await ada.post(f"/bots/{bot}/chat", {"message": "Hello?"}, headers=again)
        assert reply.status == 200, reply
    assert len(model.requests) == 1
    assert (await standings(ada))["messages_month"]["used"] == 1


async def test_an_upload_without_room_is_a_matter_of_the_plan_and_one_too_large_is_not(
    ada: Client, admin: Client
) -> None:
    bot = await ada.bot()
    await limit(admin, ada, bytes=1000)
    fits = await ada.upload(bot, ("a.txt", b"x" * 600))
    assert fits.status == 202, fits
    refused = await ada.upload(bot, ("b.txt", b"y" * 700))
    assert refused.problem == (403, "quota_exceeded")
    assert refused.json["limit"] == "bytes"
    assert (await ada.upload(bot, ("a.txt", b"x" * 600))).status == 200
    await limit(admin, ada)
    huge = await ada.upload(bot, ("c.txt", io.BytesIO(b"z" * (2 << 20))))
    assert huge.problem == (413, "payload_too_large")
    assert (await standings(ada))["bytes"]["used"] == 600
    assert (await ada.delete(f"/documents/{fits.json['id']}")).status == 204
    assert (await standings(ada))["bytes"]["used"] == 0


async def test_whatever_is_made_changed_and_deleted_at_once_gets_through_and_adds_up(
    ada: Client,
) -> None:
    bot = await ada.bot()

    def rule(number: int) -> dict[str, str]:
        return {"title": str(number), "text": f"Rule number {number:04}."}

    async def add(number: int) -> Reply:
        return await ada.post(f"/bots/{bot}/documents", rule(number))

    known = [(await add(number)).json["id"] for number in range(20)]
    gone, kept = known[:10], known[10:]
    replies = await asyncio.gather(
        *(add(number) for number in range(20, 30)),
        *(ada.put(f"/documents/{one}/content", rule(n)) for n, one in enumerate(kept, 30)),
        *(ada.delete(f"/documents/{one}") for one in gone),
    )
    assert [reply.status for reply in replies] == [202] * 20 + [204] * 10
    for reply in replies[:20]:
        await ada.settled(reply.json["id"])
    now = await standings(ada)
    assert (now["documents"]["used"], now["bytes"]["used"]) == (20, 20 * 17)


async def test_lowering_a_plan_deletes_nothing_and_refuses_what_is_new(
    ada: Client, admin: Client
) -> None:
    bots = [await ada.bot() for _ in range(2)]
    await limit(admin, ada, bots=1)
    assert (await ada.post("/bots", {"name": "New"})).problem == (403, "quota_exceeded")
    listed = (await ada.get("/bots")).json["data"]
    assert {bot["id"] for bot in listed} == set(bots)
    assert (await standings(ada))["bots"] == {
        "name": "bots",
        "used": 2,
        "limit": 1,
        "renews_at": None,
    }


async def test_usage_is_told_by_day_by_bot_and_by_model(ada: Client, eve: Client) -> None:
    bot = await ada.bot()
    await ada.text(bot, "No shouting in the library.")
    answer = await ada.ask(bot, "May I shout?")
    today = datetime.now(UTC).date().isoformat()
    (day,) = (await ada.get("/usage")).json["data"]
    assert (day["day"], day["messages"], day["documents"], day["bytes"]) == (today, 1, 1, 27)
    assert day["prompt_tokens"] > 0
    (by_bot,) = (await ada.get("/usage?group_by=bot")).json["data"]
    assert (by_bot["bot_id"], by_bot["day"], by_bot["messages"]) == (bot, None, 1)
    by_model = (await ada.get("/usage?group_by=model")).json["data"]
    assert {each["model"]: each["messages"] for each in by_model}[answer["model"]] == 1
    assert (await eve.get("/usage")).json["data"] == []
    past = await ada.get("/usage?from=2020-01-01&to=2020-12-31")
    assert (past.json["data"], past.json["from"]) == ([], "2020-01-01")


@pytest.mark.parametrize(
    "query",
    [
        "from=2026-02-01&to=2026-01-31",
        "from=2025-01-01&to=2026-01-02",
        "from=yesterday",
        "from=0000-01-01",
        "group_by=user",
        "from=9999-12-31",
    ],
)
async def test_a_report_that_cannot_be_made_is_refused(ada: Client, query: str) -> None:
    assert (await ada.get(f"/usage?{query}")).problem == (422, "invalid_request")


async def test_the_first_and_the_last_days_there_are_can_be_asked_for(ada: Client) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        assert (await ada.get(f"/usage?from={day}&to={day}")).status == 200


async def test_a_viewer_sees_the_plan_but_not_what_was_used(ada: Client) -> None:
    with psycopg.connect(ada.service.container.conninfo()) as connection:
        connection.execute(
            "UPDATE memberships SET role = 'viewer' WHERE tenant_id = %s", (workspace_of(ada),)
        )
    assert (await ada.get("/usage")).problem == (403, "forbidden")
    assert (await ada.get(f"/workspaces/{workspace_of(ada)}/subscription")).status == 200


async def test_a_key_reads_usage_with_the_scope_for_it_and_plans_never(ada: Client) -> None:
    subscription = f"/workspaces/{workspace_of(ada)}/subscription"
    for scope, status in (("usage:read", 200), ("chat", 403)):
        made = await ada.post("/api_keys", {"name": scope, "scopes": [scope]})
        key = {"Authorization": f"Bearer {made.json['secret']}"}
        for path in ("/usage", subscription):
            assert (await ada.get(path, headers=key)).status == status, (path, scope)
        refused = await ada.put(subscription, {"plan": "pro"}, headers=key)
        assert refused.problem == (403, "forbidden")


async def test_months_renew_on_the_first(ada: Client) -> None:
    renews_at = (await standings(ada))["tokens_month"]["renews_at"]
    when = datetime.fromisoformat(renews_at)
    assert (when.day, when.hour) == (1, 0)
    assert timedelta(0) < when - datetime.now(UTC) <= timedelta(days=31)
