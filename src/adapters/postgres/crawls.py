"""Crawls in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from adapters.postgres.schema import bots, crawls
from application.ports.crawls import CrawlRepository
from application.queries.crawls import CrawlQueries
from application.queries.page import Page, PageRequest
from domain.crawls import Crawl, CrawlRules, CrawlStatus, Frontier
from domain.documents import Failure
from domain.errors import NotFound
from domain.urls import WebUrl

_SHOWN = [column for column in crawls.c if column.name != "frontier"]
_OF_LIVE_BOT = (
    (bots.c.tenant_id == crawls.c.tenant_id)
    & (bots.c.id == crawls.c.bot_id)
    & bots.c.deleted_at.is_(None)
)
_MINE = crawls.c.tenant_id == bindparam("tenant_id")
_ONE = select(crawls).join(bots, _OF_LIVE_BOT).where(_MINE, crawls.c.id == bindparam("id"))
_LOCK = _ONE.with_for_update(of=crawls)
_SHOW_ONE = select(*_SHOWN).join(bots, _OF_LIVE_BOT).where(_MINE, crawls.c.id == bindparam("id"))
_FIRST = (
    select(*_SHOWN)
    .join(bots, _OF_LIVE_BOT)
    .where(_MINE, crawls.c.bot_id == bindparam("bot_id"))
    .order_by(crawls.c.id.desc())
    .limit(bindparam("limit"))
)
_NEXT = _FIRST.where(crawls.c.id < bindparam("after"))
_RUNNING = select(crawls.c.id).where(
    _MINE, crawls.c.bot_id == bindparam("bot_id"), crawls.c.status == CrawlStatus.RUNNING.value
)


def _frontier(data: Mapping[str, Any]) -> Frontier:
    begun = data["begun_at"]
    return Frontier(
        addresses=[(address, depth) for address, depth in data["addresses"]],
        place=data["place"],
        fetched=data["fetched"],
        follows_links=data["follows_links"],
        begun_at=datetime.fromisoformat(begun) if begun else None,
    )


def _to_crawl(row: Row, frontier: Frontier) -> Crawl:
    scheme, host, port, path, query = row.rules["url"]
    return Crawl(
        id=row.id,
        tenant_id=row.tenant_id,
        bot_id=row.bot_id,
        url=WebUrl(scheme, host, port, path, query),
        rules=CrawlRules(
            row.max_pages,
            row.max_depth,
            tuple(row.rules["include"]),
            tuple(row.rules["exclude"]),
        ),
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=CrawlStatus(row.status),
        found=row.found,
        added=row.added,
        skipped=row.skipped,
        failed=row.failed,
        error=Failure(row.error_code, row.error_detail) if row.error_code else None,
        frontier=frontier,
    )


def _state(crawl: Crawl) -> dict[str, object]:
    frontier = crawl.frontier
    return {
        "status": crawl.status.value,
        "frontier": {
            "addresses": [list(address) for address in frontier.addresses],
            "place": frontier.place,
            "fetched": frontier.fetched,
            "follows_links": frontier.follows_links,
            "begun_at": frontier.begun_at.isoformat() if frontier.begun_at else None,
        },
        "found": crawl.found,
        "added": crawl.added,
        "skipped": crawl.skipped,
        "failed": crawl.failed,
        "error_code": crawl.error.code if crawl.error else None,
        "error_detail": crawl.error.detail if crawl.error else None,
        "updated_at": crawl.updated_at,
    }


class PostgresCrawlRepository(CrawlRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, crawl: Crawl) -> None:
        url, rules = crawl.url, crawl.rules
        values = {
            **_state(crawl),
            "tenant_id": self._tenant_id,
            "bot_id": crawl.bot_id,
            "id": crawl.id,
            "url": str(url),
            "max_pages": rules.max_pages,
            "max_depth": rules.max_depth,
            "rules": {
                "url": [url.scheme, url.host, url.port, url.path, url.query],
                "include": list(rules.include),
                "exclude": list(rules.exclude),
            },
            "created_by": crawl.created_by,
            "created_at": crawl.created_at,
        }
        await self._connection.execute(insert(crawls), values)

    async def get(self, crawl_id: str, *, lock: bool = False) -> Crawl:
        found = await self._connection.execute(
            _LOCK if lock else _ONE, {"tenant_id": self._tenant_id, "id": crawl_id}
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such crawl.")
        return _to_crawl(row, _frontier(row.frontier))

    async def running(self, bot_id: str) -> str | None:
        found = await self._connection.execute(
            _RUNNING.limit(1), {"tenant_id": self._tenant_id, "bot_id": bot_id}
        )
        row = found.one_or_none()
        return None if row is None else str(row.id)

    async def save(self, crawl: Crawl) -> None:
        await self._connection.execute(
            update(crawls)
            .where(crawls.c.tenant_id == self._tenant_id, crawls.c.id == crawl.id)
            .values(_state(crawl))
        )


class PostgresCrawlQueries(CrawlQueries):
    """Reads of crawls; the frontier stays where it is."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get(self, tenant_id: str, crawl_id: str) -> Crawl:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(_SHOW_ONE, {"tenant_id": tenant_id, "id": crawl_id})
            row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such crawl.")
        return _to_crawl(row, Frontier())

    async def list(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[Crawl]:
        values: dict[str, object] = {
            "tenant_id": tenant_id,
            "bot_id": bot_id,
            "limit": page.limit + 1,
        }
        if page.after:
            values["after"] = page.after
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_NEXT if page.after else _FIRST, values)
            found = [_to_crawl(row, Frontier()) for row in rows]
        return Page.cut(found, page.limit, lambda crawl: crawl.id)
