"""F9: ten times more requests than database connections, and a database that is slow or locked."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import psycopg
import pytest

from faults.harness import (
    Installation,
    Owner,
    Process,
    Report,
    Unreachable,
    full,
    only_in_full,
    scaled,
    seed,
)
from faults.proxy import PASS, Fault, FaultProxy

pytestmark = pytest.mark.timeout(1800 if full() else 120)
_POOL = 3  # connections for requests, and as many for who asks
_CROWD = 10 * _POOL
_PATIENCE_SECONDS = 2.0
_TOLERANCE_SECONDS = 0.8  # for a machine that is busy with other things
_HEALTH_SECONDS = 1.0
_HEAL_SECONDS = 1.0
_HOLDERS = 2 * _POOL  # who has a connection may take longer; of those who ask, and of requests
_SLOW = Fault(delay=0.4)  # 0.8 s for each statement
_SQUEEZED_SECONDS = 3.0

Step = Callable[[], Awaitable[object]]


class _Pulse:
    """Asks for /healthz all the time; `slowest` is the longest wait, infinite without an answer."""

    def __init__(self, process: Process) -> None:
        self._url = process.url + "/healthz"
        self.slowest = 0.0

    async def beat(self) -> None:
        """Ask until cancelled."""
        async with aiohttp.ClientSession() as http:
            while True:
                begun = time.monotonic()
                async with http.get(self._url) as answer:
                    healthy = answer.status == 200
                took = time.monotonic() - begun
                self.slowest = max(self.slowest, took if healthy else float("inf"))
                await asyncio.sleep(0.02)


class _Crowd:
    """Asks many things at once, and judges each answer.

    Who finds no connection is to be told so in time; who has one may wait for the database.
    """

    def __init__(self, owner: Owner, bot: str, report: Report) -> None:
        self._owner, self._bot, self._report = owner, bot, report
        self.statuses: Counter[int] = Counter()
        self.late: list[str] = []
        self.slowest = 0.0

    async def ask(self, number: int) -> None:
        """Ask once, by turns to read, to write, and to search."""
        method, path, body = (
            ("GET", "/bots", None),
            ("GET", f"/bots/{self._bot}/documents", None),
            ("POST", "/bots", {"name": "One more"}),
            ("PATCH", f"/bots/{self._bot}", {"name": f"Number {number}"}),
        )[number % 4]
        begun = time.monotonic()
        try:
            reply = await self._owner.once(method, path, json=body)
        except Unreachable as error:
            self._report.violations.append(str(error))
            return
        took = time.monotonic() - begun
        self.statuses[reply.status] += 1
        self.slowest = max(self.slowest, took)
        said = f"{method} {path} -> {reply.status} {reply.code} after {took:.1f} s"
        if reply.status == 503:
            if not reply.headers.get("Retry-After"):
                self._report.violations.append(f"{said}, without Retry-After")
        elif reply.status not in (200, 201):
            self._report.violations.append(said)
        if took > _PATIENCE_SECONDS + _TOLERANCE_SECONDS:
            self.late.append(said)

    def judge(self) -> None:
        """Note what was late, where more were than can have held a connection."""
        if len(self.late) > _HOLDERS:
            self._report.violations += self.late
        self.late = []


async def _crowded(
    owner: Owner, crowd: _Crowd, report: Report, squeeze: Step, release: Step
) -> None:
    """Ask while the database is squeezed; then see that all is well at once."""
    refused = crowd.statuses[503]
    await squeeze()
    asking = asyncio.gather(*map(crowd.ask, range(_CROWD)))
    await asyncio.sleep(_SQUEEZED_SECONDS)
    await release()
    begun = time.monotonic()
    while (await owner.once("GET", "/bots")).status != 200:  # noqa: ASYNC110  # asked from outside
        await asyncio.sleep(0.02)
    healed = time.monotonic() - begun
    await asking
    crowd.judge()
    report.fault(hit=crowd.statuses[503] > refused)
    report.healed(healed)
    if healed > _HEAL_SECONDS:
        report.violations.append(f"well again only after {healed:.1f} s")


async def _exhaust(report: Report, rounds: int, mutant: str | None = None) -> None:
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(
            Installation(report, env={"DATABASE_POOL_SIZE": _POOL})
        )
        proxy = stack.enter_context(FaultProxy("127.0.0.1", site.postgres.port, seed=report.seed))
        way = site.postgres.url_at("127.0.0.1", proxy.port)
        api = await site.api(postgres_url=way, mutant=mutant)
        owner = await site.owner()
        bot = await owner.bot()

        async def slow() -> None:
            proxy.become(_SLOW)

        async def fast() -> None:
            proxy.become(PASS)

        locking = await psycopg.AsyncConnection.connect(site.postgres.url)
        stack.push_async_callback(locking.close)

        async def lock() -> None:
            await locking.execute("LOCK TABLE bots IN ACCESS EXCLUSIVE MODE")

        crowd, pulse = _Crowd(owner, bot, report), _Pulse(api)
        beating = asyncio.create_task(pulse.beat())
        for _ in range(rounds):
            await _crowded(owner, crowd, report, slow, fast)
            await _crowded(owner, crowd, report, lock, locking.rollback)
        beating.cancel()
        if pulse.slowest > _HEALTH_SECONDS:
            report.violations.append(f"/healthz took {pulse.slowest:.1f} s")
        report.notes |= {
            "answers": dict(crowd.statuses),
            "slowest": f"{crowd.slowest:.1f} s",
            "slowest /healthz": f"{pulse.slowest * 1000:.0f} ms",
        }


async def test_who_finds_no_connection_is_told_so_within_two_seconds() -> None:
    report = Report("F9 pool exhaustion", seed())
    rounds = scaled(1, 10)
    await _exhaust(report, rounds)
    report.check(least_hits=rounds)


@only_in_full
async def test_a_patient_pool_is_noticed() -> None:
    report = Report("F9 with patient_pool", seed())
    await _exhaust(report, 1, mutant="patient_pool")
    report.check_caught()
