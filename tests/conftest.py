"""Fixtures that tests of every kind share."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from adapters._psycopg import Pool
from adapters.postgres.database import make_pool
from support.postgres import PostgresServer, running_postgres

pytest.register_assert_rewrite("application.testing")
# A developer's run looks in new places; CI repeats itself, so that a red run means the change.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One PostgreSQL for the session, started by the first test that needs it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The libpq URL of a migrated database that belongs to this test alone."""
    with postgres_server.database() as url:
        yield url


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    """A pool on this test's database."""
    pool = make_pool(postgres_url)
    yield pool
    await pool.dispose()
