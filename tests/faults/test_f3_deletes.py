"""F3: documents are deleted while they are taken in or answered from, under kills and outages."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import psycopg
import pytest

from faults.harness import (
    Installation,
    Owner,
    Report,
    Unreachable,
    full,
    only_in_full,
    scaled,
    seed,
    truth,
)
from faults.harness.client import events
from faults.harness.waiting import nothing_left
from faults.library import content_of, marker_of
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(3600 if full() else 120)
AT_ONCE = 10 if full() else 5
PURGE_SECONDS = 60.0  # what P3 promises once the store can be reached
CITING = Script(tokens=[f"So the passage says [{n % 4 + 1}]. " for n in range(12)], delay=0.1)
_LIVE = """
SELECT EXISTS (SELECT FROM jobs WHERE subject_id = %s AND lease_until > now())
    OR EXISTS (SELECT FROM messages WHERE status IN ('pending', 'streaming') AND id = ANY(%s))
"""
_FILES = "SELECT blob_key FROM document_revisions WHERE document_id = %s"


@dataclass
class Deleting:
    """Deletes documents at bad moments, and looks for their names afterwards."""

    site: Installation
    owner: Owner
    bot: str
    chance: random.Random
    outage: asyncio.Event = field(default_factory=asyncio.Event)
    deleted: dict[str, set[str]] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)

    async def case(self, number: int) -> None:
        """Make a document and delete it in one of four situations."""
        text = content_of(number, 1, self.chance.randrange(2, 12))
        document = await self.owner.upload(self.bot, text)
        marker = marker_of(number, 1)
        match number % 4:
            case 0:  # while it is taken in
                await asyncio.sleep(self.chance.uniform(0.0, 1.0))
                await self._delete(document, [])
            case 1:  # while an answer is written that cites it
                await self.owner.settled(document)
                await self.delete_under_answer(document, marker)
            case 2:  # while the vectors are out of reach
                await self.owner.settled(document)
                with suppress(TimeoutError):
                    async with asyncio.timeout(15):
                        await self.outage.wait()
                await self._delete(document, [])
            case _:  # while new content is taken in and the old one answers
                await self.owner.settled(document)
                await self.owner.replace(document, content_of(number, 2, 8))
                await asyncio.sleep(self.chance.uniform(0.0, 0.8))
                await self._delete(document, [])
        await self.look_for(document, marker)

    async def _delete(self, document: str, answers: list[str]) -> None:
        ((live,),) = await self.site.postgres.sql(_LIVE, document, answers)
        self.files |= {str(key) for (key,) in await self.site.postgres.sql(_FILES, document)}
        await self.owner.delete(document)
        self.deleted[document] = await truth.namings(self.site.postgres, document)
        self.site.report.fault(hit=bool(live) or self.outage.is_set())

    async def delete_under_answer(self, document: str, marker: str) -> None:
        """Ask about a document, and delete it at one of the answer's events."""
        when, asked = self.chance.randrange(1, 12), 0
        api = self.owner.via()
        body = {"message": f"What does {marker} say?"}
        with suppress(aiohttp.ClientError, TimeoutError, ConnectionError):
            async with self.owner.streaming("POST", f"/bots/{self.bot}/chat", api, body) as stream:
                async for event in events(stream):
                    if event.type == "message.started":
                        answer = event.data["message_id"]
                        api.messages.add(answer)
                    asked += 1
                    if asked == when:
                        await self._delete(document, [answer])
        if document not in self.deleted:
            await self._delete(document, [])

    async def look_for(self, document: str, marker: str) -> None:
        """Search and ask for what was deleted."""
        wrong = self.site.report.violations
        for mode in ("vector", "keyword", "hybrid"):
            with suppress(Unreachable):
                reply = await self.owner.once(
                    "POST",
                    f"/bots/{self.bot}/search",
                    json={"query": marker, "mode": mode, "k": 20},
                )
                if reply.status == 200 and names(reply.body, document):
                    wrong.append(f"{mode} search names {document}")
        with suppress(Unreachable):
            found = await self.owner.once("GET", f"/documents/{document}")
            if found.status not in (404, 503):
                wrong.append(f"{document} is still there: {found.status}")
            reply = await self.owner.ask(self.bot, f"What does {marker} say?")
            if names(reply.body, document):
                wrong.append(f"a later answer names {document}")

    async def late_namings(self) -> list[str]:
        """Return where a document is named since its deletion was acknowledged."""
        return [
            f"named after 204: {document} in {place}"
            for document, before in self.deleted.items()
            for place in sorted(await truth.namings(self.site.postgres, document) - before)
        ]


def names(body: bytes, document: str) -> bool:
    """Tell whether an answer names a document or one of its chunks."""
    return document.partition("_")[2].encode() in body


@asynccontextmanager
async def vectors_locked(site: Installation) -> AsyncIterator[None]:
    """Let nobody read or write a vector: the store takes connections, but does not answer."""
    connection = await psycopg.AsyncConnection.connect(site.postgres.url)
    try:
        await connection.execute("LOCK TABLE chunk_vectors IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        await connection.close()


async def outages(site: Installation, deleting: Deleting, chance: random.Random) -> None:
    """Take the vectors away now and then."""
    while True:
        await asyncio.sleep(chance.uniform(2.0, 5.0))
        async with vectors_locked(site):
            deleting.outage.set()
            await asyncio.sleep(chance.uniform(1.0, 4.0))
        deleting.outage.clear()


async def kills(site: Installation, chance: random.Random, pause: float) -> None:
    """Kill processes at random moments; each comes back."""
    struck = 0
    while True:
        await asyncio.sleep(chance.uniform(0.5 * pause, 1.5 * pause))
        process = chance.choice([*site.workers, *site.apis])
        process.kill()
        struck += 1
        site.report.notes["kills"] = struck
        await site.all_ready(120.0)  # one at a time: else a slow machine does nothing but start


async def leftovers(site: Installation, deleting: Deleting) -> list[str]:
    """Return what is left of deleted documents, in the database and on the disk."""
    left = await truth.left_of(site.postgres, list(deleting.deleted))
    files = [key for key in deleting.files if truth.is_stored(site.data, key)]
    return [f"left of deleted documents: {count} {name}" for name, count in left.items()] + [
        f"left of a deleted document: file {key}" for key in files
    ]


async def leave_nothing(site: Installation, deleting: Deleting) -> None:
    """Wait for the purges; what they could not know of is for the sweep."""
    begun = time.monotonic()
    await site.all_ready()
    left, _ = await nothing_left(lambda: leftovers(site, deleting), PURGE_SECONDS)
    if left:
        site.report.notes["left for the sweep"] = len(left)
        swept = await site.command("sweep")
        assert swept.exit_code == 0, swept.log()
        left, _ = await nothing_left(lambda: leftovers(site, deleting), PURGE_SECONDS)
    site.report.healed(time.monotonic() - begun)
    site.report.violations += left


async def run(report: Report, deletes: int, kill_pause: float) -> None:
    """Delete under faults, wait for the purge, judge."""
    chance = random.Random(report.seed)
    async with Installation(report, script=CITING) as site:
        site.model.embedding_delay = 0.1
        processes = [
            *(site.make(f"api{n}", "serve") for n in range(2 if full() else 1)),
            *(site.make(f"worker{n}", "worker") for n in range(2 if full() else 1)),
        ]
        await site.start(*processes)
        site.supervise()
        owner = await site.owner(120.0)
        deleting = Deleting(site, owner, await owner.bot(), chance)
        for number in range(90_000, 90_003):  # what stays, so that there is something to find
            await owner.upload(deleting.bot, content_of(number, 1, 3))
        faults = [
            asyncio.create_task(outages(site, deleting, random.Random(report.seed + 1))),
            asyncio.create_task(kills(site, random.Random(report.seed + 2), kill_pause)),
        ]
        room = asyncio.Semaphore(AT_ONCE)

        async def case(number: int) -> None:
            async with room:
                await deleting.case(number)

        await asyncio.gather(*(case(number) for number in range(deletes)))
        for fault in faults:
            fault.cancel()
        await asyncio.wait(faults)
        await leave_nothing(site, deleting)
        stuck, _ = await nothing_left(lambda: truth.unsettled(site.postgres), PURGE_SECONDS)
        report.violations += [f"stuck: {what}" for what in stuck]
        report.violations += await deleting.late_namings()
        report.notes["deletes"] = len(deleting.deleted)


async def test_nothing_names_a_document_after_its_deletion_was_acknowledged() -> None:
    report = Report("F3 deletes", seed())
    await run(report, scaled(8, 200), kill_pause=2.0)
    report.check(least_hits=scaled(3, 120))


async def at_once(report: Report, mutant: str | None) -> None:
    """Delete where nobody purges, and while an answer is written: only the liveness check is left."""
    async with Installation(report, script=CITING) as site:
        worker = site.make("worker", "worker")
        await site.start(worker, site.make("api", "serve", mutant=mutant))
        owner = await site.owner()
        deleting = Deleting(site, owner, await owner.bot(), random.Random(report.seed))
        document = await owner.upload(deleting.bot, content_of(1, 1, 6))
        await owner.settled(document)
        worker.kill()
        await deleting.delete_under_answer(document, marker_of(1, 1))
        await deleting.look_for(document, marker_of(1, 1))
        await nothing_left(lambda: truth.unsettled(site.postgres), 30)
        report.violations += await deleting.late_namings()


@only_in_full
async def test_liveness_is_checked_where_the_purge_has_not_come_yet() -> None:
    report = Report("F3 not purged yet", seed())
    await at_once(report, mutant=None)
    report.check(least_hits=1)


async def test_a_build_that_checks_no_liveness_is_caught() -> None:
    report = Report("F3 no_liveness", seed())
    await at_once(report, mutant="no_liveness")
    report.check_caught("name")
