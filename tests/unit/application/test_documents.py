"""Uploading, changing and deleting documents: what is stored, queued and told, and what is not."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from application.services.idempotency import IdempotencyKey
from application.use_cases.documents import (
    AddDocument,
    DeleteDocument,
    NewContent,
    ReplaceContent,
    ReprocessDocument,
    UpdateDocument,
)
from domain.bots import Bot
from domain.documents import DocumentStatus
from domain.errors import (
    ChatSphereError,
    Conflict,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
)
from domain.jobs import JobKind
from unit.installation import Installation, stream_of

KEY = IdempotencyKey("key-1", "POST /documents")


def _content(text: str, filename: str = "b.txt") -> NewContent:
    return NewContent(filename, "text/plain", stream_of(text.encode()))


def _replace(installation: Installation) -> ReplaceContent:
    return ReplaceContent(installation.units, installation.blobs, installation.clock, 100)


def _jobs(installation: Installation) -> list[tuple[JobKind, str, int]]:
    return [
        (row.job.kind, row.job.subject_id, row.job.revision)
        for row in installation.state.jobs.values()
    ]


async def test_an_upload_is_stored_queued_and_told(installation: Installation) -> None:
    bot = await installation.add_bot()
    added = await installation.upload(bot, "No shouting.", "../../rules.txt", colour="red")
    document = added.document
    assert (added.existed, added.replayed) == (False, False)
    assert (document.title, document.source.filename) == ("rules.txt", "rules.txt")
    assert document.metadata == {"colour": "red"}
    assert installation.blobs.blobs == {document.source.blob_key: b"No shouting."}
    assert _jobs(installation) == [(JobKind.INGEST, document.id, 1)]
    [event] = await installation.events(document.id)
    assert event.data == {
        "status": "pending",
        "progress": {"stage": "queued", "done": 0, "total": 0},
    }


async def test_the_same_bytes_give_the_document_that_is_there(installation: Installation) -> None:
    bot = await installation.add_bot()
    first = await installation.upload(bot, "No shouting.")
    again = await installation.upload(bot, "No shouting.", "other.txt")
    assert (again.document.id, again.existed, again.replayed) == (first.document.id, True, False)
    assert list(installation.blobs.blobs) == [first.document.source.blob_key]
    assert len(_jobs(installation)) == 1


async def test_another_bot_can_have_the_same_bytes(installation: Installation) -> None:
    one, other = await installation.add_bot(), await installation.add_bot()
    first = await installation.upload(one, "No shouting.")
    second = await installation.upload(other, "No shouting.")
    assert not second.existed
    assert first.document.id != second.document.id


async def test_uploads_of_the_same_bytes_at_once_make_one_document(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    added = await asyncio.gather(*(installation.upload(bot, "No shouting.") for _ in range(4)))
    assert len({one.document.id for one in added}) == 1
    assert sorted(one.existed for one in added) == [False, True, True, True]
    assert len(installation.blobs.blobs) == 1


async def test_a_repeated_request_is_done_once(installation: Installation) -> None:
    bot = await installation.add_bot()
    first = await installation.upload(bot, "No shouting.", key=KEY)
    again = await installation.upload(bot, "No shouting.", key=KEY)
    assert (again.document.id, again.replayed) == (first.document.id, True)
    assert len(installation.blobs.blobs) == 1


async def test_a_key_with_other_bytes_is_refused_and_its_bytes_are_not_kept(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    await installation.upload(bot, "No shouting.", key=KEY)
    with pytest.raises(IdempotencyConflict):
        await installation.upload(bot, "No running.", key=KEY)
    assert list(installation.blobs.blobs.values()) == [b"No shouting."]
    assert len(installation.tables.documents) == 1


async def test_nothing_is_kept_of_an_upload_that_is_refused(installation: Installation) -> None:
    bot = await installation.add_bot()
    add = AddDocument(installation.units, installation.blobs, installation.clock, 10)
    refused: list[tuple[str, NewContent, type[ChatSphereError]]] = [
        (bot.id, _content("eleven bytes"), PayloadTooLarge),
        ("bot_unknown", _content("short"), NotFound),
        (bot.id, NewContent("a", "", stream_of(b"a"), title="x" * 301), InvalidInput),
        (bot.id, NewContent("a", "", stream_of(b"a"), metadata={"": "x"}), InvalidInput),
    ]
    for bot_id, content, error in refused:
        with pytest.raises(error):
            await add(installation.actor, bot_id, content)
    assert installation.blobs.blobs == {}
    assert _jobs(installation) == []


async def test_nothing_is_kept_where_the_bot_is_deleted_during_the_upload(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()

    async def slow() -> AsyncIterator[bytes]:
        yield b"No "
        async with installation.units.open(bot.tenant_id) as uow:
            await uow.bots.delete(bot.id)
        yield b"shouting."

    add = AddDocument(installation.units, installation.blobs, installation.clock, 100)
    with pytest.raises(NotFound):
        await add(installation.actor, bot.id, NewContent("a.txt", "text/plain", slow()))
    assert installation.blobs.blobs == {}


async def test_small_files_go_before_large_ones(installation: Installation) -> None:
    bot = await installation.add_bot()
    await installation.upload(bot, "large" * 60_000)
    small = (await installation.upload(bot, "small")).document
    assert (await installation.claim()).job.subject_id == small.id


async def _ready(installation: Installation) -> tuple[Bot, str]:
    bot = await installation.add_bot()
    return bot, (await installation.add_ready(bot, "No shouting.")).id


async def test_new_content_is_a_new_revision_that_is_queued(installation: Installation) -> None:
    _, document_id = await _ready(installation)
    document = await _replace(installation)(
        installation.actor, document_id, _content("No running.")
    )
    assert (document.target, document.revision) == (2, 1)
    assert document.status is DocumentStatus.PENDING
    assert _jobs(installation) == [(JobKind.INGEST, document_id, 2)]
    assert (await installation.kinds(document_id))[-1] == "document.progress"
    assert sorted(installation.blobs.blobs.values()) == [b"No running.", b"No shouting."]


async def test_refused_content_is_not_kept(installation: Installation) -> None:
    bot, document_id = await _ready(installation)
    await installation.add_ready(bot, "No running.", "b.txt")
    version = (await installation.document(document_id)).version
    replace = _replace(installation)
    refused: list[tuple[str, str, int | None, type[ChatSphereError]]] = [
        (document_id, "No running.", None, Conflict),
        (document_id, "No eating.", version - 1, PreconditionFailed),
        (document_id, "x" * 101, None, PayloadTooLarge),
        ("doc_unknown", "No eating.", None, NotFound),
    ]
    for key, text, expected, error in refused:
        with pytest.raises(error):
            await replace(installation.actor, key, _content(text), expected)
    assert sorted(installation.blobs.blobs.values()) == [b"No running.", b"No shouting."]
    assert (await installation.document(document_id)).target == 1
    assert _jobs(installation) == []


async def test_content_that_changed_during_the_upload_is_not_overwritten(
    installation: Installation,
) -> None:
    _, document_id = await _ready(installation)
    version = (await installation.document(document_id)).version
    update = UpdateDocument(installation.units, installation.clock)

    async def slow() -> AsyncIterator[bytes]:
        yield b"No "
        await update(installation.actor, document_id, title="Changed")
        yield b"running."

    with pytest.raises(PreconditionFailed):
        await _replace(installation)(
            installation.actor, document_id, NewContent("b", "text/plain", slow()), version
        )
    assert list(installation.blobs.blobs.values()) == [b"No shouting."]


async def test_title_and_metadata_are_merged(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = (await installation.upload(bot, "No shouting.", a="1", b="2")).document
    update = UpdateDocument(installation.units, installation.clock)
    changed = await update(
        installation.actor,
        document.id,
        title="  House \n rules ",
        metadata={"a": None, "c": "3"},
        expected_version=document.version,
    )
    assert changed.title == "House rules"
    assert changed.metadata == {"b": "2", "c": "3"}
    assert changed == await installation.document(document.id)
    with pytest.raises(PreconditionFailed):
        await update(installation.actor, document.id, title="x", expected_version=document.version)
    untitled = await update(installation.actor, document.id, title=" ")
    assert untitled.title == "rules.txt"


async def test_a_failed_document_can_be_taken_in_again(installation: Installation) -> None:
    bot = await installation.add_bot()
    failed = await installation.add_ready(bot, "No shouting.", "broken.txt")
    assert failed.status is DocumentStatus.FAILED
    reprocess = ReprocessDocument(installation.units, installation.clock)
    document = await reprocess(installation.actor, failed.id)
    assert (document.status, document.error, document.target) == (DocumentStatus.PENDING, None, 2)
    assert _jobs(installation) == [(JobKind.INGEST, failed.id, 2)]
    assert len(installation.blobs.blobs) == 1


async def test_a_deleted_document_is_gone_at_once(installation: Installation) -> None:
    bot, document_id = await _ready(installation)
    delete = DeleteDocument(installation.units, installation.clock)
    version = (await installation.document(document_id)).version
    with pytest.raises(PreconditionFailed):
        await delete(installation.actor, document_id, version + 1)
    await delete(installation.actor, document_id, version)
    with pytest.raises(NotFound):
        await installation.document(document_id)
    found = await installation.retriever(bot.tenant_id, bot.id, "shouting", k=5)
    assert found.passages == []
    assert (await installation.kinds(document_id))[-1] == "document.deleted"
    assert _jobs(installation) == [(JobKind.PURGE_DOCUMENT, document_id, 0)]
    with pytest.raises(NotFound):
        await delete(installation.actor, document_id)


async def test_deleting_calls_off_the_ingestion(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = (await installation.upload(bot, "No shouting.")).document
    await installation.delete(document)
    assert _jobs(installation) == [(JobKind.PURGE_DOCUMENT, document.id, 0)]
    again = await installation.upload(bot, "No shouting.")
    assert not again.existed


async def test_a_stranger_finds_no_document(installation: Installation) -> None:
    _, document_id = await _ready(installation)
    units, clock, stranger = installation.units, installation.clock, installation.stranger
    with pytest.raises(NotFound):
        await UpdateDocument(units, clock)(stranger, document_id, title="Mine")
    with pytest.raises(NotFound):
        await ReprocessDocument(units, clock)(stranger, document_id)
    with pytest.raises(NotFound):
        await DeleteDocument(units, clock)(stranger, document_id)
    with pytest.raises(NotFound):
        await _replace(installation)(stranger, document_id, _content("Mine."))
    assert len(installation.blobs.blobs) == 1
