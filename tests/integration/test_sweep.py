"""Sweeps over pgvector and a disk: left-overs of each kind go, and what answers goes on answering."""

import asyncio
import logging
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from dependency_injector import providers

from adapters._psycopg import Pool
from adapters.memory.embedder import InMemoryEmbedder
from adapters.pgvector.vector_index import PgVectorIndex
from application.ports.vector_index import Namespace, VectorRecord
from application.use_cases.documents import NewContent
from domain.accounts import Actor, MemberRole, Membership, User, Workspace
from domain.bots import Bot
from domain.documents import Document, DocumentStatus
from domain.errors import NotFound
from entrypoints.container import Container
from entrypoints.runtime import running
from entrypoints.settings import Settings
from entrypoints.worker.worker import Worker
from unit.installation import PlainParser

_log = logging.getLogger(__name__)
HOUR = 3600.0
DELETED = 200
MOMENTS = (DocumentStatus.PENDING, DocumentStatus.PROCESSING, DocumentStatus.READY)
Database = psycopg.Connection[Any]


class TwiceWrittenIndex(PgVectorIndex):
    """Some writes arrive once more a while later, as from a worker that was paused."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.share = 0.0
        self._random = random.Random(12)
        self.late: set[asyncio.Task[None]] = set()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        await super().upsert(namespace, records)
        if self._random.random() < self.share:
            task = asyncio.create_task(self._again(namespace, records))
            self.late.add(task)

    async def _again(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        await asyncio.sleep(self._random.uniform(0.05, 1.0))
        await super().upsert(namespace, records)


class House:
    """A container over a database of its own, with one workspace and one bot."""

    def __init__(self, container: Container, settings: Settings, database: Database) -> None:
        self.container = container
        self.settings = settings
        self.database = database
        self.worker = Worker(container, settings)

    async def begin(self) -> None:
        clock = self.container.clock()
        now = clock.now()
        user = User(clock.new_id("usr"), "ada@example.org", "Ada", "$hash$", now)
        workspace = Workspace(clock.new_id("ws"), "Engines", "free", now)
        async with self.container.identities().open() as identities:
            await identities.users.add(user)
            membership = Membership(workspace.id, user.id, MemberRole.OWNER)
            await identities.workspaces.add(workspace, membership)
        self.actor = Actor(user.id, workspace.id, MemberRole.OWNER)
        self.bot: Bot = (await self.container.create_bot()(self.actor, "Librarian"))[0]
        generation = await self.container.bot_queries().generation(workspace.id, self.bot.id)
        self.namespace = Namespace(workspace.id, self.bot.id, generation.id)

    async def add(self, text: str, name: str = "rules.txt") -> Document:
        async def data() -> AsyncIterator[bytes]:
            yield text.encode()

        content = NewContent(name, "text/plain", data())
        return (await self.container.add_document()(self.actor, self.bot.id, content)).document

    async def ready(self, text: str, name: str = "rules.txt") -> Document:
        document = await self.add(text, name)
        await self.worker.run_until_idle()
        found: Document = await self.container.document_queries().get(
            self.actor.tenant_id, document.id
        )
        assert found.status is DocumentStatus.READY, found.error
        return found

    async def answers(self, question: str) -> list[tuple[str, str]]:
        found = await self.container.retriever()(self.actor.tenant_id, self.bot.id, question, k=5)
        return [(each.passage.chunk_id, each.passage.text) for each in found.passages]

    async def sweep(self, **options: bool) -> dict[str, int]:
        found = await self.container.sweep_workspace().now(self.actor.tenant_id, **options)
        return {what: n for what, n in found.counts.items() if "looked_at" not in what}

    async def until(self, document: Document, moment: DocumentStatus) -> None:
        """Wait until a document has come so far."""
        queries, order = self.container.document_queries(), list(DocumentStatus)
        async with asyncio.timeout(200):
            while True:
                found = await queries.get(self.actor.tenant_id, document.id)
                if order.index(found.status) >= order.index(moment):
                    return
                await asyncio.sleep(0.02)

    def one(self, query: str, *values: object) -> Any:
        row = self.database.execute(query, values).fetchone()
        return None if row is None else row[0]


@pytest.fixture
async def house(postgres_url: str, tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        worker_concurrency=4,
        sweep_hours=0,
        database_pool_size=12,
    )
    async with running(settings, postgres_url) as container:
        container.embedder.override(providers.Object(InMemoryEmbedder(384)))
        container.parser.override(providers.Object(PlainParser()))
        with psycopg.connect(postgres_url, autocommit=True) as database:
            index = TwiceWrittenIndex(container.vector_pool())
            container.vector_index.override(providers.Object(index))
            made = House(container, settings, database)
            await made.begin()
            yield made


def plant(house: House, gone: Document, stays: Document) -> list[Path]:
    """Leave over one of each kind, past all use cases; return the files."""
    tenant, bot, generation = (
        house.namespace.tenant_id, house.namespace.bot_id, house.namespace.generation_id,
    )  # fmt: skip
    new_id, execute = house.container.clock().new_id, house.database.execute
    copy = (
        "INSERT INTO chunk_vectors (tenant_id, bot_id, generation_id, document_id, chunk_id, embedding) "
        "SELECT tenant_id, %s, %s, %s, %s, embedding FROM chunk_vectors WHERE document_id = %s LIMIT 1"
    )
    short = stays.id.partition("_")[2]
    for values in (
        (bot, generation, gone.id, f"chk_{gone.id.partition('_')[2]}_1_0"),  # a late write
        (bot, generation, new_id("doc"), f"chk_{new_id('doc').partition('_')[2]}_1_0"),
        (bot, generation, stays.id, f"chk_{short}_9_0"),  # neither live nor target
        (bot, generation, stays.id, "what no chunk is called"),
        (new_id("bot"), new_id("gen"), stays.id, f"chk_{short}_1_0"),  # rows without a namespace
        (bot, new_id("gen"), stays.id, f"chk_{short}_1_0"),
    ):
        execute(copy, (*values, stays.id))
    execute(
        "INSERT INTO embedding_cache VALUES (%s, 'a space', %s, '\\x00000000')", (tenant, "ab" * 32)
    )
    execute(
        "INSERT INTO keyword_documents (tenant_id, document_id, bot_id, revision, language, chunks, "
        "terms) VALUES (%s, %s, %s, 1, 'en', 1, 1)", (tenant, gone.id, bot)
    )  # fmt: skip
    number = house.one("SELECT number FROM keyword_documents WHERE document_id = %s", gone.id)
    execute(
        "INSERT INTO keyword_postings SELECT number, 'ghost', %s, '{1}' FROM keyword_scopes "
        "WHERE tenant_id = %s", (number, tenant)
    )  # fmt: skip
    long_ago = "now() - interval '8 days'"
    execute(f"UPDATE events SET created_at = {long_ago} WHERE tenant_id = %s", (tenant,))
    execute(
        "INSERT INTO idempotency_keys VALUES (%s, 'usr', 'key', 'f', '{}', "
        f"{long_ago})", (tenant,)
    )  # fmt: skip
    folder = house.settings.data_dir / "blobs" / tenant / "ab"
    folder.mkdir(exist_ok=True)
    files = [folder / (f"{number}" * 30) for number in range(3)]
    for file in files:
        file.write_bytes(b"left over")
        os.utime(file, (time.time() - 2 * HOUR,) * 2)
    os.utime(files[2])  # one is young: it may be an upload whose row comes
    return files


async def test_left_overs_of_every_kind_go_and_answers_stay(house: House) -> None:
    stays = await house.ready("The library opens at nine in the morning.")
    gone = await house.ready("Nobody may shout in the reading room.", "b.txt")
    await house.container.delete_document()(house.actor, gone.id)
    await house.worker.run_until_idle()
    before = await house.answers("When does the library open?")
    assert before
    files = plant(house, gone, stays)
    rows = "SELECT count(*) FROM chunk_vectors WHERE tenant_id = %s"
    assert house.one(rows, house.actor.tenant_id) == 7

    told = await house.sweep(dry_run=True)
    assert house.one(rows, house.actor.tenant_id) == 7
    counts = await house.sweep()
    trimmed = counts.pop("events_trimmed")
    assert trimmed > 2
    assert counts == {
        "vectors_deleted": 6, "namespaces_deleted": 2, "blobs_deleted": 2,
        "postings_removed": 1, "keyword_totals_mended": 1, "embeddings_forgotten": 1,
        "idempotency_keys_forgotten": 1,
    }  # fmt: skip
    assert told.items() <= counts.items()

    assert house.one(rows, house.actor.tenant_id) == 1
    assert [file.exists() for file in files] == [False, False, True]
    assert house.one("SELECT count(*) FROM keyword_postings WHERE term = 'ghost'") == 0
    assert house.one("SELECT count(*) FROM events WHERE stream_id = %s", stays.id) == 1
    assert await house.answers("When does the library open?") == before
    assert await house.sweep() == {}
    assert house.one("SELECT count(*) FROM sweeps WHERE counts ? 'vectors_deleted'") == 1


async def test_lost_vectors_come_back_from_the_cache_and_otherwise_by_taking_in_anew(
    house: House,
) -> None:
    texts = [f"Rule {n}: visitor {n} brings book {n} back on day {n}." for n in range(5)]
    for number, text in enumerate(texts):
        await house.ready(text, f"{number}.txt")
    before = await house.answers("Rule 3")
    house.database.execute("DELETE FROM chunk_vectors")
    house.database.execute("DELETE FROM vector_namespaces")
    assert await house.sweep() == {"vectors_restored": 5}
    assert await house.answers("Rule 3") == before
    house.database.execute("DELETE FROM chunk_vectors")
    house.database.execute("DELETE FROM embedding_cache")
    assert (await house.sweep())["documents_requeued"] == 5
    assert [text for _, text in await house.answers("Rule 3")][:1] == [texts[3]], "by its words"
    await house.worker.run_until_idle()
    assert house.one("SELECT count(*) FROM chunk_vectors") == 5
    assert await house.sweep() == {}


@pytest.mark.timeout(600)  # 200 documents, on however busy a machine
async def test_deletes_that_race_ingestions_and_late_writes_leave_no_vector(house: House) -> None:
    rng = random.Random(11)
    index: TwiceWrittenIndex = house.container.vector_index()
    index.share = 0.5
    worker = asyncio.create_task(Worker(house.container, house.settings).run())
    stays = await house.add("The library opens at nine in the morning.", "stays.txt")
    room, receipts = asyncio.Semaphore(8), dict[str, str]()

    async def add_and_delete(number: int) -> None:
        async with room:
            text = f"Rule {number} of the house: visitor {number} brings book {number} back."
            document = await house.add(text, f"{number}.txt")
            await house.until(document, rng.choice(MOMENTS))
            receipt = await house.container.delete_document()(house.actor, document.id)
            receipts[document.id] = receipt.id

    swept: list[int] = []

    async def sweep_on() -> None:
        while True:
            swept.append((await house.sweep()).get("vectors_deleted", 0))
            await asyncio.sleep(1)

    sweeping = asyncio.create_task(sweep_on())
    try:
        await asyncio.gather(*(add_and_delete(number) for number in range(DELETED)))
        async with asyncio.timeout(200):
            while house.one("SELECT count(*) FROM jobs"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        sweeping.cancel()
        await asyncio.gather(*index.late, return_exceptions=True)
    finally:
        for task in (sweeping, worker):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    others = "SELECT count(*) FROM chunk_vectors WHERE document_id <> %s"
    left = house.one(others, stays.id)
    assert (await house.sweep()).get("vectors_deleted", 0) == left
    _log.info("%d late writes; sweeps deleted %s, the last one %d", len(index.late), swept, left)
    assert sum(swept) + left > 0, "nothing was left over: the test shows nothing"
    assert house.one(others, stays.id) == 0
    assert house.one("SELECT count(*) FROM chunk_vectors") == 1
    assert house.one("SELECT count(*) FROM documents") == 1
    assert len(await house.answers("When does the library open?")) == 1
    unfinished = "SELECT count(*) FROM erasures WHERE finished_at IS NULL"
    assert (house.one(unfinished), house.one("SELECT count(*) FROM erasures")) == (0, DELETED)
    with pytest.raises(NotFound):
        await house.container.document_queries().get(house.actor.tenant_id, next(iter(receipts)))


async def test_what_belongs_to_nobody_and_is_past_its_time_goes_and_nothing_else(
    house: House,
) -> None:
    user, tenant = house.actor.user_id, house.actor.tenant_id
    execute = house.database.execute
    for name, past, whose in (
        ("old", "now() - interval '40 days'", "ws_of_nobody"),
        ("new", "now() - interval '1 hour'", tenant),
    ):
        execute(f"INSERT INTO sessions VALUES ('ses_{name}', '{user}', {past}, {past})")
        execute(f"INSERT INTO refresh_tokens VALUES ('t_{name}', 'ses_{name}', {past})")
        execute(
            f"INSERT INTO one_time_tokens VALUES ('o_{name}', 'reset', '{user}', '{{}}', {past})"
        )
        execute(f"INSERT INTO sweeps VALUES ('{tenant}', 's_{name}', {past}, {past}, '{{}}')")
        execute(f"INSERT INTO job_turns VALUES ('{whose}', {past})")
    house.database.execute(
        "INSERT INTO sessions SELECT 'ses_ended', user_id, created_at, now() + interval '1 day', "
        "now() - interval '31 days' FROM sessions WHERE id = 'ses_old'"
    )
    gone = await house.container.housekeeping().trim(1_000)
    assert gone == {
        "refresh_tokens": 1, "one_time_tokens": 1, "sessions": 2, "job_turns": 1,
        "sweeps": 1,
    }  # fmt: skip
    assert await house.container.housekeeping().trim(1_000) == {}
    for table in gone:
        assert house.one(f"SELECT count(*) FROM {table}") == 1, table
