"""Fixtures of the contract tests."""

from collections.abc import AsyncIterator

import pytest

from application.testing.backend import Backend
from contract.backends import memory_backend, postgres_backend


@pytest.fixture(params=["memory", "postgres"])
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """Every persistence technology in turn, its job queue empty."""
    if request.param == "memory":
        async with memory_backend() as made:
            yield made
        return
    url = request.getfixturevalue("postgres_url")
    async with postgres_backend(url) as made:
        yield made
