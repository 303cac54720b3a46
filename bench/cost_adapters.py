"""What a stream of 200 tokens costs through each chat adapter beside a bare aiohttp relay, and what
importing each costs."""

import asyncio
import subprocess
import sys
from contextlib import ExitStack

import aiohttp
from bench._figures import Figure, median, show
from bench._processes import seconds
from bench._programs import CHAT_MODELS
from bench._server import environment, program

BENCH = "stream of 200 tokens"
IMPORTS = "import of a chat adapter"
_DELAY = "0.004"  # seconds between two tokens: each comes alone, as from a real model
_AT_ONCE = 10
_VENDORS = {"openai": "aiohttp", "anthropic": "aiohttp", "gemini": "google.genai, httpx2"}
_IMPORT = """\
import time, pydantic, orjson
began = time.process_time()
import {}
print((time.process_time() - began) * 1e3)
"""


async def measure(quick: bool = False) -> list[Figure]:
    """Alternate between the relay and the adapters, each in a process of its own; return CPU
    milliseconds a stream, and of each import."""
    rounds = 3 if quick else 7
    with ExitStack() as stack:
        address, _ = stack.enter_context(program("standin", "openai", "--delay", _DELAY))
        relays = {"relay": stack.enter_context(program("relay", address))}
        for api in CHAT_MODELS:
            address, _ = stack.enter_context(program("standin", api, "--delay", _DELAY))
            relays[api] = stack.enter_context(program("adapter", api, address))
        used = await _compared(relays, rounds)
    bare = used.pop("relay")
    figures = [Figure(BENCH, "aiohttp relay", median(bare), "CPU ms")]
    for api, costs in used.items():
        ratios = [own / relayed for own, relayed in zip(costs, bare, strict=True)]
        figures.append(Figure(BENCH, f"{api}: relay by the adapter", median(costs), "CPU ms"))
        figures.append(Figure(BENCH, f"{api}: the same / relay", median(ratios), "x"))
    return figures + [each for api in _VENDORS for each in _imports(api, rounds)]


async def _compared(relays: dict[str, tuple[str, int]], rounds: int) -> dict[str, list[float]]:
    used: dict[str, list[float]] = {name: [] for name in relays}
    async with aiohttp.ClientSession() as session:
        for turn in range(-1, rounds):  # the first warms up
            for name, (address, pid) in relays.items():
                before = seconds(pid)
                for _ in range(3):
                    await asyncio.gather(*(_ask(session, address) for _ in range(_AT_ONCE)))
                if turn >= 0:
                    used[name].append((seconds(pid) - before) * 1e3 / (3 * _AT_ONCE))
    return used


async def _ask(session: aiohttp.ClientSession, address: str) -> None:
    turns = [{"role": "user", "content": "Who built the ship?"}]
    body = {"model": "stand-in", "messages": turns, "stream": True}
    async with session.post(f"{address}/chat", json=body) as response:
        answer = await response.read()
        assert b"word199" in answer, answer[-500:]


def _imports(api: str, rounds: int) -> list[Figure]:
    """Return what it costs to choose an adapter, and what its first request adds."""
    chosen = [_import_ms(f"adapters.{api}.plugin") for _ in range(rounds)]
    whole = f"adapters.{api}.plugin, adapters.{api}.chat_model, {_VENDORS[api]}"
    used = [_import_ms(whole) for _ in range(rounds)]
    return [
        Figure(IMPORTS, f"{api}: plugin", median(chosen), "CPU ms"),
        Figure(IMPORTS, f"{api}: all of it", median(used), "CPU ms"),
    ]


def _import_ms(modules: str) -> float:
    command = [sys.executable, "-c", _IMPORT.format(modules)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    show(asyncio.run(measure()))
