"""Time to the first token of one chat alone and of 64 that begin at once."""

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._figures import Figure, median, percentile, show
from bench._server import ChatSphere, chatsphere, knowledge, model_settings, program

BENCH = "time to the first token"
TIMES = 3.0
MANY = 64
REFUSED = -1.0
MODELS = {
    "no delay": ("--tokens", "200"),
    "300 ms, then 20 ms a token": ("--first-delay", "0.3", "--delay", "0.02", "--tokens", "50"),
}


async def measure(quick: bool = False) -> list[Figure]:
    """Return the median and the 95th percentile at one and at 64, and their ratios."""
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        data_dir, bot_id = Path(folder) / "data", ""
        for name, options in MODELS.items():
            with program("standin", *options) as (model, _):
                async with chatsphere(data_dir, **model_settings(model)) as server:
                    if not bot_id:
                        bot_id = await server.make_bot()
                        await server.ingest(bot_id, knowledge())
                    figures += await _compared(server, bot_id, name, quick)
    return figures


async def _compared(server: ChatSphere, bot_id: str, name: str, quick: bool) -> list[Figure]:
    rounds, singles = (2, 4) if quick else (4, 8)
    alone: list[float] = []
    together: list[float] = []
    for turn in range(-1, rounds):  # the first warms up
        one = [await first_token(server, bot_id) for _ in range(singles)]
        many = await asyncio.gather(*(first_token(server, bot_id) for _ in range(MANY)))
        if turn >= 0:
            alone += one
            together += many
    refused = together.count(REFUSED)
    together = [ms for ms in together if ms != REFUSED]
    ratio = median(together) / median(alone)
    worst = percentile(together, 0.95) / percentile(alone, 0.95)
    return [
        Figure(BENCH, f"{name}: refused of {MANY * rounds}", refused, "", at_most=0),
        Figure(BENCH, f"{name}: 1, p50", median(alone), "ms"),
        Figure(BENCH, f"{name}: 1, p95", percentile(alone, 0.95), "ms"),
        Figure(BENCH, f"{name}: {MANY}, p50", median(together), "ms"),
        Figure(BENCH, f"{name}: {MANY}, p95", percentile(together, 0.95), "ms"),
        Figure(BENCH, f"{name}: p50 of {MANY} / 1", ratio, "x", at_most=TIMES),
        Figure(BENCH, f"{name}: p95 of {MANY} / 1", worst, "x", at_most=TIMES),
    ]


async def first_token(server: ChatSphere, bot_id: str) -> float:
    """Ask once; return the milliseconds to the first piece of the answer, or REFUSED."""
    url, headers = f"{server.api}/bots/{bot_id}/chat", {"Accept": "text/event-stream"}
    body = {"message": "Which teams did he play for?"}
    began, first = time.perf_counter(), 0.0
    async with server.session.post(url, json=body, headers=headers) as response:
        if response.status == 503:
            return REFUSED
        assert response.status == 200, await response.text()
        async for line in response.content:
            if not first and line.startswith(b"event: message.delta"):
                first = time.perf_counter()
    return (first - began) * 1e3 if first else REFUSED


if __name__ == "__main__":
    show(asyncio.run(measure()))
