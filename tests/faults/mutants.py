"""Planted bugs: each breaks one safeguard in the process that plants it, before it runs.

The fault tests have to notice every one of them; a test that passes with its safeguard broken shows
nothing. The product itself knows nothing of this.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

MUTANTS: dict[str, Callable[[], None]] = {}


def plant(name: str) -> None:
    """Break the safeguard of that name in this process. Raises KeyError."""
    MUTANTS[name]()


def mutant(function: Callable[[], None]) -> Callable[[], None]:
    """Register a planted bug under its function's name."""
    MUTANTS[function.__name__] = function
    return function


def _put(owner: object, name: str, value: object) -> None:
    """Replace what is there; fails where the product calls it otherwise by now."""
    getattr(owner, name)
    setattr(owner, name, value)


@mutant
def no_fence() -> None:
    """A worker writes whether or not it still holds its job."""
    from sqlalchemy import text

    import adapters.postgres.job_queue as queue

    end = "WITH gone AS (DELETE FROM jobs WHERE id = :id) SELECT cast(:fence AS bigint)"
    beat = "SELECT cast(:id AS text), cast(:fence AS bigint), cast(:seconds AS float)"
    _put(queue, "_FENCE", text("SELECT 1"))
    _put(queue, "_COMPLETE", text(end))
    _put(queue, "_HEARTBEAT", text(beat))


@mutant
def no_idempotency() -> None:
    """An Idempotency-Key is not looked at: each request is done anew."""
    from adapters.postgres.idempotency import PostgresIdempotencyRecords

    async def claim(*_: object) -> None:
        return None

    _put(PostgresIdempotencyRecords, "claim", claim)


@mutant
def no_liveness() -> None:
    """Retrieval and citations believe the index: they do not ask whether a document is alive."""
    from sqlalchemy import text

    from adapters.postgres import documents, queries

    for module, name in ((queries, "_PASSAGES"), (documents, "_CITABLE")):
        careful = str(getattr(module, name))
        careless = careful.replace("AND d.deleted_at IS NULL", "")
        assert careless != careful, f"{name} checks otherwise now: this bug is not planted"
        _put(module, name, text(careless))


@mutant
def patient_pool() -> None:
    """Whoever finds no free connection waits for half a minute."""
    from adapters._psycopg import Pool

    made = Pool.__init__

    def patient(self: Pool, *arguments: object, **options: object) -> None:
        made(self, *arguments, **options)  # type: ignore[arg-type]  # the same, but for one
        self._patience = 30.0

    Pool.__init__ = patient  # type: ignore[method-assign]


@mutant
def hasty_commit() -> None:
    """A commit is acknowledged before it is on the disk."""
    from adapters import _driver

    _driver._OPTIONS += " -c synchronous_commit=off"


@mutant
def trapped_parsers() -> None:
    """No bug of ours: some documents are deadly to their reader, or to the whole worker.

    Limits are short, so that the test is; they are the kernel's to enforce all the same.
    """
    from adapters.parsers import document_parser as parsers
    from entrypoints.worker.own_process import OwnProcess

    limits = parsers.ParserLimits(cpu_seconds=2, memory_mb=256, wall_seconds=3.0)
    launch = str(Path(__file__).with_name("launch.py"))
    alone = (launch, str(os.getpid()), "trapped_parsers", "own-process")
    own = OwnProcess.__init__
    made, parse = parsers.SandboxedParser.__init__, parsers.SandboxedParser.parse

    async def deadly(self: parsers.SandboxedParser, path: Path, **named: str) -> object:
        if b"TRAP worker" in path.read_bytes()[:64]:  # noqa: ASYNC240  # it is about to end
            os._exit(137)
        return await parse(self, path, **named)

    _put(parsers, "_SCRIPT", Path(__file__).with_name("trapped_forkserver.py"))
    _put(parsers.SandboxedParser, "__init__", lambda self: made(self, limits))
    _put(parsers.SandboxedParser, "parse", deadly)
    _put(OwnProcess, "__init__", lambda self, *given: own(self, *given, alone))


@mutant
def unconfined_parsers() -> None:
    """Readers have no limits, and their death is taken for an outage: it is tried again for ever."""
    from adapters.parsers import document_parser as parsers
    from application.ports.document_parser import UnreadableDocument
    from domain.errors import DependencyUnavailable

    trapped_parsers()
    parse = parsers.SandboxedParser.parse

    async def careless(self: parsers.SandboxedParser, path: Path, **named: str) -> object:
        try:
            return await parse(self, path, **named)
        except UnreadableDocument as error:
            raise DependencyUnavailable("The reader is gone.") from error

    _put(parsers.SandboxedParser, "parse", careless)


@mutant
def no_breaker() -> None:
    """What does not answer is asked again and again."""
    from application.services.guards.breaker import Breaker

    Breaker.note = lambda *_, **__: None  # type: ignore[method-assign]


@mutant
def no_deadline() -> None:
    """A model may take as long as it likes (here: ten seconds, so that the test ends)."""
    from application.ports.chat_model import Deadlines
    from application.services.guards.chat_model import StreamDeadlines
    from entrypoints._models import ConfiguredModels

    ConfiguredModels._deadlines = lambda _: Deadlines(10.0, 10.0, 10.0, 10.0)  # type: ignore[method-assign]
    ConfiguredModels._whole = lambda _: StreamDeadlines()  # type: ignore[method-assign]


@mutant
def careless_disk() -> None:
    """What a full disk does not take is left out, and the upload acknowledged."""
    from contextlib import suppress

    from adapters.local_disk import blob_store

    write = blob_store._Upload.write

    def careless(self: blob_store._Upload, *, to_disk: bool = False) -> None:
        with suppress(OSError):
            write(self, to_disk=to_disk)

    blob_store._Upload.write = careless  # type: ignore[method-assign]


@mutant
def needs_redis() -> None:
    """Without the shared store no request is let through."""
    from application.services.fallback_rate_limiter import FallbackRateLimiter

    async def strict(self: FallbackRateLimiter, charges: object) -> object:
        return await self._shared.hit_all(charges)  # type: ignore[arg-type]

    FallbackRateLimiter.hit_all = strict  # type: ignore[method-assign,assignment]


@mutant
def wall_clock_leases() -> None:
    """A process judges leases by its own clock, not by the database's."""
    from datetime import UTC, datetime

    from adapters._psycopg import Connection, Values

    run = Connection._run

    async def trusting(self: Connection, cursor: object, command: str, values: Values) -> None:
        own = f"timestamptz '{datetime.now(UTC).isoformat()}'"
        await run(self, cursor, command.replace("now()", own), values)  # type: ignore[arg-type]

    Connection._run = trusting  # type: ignore[method-assign,assignment]


def _resume_elsewhere(by: int) -> None:
    from adapters.postgres.event_log import PostgresEventLog

    follow = PostgresEventLog.follow

    def wrong(
        self: PostgresEventLog, tenant: str, stream: str, after: int, *ends: object
    ) -> object:
        return follow(self, tenant, stream, after + by if after else 0, *ends)  # type: ignore[arg-type]

    PostgresEventLog.follow = wrong  # type: ignore[method-assign,assignment]


@mutant
def resumes_one_early() -> None:
    """A stream is resumed with the last event that the client has."""
    _resume_elsewhere(-1)


@mutant
def resumes_one_late() -> None:
    """A stream is resumed one event too late."""
    _resume_elsewhere(1)


@mutant
def no_gap_check() -> None:
    """A follower takes what was handed over, whether or not something is missing before it."""
    from adapters._events import Watch
    from domain.events import Event

    def take(self: Watch, after: int) -> list[Event]:
        held, self._events, self._size = self._events, [], 0
        return [event for event in held if event.seq > after]

    Watch.take = take  # type: ignore[method-assign]


@mutant
def no_drain() -> None:
    """A server that is asked to end does so at once."""
    import os

    from entrypoints.api.server import Server

    Server._begin_to_end = lambda _: os._exit(0)  # type: ignore[method-assign]


def _send_seconds(seconds: float) -> None:
    from entrypoints.api import socket, streams

    streams.SEND_SECONDS = socket.SEND_SECONDS = socket.CLOSE_SECONDS = seconds


@mutant
def cuts_sooner() -> None:
    """Not a bug: readers that take nothing are cut off after a second, so that a test is short."""
    _send_seconds(1.0)


@mutant
def no_send_timeout() -> None:
    """Who takes nothing is waited for, for ever."""
    _send_seconds(1e6)


@mutant
def no_cap() -> None:
    """A follower reads whatever there is in one go."""
    from sqlalchemy import text

    from adapters._events import HELD_BYTES
    from adapters.postgres import event_log

    _send_seconds(1.0)
    sql = str(event_log._LOOK).replace(str(HELD_BYTES), "1000000000")
    event_log._LOOK = text(sql)


@mutant
def careless_upsert() -> None:
    """Vectors that could not be written are taken for written."""
    from contextlib import suppress

    from application.ports.vector_index import Namespace, VectorIndexUnavailable, VectorRecord
    from application.services.guards.vector_index import GuardedVectorIndex

    upsert = GuardedVectorIndex.upsert

    async def careless(
        self: GuardedVectorIndex, namespace: Namespace, records: Sequence[VectorRecord]
    ) -> None:
        with suppress(VectorIndexUnavailable):
            await upsert(self, namespace, records)

    GuardedVectorIndex.upsert = careless  # type: ignore[method-assign]


@mutant
def unmarked_degradation() -> None:
    """What was found by words alone is not marked."""
    from application.services import retriever

    retriever._judge = lambda *_: False
