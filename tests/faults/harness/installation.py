"""A whole installation for one test: PostgreSQL, a model, any number of processes, people."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Self

from faults.harness import truth
from faults.harness.client import Owner
from faults.harness.postgres import Postgres
from faults.harness.process import Process
from faults.harness.report import Report
from standins.openai_server import OpenAIServer, Script

LEASE_SECONDS = 3
_LIMITS = ("ip", "account", "key", "workspace", "login", "login_ip")
MODEL = "openai/stand-in"
_DIMENSIONS = 32
SETTINGS: Mapping[str, object] = {
    "JOB_LEASE_SECONDS": LEASE_SECONDS,
    "ANSWER_LEASE_SECONDS": LEASE_SECONDS,
    "DEFAULT_PLAN": "enterprise",
    "CHAT_MODEL": MODEL,
    "OPENAI_CHAT_MODEL": "stand-in",
    "EMBEDDER": "openai",
    "OPENAI_EMBEDDING_MODEL": "stand-in",
    "OPENAI_EMBEDDING_DIMENSIONS": _DIMENSIONS,
    "DATABASE_POOL_SIZE": 6,
    "EMBEDDED_WORKER": "false",
    "LOG_LEVEL": "INFO",
    **{f"RATE_LIMIT_{of.upper()}": "1000000/minute" for of in _LIMITS},
}


class Installation:
    """Everything in a folder of its own, which is gone after the block, like every process.

    `env` are settings of all processes, named without their prefix; `script` is how the model answers
    at first. Files and secrets are shared by all processes, as on one disk.
    """

    def __init__(
        self,
        report: Report,
        *,
        script: Script | None = None,
        env: Mapping[str, object] | None = None,
    ) -> None:
        self.report = report
        self.model = OpenAIServer(script, dimensions=_DIMENSIONS)
        self.processes: dict[str, Process] = {}
        self._env = dict(env or {})
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.folder = _new_folder()
        self.data = self.folder / "data"
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._stack.callback(_kept, self.folder)
        try:
            await self._stack.enter_async_context(self.model)
            self.postgres = Postgres(self.folder)
            self._stack.push_async_callback(self.postgres.stop)
            await self.postgres.start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def api(self, name: str = "api", **options: object) -> Process:
        """Start `chatsphere serve` without a worker of its own, and wait until it answers."""
        process = self.make(name, "serve", **options)
        await process.start()
        return process

    async def worker(self, name: str = "worker", **options: object) -> Process:
        """Start `chatsphere worker`."""
        process = self.make(name, "worker", **options)
        await process.start()
        return process

    def make(
        self,
        name: str,
        kind: str,
        *arguments: str,
        mutant: object = None,
        postgres_url: object = None,
        env: object = None,
    ) -> Process:
        """Return a process that is not started yet; `env` are settings of its own."""
        assert name not in self.processes
        assert isinstance(env, Mapping | None)
        settings = {
            "DATA_DIR": self.data,
            "DATABASE_URL": postgres_url or self.postgres.url,
            "OPENAI_BASE_URL": self.model.base_url,
            **SETTINGS,
            **self._env,
            **(env or {}),
        }
        environment = {f"CHATSPHERE_{key}": str(value) for key, value in settings.items()}
        environment |= {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LANG": "C.UTF-8"}
        process = Process(
            name, [kind, *arguments], self.folder, environment, str(mutant) if mutant else None
        )
        self.processes[name] = process
        self._stack.callback(process.end)
        return process

    async def start(self, *processes: Process) -> None:
        """Start processes side by side."""
        await asyncio.gather(*(process.start() for process in processes))

    async def command(self, *words: str, within_seconds: float = 120.0) -> Process:
        """Run a command such as `sweep` to its end; `exit_code` and `log()` tell how it went."""
        process = self.make(f"{words[0]}{len(self.processes)}", *words)
        process.launch()
        async with asyncio.timeout(within_seconds):
            while process.alive:  # noqa: ASYNC110  # Popen has no event for it
                await asyncio.sleep(0.05)
        return process

    @property
    def apis(self) -> list[Process]:
        """The processes that serve, dead or alive."""
        return [process for process in self.processes.values() if process.kind == "serve"]

    @property
    def workers(self) -> list[Process]:
        """The workers, dead or alive."""
        return [process for process in self.processes.values() if process.kind == "worker"]

    def supervise(self) -> None:
        """From now on start every process again that ended, as a service manager does.

        It may end more than once: one that finds no database at its start says so and ends.
        """
        keeper = asyncio.create_task(self._keep_all())
        self._stack.push_async_callback(_ended, keeper)

    async def _keep_all(self) -> None:
        while True:
            for process in self.processes.values():
                if process.exit_code is not None and process.kind in ("serve", "worker"):
                    process.launch()
            await asyncio.sleep(0.2)

    async def all_ready(self, within_seconds: float = 60.0) -> None:
        """Wait until each process lives and those that serve answer."""
        async with asyncio.timeout(within_seconds):
            for process in [*self.apis, *self.workers]:
                while not await process.answers():  # noqa: ASYNC110  # no event tells of it
                    await asyncio.sleep(0.1)

    async def owner(self, patience_seconds: float = 60.0) -> Owner:
        """Return somebody who signed up, and asks the serving processes in turn."""
        owner = Owner(lambda: [p for p in self.apis if p.alive] or self.apis, patience_seconds)
        await self._stack.enter_async_context(owner)
        self._stack.callback(self._tell_surprises, owner)
        return await owner.register()

    def _tell_surprises(self, owner: Owner) -> None:
        self.report.violations += owner.surprises

    async def strike(self, process: Process, fault: str) -> bool:
        """Freeze a process, see whether it had work in hand, then kill or leave it frozen.

        `fault` is `kill` or `pause`. Counts the fault; returns whether it hit work.
        """
        process.pause()
        hit = await truth.in_hand(self.postgres, process)
        if fault == "kill":
            process.kill()
        return self.report.fault(hit=hit)

    async def power_cut(self) -> bool:
        """Kill PostgreSQL, start it again, and return whether there was work in flight."""
        hit = await truth.in_flight(self.postgres) > 0
        await self.postgres.kill9()
        self.report.fault(hit=hit)
        begun = time.monotonic()
        await self.postgres.start()
        self.report.notes["database back in"] = f"{time.monotonic() - begun:.1f} s"
        return hit

    async def freeze_database(self, seconds: float) -> bool:
        """Freeze all of PostgreSQL's processes for a while; return whether there was work in flight."""
        hit = await truth.in_flight(self.postgres) > 0
        self.report.fault(hit=hit)
        self.postgres.pause()
        await asyncio.sleep(seconds)
        self.postgres.resume()
        return hit


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _kept(folder: Path) -> None:
    """Keep the logs where CHATSPHERE_FAULT_LOGS names a folder, to look into after a failure."""
    if kept := os.environ.get("CHATSPHERE_FAULT_LOGS"):
        place = Path(kept) / folder.name
        place.mkdir(parents=True)
        for log in [*folder.glob("*.log"), *folder.glob("server/*.log")]:
            shutil.copy(log, place)


def _new_folder() -> Path:
    """Return a folder that the database's user can enter too, with a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="chatsphere-faults-")).resolve()
    folder.chmod(0o755)
    return folder
