"""F1: messages sent three times at once, cut at random bytes, while servers are killed."""

import asyncio
import json
import random
import re
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from faults.harness import (
    Installation,
    Owner,
    Process,
    Report,
    Unreachable,
    full,
    scaled,
    seed,
    truth,
)
from faults.harness.waiting import nothing_left
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(2400 if full() else 120)
COPIES = 3
AT_ONCE = 12
Line = tuple[Process, asyncio.StreamReader, asyncio.StreamWriter]
HEAL_SECONDS = 30.0  # what P1 promises where a server died
SLOW = Script(tokens=[f"word{number} " for number in range(12)], delay=0.06)
_ID = re.compile(rb'"message_id":\s*"(msg_\w+)"|"id":\s*"(msg_\w+)"')
# Of each question the answers, and how many of them have not ended.
_ANSWERS = """
SELECT q.content, array_agg(a.id), count(*) FILTER (WHERE a.status IN ('pending', 'streaming'))
FROM messages q LEFT JOIN messages a ON a.tenant_id = q.tenant_id AND a.parent_id = q.id
WHERE q.role = 'user' GROUP BY q.id, q.content
"""


@dataclass
class Senders:
    """Clients with bad lines: each message goes out in copies, most of them cut somewhere."""

    site: Installation
    owner: Owner
    bot: str
    chance: random.Random
    accepted: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    cuts: int = 0

    async def send(self, number: int) -> None:
        """Send a message in copies at once, each to another process as far as there are."""
        key, first = key_of(number), self.chance.randrange(3)
        apis = self.site.apis
        copies = [self._copy(key, number, apis[(first + n) % len(apis)]) for n in range(COPIES)]
        await asyncio.gather(*copies)

    async def _copy(self, key: str, number: int, api: Process) -> None:
        request = self._request(key, number, streaming=self.chance.random() < 0.8)
        cut = self.chance.randrange(len(request) + 2500) if self.chance.random() < 0.6 else None
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(30):
                await self._exchange(key, request, await connected(api), cut)

    def _request(self, key: str, number: int, *, streaming: bool) -> bytes:
        body = json.dumps({"message": question_of(number)}).encode()
        head = [
            f"POST /api/v1/bots/{self.bot}/chat HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: {self.owner.headers['Authorization']}",
            f"Idempotency-Key: {key}",
            "Content-Type: application/json",
            f"Accept: {'text/event-stream' if streaming else 'application/json'}",
            f"Content-Length: {len(body)}",
            "Connection: close",
        ]
        return "\r\n".join([*head, "", ""]).encode() + body

    async def _exchange(self, key: str, request: bytes, line: Line, cut: int | None) -> None:
        api, reader, writer = line
        seen = b""
        try:
            writer.write(request[:cut])
            await writer.drain()
            left = None if cut is None else cut - len(request)
            while left is None or left > 0:
                piece = await reader.read(1024 if left is None else min(left, 1024))
                if not piece:
                    break
                seen += piece
                left = None if left is None else left - len(piece)
                self._note(key, seen, api)
            self.cuts += cut is not None
        finally:
            writer.transport.abort()

    def _note(self, key: str, seen: bytes, api: Process) -> None:
        """Remember what the server said it had accepted; it may not take that back."""
        match = _ID.search(seen)
        if match and re.match(rb"HTTP/1.1 20", seen):
            message = (match[1] or match[2]).decode()
            self.accepted[key].add(message)
            if b"idempotent-replayed" not in seen.lower():
                api.messages.add(message)


def key_of(number: int) -> str:
    return f"f1-{number}"


def question_of(number: int) -> str:
    return f"Question {number}: what do the words say?"


async def connected(api: Process) -> Line:
    """Return a connection; a process that is just being started again is waited for."""
    while True:
        try:
            return (api, *await asyncio.open_connection("127.0.0.1", api.port))
        except ConnectionRefusedError:
            await asyncio.sleep(0.1)


async def kill_now_and_then(site: Installation, chance: random.Random) -> None:
    """Kill one serving process after the other while it writes an answer; each comes back."""
    while True:
        await asyncio.sleep(chance.uniform(0.3, 1.5))
        api = chance.choice(site.apis)
        for _ in range(40):
            if await truth.in_hand(site.postgres, api):
                await site.strike(api, "kill")
                break
            await asyncio.sleep(0.05)


async def heal(site: Installation, senders: Senders, count: int) -> None:
    """Wait until each answer has ended, then ask again as clients do that were left without one."""
    begun = time.monotonic()
    await site.all_ready()
    stuck, _ = await nothing_left(lambda: truth.unsettled(site.postgres), HEAL_SECONDS)
    site.report.healed(time.monotonic() - begun)
    site.report.violations += [f"stuck: {what}" for what in stuck]
    room = asyncio.Semaphore(AT_ONCE)

    async def ask_again(number: int) -> None:
        key = key_of(number)
        async with room:
            while True:
                with suppress(Unreachable):
                    reply = await senders.owner.ask(senders.bot, question_of(number), key)
                    if reply.status == 200:
                        senders.accepted[key].add(reply.json["message"]["id"])
                        return
                await asyncio.sleep(0.1)

    async with asyncio.timeout(HEAL_SECONDS + count):
        await asyncio.gather(*(ask_again(number) for number in range(count)))


async def judge(site: Installation, senders: Senders, count: int) -> None:
    """One question and one ended answer for each key, and the one that was accepted."""
    lost = site.report.violations
    found: dict[str, list[tuple[list[str], int]]] = defaultdict(list)
    for question, answers, unfinished in await site.postgres.sql(_ANSWERS):
        found[question].append((answers, unfinished))
    for number in range(count):
        made = found[question_of(number)]
        answers = [answer for ids, _ in made for answer in ids if answer]
        if len(answers) != 1 or len(made) != 1:
            lost.append(f"{key_of(number)}: {len(made)} questions, {len(answers)} answers")
        if any(unfinished for _, unfinished in made):
            lost.append(f"{key_of(number)}: an answer has not ended")
        if not senders.accepted[key_of(number)] <= set(answers):
            lost.append(
                f"{key_of(number)}: told of {senders.accepted[key_of(number)]}, has {answers}"
            )
    for number in range(0, count, max(1, count // 10)):
        reply = await senders.owner.ask(senders.bot, "Something else?", key_of(number))
        if (reply.status, reply.code) != (422, "idempotency_conflict"):
            lost.append(f"{key_of(number)} with another body: {reply.status} {reply.code}")


async def run(report: Report, count: int, apis: int, mutant: str | None) -> Report:
    """Send, break, heal and judge."""
    chance = random.Random(report.seed)
    async with Installation(report, script=SLOW) as site:
        servers = [site.make(f"api{n}", "serve", mutant=mutant) for n in range(apis)]
        await site.start(*servers)
        site.supervise()
        owner = await site.owner()
        senders = Senders(site, owner, await owner.bot(), chance)
        killer = asyncio.create_task(kill_now_and_then(site, random.Random(report.seed)))
        if mutant:
            killer.cancel()
        room = asyncio.Semaphore(AT_ONCE)

        async def send(number: int) -> None:
            async with room:
                await senders.send(number)

        await asyncio.gather(*(send(number) for number in range(count)))
        killer.cancel()
        await asyncio.wait([killer])
        await heal(site, senders, count)
        await judge(site, senders, count)
        report.notes |= {"messages": count, "copies cut": senders.cuts}
    return report


async def test_each_message_gets_one_answer_however_often_it_is_sent() -> None:
    report = Report("F1 messages", seed())
    await run(report, scaled(40, 1000), 3 if full() else 2, mutant=None)
    report.check(least_hits=scaled(1, 25))


async def test_a_build_that_ignores_idempotency_keys_is_caught() -> None:
    report = Report("F1 no_idempotency", seed())
    await run(report, 6, 1, mutant="no_idempotency")
    report.check_caught("questions,")
