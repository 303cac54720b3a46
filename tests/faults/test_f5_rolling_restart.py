"""F5: two processes are restarted in turn under load: nobody behind a balancer notices."""

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from domain.events import MESSAGE_ENDS
from faults.harness import (
    Installation,
    Owner,
    Process,
    Report,
    full,
    only_in_full,
    scaled,
    seed,
    truth,
)
from faults.harness.client import API, Event, events
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(1800 if full() else 120)
_DRAIN_SECONDS = 30.0
_GIVE_UP_SECONDS = 30.0
_TALKERS, _OTHERS = 4, 3
_WORDS = tuple(f"word{number} " for number in range(30))
_SCRIPT = Script(tokens=_WORDS, delay=0.04)


class _Failed(Exception):
    """A request that a balancer may not repeat came to nothing."""


@dataclass
class _Balancer:
    """Sends each request to the next process, on a connection of its own.

    As a balancer may, it tries the next one where a connection is refused, or where 503 with
    Retry-After says that nothing was begun; any other failure is the client's to bear.
    """

    processes: list[Process]
    token: str
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)
    answered: Counter[int] = field(default_factory=Counter)
    elsewhere: int = 0

    async def open(
        self, http: aiohttp.ClientSession, method: str, path: str, **options: Any
    ) -> tuple[Process, aiohttp.ClientResponse]:
        """Return a response that somebody stands by, its body unread. Raises _Failed."""
        headers = {"Authorization": self.token, **options.pop("headers", {})}
        deadline = time.monotonic() + _GIVE_UP_SECONDS
        while time.monotonic() < deadline:
            process = self.processes[next(self._turns) % len(self.processes)]
            url = process.url + API + path
            try:
                response = await http.request(method, url, headers=headers, **options)
            except aiohttp.ClientConnectorError:
                self.elsewhere += 1
                await asyncio.sleep(0.02)
                continue
            except (aiohttp.ClientError, TimeoutError) as error:
                raise _Failed(f"{method} {path} by {process.name}: {error!r}") from error
            if response.status == 503 and "Retry-After" in response.headers:
                self.elsewhere += 1
                response.release()
                await asyncio.sleep(0.02)
                continue
            self.answered[response.status] += 1
            if response.status >= 400:
                said = (await response.read())[:200]
                raise _Failed(f"{method} {path} by {process.name}: {response.status} {said!r}")
            return process, response
        raise _Failed(f"{method} {path}: nobody took it")


class _Talker:
    """Asks and follows each answer to its end, on another process where one lets go of it."""

    def __init__(self, balancer: _Balancer, bot: str, report: Report) -> None:
        self._balancer, self._bot, self._report = balancer, bot, report
        self.completed = 0
        self.resumed = 0
        self.told: list[Event] = []

    async def talk(self, http: aiohttp.ClientSession) -> None:
        """Ask once."""
        self.told = []
        asked: dict[str, Any] = {"json": {"message": "Say something."}}
        try:
            await self._follow(http, "POST", f"/bots/{self._bot}/chat", asked)
            message = self.told[0].data["message_id"]
            while self.told[-1].type not in MESSAGE_ENDS:
                self.resumed += 1
                after = {"headers": {"Last-Event-ID": str(self.told[-1].id)}}
                await self._follow(http, "GET", f"/messages/{message}/stream", after)
        except (_Failed, IndexError) as error:
            self._report.violations.append(f"asking: {error!r} after {len(self.told)} events")
            return
        self._judge()

    async def _follow(
        self, http: aiohttp.ClientSession, method: str, path: str, options: dict[str, Any]
    ) -> None:
        """Take events as far as they come."""
        headers = {"Accept": "text/event-stream", **options.pop("headers", {})}
        process, response = await self._balancer.open(
            http, method, path, headers=headers, **options
        )
        writes = method == "POST"
        try:
            async for event in events(response):
                self.told.append(event)
                if writes:
                    process.messages.add(self.told[0].data["message_id"])
        except aiohttp.ClientError:
            pass  # cut off: to be resumed
        finally:
            response.close()
            if writes and self.told:
                process.messages.discard(self.told[0].data["message_id"])

    def _judge(self) -> None:
        ids = [event.id for event in self.told]
        if ids != list(range(1, len(ids) + 1)):
            self._report.violations.append(f"a gap or a duplicate: {ids}")
        last = self.told[-1]
        content = last.data["message"]["content"] if "message" in last.data else ""
        if last.type != "message.completed" or content.strip() != "".join(_WORDS).strip():
            self._report.violations.append(f"{last.type}: {str(last.data)[:300]}")
        else:
            self.completed += 1


async def _read_and_write(
    http: aiohttp.ClientSession, balancer: _Balancer, bot: str, report: Report
) -> None:
    """Make short requests of both kinds."""
    for method, path, body in (
        ("GET", "/bots", None),
        ("PATCH", f"/bots/{bot}", {"name": "Another name"}),
    ):
        try:
            _, response = await balancer.open(http, method, path, json=body)
            await response.read()
        except (_Failed, aiohttp.ClientError) as error:
            report.violations.append(f"{error!r}")
        await asyncio.sleep(0.01)


async def _restart(report: Report, process: Process) -> float:
    """End a process in order, and start it again; return the seconds it took to end."""
    report.fault(hit=bool(process.messages))
    begun = time.monotonic()
    code = await process.terminate()
    took = time.monotonic() - begun
    if code != 0 or took > _DRAIN_SECONDS:
        report.violations.append(f"{process.name} ended with {code} after {took:.1f} s")
    process.messages.clear()
    report.healed(await process.start())
    return took


async def _roll(report: Report, restarts: int, mutant: str | None = None) -> None:
    async with Installation(report, script=_SCRIPT) as site:
        processes = [await site.api(name, mutant=mutant) for name in ("a", "b")]
        owner: Owner = await site.owner()
        bot = await owner.bot(agent_type="chat")
        balancer = _Balancer(processes, owner.headers["Authorization"])
        talkers = [_Talker(balancer, bot, report) for _ in range(_TALKERS)]
        ends: list[float] = []
        ending = asyncio.Event()
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as tasks:

            async def talk(talker: _Talker) -> None:
                while not ending.is_set():
                    await talker.talk(http)

            async def work() -> None:
                while not ending.is_set():
                    await _read_and_write(http, balancer, bot, report)

            for talker in talkers:
                tasks.create_task(talk(talker))
            for _ in range(_OTHERS):
                tasks.create_task(work())
            moments = random.Random(report.seed)
            for number in range(restarts):
                await asyncio.sleep(moments.uniform(0.5, 1.5))
                ends.append(await _restart(report, processes[number % 2]))
            ending.set()
        report.violations += await truth.unsettled(site.postgres)
        report.notes |= {
            "ended within": f"{max(ends):.1f} s",
            "requests": sum(balancer.answered.values()),
            "tried elsewhere": balancer.elsewhere,
            "answers": sum(talker.completed for talker in talkers),
            "resumed": sum(talker.resumed for talker in talkers),
        }


async def test_a_rolling_restart_fails_no_request() -> None:
    report = Report("F5 rolling restart", seed())
    restarts = scaled(2, 20)
    await _roll(report, restarts)
    report.check(least_hits=restarts // 2)


@only_in_full
async def test_a_build_that_does_not_drain_is_caught() -> None:
    report = Report("F5 no_drain", seed())
    await _roll(report, 1, mutant="no_drain")
    report.check_caught()
