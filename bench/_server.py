"""A ChatSphere of its own on a temporary data directory, and a client that is signed in."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from bench import _processes
from bench._processes import Use

ROOT = Path(__file__).resolve().parents[1]
READY_SECONDS = 120.0
INGEST_SECONDS = 600.0
_SERVE = (str(Path(sys.executable).with_name("chatsphere")), "serve")


def environment(**settings: str) -> dict[str, str]:
    """Return the environment without ChatSphere's variables, then with these; bytecode is kept."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CHATSPHERE_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {f"CHATSPHERE_{name}": value for name, value in settings.items()}


@contextmanager
def program(*arguments: str) -> Iterator[tuple[str, int]]:
    """Run one of bench._programs; give its address and process id."""
    command = [sys.executable, "-m", "bench._programs", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise RuntimeError(f"{arguments[0]} did not start")
        yield address, process.pid
    finally:
        process.terminate()
        process.wait(10)


class ChatSphere:
    """The running service. `cpu()` and `memory()` tell what its processes use, by part."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str) -> None:
        self.process = process
        self.address = address
        self.api = f"{address}/api/v1"
        self.session: aiohttp.ClientSession

    def cpu(self) -> Use:
        """Return the CPU seconds used so far."""
        return _processes.cpu(self.process.pid)

    def memory(self) -> Use:
        """Return the memory in use, in MB."""
        return _processes.memory(self.process.pid)

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """Return the JSON of an answer. Raises RuntimeError on an error status."""
        async with self.session.request(method, f"{self.api}{path}", **more) as response:
            body = await response.read()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {body[:500]!r}")
            return orjson.loads(body) if body else None

    async def sign_in(self) -> None:
        """Register the one user of this measurement, or log in."""
        person = {"email": "bench@example.com", "password": "a long enough password"}
        url = f"{self.api}/auth/register"
        named = {**person, "full_name": "Bench"}
        async with self.session.post(url, json=named) as response:
            known = response.status >= 400
            tokens = await response.json()
        if known:
            tokens = await self.call("POST", "/auth/login", json=person)
        self.session.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    async def make_bot(self, name: str = "bench", **configuration: object) -> str:
        """Make a bot and return its id."""
        body = {"name": name, "configuration": configuration}
        return str((await self.call("POST", "/bots", json=body))["id"])

    async def ingest(self, bot_id: str, files: Mapping[str, bytes]) -> None:
        """Upload the files to a bot that has none and wait until all are ready."""
        items = list(files.items())
        for start in range(0, len(items), 50):
            form = aiohttp.FormData()
            for name, content in items[start : start + 50]:
                form.add_field("file", content, filename=name)
            await self.call("POST", f"/bots/{bot_id}/documents", data=form)
        end = time.monotonic() + INGEST_SECONDS
        while not await self._all_ready(bot_id):
            if time.monotonic() > end:
                raise TimeoutError("the documents were not ready in time")
            await asyncio.sleep(0.5)

    async def _all_ready(self, bot_id: str) -> bool:
        """Ask as little as possible: asking costs CPU that is measured."""
        url = f"/bots/{bot_id}/documents?limit=1&status="
        for status in ("pending", "processing"):  # in the order in which a document goes
            if (await self.call("GET", f"{url}{status}"))["data"]:
                return False
        failed = (await self.call("GET", f"{url}failed"))["data"]
        if failed:
            raise RuntimeError(f"{failed[0]['filename']} failed: {failed[0]['error']}")
        return True


def launch(data_dir: Path, port: int, **settings: str) -> "subprocess.Popen[bytes]":
    """Start `chatsphere serve` on a data directory."""
    env = environment(DATA_DIR=str(data_dir), PORT=str(port), LOG_LEVEL="WARNING", **settings)
    log = data_dir.with_suffix(".log").open("ab")
    return subprocess.Popen(_SERVE, cwd=data_dir.parent, env=env, stdout=log, stderr=log)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End the service and what it started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(45)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def until_ready(
    process: "subprocess.Popen[bytes]", port: int, session: aiohttp.ClientSession
) -> None:
    """Wait for /readyz to answer 200. Raises RuntimeError where the process ends first."""
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.03)
    raise RuntimeError(f"the service was not ready (exit code {process.poll()})")


@asynccontextmanager
async def chatsphere(data_dir: Path, **settings: str) -> AsyncIterator[ChatSphere]:
    """Give a running service whose user is signed in."""
    port = free_port()
    process = launch(data_dir, port, **settings)
    server = ChatSphere(process, f"http://127.0.0.1:{port}")
    connector, timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
    try:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as server.session:
            await until_ready(process, port, server.session)
            await server.sign_in()
            yield server
    finally:
        stop(process)


def free_port() -> int:
    """Return a port that nobody has at the moment."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def model_settings(standin: str) -> dict[str, str]:
    """Return the settings that name the stand-in as the chat model."""
    return {
        "CHAT_MODEL": "openai/stand-in",
        "OPENAI_BASE_URL": standin,
        "OPENAI_CHAT_MODEL": "stand-in",
        "OPENAI_EMBEDDING_MODEL": "stand-in",
        "OPENAI_EMBEDDING_DIMENSIONS": "384",
    }


def documents() -> Path:
    """Return the folder of real documents, which is not part of the repository."""
    given = os.environ.get("CHATSPHERE_BENCH_DATA", str(ROOT.parent / "shared" / "data"))
    return Path(given) / "documents"


def knowledge() -> dict[str, bytes]:
    """Return what the chatting bot knows: a text of 118 kB, or the sample documents without it."""
    large = documents() / "md_wikitexts.md"
    samples = ROOT / "src" / "entrypoints" / "cli" / "samples"
    paths = [large] if large.exists() else sorted(samples.glob("*.md"))
    return {path.name: path.read_bytes() for path in paths}
