"""The contract of a rate limiter, on the one that is set up here."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest

from application.ports.rate_limiter import RateLimiter
from application.testing.rate_limiter import PassTime, RateLimiterContract
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedRateLimiter


class TestRateLimiter(RateLimiterContract):
    """By keys that nobody has; what was charged is given back."""

    @pytest.fixture
    async def limiter(self, subject: Subject) -> AsyncIterator[RateLimiter]:
        watched = WatchedRateLimiter(subject.part)
        try:
            yield watched
        finally:
            await watched.clean_up()

    @pytest.fixture
    def key(self) -> str:
        return f"check-{secrets.token_hex(8)}"

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep
