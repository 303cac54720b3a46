"""Crawls: read a site for a bot, see how far it is, stop it."""

from fastapi import APIRouter, Response

from application.services.views import crawl_view
from application.use_cases.crawls import NewCrawl
from entrypoints.api import source_schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import (
    BotId,
    ContainerDep,
    CrawlId,
    IdempotencyDep,
    PageDep,
    json_response,
    page_response,
    replay_headers,
)
from entrypoints.api.schemas import ListOf

router = APIRouter(tags=["Crawls"])


@router.post(
    "/bots/{bot_id}/crawls",
    status_code=202,
    response_model=source_schemas.Crawl,
    responses={409: {}},
)
async def start_crawl(
    bot_id: BotId,
    body: source_schemas.NewCrawl,
    actor: ActorDep,
    container: ContainerDep,
    key: IdempotencyDep,
) -> Response:
    """Read a site in the background; each of its pages becomes a document of the bot."""
    new = NewCrawl(body.url, body.max_pages, body.max_depth, body.include, body.exclude)
    crawl, replayed = await container.start_crawl()(actor, bot_id, new, key)
    headers = {"Location": f"/api/v1/crawls/{crawl.id}", **replay_headers(replayed)}
    return json_response(crawl_view(crawl), 202, headers)


@router.get("/bots/{bot_id}/crawls", response_model=ListOf[source_schemas.Crawl])
async def list_crawls(
    bot_id: BotId, actor: ActorDep, container: ContainerDep, page: PageDep
) -> Response:
    """Return the crawls of a bot, newest first."""
    await container.bot_queries().get(actor.tenant_id, bot_id)
    found = await container.crawl_queries().list(actor.tenant_id, bot_id, page)
    return page_response([crawl_view(crawl) for crawl in found.items], found)


@router.get("/crawls/{crawl_id}", response_model=source_schemas.Crawl)
async def get_crawl(crawl_id: CrawlId, actor: ActorDep, container: ContainerDep) -> Response:
    """Return a crawl with how far it is."""
    return json_response(crawl_view(await container.crawl_queries().get(actor.tenant_id, crawl_id)))


@router.post("/crawls/{crawl_id}/stop", response_model=source_schemas.Crawl)
async def stop_crawl(crawl_id: CrawlId, actor: ActorDep, container: ContainerDep) -> Response:
    """End a crawl; the documents that it made stay."""
    return json_response(crawl_view(await container.stop_crawl()(actor, crawl_id)))
