"""Passwords by argon2id, in threads of their own, so that log-ins cannot starve the process."""

import asyncio
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from unicodedata import normalize

from application.ports.security import PasswordHasher
from domain.errors import DependencyUnavailable

if TYPE_CHECKING:
    from pwdlib.hashers.argon2 import Argon2Hasher

T = TypeVar("T")
MEMORY_KIB = 19 * 1024  # with two passes: OWASP Password Storage Cheat Sheet
PASSES = 2
MAX_WAITING = 64


class Argon2PasswordHasher(PasswordHasher):
    """Hashes `workers` passwords at a time, each in `memory_kib` of memory; the rest wait in line.

    Raises DependencyUnavailable (code `overloaded`) where the line is longer than MAX_WAITING.
    """

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, workers: int = 1
    ) -> None:
        self._memory_kib = memory_kib
        self._passes = passes
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="passwords")
        self._lock = Lock()
        self._waiting = 0
        self._loaded: tuple[Argon2Hasher, str] | None = None

    async def hash(self, password: str) -> str:
        """Return the encoded hash, parameters and salt in it."""
        return await self._in_thread(lambda: self._hash(password))

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Compare; where there is no account, the same work is done on a hash that nothing fits."""
        return await self._in_thread(lambda: self._verify(password, encoded))

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise DependencyUnavailable("Too many log-ins at once.", code="overloaded")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        hasher, _ = self._tools()
        return hasher.hash(_as_bytes(password))

    def _verify(self, password: str, encoded: str | None) -> bool:
        hasher, nobody = self._tools()
        fits = hasher.verify(_as_bytes(password), nobody if encoded is None else encoded)
        return fits and encoded is not None

    def _tools(self) -> tuple["Argon2Hasher", str]:
        """Return the hasher and a hash of nobody's password; both are made at the first use."""
        with self._lock:
            if self._loaded is None:
                from pwdlib.hashers.argon2 import Argon2Hasher

                hasher = Argon2Hasher(
                    time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1
                )
                self._loaded = (hasher, hasher.hash(secrets.token_bytes(32)))
            return self._loaded


def _as_bytes(password: str) -> bytes:
    """Return one form for letters typed composed or decomposed (NIST SP 800-63B-4, NFKC)."""
    return normalize("NFKC", password).encode("utf-8", "surrogatepass")
