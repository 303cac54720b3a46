"""DocumentParser on confined child processes of a fork server; no parser runs in this process."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from adapters.parsers._formats import FORMATS
from adapters.parsers._protocol import LENGTH, MARKS_SPACE, Report, Request
from adapters.parsers._refusal import SENTENCES
from application.ports.document_parser import DocumentParser, UnreadableDocument
from domain.documents import ExtractedText, Section

_SCRIPT = Path(__file__).with_name("_forkserver.py")
# No variable of ours reaches the readers. One thread: a process with more cannot fork safely.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_REPORT_SIZE = 4096
_STOP_SECONDS = 5.0
_NEAR_LIMIT = 0.5  # of the memory allowed: a crash there is most likely an allocation that failed


@dataclass(frozen=True, slots=True)
class ParserLimits:
    """What reading one document may use, and how many are read at a time.

    `memory_mb` counts address space (MiB) beyond what a reader has before it begins; `wall_seconds`
    runs from when the document's turn has come; `max_text_chars` bounds the text; after
    `idle_seconds` without work the fork server ends, and starts again when it is needed.
    """

    cpu_seconds: int = 60
    memory_mb: int = 1024
    wall_seconds: float = 120.0
    max_text_chars: int = 20_000_000
    max_concurrent: int = 2
    idle_seconds: float = 60.0


class _ServerGone(Exception):
    """The fork server ended before it reported."""


class SandboxedParser(DocumentParser):
    """Reads each document in a process of its own, under limits that the kernel enforces."""

    def __init__(self, limits: ParserLimits | None = None) -> None:
        self._limits = limits or ParserLimits()
        self._slots = asyncio.Semaphore(self._limits.max_concurrent)
        self._starting = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None

    @property
    def formats(self) -> Mapping[str, str]:
        """The files that it reads."""
        return FORMATS

    async def parse(self, path: Path, *, filename: str, media_type: str) -> ExtractedText:
        """Return the text of the file at `path`; see the port. Cancelling ends the reading."""
        request = orjson.dumps(self._request(filename, media_type))
        async with self._slots:
            with contextlib.suppress(_ServerGone):
                return await self._read(path, request)
            try:  # the server was idle for too long, or was killed: a fresh one may do
                return await self._read(path, request)
            except _ServerGone as error:
                raise _unreadable("parser_crashed") from error

    async def aclose(self) -> None:
        """End the fork server and whatever it reads; a later parse starts another."""
        process, control = self._process, self._control
        self._process = self._control = None
        if control is not None:
            control.close()
        if process is not None:
            await _ended(process)

    def _request(self, filename: str, media_type: str) -> Request:
        limits = self._limits
        return {
            "filename": filename.encode(errors="replace").decode()[-500:],
            "media_type": media_type.encode(errors="replace").decode()[:200],
            "limits": {
                "cpu_seconds": limits.cpu_seconds,
                "memory_mb": limits.memory_mb,
                "wall_seconds": limits.wall_seconds,
                "max_text_chars": limits.max_text_chars,
            },
        }

    async def _read(self, path: Path, request: bytes) -> ExtractedText:
        with path.open("rb") as file, _result_file() as result:
            report = await self._ask(request, file, result)
            if report["exit"] != 0:
                raise self._failure(report)
            size = os.fstat(result.fileno()).st_size
            if size > self._limits.max_text_chars * 4 + MARKS_SPACE:
                raise _unreadable("text_too_large")
            return _extracted(os.pread(result.fileno(), size, 0))

    async def _ask(self, request: bytes, file: BinaryIO, result: BinaryIO) -> Report:
        """Have a child read `file` into `result`; closing the link, however we leave, ends it."""
        control = await self._running()
        link, far_end = socket.socketpair()
        with link:
            link.setblocking(False)
            try:
                with far_end:
                    descriptors = [file.fileno(), result.fileno(), far_end.fileno()]
                    socket.send_fds(control, [LENGTH.pack(len(request)) + request], descriptors)
                async with asyncio.timeout(self._limits.wall_seconds):
                    message = await asyncio.get_running_loop().sock_recv(link, _REPORT_SIZE)
            except TimeoutError as error:
                raise _unreadable("parse_timeout") from error
            except OSError:
                message = b""
        if not message:
            if self._control is control:  # whoever comes next starts another
                self._control = None
                control.close()
            raise _ServerGone
        report: Report = orjson.loads(message)
        return report

    async def _running(self) -> socket.socket:
        """Return the control socket of a fork server that runs, as far as one can know."""
        async with self._starting:
            if self._control is not None and self._is_alive():
                return self._control
            await self.aclose()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-I",
                    str(_SCRIPT),
                    str(self._limits.idle_seconds),
                    stdin=theirs.fileno(),
                    stdout=asyncio.subprocess.DEVNULL,
                    env=_ENVIRONMENT,
                )
            self._control = ours
            return ours

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def _failure(self, report: Report) -> UnreadableDocument:
        """Return what a child's death means."""
        ended_by = -report["exit"]
        if ended_by in (signal.SIGXCPU, signal.SIGALRM):
            return _unreadable("parse_timeout")
        starved = report["peak_kb"] / 1024 >= self._limits.memory_mb * _NEAR_LIMIT
        if ended_by == signal.SIGKILL or starved:  # not by us: the kernel ran out of memory
            return _unreadable("parse_memory")
        return _unreadable("parser_crashed")


def _result_file() -> BinaryIO:
    """Return a file without a name that a child can write its result to."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("document"), "rb", buffering=0)
    return tempfile.TemporaryFile(buffering=0)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Wait for the fork server to end by itself, then insist."""
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _unreadable(code: str, detail: str = "") -> UnreadableDocument:
    return UnreadableDocument(detail or SENTENCES[code], code=code)


def _extracted(result: bytes) -> ExtractedText:
    """Return the child's result; what is not as agreed is taken for a crash, not trusted."""
    line, _, body = result.partition(b"\n")
    try:
        head = orjson.loads(line)
        if "code" in head:
            refusal = _unreadable(str(head["code"]), str(head["detail"])[:500])
            refusal.__cause__ = RuntimeError(str(head["cause"]))
        else:
            return _checked(head, body.decode())
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable("parser_crashed") from error
    raise refusal


def _checked(head: dict[str, Any], text: str) -> ExtractedText:
    """Return the text with its map; raise ValueError if they do not fit."""
    sections = tuple(Section(start, page, tuple(path)) for start, page, path in head["marks"])
    starts = [section.start for section in sections]
    if "\0" in text or any(a >= b for a, b in pairwise([*starts, len(text)])):
        raise ValueError("the text and its map are not as agreed")
    return ExtractedText(text, sections, str(head["language"]), str(head["title"]))
