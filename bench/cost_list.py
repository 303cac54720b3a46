"""What a list of 20 bots costs beside the same list in a bare FastAPI application."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
from bench._figures import Figure, median, show
from bench._processes import seconds
from bench._server import ChatSphere, chatsphere, program

BENCH = "list request"
BOTS = 20
AT_MOST = 4.0


async def measure(quick: bool = False) -> list[Figure]:
    """Alternate between the two and return CPU milliseconds a request and their ratio."""
    requests, rounds = (150, 3) if quick else (400, 7)
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        async with chatsphere(Path(folder) / "data") as server:
            for number in range(BOTS):
                await server.make_bot(f"Bot {number}")
            rows = Path(folder) / "rows.json"
            rows.write_bytes(orjson.dumps(await server.call("GET", "/bots")))
            with program("floor", str(rows)) as (address, pid):
                return await _compared(server, f"{address}/bots", pid, requests, rounds)


async def _compared(
    server: ChatSphere, floor_url: str, floor_pid: int, requests: int, rounds: int
) -> list[Figure]:
    api, postgres, floor = [], [], []
    own_url = f"{server.api}/bots"
    for turn in range(-1, rounds):  # the first warms up
        before = server.cpu()
        await _get(server, own_url, requests)
        used = server.cpu() - before
        floor_before = seconds(floor_pid)
        await _get(server, floor_url, requests)
        floor_used = seconds(floor_pid) - floor_before
        if turn >= 0:
            api.append(used["api"] * 1e3 / requests)
            postgres.append(used["postgres"] * 1e3 / requests)
            floor.append(floor_used * 1e3 / requests)
    ratios = [own / bare for own, bare in zip(api, floor, strict=True)]
    return [
        Figure(BENCH, "FastAPI floor", median(floor), "CPU ms"),
        Figure(BENCH, "API process", median(api), "CPU ms"),
        Figure(BENCH, "PostgreSQL", median(postgres), "CPU ms"),
        Figure(BENCH, "API process / floor", median(ratios), "x", at_most=AT_MOST),
    ]


async def _get(server: ChatSphere, url: str, count: int) -> None:
    for _ in range(count):
        async with server.session.get(url) as response:
            await response.read()
            assert response.status == 200, response.status


if __name__ == "__main__":
    show(asyncio.run(measure()))
