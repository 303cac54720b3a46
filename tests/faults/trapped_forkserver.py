"""The product's fork server of parsers, in which certain documents are deadly to the reader.

Stands for bugs in parsers that nobody knows yet: what a document says makes its reader crash, hang,
spin or eat memory. Used by the preparation `trapped_parsers` (faults/mutants.py).
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))  # as with the real one

from adapters.parsers import _child, _forkserver


def _crash() -> NoReturn:
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def _hang() -> NoReturn:
    while True:
        time.sleep(60)


def _spin() -> NoReturn:
    while True:
        pass


def _eat() -> NoReturn:
    eaten = []
    while True:
        eaten.append(bytearray(16 << 20))


_TRAPS = {b"TRAP crash": _crash, b"TRAP hang": _hang, b"TRAP spin": _spin, b"TRAP eat": _eat}
_read = _child._read


def _trapped(request: object, file: int) -> object:
    head = os.pread(file, 64, 0)
    for words, spring in _TRAPS.items():
        if words in head:
            spring()
    return _read(request, file)  # type: ignore[arg-type]


if __name__ == "__main__":
    _child._read = _trapped  # type: ignore[assignment]
    _forkserver.main()
