"""Ingestion: to ready or failed, whatever breaks, and nothing written by who lost the job."""

from collections.abc import Awaitable, Callable
from copy import deepcopy

import pytest

from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.job_queue import LeaseLost
from application.ports.vector_index import Namespace
from application.use_cases.documents import NewContent, ReplaceContent, ReprocessDocument
from domain.bots import Bot
from domain.documents import Document, DocumentStatus
from domain.errors import DependencyUnavailable
from domain.jobs import Lease
from unit.installation import Installation, nothing, stream_of

SENTENCES = [
    f"Rule {n} of the house says that visitor {n} brings book {n} back." for n in range(80)
]
TEXT = "\n\n".join(SENTENCES)
OTHER = "\n\n".join(sentence.replace("house", "castle") for sentence in SENTENCES)


class Crash(BaseException):
    """The process dies here."""


async def _upload(installation: Installation) -> tuple[Bot, Document, Lease]:
    bot = await installation.add_bot()
    document = (await installation.upload(bot, TEXT)).document
    return bot, document, await installation.claim()


async def _replace(installation: Installation, document: Document, text: str) -> None:
    replace = ReplaceContent(installation.units, installation.blobs, installation.clock, 1 << 20)
    content = NewContent("other.txt", "text/plain", stream_of(text.encode()))
    await replace(installation.actor, document.id, content)


async def _found(installation: Installation, bot: Bot, question: str) -> set[int]:
    """Return the revisions that answer."""
    found = await installation.retriever(bot.tenant_id, bot.id, question, k=5)
    return {hit.passage.revision for hit in found.passages}


async def test_a_document_becomes_ready_and_every_chunk_is_found(
    installation: Installation,
) -> None:
    bot, document, lease = await _upload(installation)
    await installation.ingest(lease)
    ready = await installation.document(document.id)
    assert ready.status is DocumentStatus.READY
    assert (ready.revision, ready.progress.done) == (1, ready.chunk_count)
    assert ready.chunk_count > 1
    assert await installation.vector_count(bot, document) == ready.chunk_count
    for chunk in installation.tables.chunks[document.id, 1]:
        found = await installation.retriever(bot.tenant_id, bot.id, chunk.text, k=1)
        assert found.passages[0].passage.text == chunk.text
    assert await installation.queue.claim(1) is None


async def test_each_stage_is_told_in_order(installation: Installation) -> None:
    _, document, lease = await _upload(installation)
    await installation.ingest(lease)
    events = await installation.events(document.id)
    stages = []
    for event in events[:-1]:
        assert event.type == "document.progress"
        progress = event.data["progress"]
        assert isinstance(progress, dict)
        stages.append(progress["stage"])
    assert stages == ["queued", "parsing", "chunking", "embedding", "indexing"]
    assert events[-1].type == "document.ready"
    shown = events[-1].data["document"]
    assert isinstance(shown, dict)
    assert shown["status"] == "ready"


@pytest.mark.parametrize(
    ("filename", "text", "code"),
    [("broken.pdf", TEXT, "corrupt_document"), ("blank.txt", " \n\n ", "empty_document")],
)
async def test_what_cannot_be_read_fails_with_a_reason(
    installation: Installation, filename: str, text: str, code: str
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, text, filename)
    assert document.status is DocumentStatus.FAILED
    assert document.error is not None
    assert document.error.code == code
    assert (await installation.kinds(document.id))[-1] == "document.failed"
    assert await installation.queue.claim(1) is None
    assert await installation.vector_count(bot) == 0


async def test_a_file_that_is_gone_from_the_store_fails_the_document(
    installation: Installation,
) -> None:
    _, document, lease = await _upload(installation)
    installation.blobs.blobs.clear()
    await installation.ingest(lease)
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "content_missing"


async def test_another_embedder_fails_the_document_instead_of_mixing_spaces(
    installation: Installation,
) -> None:
    bot, document, lease = await _upload(installation)
    installation.embedder = InMemoryEmbedder(dimensions=32)
    await installation.ingest(lease)
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "embedder_changed"
    assert "embedder" in failed.error.detail
    assert await installation.vector_count(bot) == 0


async def _units_of_an_ingestion() -> int:
    installation = Installation()
    *_, lease = await _upload(installation)
    before = installation.units.opened
    await installation.ingest(lease)
    return installation.units.opened - before


async def test_whoever_lost_the_lease_writes_nothing_more() -> None:
    """The lease runs out before each unit of work in turn, and another worker holds the job."""
    for lost_at in range(1, 1 + await _units_of_an_ingestion()):
        installation = Installation()
        _, document, lease = await _upload(installation)
        fatal = installation.units.opened + lost_at
        seen: list[object] = []

        async def expire(
            number: int,
            at: int = fatal,
            here: Installation = installation,
            seen: list[object] = seen,
        ) -> None:
            if number == at:
                here.clock.advance(3600)
                await here.claim()
                seen.append(deepcopy((here.tables, here.state.postings.documents)))

        installation.units.before = expire
        with pytest.raises(LeaseLost):
            await installation.ingest(lease)
        assert [(installation.tables, installation.state.postings.documents)] == seen
        installation.units.before = nothing
        installation.clock.advance(3600)
        await installation.work()
        assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_after_a_crash_at_any_step_the_next_worker_embeds_only_what_is_missing() -> None:
    """Whole runs crash before and after each unit of work; no text is parsed or embedded twice."""
    for crash_at in range(1, 1 + await _units_of_an_ingestion()):
        for committed in (False, True):
            installation = Installation()
            _, document, lease = await _upload(installation)
            fatal = installation.units.opened + crash_at

            async def crash(number: int, at: int = fatal) -> None:
                if number == at:
                    raise Crash

            hooks = installation.units
            hooks.before, hooks.after = (nothing, crash) if committed else (crash, nothing)
            with pytest.raises(Crash):
                await installation.ingest(lease)
            hooks.before = hooks.after = nothing
            installation.clock.advance(3600)
            await installation.work()
            ready = await installation.document(document.id)
            assert ready.status is DocumentStatus.READY
            assert len(installation.embedder.embedded) == ready.chunk_count
            assert (await installation.kinds(document.id)).count("document.ready") == 1
            texts = installation.tables.revisions
            assert texts[document.id, 1].text is not None
            assert installation.parser.parsed <= 2


async def test_unchanged_passages_are_not_embedded_again(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    embedded = len(installation.embedder.embedded)
    await ReprocessDocument(installation.units, installation.clock)(installation.actor, document.id)
    await installation.work()
    assert len(installation.embedder.embedded) == embedded
    again = await installation.document(document.id)
    assert (again.status, again.revision) == (DocumentStatus.READY, 2)
    assert await installation.vector_count(bot) == again.chunk_count


async def test_the_old_revision_answers_until_the_new_one_is_complete() -> None:
    for step in range(1, 1 + await _units_of_an_ingestion()):
        installation = Installation()
        bot = await installation.add_bot()
        document = await installation.add_ready(bot, TEXT)
        await _replace(installation, document, OTHER)
        lease = await installation.claim()
        at = installation.units.opened + step
        answering: list[set[int]] = []

        async def look(
            number: int,
            at: int = at,
            here: Installation = installation,
            bot: Bot = bot,
            answering: list[set[int]] = answering,
        ) -> None:
            if number == at:
                answering.append(await _found(here, bot, "Which book does visitor 7 bring?"))

        installation.units.before = look
        await installation.ingest(lease)
        assert answering == [{1}]
        assert await _found(installation, bot, "Which book does visitor 7 bring?") == {2}
        assert len(installation.blobs.blobs) == 1
        ready = await installation.document(document.id)
        assert await installation.vector_count(bot) == ready.chunk_count


async def test_a_replacement_that_fails_leaves_the_old_revision_answering(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    await _replace(installation, document, " ")
    await installation.work()
    failed = await installation.document(document.id)
    assert (failed.status, failed.revision) == (DocumentStatus.FAILED, 1)
    assert await _found(installation, bot, "visitor 7") == {1}


async def test_an_embedder_that_is_out_is_waited_for(installation: Installation) -> None:
    bot, document, lease = await _upload(installation)
    installation.embedder.is_available = False
    with pytest.raises(DependencyUnavailable):
        await installation.ingest(lease)
    waiting = await installation.document(document.id)
    assert (waiting.status, waiting.revision) == (DocumentStatus.PROCESSING, 0)
    assert await installation.vector_count(bot) == 0
    assert await _found(installation, bot, "visitor 7") == set()
    installation.embedder.is_available = True
    await installation.ingest(lease)
    assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_content_replaced_during_ingestion_wins(installation: Installation) -> None:
    bot, document, lease = await _upload(installation)
    last = installation.units.opened + await _units_of_an_ingestion()

    async def replace(number: int) -> None:
        if number == last:
            installation.units.before = nothing
            await _replace(installation, document, OTHER)

    installation.units.before = replace
    with pytest.raises(LeaseLost):
        await installation.ingest(lease)
    await installation.work()
    ready = await installation.document(document.id)
    assert (ready.status, ready.revision) == (DocumentStatus.READY, 2)
    found = await installation.retriever(bot.tenant_id, bot.id, "castle", k=3)
    assert found.passages
    assert all("castle" in hit.passage.text for hit in found.passages)


class LateIndex(InMemoryVectorIndex):
    """Does something else before it deletes: once, as long as it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.before: Callable[[], Awaitable[None]] | None = None

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        before, self.before = self.before, None
        if before is not None:
            await before()
        await super().delete_document(namespace, document_id, keep_revision)


async def test_whoever_tidies_up_late_deletes_nothing_of_a_newer_revision(
    installation: Installation,
) -> None:
    installation.vectors = late = LateIndex()
    bot, document, lease = await _upload(installation)

    async def replaced_and_taken_in() -> None:
        await _replace(installation, document, OTHER)
        await installation.ingest(await installation.claim())

    late.before = replaced_and_taken_in
    await installation.ingest(lease)
    ready = await installation.document(document.id)
    assert (ready.status, ready.revision) == (DocumentStatus.READY, 2)
    assert await installation.vector_count(bot, document) == ready.chunk_count
