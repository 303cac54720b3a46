"""F7: the vector store is out: answers go on without it and say so, and nothing is falsely ready."""

import asyncio
import random
import time
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from faults.harness import Installation, Owner, Report, full, only_in_full, scaled, seed, truth
from faults.library import content_of, marker_of
from faults.proxy import BLACKHOLE, PASS, REFUSE, SILENT, Fault, FaultProxy
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(1800 if full() else 120)
_VECTOR_SECONDS = 0.8
_SETTINGS = {"VECTOR_SECONDS": _VECTOR_SECONDS}
_SCRIPT = Script(tokens=("It ", "tells ", "of ", "a ", "river ", "[1]."))
_TOLERANCE_SECONDS = 1.5  # the rest of a search, on a machine that is busy
_HEAL_SECONDS = 20.0  # the longest that a breaker waits, give or take a fifth
_SETTLED_SECONDS = 60.0
_SEARCHES = 4
_CHUNK_ID = b"chk_"


@dataclass(frozen=True)
class _Case:
    """A way to be out; `searchable`: what is read still comes through."""

    name: str
    fault: Fault
    searchable: bool = False


_CASES = (
    _Case("refuse", REFUSE),
    _Case("blackhole", BLACKHOLE),
    _Case("silent", SILENT),
    _Case("reset", Fault(reset_within=60)),
    _Case("half-closed", Fault(half_close_within=60)),
    _Case("slow", Fault(delay=2.0)),
    # Only a request that writes vectors names several chunks.
    _Case("reply lost", Fault(lose_reply=lambda piece: piece.count(_CHUNK_ID) > 3), True),
)


@dataclass
class _Site:
    """What a case needs."""

    installation: Installation
    proxy: FaultProxy
    owner: Owner
    bot: str
    report: Report
    uploads: int = 0
    resumed_seconds: float = 0.0

    async def upload(self) -> tuple[str, str]:
        """Upload a document; return its id, and a word that it alone has."""
        self.uploads += 1
        content, marker = content_of(self.uploads, 1, 12), marker_of(self.uploads, 1)
        return await self.owner.upload(self.bot, content), marker

    async def search(self, marker: str) -> tuple[Any, float]:
        """Search for a word; return the answer and the seconds it took."""
        begun = time.monotonic()
        path = f"/bots/{self.bot}/search"
        reply = await self.owner.once("POST", path, json={"query": f"What of {marker}?", "k": 50})
        took = time.monotonic() - begun
        if reply.status != 200:
            self.report.violations.append(f"search: {reply.status} {reply.code}")
            return {"data": [], "degraded": None}, took
        return reply.json, took

    async def ask(self, marker: str) -> Any:
        """Ask the bot; return the message."""
        reply = await self.owner.ask(self.bot, f"What of {marker}?")
        assert reply.status == 200, reply
        return reply.json["message"]


async def _out(site: _Site, case: _Case, known: tuple[str, str]) -> list[str]:
    """Bring the fault about while a document is taken in; return those that were uploaded."""
    report, (document, marker) = site.report, known
    site.installation.model.embedding_delay = 0.2  # so that the fault comes before the vectors
    uploaded = [(await site.upload())[0]]
    hits = site.proxy.hits
    site.proxy.become(case.fault)
    site.installation.model.embedding_delay = 0.0
    uploaded += [(await site.upload())[0]]
    marked = 0
    for _ in range(_SEARCHES):
        found, took = await site.search(marker)
        marked += found["degraded"] is True
        if found["degraded"] is not (not case.searchable):
            report.violations.append(f"{case.name}: degraded {found['degraded']}")
        if not any(hit["document_id"] == document for hit in found["data"]):
            report.violations.append(f"{case.name}: not found by its words")
        if took > _VECTOR_SECONDS + _TOLERANCE_SECONDS:
            report.violations.append(f"{case.name}: a search took {took:.1f} s")
    message = await site.ask(marker)
    if message["status"] != "completed" or message["degraded"] is case.searchable:
        report.violations.append(
            f"{case.name}: answer {message['status']}, degraded {message['degraded']}"
        )
    await asyncio.sleep(1.0)
    report.violations += await truth.wrong_ready(site.installation.postgres)
    report.fault(hit=marked > 0 or site.proxy.hits > hits)
    return uploaded


async def _back(site: _Site, case: _Case, marker: str, uploaded: list[str]) -> None:
    """End the fault; see that searches are whole again, and that ingestion goes on by itself."""
    site.proxy.become(PASS)
    begun = time.monotonic()
    while (await site.search(marker))[0]["degraded"] is not False:
        await asyncio.sleep(0.1)
        if time.monotonic() - begun > 2 * _HEAL_SECONDS:
            break
    healed = time.monotonic() - begun
    site.report.healed(healed)
    if healed > _HEAL_SECONDS:
        site.report.violations.append(f"{case.name}: whole again only after {healed:.1f} s")
    for document in uploaded:
        try:
            found = await site.owner.settled(document, _SETTLED_SECONDS)
        except TimeoutError:
            found = await site.owner.document(document)
        if found["status"] != "ready":
            site.report.violations.append(f"{case.name}: {found['status']} {found['error']}")
    resumed = time.monotonic() - begun
    site.resumed_seconds = max(site.resumed_seconds, resumed)
    site.report.notes["ingestion resumed in"] = f"{site.resumed_seconds:.1f} s"
    site.report.violations += await truth.wrong_ready(site.installation.postgres)


async def _stale(site: _Site) -> None:
    """Delete a document whose vectors stay for a while, and come back later: it is not told of."""
    postgres = site.installation.postgres
    document, marker = await site.upload()
    await site.owner.settled(document)
    await postgres.sql("DROP TABLE IF EXISTS kept")
    await postgres.sql(
        "CREATE TABLE kept AS SELECT * FROM chunk_vectors WHERE document_id = %s", document
    )
    (worker,) = site.installation.workers
    worker.pause()
    await site.owner.delete(document)
    await _untold(site, document, marker)
    worker.resume()
    async with asyncio.timeout(_SETTLED_SECONDS):
        while await truth.left_of(postgres, [document]):  # noqa: ASYNC110  # the database has no event
            await asyncio.sleep(0.1)
    await postgres.sql("INSERT INTO chunk_vectors SELECT * FROM kept")
    await _untold(site, document, marker)
    await postgres.sql("DELETE FROM chunk_vectors WHERE document_id = %s", document)


async def _untold(site: _Site, document: str, marker: str) -> None:
    """See that a deleted document is neither found nor cited, though its vectors are there."""
    vectors = (await truth.left_of(site.installation.postgres, [document])).get("vectors", 0)
    site.report.fault(hit=vectors > 0)
    found, _ = await site.search(marker)
    told = [hit["document_id"] for hit in found["data"]]
    told += [each["document_id"] for each in (await site.ask(marker))["citations"]]
    if document in told:
        site.report.violations.append(f"{document} is deleted, and was told of")


async def _break_vectors(report: Report, cases: list[_Case], mutant: str | None = None) -> None:
    async with Installation(report, script=_SCRIPT, env=_SETTINGS) as installation:
        with ExitStack() as stack:
            postgres = installation.postgres
            proxy = stack.enter_context(FaultProxy("127.0.0.1", postgres.port, seed=report.seed))
            way = {"VECTOR_DATABASE_URL": postgres.url_at("127.0.0.1", proxy.port)}
            await installation.start(
                installation.make("api", "serve", env=way, mutant=mutant),
                installation.make("worker", "worker", env=way, mutant=mutant),
            )
            owner = await installation.owner()
            site = _Site(installation, proxy, owner, await owner.bot(), report)
            known = await site.upload()
            await owner.settled(known[0])
            for case in cases:
                uploaded = await _out(site, case, known)
                await _back(site, case, known[1], uploaded)
            await _stale(site)


def _chosen(seed: int) -> list[_Case]:
    """Return all cases, twice and mixed, or one of them and the lost reply for the short form."""
    chance = random.Random(seed)
    if full():
        return chance.sample(_CASES * scaled(1, 2), k=len(_CASES) * scaled(1, 2))
    return [chance.choice(_CASES[:-1]), _CASES[-1]]


async def test_without_its_vectors_the_product_goes_on_and_says_so() -> None:
    report = Report("F7 vector store faults", seed())
    cases = _chosen(report.seed)
    await _break_vectors(report, cases)
    report.check(least_hits=len(cases) + 2)


@only_in_full
@pytest.mark.parametrize(
    ("mutant", "name"),
    [
        ("careless_upsert", "refuse"),
        ("unmarked_degradation", "refuse"),
        ("no_liveness", "reply lost"),
    ],
)
async def test_a_build_without_a_safeguard_is_caught(mutant: str, name: str) -> None:
    report = Report(f"F7 {mutant}", seed())
    await _break_vectors(report, [case for case in _CASES if case.name == name], mutant)
    report.check_caught()
