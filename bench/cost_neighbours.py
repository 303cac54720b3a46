"""What one workspace's crowd, and its bulk of documents, cost the searches of another.

Two workspaces over HTTP. One asks a question at a time; the other searches with many clients at
once, without a pause, or takes in documents. Beside the default, the same without a gate (room for a
thousand searches): the two take turns, each in a server of its own on the same data.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench._figures import Figure, percentile, show
from bench._server import ChatSphere, chatsphere, documents, knowledge

BENCH = "searches beside a neighbour"
TIMES = 2.0
CROWD = 64
SETTINGS = {"no gate": {"SEARCH_CONCURRENCY": "1000"}, "default": {}}
_WORDS = (
    "season team harbour river music album film war city school church station army club".split()
)


async def measure(quick: bool = False) -> list[Figure]:
    """Return p50 and p95 of searches alone, beside a crowd and beside an ingestion."""
    searches = 60 if quick else 200
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        bots: dict[str, str] = {}
        for name, settings in SETTINGS.items():
            async with chatsphere(Path(folder) / "data", **settings) as server:
                quiet = await Tenant.of(server, "quiet", bots)
                loud = await Tenant.of(server, "loud", bots)
                await quiet.searches(20)
                alone = await quiet.searches(searches)
                async with loud.crowd(CROWD) as served:
                    beside = await quiet.searches(searches)
                figures += _figures(f"{name}, a crowd of {CROWD}", alone, beside)
                rate = sum(served.values()) / sum(beside) * 1e3
                figures.append(Figure(BENCH, f"{name}: the crowd is served", rate, "a second"))
                figures.append(Figure(BENCH, f"{name}: refused of the crowd", served[503], ""))
                async with loud.ingesting():
                    beside = await quiet.searches(searches)
                figures += _figures(f"{name}, an ingestion", alone, beside)
    return figures


def _figures(name: str, alone: list[float], beside: list[float]) -> list[Figure]:
    ratio = percentile(beside, 0.95) / percentile(alone, 0.95)
    return [
        Figure(BENCH, f"{name}: alone p50", percentile(alone, 0.5), "ms"),
        Figure(BENCH, f"{name}: alone p95", percentile(alone, 0.95), "ms"),
        Figure(BENCH, f"{name}: beside p50", percentile(beside, 0.5), "ms"),
        Figure(BENCH, f"{name}: beside p95", percentile(beside, 0.95), "ms"),
        Figure(BENCH, f"{name}: p95 beside / alone", ratio, "x", at_most=TIMES),
    ]


class Tenant:
    """A workspace with one person and a bot that knows something."""

    def __init__(self, server: ChatSphere, headers: dict[str, str]) -> None:
        self._server = server
        self._headers = headers
        self._bot = ""
        self._asked = 0

    @classmethod
    async def of(cls, server: ChatSphere, name: str, bots: dict[str, str]) -> "Tenant":
        """Register or log in, and make the bot where there is none yet."""
        person = {"email": f"{name}@example.com", "password": "a long enough password"}
        path = "/auth/login" if name in bots else "/auth/register"
        more = {} if name in bots else {"full_name": name}
        tokens = await server.call("POST", path, json=person | more)
        tenant = cls(server, {"Authorization": f"Bearer {tokens['access_token']}"})
        tenant._bot = bots.get(name, "")
        if not tenant._bot:
            made = await tenant._call("POST", "/bots", json={"name": name})
            tenant._bot = bots[name] = made["id"]
            for title, content in knowledge().items():
                await tenant._call(
                    "POST",
                    f"/bots/{tenant._bot}/documents",
                    json={"title": title, "text": content.decode()[:100_000]},
                )
            await tenant._until_ready()
        return tenant

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        return await self._server.call(method, path, headers=self._headers, **more)

    async def _until_ready(self) -> None:
        for status in ("pending", "processing"):
            url = f"/bots/{self._bot}/documents?limit=1&status={status}"
            while (await self._call("GET", url))["data"]:  # noqa: ASYNC110  # it is HTTP
                await asyncio.sleep(0.3)

    async def searches(self, count: int) -> list[float]:
        """Search so often, one after the other; return the milliseconds of each."""
        times = []
        for _ in range(count):
            began = time.perf_counter()
            status = await self._search()
            assert status == 200, status
            times.append((time.perf_counter() - began) * 1e3)
        return times

    async def _search(self) -> int:
        self._asked += 1  # each question is another: none is remembered
        word, other = _WORDS[self._asked % 14], _WORDS[self._asked // 14 % 14]
        body = {"query": f"Which {word} number {self._asked} was near the {other}?"}
        url = f"{self._server.api}/bots/{self._bot}/search"
        post = self._server.session.post(url, json=body, headers=self._headers)
        async with post as response:
            await response.read()
            return response.status

    @asynccontextmanager
    async def crowd(self, size: int) -> AsyncIterator[dict[int, int]]:
        """Let so many search without a pause; gives how many answers there were, by status."""
        served = {200: 0, 503: 0}

        async def one() -> None:
            while True:
                status = await self._search()
                served[status] += 1
                if status != 200:
                    await asyncio.sleep(0.2)

        tasks = [asyncio.create_task(one()) for _ in range(size)]
        await asyncio.sleep(1)
        served |= dict.fromkeys(served, 0)
        try:
            yield served
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def ingesting(self) -> AsyncIterator[None]:
        """Take in documents for as long as it lasts."""
        source = next(iter(sorted(documents().glob("*.md"))), None)
        text = source.read_text() if source else next(iter(knowledge().values())).decode()
        made = []
        for number in range(24):
            # Every sentence is another: no vector comes from the cache.
            other = text.replace(". ", f" {number} {time.time()}. ")
            body = {"title": f"{number}", "text": other}
            made.append(await self._call("POST", f"/bots/{self._bot}/documents", json=body))
        await asyncio.sleep(1)
        try:
            yield
        finally:
            left = await self._call("GET", f"/bots/{self._bot}/documents?limit=1&status=processing")
            if not left["data"]:
                print("the ingestion ended before the searches did")
            for document in made:
                await self._call("DELETE", f"/documents/{document['id']}")


if __name__ == "__main__":
    show(asyncio.run(measure()))
