"""The contract of a cache, on the one that is set up here."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from application.ports.cache import Cache
from application.testing.cache import CacheContract, PassTime
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedCache


class TestCache(CacheContract):
    """By keys that nobody has; what was put is deleted."""

    @pytest.fixture
    async def cache(self, subject: Subject) -> AsyncIterator[Cache]:
        watched = WatchedCache(subject.part)
        try:
            yield watched
        finally:
            await watched.clean_up()

    @pytest.fixture
    def key(self) -> str:
        return f"check {secrets.token_hex(8)} "

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep
