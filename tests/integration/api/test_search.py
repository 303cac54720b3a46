"""Search over HTTP: modes, scores, filters, timings."""

import pytest

from integration.api.client import Client

TEXTS = {
    "Harbour": "The harbour opens at seven in the morning.",
    "Ferry": "The ferry to the island leaves at noon from the eastern pier.",
    "Doctor": "A physician treats patients in the hospital every day.",
    "Bread": "The bakery sells fresh bread and cakes.",
}


@pytest.fixture
async def bot(ada: Client) -> str:
    bot = await ada.bot()
    for title, text in TEXTS.items():
        body = {"title": title, "text": text, "metadata": {"kind": title[0], "town": "Oban"}}
        document = (await ada.post(f"/bots/{bot}/documents", body)).json["id"]
        assert (await ada.settled(document))["status"] == "ready"
    return bot


async def test_hits_come_best_first_with_the_parts_of_their_scores(ada: Client, bot: str) -> None:
    body = {"query": "When does the harbour open in the morning?"}
    result = (await ada.post(f"/bots/{bot}/search", body)).json
    hits = result["data"]
    assert hits[0]["text"] == TEXTS["Harbour"]
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)
    assert -1 <= hits[0]["scores"]["vector"] <= 1
    assert hits[0]["scores"]["keyword"] > 0
    assert hits[0]["scores"]["rerank"] is None
    assert result["degraded"] is False
    assert {"embed_ms", "vector_ms", "keyword_ms", "total_ms"} <= result["timings"].keys()
    assert all(value >= 0 for value in result["timings"].values())
    text = (await ada.get(f"/documents/{hits[0]['document_id']}/text")).body.decode()
    assert text[hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]


async def test_the_mode_decides_what_a_search_goes_by(ada: Client, bot: str) -> None:
    async def search(mode: str, query: str) -> list[dict[str, object]]:
        body = {"query": query, "mode": mode}
        return list((await ada.post(f"/bots/{bot}/search", body)).json["data"])

    meaning = "Where do medical practitioners work?"
    by_vector = await search("vector", meaning)
    assert by_vector[0]["text"] == TEXTS["Doctor"]
    assert all(hit["scores"]["keyword"] is None for hit in by_vector)  # type: ignore[index]
    assert len(by_vector) == len(TEXTS)
    assert await search("keyword", "xylophone") == []
    by_word = await search("keyword", "bread")
    assert [hit["text"] for hit in by_word] == [TEXTS["Bread"]]
    assert by_word[0]["scores"]["vector"] is None  # type: ignore[index]


async def test_a_filter_narrows_by_document_and_metadata(ada: Client, bot: str) -> None:
    documents = (await ada.get(f"/bots/{bot}/documents")).json["data"]
    ids = {document["title"]: document["id"] for document in documents}
    for where, expected in (
        ({"document_ids": [ids["Bread"]]}, {"Bread"}),
        ({"document_ids": [ids["Bread"], ids["Ferry"]]}, {"Bread", "Ferry"}),
        ({"metadata": {"kind": "D"}}, {"Doctor"}),
        ({"metadata": {"town": "Oban"}}, set(TEXTS)),
        ({"metadata": {"town": "Oban", "kind": "H"}}, {"Harbour"}),
        ({"metadata": {"town": "Skye"}}, set()),
        ({"document_ids": []}, set()),
        ({"document_ids": ["doc_nonsense", "", "💥"]}, set()),
        ({"document_ids": [ids["Bread"]], "metadata": {"kind": "H"}}, set()),
        ({}, set(TEXTS)),
    ):
        for mode in ("hybrid", "vector", "keyword"):
            body = {"query": "the bread ferry harbour physician", "filter": where, "mode": mode}
            hits = (await ada.post(f"/bots/{bot}/search", body)).json["data"]
            assert {hit["title"] for hit in hits} == expected, (where, mode)


async def test_k_bounds_how_many_hits_come(ada: Client, bot: str) -> None:
    for k in (1, 3, 100):
        body = {"query": "the town", "k": k, "mode": "vector"}
        hits = (await ada.post(f"/bots/{bot}/search", body)).json["data"]
        assert len(hits) == min(k, len(TEXTS))
    await ada.patch(f"/bots/{bot}", {"configuration": {"retriever_k": 2}})
    hits = (await ada.post(f"/bots/{bot}/search", {"query": "town", "mode": "vector"})).json["data"]
    assert len(hits) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"query": ""}, "/query"),
        ({"query": "   "}, "/query"),
        ({"query": "x" * 4001}, "/query"),
        ({"query": "a\x00b"}, "/query"),
        ({}, "/query"),
        ({"query": "q", "k": 0}, "/k"),
        ({"query": "q", "k": 101}, "/k"),
        ({"query": "q", "k": 1.5}, "/k"),
        ({"query": "q", "mode": "magic"}, "/mode"),
        ({"query": "q", "filter": {"owner": "x"}}, "/filter/owner"),
        ({"query": "q", "filter": {"document_ids": "x"}}, "/filter/document_ids"),
        ({"query": "q", "filter": {"document_ids": ["a\x00"]}}, "/filter/document_ids/0"),
        ({"query": "q", "filter": {"metadata": {"a": "\x00"}}}, "/filter/metadata/a"),
        ({"query": "q", "collection": "x"}, "/collection"),
    ],
)
async def test_a_search_that_does_not_fit_is_refused_by_a_pointer(
    ada: Client, body: dict[str, object], pointer: str
) -> None:
    reply = await ada.post(f"/bots/{await ada.bot()}/search", body)
    assert reply.problem == (422, "invalid_request")
    assert reply.json["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "query", ["'; DROP TABLE bots; --", "🚢" * 500, "% _ \\", "שלום", "?", "()"]
)
async def test_any_text_can_be_searched_for(ada: Client, query: str) -> None:
    bot = await ada.bot()
    await ada.text(bot, "Some words.")
    for mode in ("hybrid", "vector", "keyword"):
        reply = await ada.post(f"/bots/{bot}/search", {"query": query, "mode": mode})
        assert reply.status == 200
