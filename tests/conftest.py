"""Fixtures that tests of every kind share."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from adapters._psycopg import Pool
from adapters.postgres.database import make_pool
from support.chroma import chroma_server
from support.postgres import PostgresServer, running_postgres
from support.s3 import S3Server, running_s3

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


@pytest.fixture(scope="session")
def chroma_url() -> Iterator[str]:
    """The address of one Chroma server for the session, started by the first test that needs it."""
    with chroma_server() as url:
        yield url


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


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """One S3 server for the session, started by the first test that needs it."""
    with running_s3() as server:
        yield server
