"""A process of its own for a job that may have ended others: its death tells that it was the job.

A worker that vanishes with its jobs may have been killed for reasons that are not theirs. So a job over
which several workers vanished is done by a child, alone. If the child dies and the worker lives to see
it, the job is to blame; if the worker dies too, it was something else.
"""

import asyncio
import logging
import os
import sys
import threading
from dataclasses import asdict
from datetime import datetime

import orjson
from pydantic import SecretStr

from domain.jobs import Job, JobKind, Lease
from entrypoints.logging import configure_logging
from entrypoints.runtime import running
from entrypoints.settings import Settings
from entrypoints.worker.attempt import Attempt, Crashed, NotBegun

_log = logging.getLogger(__name__)
_COULD_NOT_BEGIN = 75
_LENGTH_BYTES = 8


class OwnProcess:
    """Makes the attempts at suspect jobs."""

    def __init__(
        self, settings: Settings, conninfo: str, program: tuple[str, ...] = ("-m", __name__)
    ) -> None:
        self._given = (settings, conninfo)
        self._program = program

    async def __call__(self, lease: Lease) -> None:
        """Have the job done, or given back with a reason. Cancelled, it ends the process.

        Raises Crashed, and NotBegun where the process could not begin.
        """
        process = await self._begun()
        try:
            if process.stdin is None:
                raise Crashed
            work = _written(*self._given, lease)
            process.stdin.write(len(work).to_bytes(_LENGTH_BYTES, "big") + work)
            code = await process.wait()  # standard input stays open: its end tells of ours
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if code == _COULD_NOT_BEGIN:
            raise NotBegun
        if code != 0:
            _log.error("job %s ended its own process with code %d", lease.job.id, code)
            raise Crashed

    async def _begun(self) -> asyncio.subprocess.Process:
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # whatever the working directory holds
                *self._program,
                stdin=asyncio.subprocess.PIPE,
                start_new_session=True,  # what is sent to the worker's group, the worker acts upon
            )
        except OSError as error:
            raise NotBegun from error


def main() -> int:
    """Do the job that stands on standard input; return the exit code."""
    try:
        size = int.from_bytes(sys.stdin.buffer.read(_LENGTH_BYTES), "big")
        settings, conninfo, lease = _read(sys.stdin.buffer.read(size))
        threading.Thread(target=_end_with_the_worker, daemon=True).start()
        configure_logging(settings.log_level)
        asyncio.run(_work(settings, conninfo, lease))
    except Exception:
        _log.exception("the job could not be begun in a process of its own")
        return _COULD_NOT_BEGIN
    return 0


def _written(settings: Settings, conninfo: str, lease: Lease) -> bytes:
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    given |= {name: settings.given[name] for name in settings.strangers()}
    return orjson.dumps(
        {"settings": given, "conninfo": conninfo, "lease": asdict(lease)}, default=_plain
    )


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _read(work: bytes) -> tuple[Settings, str, Lease]:
    given = orjson.loads(work)
    job = given["lease"].pop("job")
    kind, run_at = JobKind(job.pop("kind")), datetime.fromisoformat(job.pop("run_at"))
    lease = Lease(Job(**job, kind=kind, run_at=run_at), **given["lease"])
    return Settings(**given["settings"]), given["conninfo"], lease


def _end_with_the_worker() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through the buffer: its lock would stop a clean end
    os._exit(1)


async def _work(settings: Settings, conninfo: str, lease: Lease) -> None:
    async with running(settings, conninfo) as container:
        await Attempt(container, settings.job_lease_seconds)(lease)


if __name__ == "__main__":
    sys.exit(main())
