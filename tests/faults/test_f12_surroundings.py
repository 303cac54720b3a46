"""F12: the disk fills up, Redis is killed and emptied, clocks are stepped: nothing acknowledged is lost."""

import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from adapters.embedded_postgres.cluster import Cluster
from faults.harness import Installation, Owner, Report, Unreachable, full, scaled, seed, truth
from faults.library import content_of
from faults.surroundings import Clock, Disk, breakable_redis, disk_at

pytestmark = pytest.mark.timeout(1800 if full() else 150)
HEAL_SECONDS = 45.0
SETTLED_SECONDS = 60.0
HOUR = 3600
# No step is this short, and no lease this long.
_STRANGE_LEASES = """
SELECT lease_until FROM jobs
WHERE lease_until NOT BETWEEN now() - interval '10 min' AND now() + interval '10 min'
"""


@dataclass
class Uploads:
    """People who upload files without pause; what was acknowledged is remembered by its SHA-256."""

    owner: Owner
    bot: str
    refusals: frozenset[str] = frozenset()
    accepted: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    stopped: bool = False
    _number: int = 0

    async def run(self, hands: int = 2) -> None:
        """Upload until `stopped`."""
        await asyncio.gather(*(self._one_hand() for _ in range(hands)))

    async def _one_hand(self) -> None:
        while not self.stopped:
            await self.one()
            await asyncio.sleep(0.15)

    async def one(self) -> bool:
        """Upload a file; tell whether it was acknowledged."""
        self._number += 1
        content = content_of(self._number, 1, 12).encode()
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", content, filename=f"{self._number}.txt")
        try:
            reply = await self.owner.once("POST", f"/bots/{self.bot}/documents", data=form)
        except Unreachable as error:
            self.wrong.append(f"an upload got no answer: {error}")
            return False
        if reply.status in (200, 202):
            self.accepted[reply.json["id"]] = hashlib.sha256(content).hexdigest()
            return True
        self.refused += 1
        expected = any(f'"{code}"' in reply.body.decode() for code in self.refusals)
        if reply.status != 503 or not expected or "Retry-After" not in reply.headers:
            self.wrong.append(f"an upload was answered {reply.status} {reply.body[:200]!r}")
        return False

    async def lost(self) -> list[str]:
        """Return what of the acknowledged files is not as it was given, or does not come to an end."""
        found, deadline = [], time.monotonic() + SETTLED_SECONDS
        for document, digest in self.accepted.items():
            try:
                rest = max(1.0, deadline - time.monotonic())
                settled = await self.owner.settled(document, rest)
            except TimeoutError:
                found.append(f"{document} is stuck")
                continue
            if settled is None or settled["status"] != "ready":
                found.append(f"{document} ended as {settled and settled.get('error')}")
            try:
                body = (await self.owner.once("GET", f"/documents/{document}/content")).body
            except Unreachable:  # cut off: there is less than there should be
                body = b""
            if hashlib.sha256(body).hexdigest() != digest:
                found.append(f"{document}: other bytes than were given")
        return found


async def healed(report: Report, works: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it works again by itself, and note how long that took."""
    since = time.monotonic()
    while not await works():
        if time.monotonic() - since > HEAL_SECONDS:
            report.violations.append(f"not well after {HEAL_SECONDS:.0f} s")
            return
        await asyncio.sleep(0.1)
    report.healed(time.monotonic() - since)


async def files_on_a_full_disk(report: Report, mutant: str | None = None) -> None:
    """Fill the disk of the files again and again while files are uploaded."""
    chance = random.Random(report.seed)
    async with Installation(report) as site:
        with disk_at(site.data / "blobs", 8, lambda: site.apis) as disk:
            report.notes["disk"] = disk.kind
            await site.api(mutant=mutant)
            await site.worker()
            owner = await site.owner()
            load = Uploads(owner, await owner.bot(), frozenset({"storage_full"}))
            running = asyncio.create_task(load.run())
            for _ in range(scaled(2, 20)):
                await asyncio.sleep(chance.uniform(0.3, 1.0))
                before = load.refused
                disk.fill()
                await _until(lambda before=before: load.refused > before + 2, disk.fill)
                report.fault(hit=load.refused > before)
                if (await owner.get("/bots")).status != 200:
                    report.violations.append("with a full disk nothing can be read")
                disk.free()
                await healed(report, load.one)
            load.stopped = True
            await running
            report.notes["accepted"], report.notes["refused"] = len(load.accepted), load.refused
            report.violations += load.wrong + await load.lost()
            report.violations += await truth.wrong_ready(site.postgres)
            strays = await truth.stray_blobs(site.postgres, site.data)
            report.violations += [f"half a file is left: {path}" for path in strays]
            left = list((site.data / "blobs" / ".incoming").iterdir())
            report.violations += [f"half an upload is left: {path.name}" for path in left]


async def _until(holds: Callable[[], bool], again: Callable[[], None], seconds: float = 8) -> None:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        again()  # what was given back meanwhile
        await asyncio.sleep(0.05)


async def test_a_full_disk_refuses_uploads_and_keeps_what_was_acknowledged() -> None:
    report = Report("F12 files, disk full", seed())
    await files_on_a_full_disk(report)
    report.check(least_hits=scaled(2, 20))


async def test_an_upload_acknowledged_though_it_was_not_written_is_noticed() -> None:
    report = Report("F12 planted: careless_disk", seed())
    await files_on_a_full_disk(report, "careless_disk")
    report.check_caught()


async def test_a_full_disk_of_the_embedded_database_ends_when_there_is_room() -> None:
    report = Report("F12 database, disk full", seed())
    async with Installation(report) as site:
        folder = site.folder / "small"
        own = {"DATABASE_URL": "", "DATA_DIR": folder, "EMBEDDED_WORKER": "true"}
        api = site.make("api", "serve", env=own)
        with disk_at(folder, 192, lambda: [api]) as disk:
            report.notes["disk"] = disk.kind
            await api.start()
            owner = await site.owner()
            made: set[str] = set()
            for _ in range(20):
                made.add(await owner.bot())
            for _ in range(scaled(1, 5)):
                await _while_full(report, owner, disk, made, folder)
            kept = {bot async for bot in _bots(owner)}
            report.notes["accepted"] = len(made)
            report.violations += [f"{bot} was acknowledged and is gone" for bot in made - kept]
            log = (folder / "postgres.log").read_text(errors="replace")
            starts = log.count("database system was shut down") + log.count("interrupted")
            report.notes["database starts"] = starts
            if starts > scaled(8, 40):
                report.violations.append(f"the database was started {starts} times: a crash loop")
            if await api.terminate() != 0:
                report.violations.append("it did not end in order")
    report.check(least_hits=1)


def _end_database(folder: Path) -> None:
    """Use its log up until there is no room for another piece of it: PostgreSQL ends over that."""
    with suppress(psycopg.Error), psycopg.connect(Cluster(folder).url, autocommit=True) as database:
        for _ in range(20):
            database.execute("SELECT pg_logical_emit_message(true, 'test', 'x')")
            database.execute("SELECT pg_switch_wal()")


async def _while_full(
    report: Report, owner: Owner, disk: Disk, made: set[str], folder: Path
) -> None:
    """Fill the disk, write until the database takes no more and ends, wait, and make room."""
    refused: set[str] = set()

    async def write() -> bool:
        try:
            body = {"name": "A bot", "configuration": {"system_prompt": "Be kind. " * 400}}
            reply = await owner.once("POST", "/bots", json=body)
        except Unreachable as error:
            report.violations.append(f"no answer: {error}")
            return False
        if reply.status == 201:
            made.add(reply.json["id"])
        elif reply.status == 503 and "Retry-After" in reply.headers:
            refused.add(reply.code)
        else:
            report.violations.append(f"a write was answered {reply.status} {reply.code}")
        return reply.status == 201

    until = time.monotonic() + 30
    while not refused and time.monotonic() < until:
        disk.fill()
        await asyncio.gather(*(write() for _ in range(8)))
    report.fault(hit=bool(refused))
    await asyncio.to_thread(_end_database, folder)
    for _ in range(10):  # it stays full for a while, and people go on
        disk.fill()
        await asyncio.gather(*(write() for _ in range(2)))
        await asyncio.sleep(0.5)
    report.notes["told"] = " and ".join(sorted(refused))
    disk.free()
    await healed(report, write)


async def _bots(owner: Owner) -> Any:
    after = ""
    while True:
        page = (await owner.get(f"/bots?limit=100{after}")).json
        for bot in page["data"]:
            yield bot["id"]
        if not page["has_more"]:
            return
        after = f"&cursor={page['next_cursor']}"


async def without_redis(report: Report, mutant: str | None = None) -> None:
    """Kill and empty the Redis that counts rates while people read and write."""
    chance = random.Random(report.seed)
    with breakable_redis() as redis:
        async with Installation(report, env={"REDIS_URL": redis.url}) as site:
            apis = [await site.api(name, mutant=mutant) for name in ("a", "b")]
            strict = await site.api("strict", env={"RATE_LIMIT_ACCOUNT": "30/minute"})
            await site.worker()
            owner = await site.owner()
            guest = Owner(lambda: [strict])
            async with guest:
                await guest.register()
                owner._processes = lambda: apis
                load = Uploads(owner, await owner.bot())
                running = asyncio.create_task(load.run())
                for number in range(scaled(4, 40)):
                    await asyncio.sleep(chance.uniform(0.2, 0.6))
                    before = len(load.accepted)
                    if number % 2:
                        redis.kill()
                        await asyncio.sleep(chance.uniform(0.5, 1.0))
                        await _stays_limited(report, guest)
                        redis.start()
                    else:
                        await redis.flush()
                        await asyncio.sleep(0.3)
                    report.fault(hit=len(load.accepted) > before or load.refused > 0)
                await healed(report, load.one)
                load.stopped = True
                await running
            report.notes["accepted"] = len(load.accepted)
            report.violations += load.wrong + await load.lost()


async def _stays_limited(report: Report, guest: Owner) -> None:
    """An outage opens nothing: this process counts for itself."""
    statuses = [(await guest.once("GET", "/bots")).status for _ in range(35)]
    if set(statuses) != {200, 429} and set(statuses) != {429}:
        report.violations.append(f"limits were not kept without Redis: {sorted(set(statuses))}")


async def test_without_redis_requests_go_on_and_limits_hold() -> None:
    report = Report("F12 Redis", seed())
    await without_redis(report)
    report.check(least_hits=scaled(3, 30))


async def test_a_process_that_cannot_do_without_redis_is_noticed() -> None:
    report = Report("F12 planted: needs_redis", seed())
    await without_redis(report, "needs_redis")
    report.check_caught()


async def stepped_clocks(report: Report, mutant: str | None = None) -> None:
    """Step the clocks of workers and of a serving process while documents are taken in."""
    chance = random.Random(report.seed)
    # A lease that is long for this machine: what ends it early is a clock, not a lack of time.
    async with Installation(report, env={"JOB_LEASE_SECONDS": 60}) as site:
        api = site.make("api", "serve")
        workers = [site.make(f"w{number}", "worker", mutant=mutant) for number in range(2)]
        clocks = [Clock(process, site.folder) for process in (api, *workers)]
        for process in (*workers, api):
            await process.start()
        owner = await site.owner()
        load = Uploads(owner, await owner.bot())
        running = asyncio.gather(load.run(), _watch_leases(report, site, load))
        for number in range(scaled(6, 60)):
            await asyncio.sleep(chance.uniform(1.0, 1.6))  # until it is noticed
            hit = await _work_in_flight(site)
            if number % 3 == 0:
                clocks[0].step(chance.choice((-50, 240)))  # tokens allow for as much
            else:
                away = chance.choice((HOUR, 24 * HOUR))  # one worker ahead, the other behind
                clocks[number % 3].step(away if number % 2 else -away)
            report.fault(hit=hit)
        load.stopped = True
        await running
        for clock in clocks:
            clock.step(0)
        await healed(report, load.one)
        report.notes["accepted"] = len(load.accepted)
        report.violations += load.wrong + await load.lost()
        report.violations += await truth.wrong_ready(site.postgres)
        for process in workers:
            stolen = process.log(10_000).count("is somebody else's now")
            report.violations += [f"{process.name} lost a lease"] * stolen


async def _watch_leases(report: Report, site: Installation, load: Uploads) -> None:
    """Look at every lease while people work: all are by the database's clock."""
    while not load.stopped:
        found = await site.postgres.sql(_STRANGE_LEASES)
        report.violations += [f"a lease by another clock: {row[0]}" for row in found]
        await asyncio.sleep(0.02)


async def _work_in_flight(site: Installation, seconds: float = 5.0) -> bool:
    """Wait for a moment at which there is work in flight, but not for long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if await truth.in_flight(site.postgres) > 0:
            return True
        await asyncio.sleep(0.02)
    return False


async def test_clocks_that_are_stepped_move_no_lease() -> None:
    report = Report("F12 clocks", seed())
    await stepped_clocks(report)
    report.check(least_hits=scaled(3, 30))


async def test_leases_by_a_processs_own_clock_are_noticed() -> None:
    report = Report("F12 planted: own clocks", seed())
    await stepped_clocks(report, "wall_clock_leases")
    report.check_caught()
