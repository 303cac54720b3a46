"""F8: PostgreSQL is killed and started again under load: what was acknowledged is there afterwards."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest

from faults.harness import (
    Installation,
    Owner,
    Process,
    Reply,
    Report,
    Unreachable,
    full,
    only_in_full,
    scaled,
    seed,
    truth,
)
from faults.harness.client import events
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(1800 if full() else 120)
_RECONNECT_SECONDS = 5.0
_SETTLED_SECONDS = 60.0
_PEOPLE = 3
_MOST_DOCUMENTS = scaled(12, 60)  # a person; then there is enough to take in
_SCRIPT = Script(tokens=("word ",) * 20, delay=0.02)


@dataclass
class _Person:
    """Writes all the time and remembers what was acknowledged; each request is made once."""

    owner: Owner
    report: Report
    bot: str = ""
    answers: dict[str, str | None] = field(default_factory=dict)  # by id; the text of complete ones
    documents: list[str] = field(default_factory=list)
    acknowledged: int = 0  # the last number that the bot's name was acknowledged to be
    attempted: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    async def live(self) -> None:
        """Say, upload and change settings until cancelled, each in a loop of its own."""
        async with asyncio.TaskGroup() as tasks:
            for work in (self._say, self._upload, self._rename):
                tasks.create_task(self._for_ever(work))

    async def _for_ever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(0.02)

    async def _say(self) -> None:
        """Ask, and follow as far as the stream comes: it may be cut, what was accepted may not."""
        body = {"message": "Say something."}
        try:
            async with self.owner.streaming(
                "POST", f"/bots/{self.bot}/chat", body=body
            ) as response:
                if response.status != 200:
                    content = await response.read()
                    reply = Reply(response.status, response.headers, content)
                    await self._judge("POST chat", reply)
                    return
                async for event in events(response):
                    if event.type == "message.started":
                        self.answers[event.data["message_id"]] = None
                    elif event.type == "message.completed":
                        message = event.data["message"]
                        self.answers[message["id"]] = message["content"]
        except aiohttp.ClientPayloadError:
            return
        except (aiohttp.ClientError, TimeoutError) as error:
            self.report.violations.append(f"POST chat: {error!r}")

    async def _upload(self) -> None:
        if len(self.documents) >= _MOST_DOCUMENTS:
            await asyncio.sleep(0.2)
            return
        body = {"title": "t", "text": f"Text number {self.attempted} of {self.bot}. " * 40}
        made = await self._try("POST", f"/bots/{self.bot}/documents", body)
        if made is not None:
            self.documents.append(made.json["id"])

    async def _rename(self) -> None:
        self.attempted += 1
        number = self.attempted
        if await self._try("PATCH", f"/bots/{self.bot}", {"name": f"Number {number}"}) is not None:
            self.acknowledged = number

    async def _try(self, method: str, path: str, body: object) -> Reply | None:
        """Ask once; return what was acknowledged. Anything but that and a proper 503 is a violation."""
        try:
            reply = await self.owner.once(method, path, json=body)
        except Unreachable as error:
            self.report.violations.append(str(error))
            return None
        return await self._judge(f"{method} {path}", reply)

    async def _judge(self, request: str, reply: Reply) -> Reply | None:
        self.statuses[reply.status] += 1
        if reply.status in (200, 201, 202):
            return reply
        kind = reply.headers.get("Content-Type")
        proper = kind == "application/problem+json" and reply.headers.get("Retry-After")
        if reply.status != 503 or not proper:
            said = f"{request} -> {reply.status} {kind} {reply.body[:200]!r}"
            self.report.violations.append(said)
        await asyncio.sleep(0.1)
        return None

    async def lost(self) -> list[str]:
        """Return what was acknowledged and is not there, once all is quiet."""
        lost = []
        for message, content in self.answers.items():
            found = await self.owner.message(message)
            if found is None or content not in (None, found["content"]):
                lost.append(f"answer {message}: said {content!r}, there is {found}")
        for document in self.documents:
            found = await self.owner.document(document)
            if found is None or found["status"] != "ready":
                lost.append(f"document {document}: {found}")
        name = (await self.owner.get(f"/bots/{self.bot}")).json["name"]
        number = int(name.rpartition(" ")[2])
        if not self.acknowledged <= number <= self.attempted:
            lost.append(f"settings: said {self.acknowledged}, there is {number}")
        return lost


async def _reconnected(report: Report, api: Process, owner: Owner) -> None:
    """Wait until requests are served again, in time."""
    begun = time.monotonic()
    async with asyncio.timeout(60):
        await api.until_ready("/readyz")
        await owner.get("/bots")
    healed = time.monotonic() - begun
    report.healed(healed)
    if healed > _RECONNECT_SECONDS:
        report.violations.append(f"{api.name} served again only after {healed:.1f} s")


async def _settled(site: Installation, report: Report) -> None:
    """Wait until nothing is under way; what still is then, is stuck."""
    deadline = time.monotonic() + _SETTLED_SECONDS
    stuck = await truth.unsettled(site.postgres)
    while stuck and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        stuck = await truth.unsettled(site.postgres)
    report.violations += [f"stuck: {what}" for what in stuck]


async def _kill_postgres(report: Report, kills: int, mutant: str | None = None) -> None:
    async with Installation(report, script=_SCRIPT) as site:
        api = await site.api(mutant=mutant)
        await site.worker(mutant=mutant)
        async with asyncio.timeout(60):
            while not await site.postgres.sql("SELECT 1 FROM workers"):  # noqa: ASYNC110  # it is asked
                await asyncio.sleep(0.1)
        people = [_Person(await site.owner(), report) for _ in range(_PEOPLE)]
        for person in people:
            person.bot = await person.owner.bot(agent_type="chat")
        living = [asyncio.create_task(person.live()) for person in people]
        moments = random.Random(report.seed)
        while report.hits < kills:
            await asyncio.sleep(moments.uniform(0.5, 2.0))
            await site.power_cut()
            await _reconnected(report, api, people[0].owner)
        await asyncio.sleep(1)
        for life in living:
            life.cancel()
        ended = await asyncio.gather(*living, return_exceptions=True)
        report.violations += [
            f"the load ended: {error!r}"
            for error in ended
            if not isinstance(error, asyncio.CancelledError)
        ]
        await _settled(site, report)
        for person in people:
            report.violations += await person.lost()
        report.violations += await truth.wrong_ready(site.postgres)
        report.notes |= {
            "answers": sum(len(person.answers) for person in people),
            "documents": sum(len(person.documents) for person in people),
            "changes": sum(person.acknowledged for person in people),
            "refused": sum(person.statuses[503] for person in people),
        }


async def test_what_was_acknowledged_outlives_the_database_server() -> None:
    report = Report("F8 PostgreSQL kills", seed())
    kills = scaled(2, 20)
    await _kill_postgres(report, kills)
    report.check(least_hits=kills)


@only_in_full
async def test_a_commit_that_is_acknowledged_before_it_is_durable_is_noticed() -> None:
    report = Report("F8 with hasty_commit", seed())
    await _kill_postgres(report, 3, mutant="hasty_commit")
    report.check_caught()
