"""Downloads that take long: who may have them no more, or takes nothing, is let go."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
import pytest
from dependency_injector import providers

from application.queries.audit import EVERYTHING, AuditFilter, AuditQueries
from application.queries.page import Page, PageRequest
from domain.audit import GENESIS, AuditEntry, AuditLink
from integration.api.client import API, Client
from integration.api.keys import make_key

_ENTRY = AuditEntry("audit_1", datetime(2026, 1, 1, tzinfo=UTC), "user", "usr_1", "x", "bot", "b")


class Endless(AuditQueries):
    """A log that is read for ever; `ended` is set when the reading ends."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self.ended = asyncio.Event()

    async def list(
        self, scope: str, page: PageRequest, where: AuditFilter = EVERYTHING
    ) -> Page[AuditLink]:
        return Page([], None)

    async def chain(self, scope: str) -> AsyncIterator[AuditLink]:
        try:
            while True:
                yield AuditLink(1, _ENTRY.body, GENESIS, GENESIS)
                await asyncio.sleep(self._pause)
        finally:
            self.ended.set()


async def test_a_download_ends_with_the_right_to_it(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.api.watch.RECHECK_SECONDS", 0.05)
    key = await make_key(ada, "audit:read")
    headers = {"Authorization": f"Bearer {key['secret']}"}
    log = Endless(0.01)
    with ada.service.container.audit_queries.override(providers.Object(log)):
        async with (
            asyncio.timeout(10),
            ada.http.get(f"{API}/audit_events/export", headers=headers) as reply,
        ):
            assert await reply.content.readline()
            await ada.delete(f"/api_keys/{key['id']}")
            with pytest.raises(aiohttp.ClientError):  # not as if it were whole
                await reply.content.read()
            await log.ended.wait()


async def test_a_download_that_nobody_takes_is_broken_off(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.api.downloads.SEND_SECONDS", 0.2)
    log = Endless(0)
    with ada.service.container.audit_queries.override(providers.Object(log)):
        reader, writer = await asyncio.open_connection("127.0.0.1", ada.service.port, limit=1)
        bearer = ada.headers["Authorization"]
        request = (
            f"GET {API}/audit_events/export HTTP/1.1\r\nHost: localhost\r\nAuthorization: {bearer}"
        )
        writer.write(f"{request}\r\n\r\n".encode())
        async with asyncio.timeout(20):
            await log.ended.wait()
        writer.close()
        with suppress(ConnectionError):
            await reader.read()
