"""Two tenants: what belongs to one is, for the other, not there."""

import re
from typing import Any

from integration.api.client import Client, Contract

SECRET = "The vault code of the harbour office is 4711."
ABSENT = "00000000000000000000000000"


async def estate(ada: Client) -> dict[str, str]:
    """Make one thing of every kind and return their ids by path parameter."""
    bot = await ada.bot(system_prompt=SECRET)
    document = await ada.text(bot, SECRET)
    await ada.post(f"/bots/{bot}/versions")
    answer = await ada.ask(bot, "What is the vault code of the harbour office?")
    assert "4711" in answer["content"]
    return {
        "bot_id": bot,
        "document_id": document,
        "conversation_id": answer["conversation_id"],
        "message_id": answer["id"],
        "number": "1",
    }


def absent(value: str) -> str:
    """Return an id of the same kind that names nothing."""
    prefix, _, suffix = value.partition("_")
    return f"{prefix}_{ABSENT}" if suffix else value


BODIES: dict[tuple[str, str], Any] = {
    ("PATCH", "/bots/{bot_id}"): {"name": "Taken over"},
    ("POST", "/bots/{bot_id}/documents"): {"text": "Planted."},
    ("PATCH", "/documents/{document_id}"): {"title": "Taken over"},
    ("PUT", "/documents/{document_id}/content"): {"text": "Planted."},
    ("POST", "/bots/{bot_id}/search"): {"query": "vault code"},
    ("POST", "/bots/{bot_id}/chat"): {"message": "What is the vault code?"},
    ("PATCH", "/conversations/{conversation_id}"): {"title": "Taken over"},
    ("POST", "/conversations/{conversation_id}/messages"): {"content": "What is the code?"},
}


async def state(client: Client, ids: dict[str, str]) -> list[bytes]:
    """Return all that can be read of an estate."""
    paths = (
        "/bots", "/bots/{bot_id}/versions", "/bots/{bot_id}/documents",
        "/documents/{document_id}/text", "/bots/{bot_id}/conversations",
        "/conversations/{conversation_id}/messages",
    )  # fmt: skip
    return [(await client.get(path.format(**ids))).body for path in paths]


async def test_an_id_of_another_tenant_answers_exactly_as_an_id_of_nothing(
    ada: Client, eve: Client, contract: Contract
) -> None:
    ids = await estate(ada)
    nothing = {name: absent(value) for name, value in ids.items()}
    before, tried = await state(ada, ids), 0
    for whole, methods in contract.document["paths"].items():
        if "{" not in whole:
            continue
        path = whole.removeprefix("/api/v1")
        assert set(re.findall(r"\{(\w+)\}", path)) <= ids.keys()
        for method in map(str.upper, methods):
            options = {"json": BODIES[method, path]} if (method, path) in BODIES else {}
            theirs = await eve.request(method, path.format(**ids), **options)
            none = await eve.request(method, path.format(**nothing), **options)
            assert theirs.problem == none.problem == (404, "not_found"), (method, path)
            own = {"instance", "request_id"}
            assert {k: v for k, v in theirs.json.items() if k not in own} == {
                k: v for k, v in none.json.items() if k not in own
            }, (method, path)
            tried += 1
    assert tried >= 28
    assert await state(ada, ids) == before


async def test_an_id_of_another_tenant_in_a_body_is_an_id_of_nothing(
    ada: Client, eve: Client
) -> None:
    ids = await estate(ada)
    own_bot = await eve.bot()
    await eve.text(own_bot, "Eve keeps bees.")
    own = await eve.ask(own_bot, "What does Eve keep?")
    chat = f"/bots/{own_bot}/chat"
    messages = f"/conversations/{own['conversation_id']}/messages"
    for path, body in (
        (chat, {"message": "Code?", "conversation_id": ids["conversation_id"]}),
        (messages, {"content": "Code?", "parent_id": ids["message_id"]}),
    ):
        name = next(key for key in body if key.endswith("_id"))
        theirs = await eve.post(path, body)
        none = await eve.post(path, {**body, name: absent(body[name])})
        assert theirs.problem == none.problem == (404, "not_found")
        assert theirs.json["detail"] == none.json["detail"]
    filtered = {"query": "vault code", "filter": {"document_ids": [ids["document_id"]]}}
    assert (await eve.post(f"/bots/{own_bot}/search", filtered)).json["data"] == []


async def test_nothing_of_another_tenant_is_found_cited_or_reaches_the_model(
    ada: Client, eve: Client, model: Any
) -> None:
    await estate(ada)
    bot = await eve.bot(llm_model="openai/stand-in")
    await eve.text(bot, "Eve keeps bees near the harbour office.")
    question = "What is the vault code of the harbour office?"
    hits = (await eve.post(f"/bots/{bot}/search", {"query": question, "k": 100})).json["data"]
    assert [hit["text"] for hit in hits] == ["Eve keeps bees near the harbour office."]
    await eve.ask(bot, question)
    assert "4711" not in str(model.requests[-1].body)
    same = await eve.post(f"/bots/{bot}/documents", {"text": SECRET})
    assert same.status == 202, "the same bytes in two tenants are two documents"


async def test_two_bots_of_one_tenant_do_not_share_documents(ada: Client) -> None:
    ids = await estate(ada)
    other = await ada.bot()
    hits = (await ada.post(f"/bots/{other}/search", {"query": "vault code"})).json["data"]
    assert hits == []
    body = {"message": "Code?", "conversation_id": ids["conversation_id"]}
    assert (await ada.post(f"/bots/{other}/chat", body)).problem == (404, "not_found")
