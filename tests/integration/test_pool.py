"""The connection pool: who shares it, and what a request that is cut off leaves behind."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from adapters._psycopg import Pool, PoolExhausted
from adapters.postgres.roles import APP_ROLE, login_conninfo

WHO = text("SELECT :tag AS tag, current_setting('app.tenant_id', true) AS tenant")
SLOWLY = text(
    "SELECT :tag AS tag, current_setting('app.tenant_id', true) AS tenant FROM pg_sleep(:seconds)"
)


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    pool = Pool(login_conninfo(postgres_url), 4, 0.2, APP_ROLE)
    yield pool
    await pool.dispose()


async def test_a_crowd_of_one_tenant_leaves_connections_to_the_others(pool: Pool) -> None:
    for _ in range(2):  # and all of them are free again after it
        async with AsyncExitStack() as crowd:
            for _ in range(3):
                await crowd.enter_async_context(pool.connect("ws_ada"))
            with pytest.raises(PoolExhausted):
                await crowd.enter_async_context(pool.connect("ws_ada"))
            await crowd.enter_async_context(pool.connect("ws_eve"))
            with pytest.raises(PoolExhausted):
                await crowd.enter_async_context(pool.connect("ws_bob"))


async def _ask(pool: Pool, tenant: str, tag: str, wrong: list[Any]) -> None:
    """Ask who one is, in one of three ways, and note an answer that is another's."""
    values = {"tag": tag, "seconds": random.random() / 200}
    way = random.randrange(3)
    if way == 0:
        async with pool.connect(tenant) as connection:
            rows = [(await connection.execute(WHO, {"tag": tag})).one()]
    elif way == 1:
        async with pool.connect(tenant) as connection:
            rows = [(await connection.execute(SLOWLY, values)).one()]
    else:
        async with pool.begin(tenant) as connection:
            rows = [(await connection.execute(SLOWLY, values)).one()]
            rows.append((await connection.execute(WHO, {"tag": tag})).one())
    wrong += [row for row in rows if (row.tag, row.tenant) != (tag, tenant)]


async def test_requests_that_are_cut_off_anywhere_leave_nothing_to_the_next(pool: Pool) -> None:
    wrong: list[Any] = []
    ended = {"cut off": 0, "answered": 0}

    async def client(name: int) -> None:
        for number in range(60):
            tenant = random.choice(["ws_ada", "ws_eve"])
            asked = asyncio.create_task(_ask(pool, tenant, f"{name}-{number}", wrong))
            if random.random() < 0.6:
                await asyncio.sleep(random.choice([0, random.random() / 100]))
                asked.cancel()
            with suppress(asyncio.CancelledError):
                await asked
            ended["cut off" if asked.cancelled() else "answered"] += 1

    await asyncio.gather(*map(client, range(4)))
    assert wrong == []
    assert min(ended.values()) > 20
    async with AsyncExitStack() as all_of_them:
        for tenant in ("ws_ada", "ws_ada", "ws_ada", "ws_eve"):
            await all_of_them.enter_async_context(pool.connect(tenant))


async def test_a_connection_in_the_middle_of_something_is_given_to_nobody(pool: Pool) -> None:
    driver = await pool.take("ws_ada")
    await driver.execute("BEGIN; SET LOCAL app.tenant_id = 'ws_ada'", prepare=False)
    await pool.give(driver)
    assert driver.closed
    async with pool.connect("ws_eve") as connection:
        assert (await connection.execute(WHO, {"tag": "1"})).one().tenant == "ws_eve"


async def test_a_statement_that_was_cut_off_while_it_was_prepared_runs_again_later(
    postgres_url: str,
) -> None:
    pool = Pool(login_conninfo(postgres_url), 1, 0.2, APP_ROLE)
    count = text("SELECT count(*) FROM chunk_vectors")
    for _ in range(2):  # the next time it is prepared
        async with pool.connect("ws_ada") as connection:
            assert await connection.scalar(count) == 0
    locked_out = await psycopg.AsyncConnection.connect(postgres_url)
    await locked_out.execute("LOCK TABLE chunk_vectors IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), pool.connect("ws_ada") as connection:
            await connection.scalar(count)
    await locked_out.close()
    for _ in range(3):
        async with pool.connect("ws_ada") as connection:
            assert await connection.scalar(count) == 0
    await pool.dispose()


async def test_who_is_cut_off_again_and_again_costs_nobody_else_a_connection(pool: Pool) -> None:
    """As streams are: each turn of the loop cancels them until they have ended."""
    pid = text("SELECT pg_backend_pid()")
    async with pool.connect("ws_eve") as connection:
        slow = asyncio.create_task(_ask_slowly(pool))
        await asyncio.sleep(0.1)
        idle = await connection.scalar(pid)
    while not slow.done():
        slow.cancel()
        await asyncio.sleep(0)
    async with pool.connect("ws_eve") as connection:
        assert await connection.scalar(pid) == idle


async def _ask_slowly(pool: Pool) -> None:
    async with pool.connect("ws_ada") as connection:
        await connection.execute(SLOWLY, {"tag": "1", "seconds": 3})
