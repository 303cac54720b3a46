"""How a long-running program is ended: in order by the first signal, at once by the second."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable

from domain.errors import ChatSphereError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_IN_ORDER = (
    "\nStopping: what is under way is ended, or given back. Asked once more, it ends at once.\n"
)
_AT_ONCE = (
    "\nEnding at once, as asked again. Answers that were being written are taken over or marked as failed; "
    "nothing that was accepted is lost.\n"
)


def on_stop_signals(begin: Callable[[], object]) -> None:
    """From now on SIGTERM and SIGINT call `begin` once; one more ends the process as it stands.

    That is no worse than a kill, which everything here survives: leases end, others take over, and
    an embedded PostgreSQL shuts itself down when its process is gone. Exit code 128 + signal then.
    """
    loop = asyncio.get_running_loop()
    begun = False

    def on_signal(number: int) -> None:
        nonlocal begun
        if begun:
            sys.stderr.write(_AT_ONCE)
            sys.stderr.flush()
            os._exit(128 + number)
        begun = True
        sys.stderr.write(_IN_ORDER)
        sys.stderr.flush()
        begin()

    for number in _SIGNALS:
        loop.add_signal_handler(number, on_signal, number)


def address_in_use(host: str, port: int) -> ChatSphereError:
    """Return the error of a server that cannot listen."""
    return ChatSphereError(
        f"{host}:{port} cannot be listened on: another program has it, or it is no address of this "
        "machine. Choose with --port and --host.",
        code="address_in_use",
    )
