"""Fixtures of the contract tests."""

from collections.abc import AsyncIterator

import pytest

from application.testing.backend import Backend
from contract.backends import BACKENDS


@pytest.fixture(params=sorted(BACKENDS))
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """Every persistence technology in turn, its job queue empty."""
    async with BACKENDS[request.param]() as made:
        yield made
