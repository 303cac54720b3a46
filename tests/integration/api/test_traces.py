"""How answers came about, and what a bot has, over HTTP."""

from typing import Any

import psycopg
import pytest

from integration.api.client import Client, Contract
from integration.api.keys import holder, make_key, member
from standins.openai_server import OpenAIServer, Script

TEXT = "The harbour opens at seven in the morning. The ferry leaves at noon."
QUESTION = "When does the harbour open?"
TOLD = ("The harbour opens at seven in the morning [1].",)


@pytest.fixture
async def bot(ada: Client, model: OpenAIServer) -> str:
    bot = await ada.bot(llm_model="openai/stand-in", system_prompt="Never tell.", retriever_k=3)
    await ada.text(bot, TEXT, "Guide")
    return bot


async def trace_of(client: Client, answer: Any) -> Any:
    reply = await client.get(f"/messages/{answer['id']}/trace")
    assert reply.status == 200, reply
    return reply.json


async def test_a_trace_tells_how_an_answer_came_about(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(tokens=TOLD))
    answer = await ada.ask(bot, QUESTION)
    trace = await trace_of(ada, answer)
    assert trace["message_id"] == answer["id"]
    assert trace["bot_version"] == "draft"
    assert trace["query"] == QUESTION
    assert (trace["model"], trace["usage"]) == ("openai/stand-in", answer["usage"])
    assert trace["configuration"]["retriever_k"] == 3
    assert "Never tell" not in str(trace)
    assert trace["cost"] is None
    [source] = trace["sources"]
    assert (source["title"], source["text"], source["deleted"]) == ("Guide", TEXT, False)
    assert source["chunk_id"] == answer["citations"][0]["chunk_id"]
    assert source["scores"]["keyword"] > 0


async def test_steps_lie_within_the_work_and_the_search_within_its_own(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    answer = await ada.ask(bot, QUESTION)
    steps = {step["name"]: step for step in (await trace_of(ada, answer))["steps"]}
    assert steps.keys() == {"retrieve", "embed", "vector", "keyword", "read", "prompt", "model"}
    ends = {name: step["started_ms"] + step["duration_ms"] for name, step in steps.items()}
    for part in ("embed", "vector", "keyword", "read"):
        assert steps["retrieve"]["started_ms"] <= steps[part]["started_ms"]
        assert ends[part] <= ends["retrieve"] + 0.02
    assert ends["retrieve"] <= steps["model"]["started_ms"] + 0.02
    assert ends["model"] <= answer["timings"]["total_ms"] + 0.02


async def test_a_trace_names_the_version_that_answered(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    await ada.post(f"/bots/{bot}/versions")
    await ada.post(f"/bots/{bot}/versions/1/publish")
    published = await trace_of(ada, await ada.ask(bot, QUESTION))
    await ada.patch(f"/bots/{bot}", {"configuration": {"retriever_k": 9}})
    drafted = await trace_of(ada, await ada.ask(bot, QUESTION, version="draft"))
    assert [published["bot_version"], drafted["bot_version"]] == [1, "draft"]
    told = [each["configuration"]["retriever_k"] for each in (published, drafted)]
    assert told == [3, 9]


async def test_an_answer_that_failed_has_a_trace_too(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(status=401))
    answer = await ada.ask(bot, QUESTION)
    assert answer["status"] == "failed"
    trace = await trace_of(ada, answer)
    assert "model" in {step["name"] for step in trace["steps"]}
    assert len(trace["sources"]) == 1


async def test_what_is_deleted_leaves_nothing_of_its_text_in_a_trace(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    answer = await ada.ask(bot, QUESTION)
    [before] = (await trace_of(ada, answer))["sources"]
    with psycopg.connect(ada.service.container.conninfo()) as connection:
        kept = connection.execute(
            "SELECT trace::text FROM message_traces WHERE message_id = %s", (answer["id"],)
        ).fetchone()
    assert kept is not None
    assert "ferry" not in kept[0]
    await ada.delete(f"/documents/{before['document_id']}")
    [after] = (await trace_of(ada, answer))["sources"]
    assert after == {**before, "deleted": True, "title": None, "text": None}


async def test_only_answers_that_have_ended_have_a_trace(ada: Client, bot: str) -> None:
    answer = await ada.ask(bot, QUESTION)
    question = f"/messages/{answer['parent_id']}/trace"
    assert (await ada.get(question)).problem == (409, "conflict")


async def test_who_talks_freely_searches_nothing(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    await ada.patch(f"/bots/{bot}", {"configuration": {"agent_type": "chat"}})
    trace = await trace_of(ada, await ada.ask(bot, QUESTION))
    assert (trace["query"], trace["sources"]) == (None, [])
    assert [step["name"] for step in trace["steps"]] == ["prompt", "model"]


async def test_traces_are_for_editors(
    ada: Client, eve: Client, contract: Contract, bot: str, model: OpenAIServer
) -> None:
    path = f"/messages/{(await ada.ask(bot, QUESTION))['id']}/trace"
    assert (await eve.get(path)).problem == (404, "not_found")
    async with member(ada, contract, "viewer") as viewer, member(ada, contract, "editor") as editor:
        assert (await viewer.get(path)).problem == (403, "forbidden")
        assert (await editor.get(path)).status == 200
    for scopes, status in (("bots:read", "chat"), 403), (("documents:read",), 200):
        key = await make_key(ada, *scopes)  # whole passages: who may not search does not see them
        async with holder(ada, contract, key["secret"]) as client:
            assert (await client.get(path)).status == status


async def test_a_summary_tells_viewers_what_a_bot_has(
    ada: Client, contract: Contract, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(status=401))
    assert (await ada.ask(bot, QUESTION))["status"] == "failed"
    answer = await ada.ask(bot, QUESTION)
    await ada.put(f"/messages/{answer['id']}/feedback", {"rating": "up"})
    async with member(ada, contract, "viewer") as viewer:
        summary = (await viewer.get(f"/bots/{bot}/summary")).json
    assert summary == {
        "bot_id": bot,
        "documents": {"pending": 0, "processing": 0, "ready": 1, "failed": 0},
        "chunks": 1,
        "bytes": len(TEXT),
        "conversations": 2,
        "messages_today": 2,
        "failed_today": 1,
        "feedback": {"up": 1, "down": 0},
    }
