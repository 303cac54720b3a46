"""F6: the model is out in every way there is: each answer ends in time, and nothing else suffers."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from faults.harness import Installation, Owner, Process, Report, full, only_in_full, scaled, seed
from faults.proxy import BLACKHOLE, PASS, REFUSE, SILENT, Fault, FaultProxy
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(1800 if full() else 120)
_FIRST_TOKEN_SECONDS, _IDLE_SECONDS, _ANSWER_SECONDS = 0.8, 0.8, 2.0
_SETTINGS = {
    "FIRST_TOKEN_SECONDS": _FIRST_TOKEN_SECONDS,
    "IDLE_SECONDS": _IDLE_SECONDS,
    "ANSWER_SECONDS": _ANSWER_SECONDS,
}
_TOLERANCE_SECONDS = 1.2  # a request more to the database, on a machine that is busy
_AT_ONCE = 5  # answers; as many as open a breaker
_FAST_SECONDS = 0.6
_HEAL_SECONDS = 4.0  # a breaker opens for 2 s at first, give or take a fifth
_NOISE_SECONDS = 0.01 if full() else 0.1  # of a p95 of few requests
_GOOD = Script(tokens=("All ", "is ", "well."))
_WORDS = Script(tokens=tuple(f"word{number} " for number in range(40)), delay=0.01)
_ENDLESS = replace(_WORDS, tokens=("word ",) * 100_000)
_OUT, _LIMITED = "model_unavailable", "model_rate_limited"


@dataclass(frozen=True)
class _Case:
    """A way to be out; `partial`: some text came before it, and has to be kept."""

    name: str
    script: Script = _WORDS
    fault: Fault = PASS
    code: str = _OUT
    partial: bool = False

    @property
    def deadline_seconds(self) -> float:
        """Within what the answer has to end."""
        return (_ANSWER_SECONDS if self.partial else _FIRST_TOKEN_SECONDS) + _TOLERANCE_SECONDS

    @property
    def opens_breaker(self) -> bool:
        """Whether it counts as an outage; who says `too many requests` is there."""
        return self.code == _OUT


_CASES = (
    _Case("refuse", fault=REFUSE),
    _Case("blackhole", fault=BLACKHOLE),
    _Case("silent", fault=SILENT),
    _Case("reset at a random byte", fault=Fault(reset_within=6_000)),
    _Case("reset in mid-stream", replace(_WORDS, cut_after=20), partial=True),
    _Case("half-closed", fault=Fault(half_close_within=6_000)),
    _Case("a trickle", fault=Fault(bytes_per_second=1_500), partial=True),
    _Case("429", Script(status=429, retry_after="7"), code=_LIMITED),
    _Case("500", Script(status=500)),
    _Case("no first token", replace(_WORDS, first_delay=60)),
    _Case("stalled", replace(_WORDS, stall_after=20), partial=True),
    _Case("malformed", replace(_WORDS, malformed_after=20), partial=True),
    _Case("crashed", replace(_WORDS, error_after=20), partial=True),
    _Case("endless", _ENDLESS, partial=True),
)


class _Others:
    """Somebody who has nothing to do with models: how long requests take, in calm and under faults."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.took: dict[bool, list[float]] = {False: [], True: []}
        self.faulty = False
        self.wrong: list[str] = []

    async def ask(self) -> None:
        """Ask until cancelled."""
        while True:
            faulty, begun = self.faulty, time.monotonic()
            reply = await self._owner.once("GET", "/bots")
            if reply.status != 200:
                self.wrong.append(f"GET /bots -> {reply.status}")
            if faulty == self.faulty:
                self.took[faulty].append(time.monotonic() - begun)
            await asyncio.sleep(0.01)

    def judged(self, report: Report) -> None:
        """Compare the two."""
        calm, faulty = _p95(self.took[False]), _p95(self.took[True])
        report.notes["p95 of others"] = f"{calm * 1000:.0f} -> {faulty * 1000:.0f} ms"
        report.violations += self.wrong
        if faulty > max(2 * calm, _NOISE_SECONDS):
            report.violations.append(f"others suffer: {report.notes['p95 of others']}")


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


@dataclass
class _Site:
    """What a case needs."""

    installation: Installation
    api: Process
    proxy: FaultProxy
    owner: Owner
    others: _Others
    bot: str

    def become(self, script: Script, fault: Fault) -> None:
        """Let the model be so from now on."""
        self.installation.model.default = script
        self.proxy.become(fault)

    async def ask(self) -> tuple[Any, float]:
        """Ask once; return the message and the seconds it took."""
        begun = time.monotonic()
        reply = await self.owner.ask(self.bot, "How are you?")
        assert reply.status == 200, reply
        return reply.json["message"], time.monotonic() - begun

    def requests(self) -> int:
        """Return how often the model was asked, or tried to be."""
        return self.proxy.connections + len(self.installation.model.requests)


async def _go_through(site: _Site, case: _Case, report: Report) -> None:
    """Bring the fault about, judge the answers, and see that all is well after it."""

    def violated(what: str) -> None:
        report.violations.append(f"{case.name}: {what}")

    site.become(_GOOD, PASS)
    for _ in range(3):
        await asyncio.gather(*(site.ask() for _ in range(_AT_ONCE)))
    site.others.faulty = True
    site.become(case.script, case.fault)
    answers = await asyncio.gather(*(site.ask() for _ in range(_AT_ONCE)))
    for message, took in answers:
        report.fault(hit=True)
        error = (message["error"] or {}).get("code")
        if message["status"] != "failed" or error != case.code:
            violated(f"{message['status']} {error}")
        if case.partial and not message["content"].startswith("word"):
            violated(f"of what came, {message['content'][:40]!r} was kept")
        if took > case.deadline_seconds:
            violated(f"ended after {took:.1f} s")
    if case.opens_breaker:
        await _refused_fast(site, violated)
    site.others.faulty = False
    site.become(_GOOD, PASS)
    begun = time.monotonic()
    while (await site.ask())[0]["status"] != "completed":
        await asyncio.sleep(0.1)
        if time.monotonic() - begun > 60:
            violated("no recovery")
            return
    healed = time.monotonic() - begun
    report.healed(healed)
    if healed > _HEAL_SECONDS:
        violated(f"well again only after {healed:.1f} s")


async def _refused_fast(site: _Site, violated: Callable[[str], None]) -> None:
    """See that the breaker is open: the model is not asked again, and the answer says so at once."""
    asked = site.requests()
    message, took = await site.ask()
    if message["status"] != "failed" or message["error"]["code"] != _OUT:
        violated(f"with the breaker open: {message['status']} {message['error']}")
    if took > _FAST_SECONDS or site.requests() != asked:
        violated(f"the model was asked again ({took:.1f} s), though it was out")


async def _break_models(report: Report, cases: list[_Case], mutant: str | None = None) -> None:
    async with Installation(report, script=_GOOD, env=_SETTINGS) as installation:
        with ExitStack() as stack:
            port = int(installation.model.base_url.split(":")[2].split("/")[0])
            proxy = stack.enter_context(FaultProxy("127.0.0.1", port, seed=report.seed))
            way = {"OPENAI_BASE_URL": f"http://127.0.0.1:{proxy.port}/v1"}
            api = await installation.api(env=way, mutant=mutant)
            owner, other = await installation.owner(), await installation.owner()
            bot = await owner.bot(agent_type="chat")
            others = _Others(other)
            site = _Site(installation, api, proxy, owner, others, bot)
            asking = asyncio.create_task(others.ask())
            for case in cases:
                await _go_through(site, case, report)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            others.judged(report)


def _chosen(seed: int) -> list[_Case]:
    """Return all cases, thrice and mixed, or three of them for the short form."""
    chance = random.Random(seed)
    if full():
        return chance.sample(_CASES * scaled(1, 3), k=len(_CASES) * scaled(1, 3))
    return chance.sample(_CASES, k=3)


async def test_answers_end_in_time_however_the_model_is_out() -> None:
    report = Report("F6 model faults", seed())
    cases = _chosen(report.seed)
    await _break_models(report, cases)
    report.check(least_hits=len(cases) * _AT_ONCE)


@only_in_full
@pytest.mark.parametrize(
    ("mutant", "name", "words"),
    [("no_breaker", "blackhole", "asked again"), ("no_deadline", "stalled", "ended after")],
)
async def test_a_build_without_a_safeguard_is_caught(mutant: str, name: str, words: str) -> None:
    report = Report(f"F6 {mutant}", seed())
    await _break_models(report, [case for case in _CASES if case.name == name], mutant)
    report.check_caught(words)
