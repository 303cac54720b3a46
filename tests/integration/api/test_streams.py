"""Answers as server-sent events: order, resumption, keep-alive, disconnection."""

import asyncio

import pytest

from integration.api.client import Client, Event, events
from standins.openai_server import OpenAIServer, Script

QUESTION = "When does the harbour open?"


@pytest.fixture
async def bot(ada: Client, model: OpenAIServer) -> str:
    bot = await ada.bot(llm_model="openai/stand-in")
    await ada.text(bot, "The harbour opens at seven in the morning.")
    return bot


def in_order(stream: list[Event]) -> None:
    """Fail where the events of a whole answer do not come in their order, without a gap."""
    assert [event.id for event in stream] == list(range(1, len(stream) + 1))
    kinds = [event.type for event in stream]
    assert kinds[:2] == ["message.started", "retrieval.completed"]
    assert kinds[-1] in ("message.completed", "message.stopped", "error")
    assert set(kinds[2:-1]) <= {"message.delta", "citation.added"}


async def test_an_answer_streams_its_events_in_order(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    tokens = ("The harbour opens", " at seven in the", " morning [", "1", "].")
    model.scripts.append(Script(tokens=tokens, delay=0.05))
    stream = await ada.stream("POST", f"/bots/{bot}/chat", {"message": QUESTION})
    in_order(stream)
    started, retrieved, *_, end = stream
    assert started.data.keys() == {"message_id", "conversation_id", "user_message_id", "seq"}
    assert retrieved.data["sources"][0]["start"] == 0
    assert "text" not in retrieved.data["sources"][0]  # events outlive documents
    text = "".join(e.data["text"] for e in stream if e.type == "message.delta")
    final = end.data["message"]
    assert text == final["content"] == "The harbour opens at seven in the morning [1]."
    cited = [e.data["citation"] for e in stream if e.type == "citation.added"]
    assert cited == final["citations"]
    assert [citation["verified"] for citation in cited] == [True]
    assert (await ada.get(f"/messages/{final['id']}")).json == final
    assert final["id"] == started.data["message_id"]
    path = f"/conversations/{final['conversation_id']}/messages"
    in_order(await ada.stream("POST", path, {"content": QUESTION}))


async def test_a_stream_goes_on_after_any_event(ada: Client, bot: str, model: OpenAIServer) -> None:
    model.scripts.append(Script(tokens=[f"word{n} " for n in range(12)], delay=0.08))
    async with ada.streaming("POST", f"/bots/{bot}/chat", {"message": QUESTION}) as response:
        message = (await anext(events(response))).data["message_id"]
    path = f"/messages/{message}/stream"
    while_running = asyncio.create_task(ada.stream("GET", path))
    live: dict[int, list[Event]] = {}
    for after in range(4):
        live[after] = await ada.stream("GET", path, **{"Last-Event-ID": str(after)})
    whole = await while_running
    in_order(whole)
    assert len(whole) > 8
    assert await ada.stream("GET", path) == whole
    for after, rest in live.items():
        assert rest == whole[after:]
    for after in range(len(whole) + 1):
        assert await ada.stream("GET", path, **{"Last-Event-ID": str(after)}) == whole[after:]


async def test_an_answer_is_finished_though_nobody_listens(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(tokens=("slow ",) * 10, delay=0.05))
    async with ada.streaming("POST", f"/bots/{bot}/chat", {"message": QUESTION}) as response:
        message = (await anext(events(response))).data["message_id"]
        response.close()
    stream = await ada.stream("GET", f"/messages/{message}/stream")
    assert stream[-1].type == "message.completed"
    assert stream[-1].data["message"]["content"].split() == ["slow"] * 10


async def test_a_quiet_stream_is_kept_open_by_comments(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(first_delay=0.9))
    async with ada.streaming("POST", f"/bots/{bot}/chat", {"message": QUESTION}) as response:
        body = (await response.read()).decode()
    assert ": keep-alive\n\n" in body
    assert body.rstrip().splitlines()[-2] == "event: message.completed"


async def test_a_question_has_no_stream(ada: Client, bot: str) -> None:
    question = (await ada.ask(bot, QUESTION))["parent_id"]
    for method, part in (("GET", "stream"), ("POST", "stop")):
        reply = await ada.request(method, f"/messages/{question}/{part}")
        assert reply.problem == (409, "conflict")


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "9" * 30, "٣", "0x1"])
async def test_a_last_event_id_that_is_none_is_refused(ada: Client, bot: str, value: str) -> None:
    answer = (await ada.ask(bot, QUESTION))["id"]
    path = f"/messages/{answer}/stream"
    reply = await ada.get(path, headers={"Last-Event-ID": value})
    assert reply.problem == (422, "invalid_request")
