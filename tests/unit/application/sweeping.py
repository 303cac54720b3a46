"""An installation that is swept, and the steps that its tests share."""

from collections.abc import Mapping

from application.ports.vector_index import Namespace, VectorRecord
from application.services.sweeping.rows import Retention
from application.use_cases.sweep_workspace import SweepWorkspace
from domain.bots import Bot
from domain.documents import Document
from domain.ids import chunk_id
from domain.jobs import Job, JobKind, Lease
from domain.sweeps import PRIORITY
from unit.installation import Installation

TEXT = "The library opens at nine in the morning."
OTHER = "Nobody may shout in the reading room."


def sweeper(installation: Installation) -> SweepWorkspace:
    """Return the use case over the installation's stores."""
    return SweepWorkspace(
        installation.units,
        installation.vectors,
        installation.blobs,
        installation.cache,
        Retention(event_days=7, idempotency_hours=72),
        installation.clock,
    )


async def found(installation: Installation, *, dry_run: bool = False) -> Mapping[str, int]:
    """Sweep, and return what was not as it should be."""
    sweep = await sweeper(installation).now(installation.actor.tenant_id, dry_run=dry_run)
    return {what: n for what, n in sweep.counts.items() if "looked_at" not in what}


async def begun(installation: Installation) -> Lease:
    """Queue a sweep and claim it."""
    clock, tenant = installation.clock, installation.actor.tenant_id
    job = Job(clock.new_id("job"), tenant, JobKind.SWEEP, tenant, clock.now(), PRIORITY)
    async with installation.units.open(tenant) as uow:
        await uow.jobs.enqueue(job)
    lease = await installation.claim()
    assert lease.job == job
    return lease


def place(installation: Installation, bot: Bot) -> Namespace:
    """Return where the vectors of a bot are."""
    generations = installation.tables.generations.values()
    [generation] = [each for each in generations if each.bot_id == bot.id]
    return Namespace(bot.tenant_id, bot.id, generation.id)


async def plant(
    installation: Installation, bot: Bot, document: Document | str, revision: int, count: int = 2
) -> list[str]:
    """Write vectors of a revision, as a slow worker does; return their ids."""
    document_id = document if isinstance(document, str) else document.id
    ids = [chunk_id(document_id, revision, 100 + ordinal) for ordinal in range(count)]
    vector = [1.0] * installation.embedder.dimensions
    records = [VectorRecord(each, document_id, vector) for each in ids]
    await installation.vectors.upsert(place(installation, bot), records)
    return ids


async def vectors(installation: Installation, bot: Bot) -> set[str]:
    """Return the ids of the vectors of a bot."""
    listed = await installation.vectors.ids(place(installation, bot), None, 10_000)
    return {each.chunk_id for each in listed}


async def answers(installation: Installation, bot: Bot, question: str) -> list[str]:
    """Return the documents that a search finds."""
    found = await installation.retriever(bot.tenant_id, bot.id, question, k=5)
    return [each.passage.document_id for each in found.passages]
