"""What it takes to be there: CPU until healthy, memory before and after the first document."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from bench import _processes
from bench._figures import Figure, median, show
from bench._processes import Use
from bench._server import ChatSphere, chatsphere, free_port, knowledge, launch, stop, until_ready

BENCH = "start and idle"
HEALTHY_SECONDS, EMPTY_MB, LOADED_MB = 3.0, 220.0, 420.0
_SETTLE_SECONDS = 3.0


async def measure(quick: bool = False) -> list[Figure]:
    """Start on a fresh data directory, then again several times; then measure memory."""
    rounds = 2 if quick else 5
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        data_dir = Path(folder) / "data"
        first, _ = await _start(data_dir)
        starts = [await _start(data_dir) for _ in range(rounds)]
        async with chatsphere(data_dir) as server:
            return [
                Figure(BENCH, "first start: all", first.total, "CPU s"),
                *_healthy(starts),
                *await _memory(server),
            ]


async def _start(data_dir: Path) -> tuple[Use, float]:
    """Start the service; return the CPU seconds and the wall seconds until /readyz says 200."""
    port = free_port()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    async with aiohttp.ClientSession() as session:
        began = time.perf_counter()
        process = launch(data_dir, port)
        try:
            await until_ready(process, port, session)
            return _processes.cpu(process.pid), time.perf_counter() - began
        finally:
            stop(process)


def _healthy(starts: list[tuple[Use, float]]) -> list[Figure]:
    uses = [use for use, _ in starts]
    return [
        Figure(BENCH, "healthy: API process", median([use["api"] for use in uses]), "CPU s"),
        Figure(BENCH, "healthy: PostgreSQL", median([use["postgres"] for use in uses]), "CPU s"),
        Figure(
            BENCH, "healthy: all", median([use.total for use in uses]), "CPU s", HEALTHY_SECONDS
        ),
        Figure(BENCH, "healthy: wall", median([wall for _, wall in starts]), "s"),
    ]


async def _memory(server: ChatSphere) -> list[Figure]:
    await asyncio.sleep(_SETTLE_SECONDS)
    empty = server.memory()
    bot_id = await server.make_bot()
    await server.call("POST", f"/bots/{bot_id}/search", json={"query": "Who built the ship?"})
    await asyncio.sleep(_SETTLE_SECONDS)
    loaded = server.memory()
    await server.ingest(bot_id, knowledge())
    await server.call("POST", f"/bots/{bot_id}/search", json={"query": "Who built the ship?"})
    await asyncio.sleep(_SETTLE_SECONDS)
    figures: list[Figure] = []
    for when, use, at_most in (
        ("before the first document", empty, EMPTY_MB),
        ("embedder loaded by a question", loaded, LOADED_MB),
        ("after a document, parser waiting", server.memory(), LOADED_MB),
    ):
        figures += [
            Figure(BENCH, f"{when}: {part}", use[part], "MB")
            for part in ("api", "postgres", "parser")
            if use[part]
        ]
        figures.append(Figure(BENCH, f"{when}: all", use.total, "MB", at_most))
    return figures


if __name__ == "__main__":
    show(asyncio.run(measure()))
