"""What the product makes of a database that is full, busy, silent, killed, or back again."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from sqlalchemy import text

from adapters import _driver
from adapters._driver import Trouble, trouble_of
from adapters._psycopg import Pool
from adapters.embedded_postgres import EmbeddedPostgres
from adapters.postgres import notifier as notifier_module
from adapters.postgres.database import DatabaseUnavailable, Reader, make_pool
from adapters.postgres.migrate import migrate
from adapters.postgres.notifier import PostgresNotifier
from adapters.postgres.roles import SYSTEM_ROLE, login_conninfo
from domain.errors import DatabaseBusy, DependencyUnavailable, Overloaded, StorageFull
from support.silent_proxy import SilentProxy


@pytest.fixture
async def small(postgres_url: str) -> AsyncIterator[Pool]:
    pool = make_pool(login_conninfo(postgres_url), size=2)
    yield pool
    await pool.dispose()


async def _ask(pool: Pool, statement: str = "SELECT true", tenant: str = "ws_a") -> bool:
    async with Reader(pool).connect(tenant) as connection:
        return bool(await connection.scalar(text(statement)))


def _raising(code: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'on purpose' USING ERRCODE = '{code}'; END $$"


@pytest.mark.parametrize(
    ("code", "expected", "is_outage"),
    [
        ("08006", DatabaseUnavailable, True),  # the connection failed
        ("57P01", DatabaseUnavailable, True),  # shut down by its administrator
        ("57P03", DatabaseUnavailable, True),  # starting up
        ("53300", DatabaseUnavailable, True),  # too many connections
        ("53200", DatabaseUnavailable, True),  # out of memory
        ("53100", StorageFull, True),
        ("57014", DatabaseBusy, False),  # took too long
        ("55P03", DatabaseBusy, False),  # a lock
        ("40P01", DatabaseBusy, False),  # a deadlock
        ("40001", DatabaseBusy, False),
    ],
)
async def test_what_keeps_the_database_from_its_work_is_told_apart(
    small: Pool, code: str, expected: type[DependencyUnavailable], is_outage: bool
) -> None:
    with pytest.raises(DependencyUnavailable) as caught:
        await _ask(small, _raising(code))
    assert type(caught.value) is expected
    assert caught.value.is_outage is is_outage
    assert await _ask(small) is True


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("SELECT * FROM nowhere", psycopg.errors.UndefinedTable),
        ("SELECT 1 / 0", psycopg.errors.DivisionByZero),
        (_raising("23514"), psycopg.errors.CheckViolation),
        (_raising("XX000"), psycopg.errors.InternalError_),
    ],
)
async def test_a_mistake_of_ours_is_no_outage(
    small: Pool, statement: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await _ask(small, statement)


def test_errors_without_a_code_are_those_of_the_connection() -> None:
    assert trouble_of(psycopg.OperationalError("server closed")) is Trouble.OUT
    assert trouble_of(psycopg.InterfaceError("the connection is closed")) is Trouble.OUT
    assert trouble_of(psycopg.ProgrammingError("cannot adapt")) is None
    assert trouble_of(psycopg.DataError("too large")) is None


async def test_who_finds_no_free_connection_is_told_within_two_seconds(small: Pool) -> None:
    async with AsyncExitStack() as held:
        await held.enter_async_context(small.connect("ws_a"))
        await held.enter_async_context(small.connect("ws_b"))
        begun = time.monotonic()
        asked = await asyncio.gather(
            *(_ask(small, tenant=f"ws_{n}") for n in range(20)), return_exceptions=True
        )
        assert time.monotonic() - begun < 2
    assert {type(error) for error in asked} == {Overloaded}
    assert await _ask(small) is True


async def test_idle_connections_that_the_server_closed_fail_nobody(
    small: Pool, postgres_url: str
) -> None:
    async with small.connect("ws_a"), small.connect("ws_b"):
        pass
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        ended = admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    assert len(ended) == 2
    assert all(await asyncio.gather(_ask(small), _ask(small, tenant="ws_b")))


async def test_a_server_that_falls_silent_holds_nobody_for_ever(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_driver, "_ANSWER_SECONDS", 0.3)
    async with SilentProxy(login_conninfo(postgres_url)) as proxy:
        pool = make_pool(proxy.url, size=2, patience=0.2)
        assert await _ask(pool) is True
        proxy.speaks.clear()
        begun = time.monotonic()
        with pytest.raises(DatabaseUnavailable):
            await _ask(pool)
        assert time.monotonic() - begun < 1
        proxy.speaks.set()
        assert all(await asyncio.gather(_ask(pool), _ask(pool, tenant="ws_b")))
        await pool.dispose()


async def test_who_goes_while_the_server_is_silent_is_gone_within_two_seconds(
    postgres_url: str,
) -> None:
    async with SilentProxy(login_conninfo(postgres_url)) as proxy:
        pool = make_pool(proxy.url, size=2, patience=0.2)
        await _ask(pool)
        proxy.speaks.clear()
        begun = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await _ask(pool)
        assert time.monotonic() - begun < 2
        proxy.speaks.set()
        assert all(await asyncio.gather(_ask(pool), _ask(pool, tenant="ws_b")))
        await pool.dispose()


async def test_a_listener_whose_connection_is_silent_notices_and_listens_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier_module, "_SILENCE_SECONDS", 0.2)
    monkeypatch.setattr(notifier_module, "_PONG_SECONDS", 0.2)
    monkeypatch.setitem(_driver.WATCHFUL, "connect_timeout", 2)
    async with SilentProxy(login_conninfo(postgres_url)) as proxy:
        notifier = PostgresNotifier(proxy.url)
        await notifier.start()
        assert notifier.patience(0) == float("inf")
        proxy.speaks.clear()
        await _until(lambda: notifier.patience(0) < 5)  # followers look for themselves from now on
        proxy.speaks.set()
        await _until(lambda: notifier.patience(0) == float("inf"))
        with notifier.watch("msg_1") as watch, psycopg.connect(postgres_url) as other:
            other.execute(f"NOTIFY {notifier_module.CHANNEL}, 'msg_1 7'")
            other.commit()
            assert await watch.wait(5)
        await notifier.stop()


async def test_notifications_during_the_listeners_own_question_are_not_lost(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier_module, "_SILENCE_SECONDS", 0.001)  # it asks nearly all the time
    notifier = PostgresNotifier(login_conninfo(postgres_url))
    await notifier.start()
    heard: list[str] = []
    monkeypatch.setattr(notifier, "_heard", heard.append)
    async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as other:
        for number in range(300):
            await other.execute(f"NOTIFY {notifier_module.CHANNEL}, 'msg_1 {number}'")
    await _until(lambda: len(heard) >= 300)
    assert heard == [f"msg_1 {number}" for number in range(300)]
    await notifier.stop()


async def test_after_a_kill_of_the_server_all_reconnect_within_five_seconds() -> None:
    with TemporaryDirectory(prefix="cs-killed-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "data")
        try:
            owner = await asyncio.to_thread(postgres.start)
            await asyncio.to_thread(migrate, owner)
            url = login_conninfo(owner)
            pools = [make_pool(url, size=2), make_pool(url, size=2, role=SYSTEM_ROLE)]
            notifier = PostgresNotifier(url)
            await notifier.start()
            for _ in range(2):
                await asyncio.gather(*map(_ask, pools))
                pid = int((Path(folder) / "data/postgres/postmaster.pid").read_text().split()[0])
                os.kill(pid, signal.SIGKILL)
                back = await _time_until_back(pools, url)
                assert back < 5
                await _until(lambda: notifier.patience(0) == float("inf"), seconds=5)
            await notifier.stop()
            for pool in pools:
                await pool.dispose()
        finally:
            await asyncio.to_thread(postgres.stop)


async def _time_until_back(pools: list[Pool], url: str) -> float:
    """Wait until the server takes connections; return the seconds from then until all pools work."""
    waiting = asyncio.gather(*map(_until_it_answers, pools))
    while True:
        try:
            await asyncio.to_thread(lambda: psycopg.connect(url, connect_timeout=2).close())
            break
        except psycopg.OperationalError:
            await asyncio.sleep(0.05)
    begun = time.monotonic()
    await waiting
    return time.monotonic() - begun


async def _until_it_answers(pool: Pool) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(DatabaseUnavailable):
                await _ask(pool)
                return
            await asyncio.sleep(0.05)


async def _until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.02)
