"""Erasing: rows, bytes, vectors and cached embeddings are gone, even after a crash on the way."""

from collections.abc import Sequence

import pytest

from adapters.memory.blob_store import InMemoryBlobStore
from adapters.memory.embedding_cache import InMemoryEmbeddingCache
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.job_queue import LeaseLost
from application.ports.vector_index import Namespace
from application.use_cases import purge as module
from application.use_cases.bots import DeleteBot
from application.use_cases.documents import DeleteDocument
from application.use_cases.purge import NotErased
from domain.bots import Bot
from domain.documents import Document
from domain.erasures import Erasure
from domain.errors import DependencyUnavailable
from unit.installation import Installation, StepwiseIndex, nothing

TEXT = "The library opens at nine in the morning."
SHARED = "Nobody may shout in the reading room."


class Crash(BaseException):
    """The process dies here."""


async def _crashed(installation: Installation, at: int) -> bool:
    """Do the next job, end it as a crash would before its unit of work number `at`, and do it again;
    tell whether it came so far."""
    lease, fatal = await installation.claim(), installation.units.opened + at

    async def crash(number: int) -> None:
        if number == fatal:
            raise Crash

    installation.units.before = crash
    try:
        await installation.do(lease)
    except Crash:
        installation.units.before = nothing
        installation.clock.advance(3600)
        await installation.work()
        return True
    return False


class CacheWithOutages(InMemoryEmbeddingCache):
    """Forgets nothing until it is available."""

    is_available = False

    async def forget_unused(self, tenant_id: str, hashes: Sequence[str]) -> int:
        if not self.is_available:
            raise DependencyUnavailable
        return await super().forget_unused(tenant_id, hashes)


async def _two_documents(installation: Installation) -> tuple[Bot, Document, Document]:
    """Give a bot two documents; one passage stands in both."""
    bot = await installation.add_bot()
    one = await installation.add_ready(bot, TEXT)
    return bot, one, await installation.add_ready(bot, SHARED, "b.txt")


async def _assert_erased(installation: Installation, bot: Bot, document: Document) -> None:
    tables = installation.tables
    assert document.id not in tables.documents
    assert document.id not in tables.tombstones
    assert all(key[0] != document.id for key in (*tables.revisions, *tables.chunks))
    assert await installation.events(document.id) == []
    assert document.source.blob_key not in installation.blobs.blobs
    assert await installation.vector_count(bot, document) == 0


async def test_nothing_is_left_of_a_deleted_document_and_all_of_the_others(
    installation: Installation,
) -> None:
    bot, gone, stays = await _two_documents(installation)
    await installation.delete(gone)
    await installation.work()
    await _assert_erased(installation, bot, gone)
    assert len(installation.state.vectors) == 1
    assert await installation.vector_count(bot) == 1
    found = await installation.retriever(bot.tenant_id, bot.id, "shout", k=5)
    assert [hit.passage.document_id for hit in found.passages] == [stays.id]
    assert await installation.queue.claim(1) is None


async def test_the_cache_keeps_what_another_document_still_says(
    installation: Installation,
) -> None:
    one, other = await installation.add_bot(), await installation.add_bot()
    gone = await installation.add_ready(one, TEXT)
    await installation.add_ready(other, TEXT)
    await installation.delete(gone)
    await installation.work()
    assert len(installation.state.vectors) == 1


async def test_nothing_is_left_of_a_deleted_bot(installation: Installation) -> None:
    bot, one, other = await _two_documents(installation)
    answer = await installation.answered("When?", bot_id=bot.id)
    await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
    await installation.work()
    for document in (one, other):
        await _assert_erased(installation, bot, document)
    tables = installation.tables
    assert (tables.bots, tables.generations, tables.conversations, tables.messages) == ({},) * 4
    assert await installation.events(answer.id) == []
    assert installation.blobs.blobs == {}
    assert installation.state.vectors == {}
    assert tables.tombstones == set()


@pytest.mark.parametrize("what", ["document", "bot"])
async def test_a_purge_that_crashed_is_finished_by_the_next(what: str) -> None:
    for crash_at in range(1, 20):
        installation = Installation()
        bot, gone, _ = await _two_documents(installation)
        if what == "bot":
            await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
        else:
            await installation.delete(gone)
        if not await _crashed(installation, crash_at):
            assert crash_at > 2
            return
        await _assert_erased(installation, bot, gone)
        assert len(installation.state.vectors) == (0 if what == "bot" else 1)
        assert await installation.queue.claim(1) is None


async def test_embeddings_that_an_outage_saved_are_forgotten_by_the_next_try(
    installation: Installation,
) -> None:
    _, gone, _ = await _two_documents(installation)
    await installation.delete(gone)
    installation.cache = cache = CacheWithOutages(installation.state)
    lease = await installation.claim()
    with pytest.raises(DependencyUnavailable):
        await installation.purge_document(lease)
    cache.is_available = True
    await installation.purge_document(lease)
    assert len(installation.state.vectors) == 1


async def test_a_document_that_slipped_in_while_its_bot_was_deleted_is_erased_too(
    installation: Installation,
) -> None:
    bot, one, late = await _two_documents(installation)
    await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
    installation.tables.tombstones.remove(late.id)
    await installation.work()
    for document in (one, late):
        await _assert_erased(installation, bot, document)
    assert installation.state.vectors == {}


async def test_who_lost_the_lease_erases_no_rows(installation: Installation) -> None:
    _, gone, _ = await _two_documents(installation)
    await installation.delete(gone)
    lease = await installation.claim()
    installation.clock.advance(3600)
    with pytest.raises(LeaseLost):
        await installation.purge_document(lease)
    assert gone.id in installation.tables.documents
    assert gone.source.blob_key in installation.blobs.blobs


class ForgetfulIndex(InMemoryVectorIndex):
    """Takes deletes and does them only from the `heeds` on that a test sets."""

    heeds = False

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        if self.heeds:
            await super().delete_document(namespace, document_id, keep_revision)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        return self.heeds and await super().delete_namespace(namespace)


class ForgetfulBlobs(InMemoryBlobStore):
    """Takes deletes and does none."""

    async def delete(self, key: str) -> None:
        """Do nothing."""


async def _receipt(installation: Installation, bot: Bot, document: Document, what: str) -> Erasure:
    """Delete, and return the receipt as it stands then."""
    actor = installation.actor
    if what == "bot":
        receipt = await DeleteBot(installation.units, installation.clock)(actor, bot.id)
    else:
        delete = DeleteDocument(installation.units, installation.clock)
        receipt = await delete(actor, document.id)
    async with installation.identities.open() as identities:
        found = await identities.erasures.get(receipt.id)
    assert found is not None
    assert found.finished_at is None
    assert (found.subject_type, found.requested_by) == (what, actor.user_id)
    return found


async def _finished(installation: Installation, receipt: Erasure) -> Erasure:
    async with installation.identities.open() as identities:
        found = await identities.erasures.get(receipt.id)
    assert found is not None
    return found


@pytest.mark.parametrize("what", ["document", "bot"])
async def test_the_receipt_says_what_was_erased_from_which_store(what: str) -> None:
    installation = Installation()
    bot, gone, _ = await _two_documents(installation)
    receipt = await _receipt(installation, bot, gone, what)
    await installation.work()
    found = await _finished(installation, receipt)
    of = 2 if what == "bot" else 1
    assert found.finished_at is not None
    assert found.verified_at == found.finished_at
    stores = {each.store: (each.kind, each.erased, each.left) for each in found.stores}
    assert stores == {"vector_index": ("memory", of, 0), "blob_store": ("memory", of, 0)}
    for kind in ("revisions", "chunks", "blobs", "cached_embeddings"):
        assert found.counts[kind] == of, kind


@pytest.mark.parametrize("what", ["document", "bot"])
async def test_no_row_goes_and_no_receipt_ends_while_the_index_still_shows_vectors(
    what: str,
) -> None:
    installation = Installation()
    installation.vectors = index = ForgetfulIndex()
    bot, gone, _ = await _two_documents(installation)
    receipt = await _receipt(installation, bot, gone, what)
    lease = await installation.claim()
    with pytest.raises(NotErased):
        await installation.do(lease)
    assert gone.id in installation.tables.documents
    assert gone.source.blob_key in installation.blobs.blobs
    waiting = await _finished(installation, receipt)
    assert (waiting.finished_at, waiting.verified_at) == (None, None)
    assert [each.left for each in waiting.stores if each.store == "vector_index"] != [0]
    index.heeds = True
    await installation.do(lease)
    await _assert_erased(installation, bot, gone)
    assert (await _finished(installation, receipt)).verified_at is not None


async def test_no_row_goes_while_the_blob_store_still_shows_the_bytes(
    installation: Installation,
) -> None:
    installation.blobs = ForgetfulBlobs()
    _, gone, _ = await _two_documents(installation)
    await installation.delete(gone)
    with pytest.raises(NotErased):
        await installation.purge_document(await installation.claim())
    assert gone.id in installation.tables.documents


async def test_a_crash_between_deleting_and_noting_loses_no_number_of_the_receipt() -> None:
    for crash_at in range(1, 20):
        installation = Installation()
        bot, gone, _ = await _two_documents(installation)
        receipt = await _receipt(installation, bot, gone, "document")
        if not await _crashed(installation, crash_at):
            assert crash_at > 3
            return
        stores = (await _finished(installation, receipt)).stores
        assert [(each.erased, each.left) for each in stores] == [(1, 0), (1, 0)]


async def test_what_was_deleted_without_a_receipt_is_purged_all_the_same(
    installation: Installation,
) -> None:
    bot, gone, _ = await _two_documents(installation)
    await installation.delete(gone)
    installation.state.receipts.clear()
    await installation.work()
    await _assert_erased(installation, bot, gone)
    assert installation.state.receipts == {}


async def test_the_postings_of_a_bot_go_document_by_document(installation: Installation) -> None:
    bot, *_ = await _two_documents(installation)
    await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
    left = []

    async def look(_: int) -> None:
        left.append(len(installation.state.postings.documents))

    installation.units.after = look
    await installation.work()
    assert sorted(set(left)) == [0, 1, 2]


async def test_the_vectors_of_a_large_bot_go_in_as_many_steps_as_it_takes() -> None:
    installation = Installation()
    installation.vectors = StepwiseIndex()
    bot, *_ = await _two_documents(installation)
    before = await installation.vector_count(bot)
    assert before == 2
    await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
    await installation.do(await installation.claim())
    assert await installation.vectors.namespaces(bot.tenant_id) == []
    assert installation.tables.bots == {}


async def test_the_conversations_of_a_bot_go_a_few_at_a_time(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONVERSATIONS_AT_ONCE", 2)
    bot, *_ = await _two_documents(installation)
    for _ in range(5):
        await installation.answered("When?", bot_id=bot.id)
    await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
    left = []

    async def look(_: int) -> None:
        tables = installation.tables
        left.append((len(tables.conversations), len(tables.messages), len(tables.bots)))

    installation.units.after = look
    await installation.work()
    assert sorted(set(left)) == [(0, 0, 0), (0, 0, 1), (1, 2, 1), (3, 6, 1), (5, 10, 1)]
