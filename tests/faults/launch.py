"""Runs `chatsphere` as a process of the harness: dies with the test, and perhaps has a bug planted.

    python launch.py PARENT_PID MUTANT|- serve --port 9000
    python launch.py PARENT_PID MUTANT|- own-process    (what a worker starts for a suspect job)

The mutant is a function of faults/mutants.py that breaks the product in this process only, so that
the product needs no switch for it.
"""

import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Become the program; it ends with SystemExit."""
    _, parent, mutant, *arguments = sys.argv
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the test is gone")
    sys.argv = ["chatsphere", *arguments]
    tests = Path(__file__).resolve().parents[1]
    sys.path[:0] = [str(tests.parent / "src"), str(tests)]
    if mutant != "-":
        from faults import mutants

        mutants.plant(mutant)
    if arguments == ["own-process"]:
        from entrypoints.worker import own_process

        sys.exit(own_process.main())
    from entrypoints.cli.main import main as chatsphere

    chatsphere()


if __name__ == "__main__":
    main()
