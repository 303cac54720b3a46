"""What a child of the fork server does: confine itself, read one document, write one result."""

import contextlib
import gc
import json
import os
import resource
import signal
import sys

from adapters.parsers import _readers
from adapters.parsers._draft import Draft
from adapters.parsers._language import language_of
from adapters.parsers._protocol import MARKS_SPACE, Limits, Request
from adapters.parsers._refusal import Refusal

EXIT_OK, EXIT_FAILED = 0, 1
_MIB = 1 << 20
_OPEN_FILES = 64
_GC_THRESHOLD = 50_000  # children live briefly: cyclic garbage seldom matters


def run(request: Request, file: int, result: int, wanted: int) -> int:
    """Read the document open at `file`, write its text or the reason against it to `result`.

    Names of modules that were imported on the way go to the pipe `wanted`. Returns the exit code.
    """
    before = set(sys.modules)
    try:
        confine(request["limits"])
        written = _encoded(_read(request, file))
    except Refusal as refusal:
        written = _refused(refusal.code, refusal.detail, repr(refusal.__cause__ or refusal))
    except MemoryError as error:
        written = _refused("parse_memory", "", repr(error))
    except Exception as error:  # a reader's bug on hostile input is that file's end alone
        written = _refused("corrupt_document", "", f"{type(error).__name__}: {error}"[:500])
    try:
        with open(result, "wb", closefd=False) as stream:
            stream.write(written)
    except OSError:
        return EXIT_FAILED
    with contextlib.suppress(OSError):
        os.write(wanted, json.dumps(sorted(set(sys.modules) - before)).encode()[:60_000])
    return EXIT_OK


def confine(limits: Limits) -> None:
    """Give up what a reader does not need. The kernel enforces these even inside C code."""
    signal.alarm(
        int(limits["wall_seconds"]) + 5
    )  # in case nobody is left to enforce the wall limit
    gc.set_threshold(_GC_THRESHOLD)
    cpu = limits["cpu_seconds"]
    bounds = {
        resource.RLIMIT_CPU: (cpu, cpu + 1),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (_OPEN_FILES, _OPEN_FILES),
        resource.RLIMIT_NPROC: (0, 0),
        resource.RLIMIT_FSIZE: (limits["max_text_chars"] * 4 + MARKS_SPACE,) * 2,
        resource.RLIMIT_AS: (_address_space() + limits["memory_mb"] * _MIB,) * 2,
    }
    for kind, bound in bounds.items():
        with contextlib.suppress(OSError, ValueError):  # a lower hard limit stands already
            resource.setrlimit(kind, bound)


def _address_space() -> int:
    """Return the bytes of address space in use before reading begins."""
    try:
        with open("/proc/self/statm") as statm:  # noqa: PTH123 - before anything else is allowed
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _read(request: Request, file: int) -> Draft:
    with open(file, "rb", closefd=False) as stream:
        data = stream.read()
    draft = Draft(request["limits"]["max_text_chars"])
    _readers.read(data, draft, request["filename"], request["media_type"])
    if not draft.has_text:
        raise Refusal("empty_document")
    return draft


def _encoded(draft: Draft) -> bytes:
    """Return a line of JSON (title, language, marks) and the text."""
    text = draft.text
    marks = [(mark.start, mark.page, mark.path) for mark in draft.marks]
    head = {"title": draft.title, "language": language_of(text), "marks": marks}
    return json.dumps(head).encode() + b"\n" + text.encode()


def _refused(code: str, detail: str, cause: str) -> bytes:
    return json.dumps({"code": code, "detail": detail, "cause": cause[:500]}).encode() + b"\n"
