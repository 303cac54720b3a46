"""The fork server: a lean single-threaded process that forks one confined child for each document.

It runs as a script of its own (`python -I`) and talks over the unix socket that is its standard
input. For each document the parent sends a request with three descriptors: the file, a place for
the result, and a `link`. The link is the document's life line: when the parent closes it the child
is killed; when the child ends, one report goes over it. The end of the control socket ends all.

The server never looks at a document. Children tell which modules they had to import; the server
imports those before its next fork, so that later children share them instead of importing again.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # -I leaves the script's folder out

from adapters.parsers import _child
from adapters.parsers._protocol import DESCRIPTORS, LENGTH, Report, Request

_ALL_DESCRIPTORS = 1 << 20
_NICE = 5  # reading documents gives way to answering people
_SHARED = (
    "adapters.parsers.", "lxml.etree", "selectolax.lexbor", "pypdfium2", "python_calamine",
    "trafilatura", "charset_normalizer", "striprtf.striprtf", "email.policy", "puremagic",
)  # fmt: skip


@dataclass(slots=True)
class _Job:
    """A document being read: its child, its link and the pipe that ends with the child."""

    pid: int
    link: socket.socket
    pipe: int
    wanted: bytearray = field(default_factory=bytearray)


def _nothing() -> None:
    """What a module does to be warm if it has no more to load."""


class _Server:
    def __init__(self, control: socket.socket, idle_seconds: float) -> None:
        self._control = control
        self._idle_seconds = idle_seconds
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)
        self._jobs: dict[int, _Job] = {}
        self._wanted: set[str] = set()

    def run(self) -> None:
        """Serve until the parent is gone or nothing has been asked for a while."""
        while ready := self._selector.select(None if self._jobs else self._idle_seconds):
            for key, _ in ready:
                if key.fileobj is self._control:
                    if not self._accept():
                        return
                elif key.data.pid in self._jobs:
                    self._attend(key.data, is_link=key.fileobj is key.data.link)

    def stop(self) -> None:
        """Kill the children that are left."""
        for job in self._jobs.values():
            os.kill(job.pid, signal.SIGKILL)

    def _accept(self) -> bool:
        """Take a request and fork for it; False at the end of the control socket."""
        length, descriptors, _, _ = socket.recv_fds(self._control, LENGTH.size, DESCRIPTORS)
        if len(length) < LENGTH.size or len(descriptors) < DESCRIPTORS:
            return False
        left, parts = LENGTH.unpack(length)[0], []
        while left:
            parts.append(self._control.recv(left))
            left -= len(parts[-1])
            if not parts[-1]:
                return False
        self._share_wanted()
        self._fork(json.loads(b"".join(parts)), *descriptors)
        return True

    def _share_wanted(self) -> None:
        if not self._wanted:
            return
        for name in sorted(self._wanted):
            with contextlib.suppress(ImportError):
                getattr(import_module(name), "warm", _nothing)()
        self._wanted.clear()
        gc.collect()
        gc.freeze()  # keeps the collector of a child from writing to shared pages

    def _fork(self, request: Request, file: int, result: int, link: int) -> None:
        pipe, pipe_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = _child.EXIT_FAILED
            try:
                os.close(link)
                os.close(pipe)
                self._let_go()
                code = _child.run(request, file, result, pipe_end)
            finally:
                os._exit(code)
        for descriptor in (file, result, pipe_end):
            os.close(descriptor)
        job = _Job(pid, socket.socket(fileno=link), pipe)
        self._jobs[pid] = job
        self._selector.register(job.link, selectors.EVENT_READ, job)
        self._selector.register(pipe, selectors.EVENT_READ, job)

    def _let_go(self) -> None:
        """In the child: close what belongs to the server and to other documents."""
        self._selector.close()
        for job in self._jobs.values():
            job.link.close()
            os.close(job.pipe)
        self._control.detach()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(null, descriptor)
        os.close(null)

    def _attend(self, job: _Job, *, is_link: bool) -> None:
        if is_link:  # nothing is ever sent on a link: the parent has closed it
            self._selector.unregister(job.link)
            os.kill(job.pid, signal.SIGKILL)
        elif data := os.read(job.pipe, 65_536):
            job.wanted += data
        else:
            self._finish(job)

    def _finish(self, job: _Job) -> None:
        """Reap a child that has ended and report."""
        _, status, usage = os.wait4(job.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        report: Report = {
            "exit": code,
            "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000, 1),
            "peak_kb": usage.ru_maxrss,
        }
        with contextlib.suppress(OSError):  # the parent may no longer wait
            job.link.send(json.dumps(report).encode(), socket.MSG_DONTWAIT)
        if job.link.fileno() in self._selector.get_map():
            self._selector.unregister(job.link)
        self._selector.unregister(job.pipe)
        job.link.close()
        os.close(job.pipe)
        del self._jobs[job.pid]
        if code == _child.EXIT_OK and job.wanted:
            names = json.loads(bytes(job.wanted))
            self._wanted.update(name for name in names if name.startswith(_SHARED))


def main() -> None:
    """Serve on standard input; the argument is how many seconds to wait for work."""
    os.closerange(3, _ALL_DESCRIPTORS)  # some event loops leave copies of ours to their children
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    server = _Server(socket.socket(fileno=0), float(sys.argv[1]))
    try:
        server.run()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
