"""A document that is deleted while a worker takes it in leaves nothing behind."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from adapters.memory.embedder import InMemoryEmbedder
from application.ports.embedder import EmbedTask, Vector
from application.ports.job_queue import LeaseLost
from application.ports.vector_index import Namespace
from application.use_cases.bots import DeleteBot
from domain.bots import Bot
from domain.documents import Document
from domain.errors import NotFound
from domain.jobs import Lease
from unit.installation import Installation, nothing

TEXT = "\n\n".join(
    f"Rule {n} of the house says that visitor {n} brings book {n} back." for n in range(80)
)
MOST_UNITS = 7  # of an ingestion


class HookedEmbedder(InMemoryEmbedder):
    """Lets something happen while it embeds."""

    async def meanwhile(self) -> None:
        """Do nothing, until the test knows better."""

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        await self.meanwhile()
        return await super().embed(texts, task)


async def _upload(installation: Installation) -> tuple[Bot, Document, Lease]:
    bot = await installation.add_bot()
    document = (await installation.upload(bot, TEXT)).document
    return bot, document, await installation.claim()


def _deletion(
    installation: Installation, bot: Bot, document: Document, what: str
) -> Callable[[], Awaitable[None]]:
    """Return what deletes the document, or its bot, and lets another worker purge it."""

    async def delete_and_purge() -> None:
        if what == "bot":
            await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
        else:
            await installation.delete(document)
        await installation.work()

    return delete_and_purge


async def _assert_nothing_left(
    installation: Installation, bot: Bot, document: Document, generation: str
) -> None:
    assert document.id not in installation.tables.documents
    assert not installation.tables.chunks
    assert installation.blobs.blobs == {}
    namespace = Namespace(bot.tenant_id, bot.id, generation)
    assert await installation.vectors.count(namespace) == 0
    assert installation.state.vectors == {}
    assert installation.state.postings.documents == {}


@pytest.mark.parametrize("what", ["document", "bot"])
@pytest.mark.parametrize("step", range(1, MOST_UNITS + 1))
async def test_nothing_is_left_of_what_is_purged_before_any_unit_of_work(
    installation: Installation, what: str, step: int
) -> None:
    bot, document, lease = await _upload(installation)
    [generation] = installation.tables.generations
    delete_and_purge = _deletion(installation, bot, document, what)
    at = installation.units.opened + step

    async def interfere(number: int) -> None:
        if number == at:
            installation.units.before = nothing
            await delete_and_purge()

    installation.units.before = interfere
    with pytest.raises((LeaseLost, NotFound)):
        await installation.ingest(lease)
    await _assert_nothing_left(installation, bot, document, generation)


@pytest.mark.parametrize("what", ["document", "bot"])
@pytest.mark.parametrize("ending", ["refused", "cancelled"])
async def test_vectors_made_after_the_purge_are_taken_back(what: str, ending: str) -> None:
    """The worker notices by its fence, or its heart stops it after the first vectors."""
    installation = Installation()
    installation.embedder = embedder = HookedEmbedder()
    bot, document, lease = await _upload(installation)
    [generation] = installation.tables.generations
    delete_and_purge = _deletion(installation, bot, document, what)
    calls = 0

    async def meanwhile() -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await delete_and_purge()

    embedder.meanwhile = meanwhile  # type: ignore[method-assign]
    ingesting = asyncio.create_task(installation.ingest(lease))
    if ending == "cancelled":
        upsert = asyncio.Event()
        last = installation.units.opened

        async def stop(number: int) -> None:
            if installation.state.vectors and number > last and not upsert.is_set():
                upsert.set()
                ingesting.cancel()
                await asyncio.sleep(0)

        installation.units.before = stop
    with pytest.raises((LeaseLost, NotFound, asyncio.CancelledError)):
        await ingesting
    assert calls > 0
    await _assert_nothing_left(installation, bot, document, generation)
