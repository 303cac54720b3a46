"""Bots over HTTP: configuration, merge patch, ETags, versions."""

import re

import jsonschema_rs
import pytest

from integration.api.client import Client

ID = re.compile(r"bot_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")


async def test_a_new_bot_has_every_setting_filled_in(ada: Client) -> None:
    made = await ada.post("/bots", {"name": "Guide", "configuration": {"retriever_k": 7}})
    assert made.status == 201
    bot = made.json
    assert ID.match(bot["id"])
    assert made.headers["Location"] == f"/api/v1/bots/{bot['id']}"
    assert bot["configuration"] == {
        "agent_type": "rag",
        "llm_model": None,
        "fallback_models": [],
        "temperature": 0.7,
        "system_prompt": "",
        "retriever_k": 7,
        "chat_history_length": 10,
        "retrieval_mode": "hybrid",
        "rerank": None,
        "unverified_citations": "mark",
        "tools": [],
    }
    assert bot["published_version"] is None
    assert bot["created_at"].endswith("Z")
    assert (await ada.get(f"/bots/{bot['id']}")).json == bot


async def test_the_configuration_schema_describes_what_a_bot_takes(ada: Client) -> None:
    schema = (await ada.get("/bots/config_schema")).json
    bot = (await ada.get(f"/bots/{await ada.bot()}")).json
    jsonschema_rs.validate(schema, bot["configuration"])
    defaults = {name: rule["default"] for name, rule in schema["properties"].items()}
    assert defaults == bot["configuration"]
    assert schema["additionalProperties"] is False
    for rule in schema["properties"].values():
        assert rule["title"]
        assert rule["description"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nonsense", 1),
        ("retriever_k", 0),
        ("retriever_k", 51),
        ("retriever_k", "5"),
        ("retriever_k", True),
        ("retriever_k", 5.5),
        ("temperature", 2.1),
        ("temperature", "warm"),
        ("agent_type", "spy"),
        ("agent_type", ["rag"]),
        ("llm_model", ""),
        ("llm_model", {"a": 1}),
        ("llm_model", "nobody/model"),
        ("system_prompt", "x" * 20_001),
        ("system_prompt", "a\x00b"),
        ("system_prompt", "a\ud800b"),
        ("chat_history_length", -1),
        ("chat_history_length", 10**30),
        ("tools", [{}]),
        ("retrieval_mode", None.__class__.__name__),
    ],
)
async def test_a_setting_that_does_not_fit_is_named_by_a_pointer(
    ada: Client, name: str, value: object
) -> None:
    for method, path in (("POST", "/bots"), ("PATCH", f"/bots/{await ada.bot()}")):
        body = {"name": "B", "configuration": {name: value}}
        reply = await ada.request(method, path, json=body)
        status, code = reply.problem
        assert status == 422
        assert code in ("invalid_request", "model_not_configured")
        assert reply.json["errors"][0]["pointer"] == f"/configuration/{name}"


@pytest.mark.parametrize("name", ["id", "tenant_id", "published_version", "owner_id", "role"])
async def test_a_field_that_is_not_the_clients_to_set_is_refused(ada: Client, name: str) -> None:
    bot = await ada.bot()
    for method, path in (("POST", "/bots"), ("PATCH", f"/bots/{bot}")):
        reply = await ada.request(method, path, json={"name": "B", name: "x"})
        assert reply.problem == (422, "invalid_request")
        assert reply.json["errors"][0]["pointer"] == f"/{name}"


async def test_a_patch_merges_and_null_takes_a_setting_back_to_its_default(ada: Client) -> None:
    bot = await ada.bot(retriever_k=9, system_prompt="Be brief.")
    patched = await ada.patch(f"/bots/{bot}", {"configuration": {"temperature": 0}})
    assert patched.json["configuration"]["retriever_k"] == 9
    assert patched.json["configuration"]["temperature"] == 0
    reset = await ada.patch(f"/bots/{bot}", {"configuration": {"retriever_k": None}})
    assert reset.json["configuration"]["retriever_k"] == 5
    assert reset.json["configuration"]["system_prompt"] == "Be brief."
    renamed = await ada.patch(f"/bots/{bot}", {"name": " Other ", "description": "What for"})
    assert (renamed.json["name"], renamed.json["description"]) == ("Other", "What for")


async def test_a_change_against_an_old_version_is_refused(ada: Client) -> None:
    path = f"/bots/{await ada.bot()}"
    old = (await ada.get(path)).headers["ETag"]
    match = {"If-Match": old}
    new = (await ada.patch(path, {"name": "Two"}, headers=match)).headers["ETag"]
    assert new != old
    refused = await ada.patch(path, {"name": "Three"}, headers=match)
    assert refused.problem == (412, "precondition_failed")
    assert (await ada.delete(path, headers=match)).problem == (412, "precondition_failed")
    garbage = await ada.delete(path, headers={"If-Match": "garbage"})
    assert garbage.problem == (412, "precondition_failed")
    assert (await ada.get(path)).json["name"] == "Two"
    assert (await ada.delete(path, headers={"If-Match": new})).status == 204
    assert (await ada.get(path)).problem == (404, "not_found")
    assert (await ada.delete(path)).problem == (404, "not_found")


async def test_versions_are_frozen_published_and_rolled_back(ada: Client) -> None:
    bot = await ada.bot(retriever_k=1)
    first = await ada.post(f"/bots/{bot}/versions", {"note": " Shorter answers "})
    assert (first.status, first.json["number"]) == (201, 1)
    user = ada.account["user"]
    maker = {"kind": "user", "id": user["id"], "name": user["full_name"]}
    assert (first.json["created_by"], first.json["note"]) == (maker, "Shorter answers")
    too_long = await ada.post(f"/bots/{bot}/versions", {"note": "x" * 501})
    assert too_long.problem == (422, "invalid_request")
    await ada.patch(f"/bots/{bot}", {"configuration": {"retriever_k": 2}})
    assert (await ada.post(f"/bots/{bot}/versions")).json["number"] == 2
    listed = (await ada.get(f"/bots/{bot}/versions")).json["data"]
    assert [(v["number"], v["configuration"]["retriever_k"]) for v in listed] == [(2, 2), (1, 1)]
    assert [(v["note"], v["published_at"]) for v in listed] == [
        ("", None),
        ("Shorter answers", None),
    ]
    assert listed[1] == first.json
    for number in (2, 1):
        published = await ada.post(f"/bots/{bot}/versions/{number}/publish")
        assert published.json["published_version"] == number
    listed = (await ada.get(f"/bots/{bot}/versions")).json["data"]
    assert listed[1]["published_at"] > listed[0]["published_at"] > listed[0]["created_at"]
    for number in ("3", "0", "-1", "x", "99999999999999999999"):
        reply = await ada.post(f"/bots/{bot}/versions/{number}/publish")
        assert reply.problem == (404, "not_found"), number


async def test_a_question_is_answered_by_the_published_version_or_the_draft_when_named(
    ada: Client,
) -> None:
    bot = await ada.bot(retriever_k=1)
    for number in range(3):
        await ada.text(bot, f"Fact {number}: the harbour opens at {number + 7} in the morning.")
    await ada.post(f"/bots/{bot}/versions")
    await ada.post(f"/bots/{bot}/versions/1/publish")
    await ada.patch(f"/bots/{bot}", {"configuration": {"retriever_k": 3}})
    counts = {}
    for version in (None, "draft"):
        body = {"message": "When does the harbour open?", "version": version}
        events = await ada.stream("POST", f"/bots/{bot}/chat", body)
        sources = next(e for e in events if e.type == "retrieval.completed").data["sources"]
        counts[version] = len(sources)
    assert counts == {None: 1, "draft": 3}


async def test_bots_are_listed_newest_first_in_pages(ada: Client) -> None:
    made = [await ada.bot() for _ in range(5)]
    seen, cursor = [], ""
    for size in (2, 2, 1):
        page = (await ada.get(f"/bots?limit=2{cursor}")).json
        assert len(page["data"]) == size
        assert page["has_more"] == (page["next_cursor"] is not None)
        seen += [bot["id"] for bot in page["data"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert page["has_more"] is False
    assert seen == made[::-1]
