"""Documents over HTTP: upload, progress, text and passages, replace, delete."""

import asyncio
import hashlib
import itertools
from pathlib import Path

import pytest

from data.documents import made
from integration.api.client import Client

FILES = Path(__file__).parents[2] / "data" / "documents"
HARBOUR = "The harbour opens at seven in the morning and closes at nine in the evening."


def read(name: str) -> bytes:
    return (FILES / name).read_bytes()


async def test_an_uploaded_file_becomes_ready_and_its_progress_can_be_followed(ada: Client) -> None:
    bot, content = await ada.bot(), read("md_wiki.md")
    reply = await ada.upload(bot, ("wiki.md", content))
    assert reply.status == 202
    document = reply.json
    assert reply.headers["Location"] == f"/api/v1/documents/{document['id']}"
    assert document["status"] == "pending"
    assert document["progress"] == {"stage": "queued", "done": 0, "total": 0}
    assert document["bytes"] == len(content)
    assert document["sha256"] == hashlib.sha256(content).hexdigest()
    events = await ada.stream("GET", f"/documents/{document['id']}/events")
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    stages = [e.data["progress"]["stage"] for e in events if e.type == "document.progress"]
    order = ["queued", "parsing", "chunking", "embedding", "indexing"]
    assert list(dict.fromkeys(stages)) == order
    assert events[-1].type == "document.ready"
    ready = (await ada.get(f"/documents/{document['id']}")).json
    assert ready == events[-1].data["document"]
    assert ready["status"] == "ready"
    assert ready["chunk_count"] == ready["progress"]["done"] == ready["progress"]["total"] > 0
    for after in range(len(events)):
        rest = await ada.stream(
            "GET", f"/documents/{document['id']}/events", **{"Last-Event-ID": str(after)}
        )
        assert rest == events[after:]


async def test_several_files_in_one_form_make_a_list_of_documents(ada: Client) -> None:
    bot = await ada.bot()
    files = [("a.txt", b"Alpha comes first."), ("b.txt", b"Beta comes second.")]
    reply = await ada.upload(bot, *files)
    assert reply.status == 202
    assert [document["filename"] for document in reply.json] == ["a.txt", "b.txt"]
    listed = (await ada.get(f"/bots/{bot}/documents")).json["data"]
    assert [d["id"] for d in listed] == [d["id"] for d in reply.json][::-1]


async def test_the_same_bytes_again_are_the_same_document(ada: Client) -> None:
    bot = await ada.bot()
    first = await ada.upload(bot, ("a.txt", HARBOUR.encode()))
    again = await ada.upload(bot, ("other name.txt", HARBOUR.encode()))
    assert (first.status, again.status) == (202, 200)
    assert again.json["id"] == first.json["id"]
    both = await ada.upload(bot, ("a.txt", HARBOUR.encode()), ("b.txt", b"Something new."))
    assert both.status == 202
    assert both.json[0]["id"] == first.json["id"]
    elsewhere = await ada.upload(await ada.bot(), ("a.txt", HARBOUR.encode()))
    assert elsewhere.status == 202
    assert elsewhere.json["id"] != first.json["id"]


async def test_a_pasted_text_is_kept_to_the_letter(ada: Client) -> None:
    bot = await ada.bot()
    text = "Grüße, 世界! 🚢\nThe ferry leaves at noon.\n\nIt returns at dusk. \u0627\u0644\u0628\u062d\u0631"
    reply = await ada.post(
        f"/bots/{bot}/documents", {"title": "Ferry", "text": text, "metadata": {"kind": "note"}}
    )
    document = await ada.settled(reply.json["id"])
    assert (document["title"], document["metadata"]) == ("Ferry", {"kind": "note"})
    got = await ada.get(f"/documents/{document['id']}/text")
    assert got.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert got.body.decode() == text
    original = await ada.get(f"/documents/{document['id']}/content")
    assert original.body == text.encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("wiki.md", read("md_wiki.md")),
        ("columns.pdf", read("pdf_two_column.pdf")),
        ("slides.pptx", read("pptx_table.pptx")),
        ("headings.docx", read("docx_numbered_headings.docx")),
        ("page.html", read("html_cp1252.html")),
        ("pages.pdf", made.pdf([made.lines(f"Page {n} tells of {n} ships.") for n in range(1, 5)])),
        ("astral.txt", ("🚢 A ship sails. " * 400).encode()),
    ],
)
async def test_offsets_of_passages_are_exact_in_the_extracted_text(
    ada: Client, name: str, content: bytes
) -> None:
    uploaded = await ada.upload(await ada.bot(), (name, content))
    document = await ada.settled(uploaded.json["id"])
    assert document["status"] == "ready", document
    text = (await ada.get(f"/documents/{document['id']}/text")).body.decode()
    chunks, cursor = [], ""
    while True:
        page = (await ada.get(f"/documents/{document['id']}/chunks?limit=3{cursor}")).json
        chunks += page["data"]
        if not page["has_more"]:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert [chunk["index"] for chunk in chunks] == list(range(document["chunk_count"]))
    for chunk in chunks:
        assert chunk["text"] == text[chunk["start"] : chunk["end"]]
        assert chunk["document_id"] == document["id"]
    paged = name.endswith((".pdf", ".pptx"))
    pages = [chunk["page"] for chunk in chunks]
    assert all(page >= 1 for page in pages) if paged else set(pages) == {None}
    if name == "pages.pdf":
        for chunk in chunks:
            assert f"Page {chunk['page']} tells" in chunk["text"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("scan.pdf", made.pdf([made.PICTURE]), "no_text_layer"),
        ("locked.pdf", read("pdf_password_protected.pdf"), "password_protected"),
        ("locked.xlsx", read("xlsx_password_protected.xlsx"), "password_protected"),
        ("cut.docx", made.docx(made.paragraph("Hello"))[:60], "corrupt_document"),
        ("cut.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8, "corrupt_document"),
        ("empty.txt", b"", "empty_document"),
        ("blank.txt", b" \n\t\n ", "empty_document"),
        ("junk.bin", bytes(range(256)) * 40, "unsupported_media_type"),
    ],
)
async def test_a_document_that_cannot_be_read_fails_with_its_reason(
    ada: Client, name: str, content: bytes, code: str
) -> None:
    uploaded = await ada.upload(await ada.bot(), (name, content))
    assert uploaded.status == 202
    events = await ada.stream("GET", f"/documents/{uploaded.json['id']}/events")
    assert events[-1].type == "document.failed", events
    document = await ada.settled(uploaded.json["id"])
    assert (document["status"], document["error"]["code"]) == ("failed", code)
    assert document["error"]["detail"]
    assert document["chunk_count"] == 0
    assert (await ada.get(f"/documents/{document['id']}/text")).problem == (404, "not_found")
    original = await ada.get(f"/documents/{document['id']}/content")
    assert original.body == content


async def test_the_original_comes_as_a_download_that_no_browser_runs(ada: Client) -> None:
    content = b"<script>alert(1)</script><p>Some text of a page.</p>"
    uploaded = await ada.upload(await ada.bot(), ('..\\"quoted" näme.html', content))
    reply = await ada.get(f"/documents/{uploaded.json['id']}/content")
    assert reply.body == content
    assert reply.headers["Content-Type"] == "application/octet-stream"
    disposition = reply.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=UTF-8''")
    assert disposition.endswith("n%C3%A4me.html")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert reply.headers["Cache-Control"] == "no-store"


async def test_the_old_content_answers_until_the_new_one_is_ready(ada: Client) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, HARBOUR)
    search = {"query": "When does the harbour open?"}
    new = "The harbour opens at six now. " + "Boats of every size are moored there. " * 3000
    reply = await ada.put(f"/documents/{document}/content", {"text": new})
    assert reply.status == 202
    assert reply.json["status"] in ("pending", "processing")
    between = 0
    for _ in itertools.count():
        found = (await ada.post(f"/bots/{bot}/search", search)).json["data"]
        state = (await ada.get(f"/documents/{document}")).json
        if state["status"] == "ready":
            break
        between += 1
        assert found[0]["text"] == HARBOUR
        assert state["revision"] == found[0]["revision"] == 1
    assert between
    assert state["revision"] == 2
    found = (await ada.post(f"/bots/{bot}/search", search)).json["data"]
    assert found
    assert all(hit["text"] in new for hit in found)
    cited = await ada.get(f"/documents/{document}/text?revision=1")
    assert cited.status == 200  # answers that cite the old revision open it


async def test_content_is_replaced_again_and_again_while_it_is_taken_in(ada: Client) -> None:
    """Requests and worker lock document and job in one order: otherwise they deadlock here."""
    bot = await ada.bot()
    documents = [await ada.text(bot, f"Words number {number}.") for number in range(4)]

    async def replace(document: str) -> None:
        for number in range(25):
            reply = await ada.put(
                f"/documents/{document}/content", {"text": f"{document} {number}."}
            )
            assert reply.status == 202, reply

    await asyncio.gather(*map(replace, documents))
    for document in documents:
        settled = await ada.settled(document)
        assert (settled["status"], settled["revision"]) == ("ready", 26)


async def test_new_content_that_cannot_be_read_leaves_the_old_one_answering(ada: Client) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, HARBOUR)
    await ada.put(f"/documents/{document}/content", {"text": " \n "})
    failed = await ada.settled(document)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "empty_document")
    assert failed["revision"] == 1
    hits = (await ada.post(f"/bots/{bot}/search", {"query": "harbour"})).json["data"]
    assert [hit["text"] for hit in hits] == [HARBOUR]


async def test_a_deleted_document_is_gone_everywhere(ada: Client) -> None:
    bot = await ada.bot()
    document, other = await ada.text(bot, HARBOUR), await ada.text(bot, "The pier has lamps.")
    before = await ada.ask(bot, "When does the harbour open?")
    assert {citation["document_id"] for citation in before["citations"]} == {document}
    assert (await ada.delete(f"/documents/{document}")).status == 204
    for part in ("", "/text", "/content", "/chunks", "/events"):
        reply = await ada.get(f"/documents/{document}{part}")
        assert reply.problem == (404, "not_found"), part
    for method, part, body in (
        ("DELETE", "", None),
        ("PATCH", "", {"title": "T"}),
        ("PUT", "/content", {"text": "T"}),
        ("POST", "/reprocess", None),
    ):
        reply = await ada.request(method, f"/documents/{document}{part}", json=body)
        assert reply.problem == (404, "not_found"), part
    listed = (await ada.get(f"/bots/{bot}/documents")).json["data"]
    assert [item["id"] for item in listed] == [other]
    for mode in ("hybrid", "vector", "keyword"):
        body = {"query": "harbour opens in the morning", "mode": mode}
        hits = (await ada.post(f"/bots/{bot}/search", body)).json["data"]
        assert document not in {hit["document_id"] for hit in hits}
    after = await ada.ask(bot, "When does the harbour open?")
    assert document not in {citation["document_id"] for citation in after["citations"]}
    again = await ada.text(bot, HARBOUR)
    assert again != document


async def test_a_document_can_be_taken_in_again(ada: Client) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, HARBOUR)
    reply = await ada.post(f"/documents/{document}/reprocess")
    assert (reply.status, reply.json["status"]) == (202, "pending")
    events = await ada.stream("GET", f"/documents/{document}/events")
    assert events[-1].type == "document.ready"
    assert events[-1].data["document"]["revision"] == 2
    hits = (await ada.post(f"/bots/{bot}/search", {"query": "harbour"})).json["data"]
    assert [hit["revision"] for hit in hits] == [2]


async def test_title_and_metadata_are_changed_by_merge_patch(ada: Client) -> None:
    bot = await ada.bot()
    body = {"title": "Old", "text": HARBOUR, "metadata": {"a": "1", "b": "2"}}
    document = (await ada.post(f"/bots/{bot}/documents", body)).json["id"]
    tag = (await ada.get(f"/documents/{document}")).headers["ETag"]
    await ada.settled(document)
    stale = await ada.patch(f"/documents/{document}", {"title": "T"}, headers={"If-Match": tag})
    assert stale.problem == (412, "precondition_failed")
    changes = {"title": "New", "metadata": {"a": None, "c": "3"}}
    patched = await ada.patch(f"/documents/{document}", changes)
    assert patched.json["title"] == "New"
    assert patched.json["metadata"] == {"b": "2", "c": "3"}
    hits = (await ada.post(f"/bots/{bot}/search", {"query": "harbour"})).json["data"]
    assert [hit["title"] for hit in hits] == ["New"]


async def test_documents_are_listed_by_status_and_words(ada: Client) -> None:
    bot = await ada.bot()
    good = await ada.text(bot, HARBOUR, "Harbour 100%")
    bad = (await ada.upload(bot, ("empty.txt", b""))).json["id"]
    await ada.settled(bad)
    for query, expected in (
        ("status=ready", [good]),
        ("status=failed", [bad]),
        ("status=pending", []),
        ("q=harbour", [good]),
        ("q=100%25", [good]),
        ("q=%25", [good]),
        ("q=EMPTY", [bad]),
        ("q=_", []),
        ("", [bad, good]),
    ):
        listed = (await ada.get(f"/bots/{bot}/documents?{query}")).json["data"]
        assert [item["id"] for item in listed] == expected, query
    wrong = await ada.get(f"/bots/{bot}/documents?status=lost")
    assert wrong.problem == (422, "invalid_request")


async def test_a_deleted_bot_takes_its_documents_along(ada: Client) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, HARBOUR)
    answer = await ada.ask(bot, "When does the harbour open?")
    assert (await ada.delete(f"/bots/{bot}")).status == 204
    for path in (
        f"/documents/{document}",
        f"/documents/{document}/text",
        f"/bots/{bot}/documents",
        f"/bots/{bot}/conversations",
        f"/conversations/{answer['conversation_id']}",
        f"/messages/{answer['id']}",
    ):
        assert (await ada.get(path)).problem == (404, "not_found"), path
