"""Feedback on answers over HTTP, and what conversations tell of it and of who began them."""

import pytest

from integration.api.client import Client, Contract, events
from integration.api.keys import holder, make_key, member
from standins.openai_server import OpenAIServer, Script

QUESTION = "When does the harbour open?"


@pytest.fixture
async def bot(ada: Client) -> str:
    """A bot that quotes."""
    bot = await ada.bot()
    await ada.text(bot, "The harbour opens at seven in the morning.", "Harbour guide")
    return bot


async def test_feedback_is_given_changed_shown_and_taken_back(ada: Client, bot: str) -> None:
    answer = await ada.ask(bot, QUESTION)
    path = f"/messages/{answer['id']}"
    assert answer["feedback"] is None
    body = {"rating": "down", "reason": "wrong_source", "comment": "It opens at eight."}
    given = await ada.put(f"{path}/feedback", body)
    assert given.status == 200
    assert given.json.items() >= body.items()
    assert (await ada.put(f"{path}/feedback", body)).json == given.json
    listed = (await ada.get(f"/conversations/{answer['conversation_id']}/messages")).json["data"]
    assert [message["feedback"] for message in listed] == [None, given.json]
    changed = (await ada.put(f"{path}/feedback", {"rating": "up"})).json
    assert (changed["rating"], changed["reason"], changed["comment"]) == ("up", None, None)
    assert changed["created_at"] == given.json["created_at"]
    assert (await ada.get(path)).json["feedback"] == changed
    assert (await ada.post(f"{path}/stop")).json["feedback"] == changed
    for _ in range(2):
        assert (await ada.delete(f"{path}/feedback")).status == 204
    assert (await ada.get(path)).json["feedback"] is None


async def test_a_repeated_request_tells_the_feedback_given_meanwhile(ada: Client, bot: str) -> None:
    once = {"Idempotency-Key": "only-once"}
    first = await ada.post(f"/bots/{bot}/chat", {"message": QUESTION}, headers=once)
    path = f"/messages/{first.json['message']['id']}/feedback"
    given = await ada.put(path, {"rating": "up"})
    again = await ada.post(f"/bots/{bot}/chat", {"message": QUESTION}, headers=once)
    assert again.json["message"] == {**first.json["message"], "feedback": given.json}


async def test_only_a_finished_answer_can_be_rated(ada: Client, model: OpenAIServer) -> None:
    talker = await ada.bot(llm_model="openai/stand-in", agent_type="chat")
    model.scripts.append(Script(tokens=("One ", "two ") * 500, delay=0.02))
    async with ada.streaming("POST", f"/bots/{talker}/chat", {"message": "Count."}) as response:
        assert response.status == 200
        talk = (await ada.get(f"/bots/{talker}/conversations")).json["data"][0]["id"]
        messages = (await ada.get(f"/conversations/{talk}/messages")).json["data"]
        for message in messages:
            refused = await ada.put(f"/messages/{message['id']}/feedback", {"rating": "up"})
            assert refused.problem == (409, "conflict")
        await ada.post(f"/messages/{messages[1]['id']}/stop")
        assert [event.type async for event in events(response)][-1] == "message.stopped"
    rated = await ada.put(f"/messages/{messages[1]['id']}/feedback", {"rating": "up"})
    assert rated.status == 200


async def test_what_does_not_fit_is_refused(ada: Client, eve: Client, bot: str) -> None:
    answer = await ada.ask(bot, QUESTION)
    path = f"/messages/{answer['id']}/feedback"
    for body in (
        {},
        {"rating": "sideways"},
        {"rating": "up", "stars": 5},
        {"rating": "up", "comment": "x" * 2001},
        {"rating": "up", "reason": "x" * 101},
    ):
        assert (await ada.put(path, body)).status == 422, body
    assert (await eve.put(path, {"rating": "up"})).problem == (404, "not_found")
    assert (await eve.delete(path)).problem == (404, "not_found")
    talk = f"/conversations/{answer['conversation_id']}"
    assert (await ada.get(talk)).json["feedback"] == {"up": 0, "down": 0}


async def test_viewers_and_keys_have_a_say_of_their_own(
    ada: Client, bot: str, contract: Contract
) -> None:
    answer = await ada.ask(bot, QUESTION)
    path, talk = f"/messages/{answer['id']}", f"/conversations/{answer['conversation_id']}"
    key = await make_key(ada, "chat")
    async with (
        member(ada, contract, "viewer") as viewer,
        holder(ada, contract, key["secret"]) as program,
    ):
        for client, rating in ((ada, "up"), (viewer, "down"), (program, "down")):
            await client.put(f"{path}/feedback", {"rating": rating})
        for client, rating in ((ada, "up"), (viewer, "down"), (program, "down")):
            assert (await client.get(path)).json["feedback"]["rating"] == rating
            assert (await client.get(talk)).json["feedback"] == {"up": 1, "down": 2}
        await viewer.delete(f"{path}/feedback")
    assert (await ada.get(talk)).json["feedback"] == {"up": 1, "down": 1}
    assert (await ada.get(path)).json["feedback"]["rating"] == "up"


async def test_a_conversation_tells_who_began_it_and_what_is_in_it(
    ada: Client, bot: str, contract: Contract
) -> None:
    answer = await ada.ask(bot, QUESTION)
    user = ada.account["user"]
    talk = (await ada.get(f"/conversations/{answer['conversation_id']}")).json
    assert talk["started_by"] == {"kind": "user", "id": user["id"], "name": user["full_name"]}
    assert (talk["message_count"], talk["last_message_at"]) == (2, answer["created_at"])
    assert (talk["feedback"], talk["match"]) == ({"up": 0, "down": 0}, None)
    key = await make_key(ada, "chat")
    async with holder(ada, contract, key["secret"]) as program:
        begun = (await program.post(f"/bots/{bot}/conversations", {"title": "Empty"})).json
    assert begun["started_by"] == {"kind": "key", "id": key["id"], "name": "A key"}
    assert (begun["message_count"], begun["last_message_at"]) == (0, None)
    listed = (await ada.get(f"/bots/{bot}/conversations")).json["data"]
    assert listed == [begun, talk]
    renamed = await ada.patch(f"/conversations/{talk['id']}", {"title": "Hours"})
    assert renamed.json == {**talk, "title": "Hours", "updated_at": renamed.json["updated_at"]}
    assert renamed.headers["ETag"] == '"v2"'


async def test_who_has_left_has_no_name_any_more(ada: Client, bot: str, contract: Contract) -> None:
    async with member(ada, contract, "editor") as editor:
        talk = (await editor.ask(bot, QUESTION))["conversation_id"]
        user = editor.account["user"]["id"]
        workspace = ada.account["workspace"]["id"]
        assert (await ada.get(f"/conversations/{talk}")).json["started_by"]["name"]
        await ada.delete(f"/workspaces/{workspace}/members/{user}")
    left = (await ada.get(f"/conversations/{talk}")).json["started_by"]
    assert left == {"kind": "user", "id": user, "name": None}


async def test_conversations_are_found_by_feedback_words_and_who_began_them(
    ada: Client, bot: str
) -> None:
    first, second = await ada.ask(bot, QUESTION), await ada.ask(bot, "Is there a pier?")
    await ada.put(f"/messages/{first['id']}/feedback", {"rating": "up"})
    await ada.put(f"/messages/{second['id']}/feedback", {"rating": "down"})
    one, two = first["conversation_id"], second["conversation_id"]
    me, stranger = ada.account["user"]["id"], ada.account["user"]["id"][:-4] + "0000"
    for query, expected in (
        ("feedback=up", [one]),
        ("feedback=down", [two]),
        ("feedback=down&q=harbour+open", []),
        ("degraded=true", []),
        ("degraded=false", [two, one]),
        (f"who={me}", [two, one]),
        (f"who={stranger}", []),
    ):
        found = (await ada.get(f"/bots/{bot}/conversations?{query}")).json["data"]
        assert [item["id"] for item in found] == expected, query
    for query in ("feedback=sideways", "who=me", "degraded=perhaps"):
        assert (await ada.get(f"/bots/{bot}/conversations?{query}")).status == 422, query
    found = (await ada.get(f"/bots/{bot}/conversations?q=MORNING")).json["data"][0]
    assert found["id"] == one
    assert found["match"]["message_id"] == first["id"]
    assert "seven in the morning" in found["match"]["text"]
