"""F4: streams cut at random events, also before the first, and resumed on another process."""

import asyncio
import random
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress

import pytest
from redis.asyncio import Redis

from domain.events import MESSAGE_DELTA
from faults.harness import Installation, Owner, Report, full, only_in_full, scaled, seed
from faults.harness.client import Event
from faults.readers import BROKEN, Reader
from standins.openai_server import Script
from support.redis import RedisServer, redis_server

pytestmark = pytest.mark.timeout(1200 if full() else 120)
AT_ONCE = 24
WITHIN_SECONDS = 45.0  # of which 30 s for the end of an answer whose process died
CUT_MOST = 7  # events; on a busy machine an answer of the script has not many more
SCRIPT = Script(tokens=[f"word{number} " for number in range(24)], delay=0.05)


async def break_redis(
    report: Report, server: RedisServer, chance: random.Random, faults: Sequence[str]
) -> None:
    """Do one thing after the other to it, for ever; it is well again within a second of each."""
    while True:
        await asyncio.sleep(chance.uniform(0.3, 0.9))
        report.fault(hit=True)
        match chance.choice(faults):
            case "kill":
                server.stop(signal.SIGKILL)
                await asyncio.sleep(0.3)
                server.start()
            case "freeze":
                server.send(signal.SIGSTOP)
                await asyncio.sleep(0.8)
                server.send(signal.SIGCONT)
            case "full":
                await _tell(server, "CONFIG SET maxmemory 1")
                await asyncio.sleep(0.4)
                await _tell(server, "CONFIG SET maxmemory 0")
            case _:
                await _tell(server, "FLUSHALL")


async def _tell(server: RedisServer, command: str) -> None:
    async with Redis.from_url(server.url) as client:
        await client.execute_command(*command.split())  # type: ignore[no-untyped-call]


async def break_servers(site: Installation, chance: random.Random, most: int) -> None:
    """Kill serving processes; each comes back."""
    for _ in range(most):
        await asyncio.sleep(chance.uniform(2, 4))
        api = chance.choice(site.apis)
        await site.strike(api, "kill")
        await api.start()


@asynccontextmanager
async def background(*tasks: "asyncio.Task[None]") -> AsyncIterator[None]:
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks) if tasks else None


async def whole(owner: Owner, message_id: str) -> list[Event]:
    """Return the stream as it is read afterwards, from the start."""
    from faults.harness.client import events

    while True:
        try:
            async with owner.streaming("GET", f"/messages/{message_id}/stream") as response:
                return [event async for event in events(response)]
        except BROKEN:
            await asyncio.sleep(0.1)


def judge(reader: Reader, truth: list[Event]) -> list[str]:
    """Return what is wrong with what a reader saw: a gap, a double, another event."""
    seen, wrong = [event.id for event in reader.seen], []
    name = f"{reader.key} {reader.kind} {reader.message_id}"
    if len(set(seen)) != len(seen):
        wrong.append(f"{name}: doubled: {seen}")
    if sorted(set(seen)) != list(range(1, len(truth) + 1)):
        wrong.append(f"{name}: has a gap, or went beyond the end: {seen} of {len(truth)}")
    told = "".join(e.data["text"] for e in reader.seen if e.type == MESSAGE_DELTA)
    text = "".join(e.data["text"] for e in truth if e.type == MESSAGE_DELTA)
    if told != text:
        wrong.append(f"{name}: was told {told!r}, not {text!r}")
    return wrong


async def run(
    report: Report,
    count: int,
    transport: str,
    *,
    kills: int = 0,
    faults: Sequence[str] = ("flush", "kill", "freeze", "full"),
    mutant: str | None = None,
) -> Report:
    """Read `count` answers with bad lines, and compare each with what is in the log."""
    chance = random.Random(report.seed)
    with ExitStack() as stack:
        env: dict[str, object] = {"EVENT_TRANSPORT": transport}
        redis = stack.enter_context(redis_server()) if transport == "redis" else None
        if redis is not None:
            env["REDIS_URL"] = redis.url
        async with Installation(report, script=SCRIPT, env=env) as site:
            apis = [site.make(name, "serve", mutant=mutant) for name in ("a", "b")]
            for api in apis:
                api.launch()
            await asyncio.gather(*(api.until_ready() for api in apis))
            await site.worker()
            owner = await site.owner()
            bot = await owner.bot(agent_type="chat")
            tasks = [asyncio.create_task(break_servers(site, random.Random(report.seed), kills))]
            if redis is not None:
                tasks.append(asyncio.create_task(break_redis(report, redis, chance, faults)))
            async with background(*tasks):
                within = WITHIN_SECONDS if mutant is None else 15.0
                readers = await _read_all(site, owner, bot, count, chance, within)
            for reader in readers:
                if reader.message_id:
                    report.violations += judge(reader, await whole(owner, reader.message_id))
    report.notes |= {"streams": count, "transport": transport}
    return report


async def _read_all(
    site: Installation, owner: Owner, bot: str, count: int, chance: random.Random, within: float
) -> list[Reader]:
    room, readers = asyncio.Semaphore(AT_ONCE), []

    async def read(reader: Reader) -> None:
        async with room:
            begun = time.monotonic()
            with suppress(TimeoutError):
                await reader.read(within)
            if not reader.ended:
                site.report.violations.append(f"{reader.key}: no end; saw {len(reader.seen)}")
            site.report.healed(time.monotonic() - begun)
            site.report.injected += reader.hits
            site.report.hits += reader.hits

    for number in range(count):
        first = 0 if number % 8 == 0 else chance.randrange(CUT_MOST)
        cuts = [first] + [first + chance.randrange(CUT_MOST) for _ in range(number % 3)]
        kind = ("sse", "ws")[number % 2]
        apis = site.apis[:]
        readers.append(Reader(owner, bot, f"f4-{number}", kind, apis, chance, cuts))
    await asyncio.gather(*map(read, readers))
    return readers


@pytest.mark.parametrize("transport", ["postgres", "redis"])
async def test_a_cut_stream_goes_on_elsewhere_without_gap_or_double(transport: str) -> None:
    report = Report(f"F4 streams {transport}", seed())
    await run(report, scaled(36, 500), transport, kills=scaled(0, 8))
    report.check(least_hits=scaled(24, 500))


@only_in_full
@pytest.mark.parametrize(
    ("mutant", "transport"),
    [
        ("resumes_one_early", "postgres"),
        ("resumes_one_late", "postgres"),
        ("no_gap_check", "redis"),
    ],
)
async def test_a_build_that_resumes_wrongly_is_caught(mutant: str, transport: str) -> None:
    report = Report(f"F4 {mutant}", seed())
    await run(report, 24, transport, faults=["full"], mutant=mutant)
    report.check_caught()
