"""Chat over HTTP: answers with citations, conversations, branches, stop, idempotency."""

import asyncio
from typing import Any

import pytest

from integration.api.client import Client, events
from standins.openai_server import OpenAIServer, Script

TEXT = "The harbour opens at seven in the morning. The ferry leaves at noon from the eastern pier."
QUESTION = "When does the harbour open?"


@pytest.fixture
async def bot(ada: Client) -> str:
    """A bot that quotes."""
    bot = await ada.bot()
    await ada.text(bot, TEXT, "Harbour guide")
    return bot


@pytest.fixture
async def talker(ada: Client, model: OpenAIServer) -> str:
    """A bot that talks freely by the stand-in model."""
    return await ada.bot(llm_model="openai/stand-in", agent_type="chat", system_prompt="Be kind.")


async def test_an_answer_quotes_the_passage_it_cites(ada: Client, bot: str) -> None:
    reply = await ada.post(f"/bots/{bot}/chat", {"message": QUESTION})
    assert reply.status == 200
    answer = reply.json["message"]
    assert reply.json["conversation_id"] == answer["conversation_id"]
    assert (answer["status"], answer["role"], answer["error"]) == ("completed", "assistant", None)
    assert answer["model"] == "extractive/default"
    assert answer["degraded"] is False
    assert answer["timings"]["total_ms"] > 0
    assert answer["usage"]["prompt_tokens"] > 0
    assert "seven in the morning" in answer["content"]
    citation = answer["citations"][0]
    assert f"[{citation['index']}]" in answer["content"]
    assert citation["verified"] is True
    assert citation["title"] == "Harbour guide"
    url = f"/documents/{citation['document_id']}/text?revision={citation['revision']}"
    text = (await ada.get(url)).body.decode()
    assert citation["quote"] == text[citation["start"] : citation["end"]]
    assert (await ada.get(f"/messages/{answer['id']}")).json == answer


async def test_a_conversation_grows_by_questions_and_answers(ada: Client, bot: str) -> None:
    first = await ada.ask(bot, QUESTION)
    conversation = first["conversation_id"]
    again = {"message": "And when does the ferry leave?", "conversation_id": conversation}
    second = (await ada.post(f"/bots/{bot}/chat", again)).json["message"]
    body = {"content": "Where from?"}
    third = await ada.post(f"/conversations/{conversation}/messages", body)
    assert third.status == 201
    messages, cursor = [], ""
    while True:
        path = f"/conversations/{conversation}/messages?limit=4{cursor}"
        page = (await ada.get(path)).json
        messages += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [m["role"] for m in messages] == ["user", "assistant"] * 3
    assert [m["id"] for m in messages[1::2]] == [first["id"], second["id"], third.json["id"]]
    path = f"/conversations/{conversation}/messages?limit=4&order=desc"
    newest = (await ada.get(path)).json
    older = (await ada.get(f"{path}&cursor={newest['next_cursor']}")).json
    assert [*newest["data"], *older["data"]] == messages[::-1]
    parents = [m["parent_id"] for m in messages]
    assert parents == [None, *(m["id"] for m in messages[:-1])]
    listed = (await ada.get(f"/bots/{bot}/conversations")).json["data"]
    assert [item["id"] for item in listed] == [conversation]
    for query, count in (
        ("status=completed", 1),
        ("status=failed", 0),
        ("from=2020-01-01&to=9999-12-31", 1),
        ("from=0001-01-01&to=2020-01-01", 0),
    ):
        found = await ada.get(f"/bots/{bot}/conversations?{query}")
        assert len(found.json["data"]) == count, query
    assert listed[0]["title"] == QUESTION


async def test_a_message_may_follow_an_earlier_answer(ada: Client, bot: str) -> None:
    first = await ada.ask(bot, QUESTION)
    path = f"/conversations/{first['conversation_id']}/messages"
    await ada.post(path, {"content": "And the ferry?"})
    other = await ada.post(path, {"content": "And the pier?", "parent_id": first["id"]})
    question = (await ada.get(f"/messages/{other.json['parent_id']}")).json
    assert question["parent_id"] == first["id"]
    to_a_question = await ada.post(path, {"content": "Hm?", "parent_id": question["id"]})
    assert to_a_question.problem == (409, "conflict")
    elsewhere = (await ada.ask(bot, QUESTION))["id"]
    stray = await ada.post(path, {"content": "Hm?", "parent_id": elsewhere})
    assert stray.problem == (404, "not_found")


async def test_an_answer_made_anew_is_a_sibling(ada: Client, bot: str) -> None:
    first = await ada.ask(bot, QUESTION)
    second = await ada.post(f"/messages/{first['id']}/regenerate")
    assert second.status == 201
    assert second.json["id"] != first["id"]
    assert second.json["parent_id"] == first["parent_id"]
    assert second.json["content"] == first["content"]
    assert (await ada.get(f"/messages/{first['id']}")).json == first
    of_a_question = await ada.post(f"/messages/{first['parent_id']}/regenerate")
    assert of_a_question.problem == (409, "conflict")
    events = await ada.stream("POST", f"/messages/{first['id']}/regenerate")
    assert events[-1].type == "message.completed"


async def test_conversations_are_named_searched_and_deleted(ada: Client, bot: str) -> None:
    made = await ada.post(f"/bots/{bot}/conversations", {"title": "About  ferries"})
    assert (made.status, made.json["title"]) == (201, "About ferries")
    path = f"/conversations/{made.json['id']}"
    tag = made.headers["ETag"]
    renamed = await ada.patch(path, {"title": "Boats"}, headers={"If-Match": tag})
    assert renamed.json["title"] == "Boats"
    stale = await ada.patch(path, {"title": "Ships"}, headers={"If-Match": tag})
    assert stale.problem == (412, "precondition_failed")
    talk = (await ada.ask(bot, "Which pier is the eastern one?"))["conversation_id"]
    for query, expected in (("boats", [made.json["id"]]), ("EASTERN+pier", [talk]), ("zebra", [])):
        found = (await ada.get(f"/bots/{bot}/conversations?q={query}")).json["data"]
        assert [item["id"] for item in found] == expected
    assert (await ada.delete(path)).status == 204
    for part in ("", "/messages"):
        assert (await ada.get(path + part)).problem == (404, "not_found")


async def test_the_history_goes_to_the_model_as_far_as_the_bot_remembers(
    ada: Client, talker: str, model: OpenAIServer
) -> None:
    await ada.patch(f"/bots/{talker}", {"configuration": {"chat_history_length": 2}})
    conversation = None
    for number in range(3):
        more = {"conversation_id": conversation} if conversation else {}
        conversation = (await ada.ask(talker, f"Question {number}?", **more))["conversation_id"]
    turns = [(turn["role"], turn["content"]) for turn in model.requests[-1].body["messages"]]
    assert turns == [
        ("system", "Be kind."),
        ("user", "Question 1?"),
        ("assistant", "Hello from the stand-in."),
        ("user", "Question 2?"),
    ]


async def test_a_stopped_answer_keeps_what_was_written(
    ada: Client, talker: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(tokens=("One ", "two ") * 500, delay=0.02))
    async with ada.streaming("POST", f"/bots/{talker}/chat", {"message": "Count."}) as response:
        stream = events(response)
        started = await anext(stream)
        message = started.data["message_id"]
        await asyncio.sleep(0.3)
        stop = await ada.post(f"/messages/{message}/stop")
        assert stop.status == 202
        rest = [event async for event in stream]
    assert rest[-1].type == "message.stopped"
    final = rest[-1].data["message"]
    assert final["status"] == "stopped"
    assert final["content"].startswith("One two")
    written = "".join(e.data["text"] for e in rest if e.type == "message.delta")
    assert written == final["content"]
    assert (await ada.get(f"/messages/{message}")).json == final
    assert (await ada.post(f"/messages/{message}/stop")).json == final
    async with asyncio.timeout(5):
        await model.until_open(0)  # the model is not left writing for nobody


async def test_the_same_key_makes_one_thing(ada: Client, bot: str) -> None:
    cases: list[tuple[str, Any, Any]] = [
        ("/bots", {"name": "B"}, {"name": "C"}),
        (f"/bots/{bot}/conversations", {"title": "A"}, {"title": "B"}),
        (f"/bots/{bot}/documents", {"text": "New words."}, {"text": "Other words."}),
        (f"/bots/{bot}/chat", {"message": QUESTION}, {"message": "Another?"}),
    ]
    for number, (path, body, other) in enumerate(cases):
        headers = {"Idempotency-Key": f"key-{number}"}
        first = await ada.post(path, body, headers=headers)
        again = await ada.post(path, body, headers=headers)
        assert first.status == again.status, path
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert id_of(first.json) == id_of(again.json)
        refused = await ada.post(path, other, headers=headers)
        assert refused.problem == (422, "idempotency_conflict"), path


def id_of(body: Any) -> str:
    return str(body["message"]["id"] if "message" in body else body["id"])


async def test_one_key_sent_ten_times_at_once_gets_one_answer(
    ada: Client, talker: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(first_delay=0.5))
    headers = {"Idempotency-Key": "at-once"}
    replies = await asyncio.gather(
        *(ada.post(f"/bots/{talker}/chat", {"message": "Hi"}, headers=headers) for _ in range(10))
    )
    done = [reply for reply in replies if reply.status == 200]
    late = [reply.problem for reply in replies if reply.status != 200]
    assert done
    assert set(late) <= {(409, "idempotency_in_flight")}
    assert len({reply.json["message"]["id"] for reply in done}) == 1
    assert len(model.requests) == 1
    conversations = (await ada.get(f"/bots/{talker}/conversations")).json["data"]
    assert len(conversations) == 1
    again = await ada.post(f"/bots/{talker}/chat", {"message": "Hi"}, headers=headers)
    assert again.json == done[0].json


async def test_a_key_belongs_to_one_tenant(ada: Client, eve: Client) -> None:
    headers = {"Idempotency-Key": "shared"}
    one = await ada.post("/bots", {"name": "B"}, headers=headers)
    two = await eve.post("/bots", {"name": "Other"}, headers=headers)
    assert (one.status, two.status) == (201, 201)
    assert one.json["id"] != two.json["id"]
