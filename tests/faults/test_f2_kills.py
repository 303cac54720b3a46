"""F2: processes are killed and frozen while documents are taken in and answers written."""

import asyncio
import itertools
import random
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
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
    truth,
)
from faults.harness.client import events
from faults.harness.installation import LEASE_SECONDS
from faults.harness.waiting import nothing_left, until
from faults.library import Kept, content_of, marker_of, misfound
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(5400 if full() else 120)
SETTLED_SECONDS = 120.0
SLOW = Script(tokens=[f"word{number} " for number in range(20)], delay=0.08)
TARGETS = "worker api postgres worker api worker worker postgres api worker".split()
_PATIENCE = 180.0


@dataclass
class Load:
    """People who upload, replace and ask without pause until they are told to stop."""

    site: Installation
    owner: Owner
    bot: str
    chance: random.Random
    most: int
    documents: list[Kept] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    stopped: bool = False

    async def run(self) -> None:
        """Work until `stopped`; what was begun is ended."""
        jobs: list[Coroutine[Any, Any, None]] = [self._upload(), self._replace()]
        await asyncio.gather(*jobs, *(self._ask() for _ in range(3)))

    async def _upload(self) -> None:
        while not self.stopped and len(self.documents) < self.most:
            number = len(self.documents)
            text = content_of(number, 1, self.chance.randrange(3, 25))
            document = Kept(number, await self.owner.upload(self.bot, text))
            document.markers.append(marker_of(number, 1))
            self.documents.append(document)
            await asyncio.sleep(self.chance.uniform(0.0, 0.3))

    async def _replace(self) -> None:
        while not self.stopped:
            await asyncio.sleep(self.chance.uniform(0.1, 0.8))
            if not self.documents:
                continue
            document = self.chance.choice(self.documents)
            revision = document.revision + 1
            text = content_of(document.number, revision, self.chance.randrange(3, 25))
            reply = await self.owner.replace(document.id, text)
            assert reply.status == 202, reply
            document.revision = revision
            document.markers.append(marker_of(document.number, revision))

    async def _ask(self) -> None:
        while not self.stopped:
            api = self.owner.via()
            try:
                async with self.owner.streaming(
                    "POST", f"/bots/{self.bot}/chat", api, {"message": "What of the river?"}
                ) as response:
                    async for event in events(response):
                        if event.type == "message.started":
                            api.messages.add(event.data["message_id"])
                            self.accepted.add(event.data["message_id"])
            except (aiohttp.ClientError, TimeoutError, ConnectionError):
                await asyncio.sleep(0.2)


@dataclass
class Faults:
    """Strikes at random moments; a fault that found no work is done again, up to a limit."""

    site: Installation
    chance: random.Random

    async def run(self, kills: int, pauses: int) -> None:
        """Inject until so many of each have hit work."""
        kinds = ["kill"] * kills + ["pause"] * pauses
        self.chance.shuffle(kinds)
        for kind, which in zip(kinds, itertools.cycle(TARGETS), strict=False):
            for _ in range(12):
                await asyncio.sleep(self.chance.uniform(0.05, 0.5))
                if await self._strike(kind, which):
                    break

    async def _strike(self, kind: str, which: str) -> bool:
        if which == "postgres":
            return await self._strike_database(kind)
        process = await self._ready(self.site.workers if which == "worker" else self.site.apis)
        hit = await self.site.strike(process, kind)
        if kind == "pause":
            await asyncio.sleep(LEASE_SECONDS * self.chance.uniform(1.2, 2.0))
            process.resume()
        return hit

    async def _strike_database(self, kind: str) -> bool:
        if kind == "kill":
            return await self.site.power_cut()
        return await self.site.freeze_database(LEASE_SECONDS * self.chance.uniform(1.2, 2.0))

    async def _ready(self, processes: list[Process]) -> Process:
        """Wait for a moment at which one of them has work, but not for long; return it."""
        for attempt in itertools.count():
            candidates = [process for process in processes if process.alive]
            self.chance.shuffle(candidates)
            for process in candidates:
                if await truth.in_hand(self.site.postgres, process):
                    return process
            if candidates and attempt > 60:
                break
            await asyncio.sleep(0.05)
        return candidates[0]


async def settle(site: Installation) -> None:
    """Wait until nothing is under way, within the promised time; what is left then is stuck."""
    begun = time.monotonic()
    await site.all_ready()
    stuck, _ = await nothing_left(lambda: truth.unsettled(site.postgres), SETTLED_SECONDS)
    site.report.healed(time.monotonic() - begun)
    site.report.violations += [f"stuck: {what}" for what in stuck]


async def judge(site: Installation, owner: Owner, bot: str, documents: list[Kept]) -> None:
    """Ready means whole and found, by its newest words and by no older ones."""
    wrong = site.report.violations
    wrong += await truth.wrong_ready(site.postgres)
    failed = 0
    for document in documents:
        found = await owner.document(document.id)
        if found is None:
            wrong.append(f"lost: {document.id}")
        elif found["status"] == "failed":
            failed += 1
        elif found["status"] == "ready":
            wrong += await misfound(owner, bot, document)
    site.report.notes |= {"documents": len(documents), "failed": failed}


async def run(report: Report, kills: int, pauses: int, documents: int) -> None:
    """Load, break, wait, judge."""
    chance = random.Random(report.seed)
    async with Installation(report, script=SLOW) as site:
        site.model.embedding_delay = 0.15
        await site.start(
            *(site.make(f"api{n}", "serve") for n in range(2 if full() else 1)),
            *(site.make(f"worker{n}", "worker") for n in range(2)),
        )
        site.supervise()
        owner = await site.owner(_PATIENCE)
        load = Load(site, owner, await owner.bot(), chance, documents)
        people = asyncio.create_task(load.run())
        await Faults(site, random.Random(report.seed + 1)).run(kills, pauses)
        load.stopped = True
        await settle(site)
        await people
        await settle(site)  # what they had begun
        await judge(site, owner, load.bot, load.documents)
        for message in load.accepted:
            if await owner.message(message) is None:
                report.violations.append(f"lost: answer {message}")
        report.notes["answers"] = len(load.accepted)


async def test_whatever_is_killed_or_frozen_no_document_is_stuck_or_wrongly_ready() -> None:
    report = Report("F2 kills and pauses", seed())
    kills, pauses = scaled(3, 200), scaled(1, 50)
    await run(report, kills, pauses, documents=scaled(10, 150))
    report.check(least_hits=scaled(3, kills + pauses))


async def is_embedding(site: Installation) -> bool:
    """Tell whether anybody asked for vectors yet."""
    return any(request.path == "/v1/embeddings" for request in site.model.requests)


async def overtaken(report: Report, mutant: str | None) -> None:
    """Freeze a worker in the middle of a document, have another take in newer content, and thaw it."""
    async with Installation(report, script=SLOW) as site:
        site.model.embedding_delay = 1.0
        slow, fast = site.make("slow", "worker", mutant=mutant), site.make("fast", "worker")
        await site.start(site.make("api", "serve"), slow)
        owner = await site.owner()
        bot = await owner.bot()
        document = Kept(1, await owner.upload(bot, content_of(1, 1, 20)), markers=[marker_of(1, 1)])
        await until(lambda: is_embedding(site), 30, every=0.02)
        await site.strike(slow, "pause")
        site.model.embedding_delay = 0.0
        await owner.replace(document.id, content_of(1, 2, 4))
        document.markers.append(marker_of(1, 2))
        await fast.start()
        await owner.settled(document.id)
        slow.resume()
        await asyncio.sleep(3.0)
        await settle(site)
        with suppress(Unreachable):
            await judge(site, owner, bot, [document])


@only_in_full
async def test_a_worker_that_was_overtaken_writes_nothing() -> None:
    report = Report("F2 overtaken", seed())
    await overtaken(report, mutant=None)
    report.check(least_hits=1)


async def test_a_build_without_fences_is_caught() -> None:
    report = Report("F2 no_fence", seed())
    await overtaken(report, mutant="no_fence")
    report.check_caught()
