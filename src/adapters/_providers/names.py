"""Looks up the names of servers that workspaces chose, on threads of their own: a name server that does
not answer holds a thread for many seconds, and files and the rest of the process need the others."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

_LOOKUPS = 16  # at a time
_threads = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="names")  # they start with the first


async def look_up(host: str, port: int, family: int = socket.AF_UNSPEC) -> list[tuple[int, str]]:
    """Return the addresses of a name, each with its family and once. Raises OSError."""
    found = await asyncio.get_running_loop().run_in_executor(
        _threads, lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    )
    return list(dict.fromkeys((int(each[0]), str(each[4][0])) for each in found))
