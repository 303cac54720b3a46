"""Two tenants: what one stores is, for the other, not there. test_isolation.py tries every operation."""

from typing import Any

from integration.api.client import Client
from integration.api.estates import SECRET, estate


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
