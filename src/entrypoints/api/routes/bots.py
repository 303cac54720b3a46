"""Bots, their configuration and versions."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from application.services.views import bot_view, version_view
from domain.configuration import json_schema
from entrypoints.api import schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import (
    BotId,
    ContainerDep,
    IdempotencyDep,
    IfMatchDep,
    PageDep,
    etag,
    json_response,
    numbered,
    page_response,
    receipt_header,
    replay_headers,
)

router = APIRouter(tags=["Bots"])


@router.get("/bots", response_model=schemas.ListOf[schemas.Bot])
async def list_bots(actor: ActorDep, container: ContainerDep, page: PageDep) -> Response:
    """Return the bots of the workspace, newest first."""
    found = await container.bot_queries().list(actor.tenant_id, page)
    return page_response([bot_view(bot) for bot in found.items], found)


@router.post("/bots", status_code=201, response_model=schemas.Bot)
async def create_bot(
    body: schemas.BotCreate, actor: ActorDep, container: ContainerDep, key: IdempotencyDep
) -> Response:
    """Make a bot."""
    bot, replayed = await container.create_bot()(
        actor, body.name, body.description, body.configuration, key
    )
    headers = {
        **etag(bot.version),
        **replay_headers(replayed),
        "Location": f"/api/v1/bots/{bot.id}",
    }
    return json_response(bot_view(bot), 201, headers)


@router.get("/bots/config_schema", response_model=dict[str, Any])
async def config_schema(_: ActorDep) -> Response:
    """Return the JSON Schema of a bot's configuration; forms are made from it."""
    return json_response(json_schema())


@router.get("/bots/{bot_id}", response_model=schemas.Bot)
async def get_bot(bot_id: BotId, actor: ActorDep, container: ContainerDep) -> Response:
    """Return a bot."""
    bot = await container.bot_queries().get(actor.tenant_id, bot_id)
    return json_response(bot_view(bot), headers=etag(bot.version))


@router.patch("/bots/{bot_id}", response_model=schemas.Bot)
async def update_bot(
    bot_id: BotId,
    body: schemas.BotPatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Change a bot by JSON Merge Patch."""
    bot = await container.update_bot()(
        actor,
        bot_id,
        name=body.name,
        description=body.description,
        configuration=body.configuration,
        expected_version=if_match,
    )
    return json_response(bot_view(bot), headers=etag(bot.version))


@router.delete("/bots/{bot_id}", status_code=204)
async def delete_bot(
    bot_id: BotId, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """Delete a bot with its documents and conversations.

    `Erasure-Receipt` names the receipt: `GET /erasures/{id}` shows it.
    """
    receipt = await container.delete_bot()(actor, bot_id, if_match)
    return Response(status_code=204, headers=receipt_header(receipt))


@router.get("/bots/{bot_id}/versions", response_model=schemas.ListOf[schemas.BotVersion])
async def list_versions(
    bot_id: BotId, actor: ActorDep, container: ContainerDep, page: PageDep
) -> Response:
    """Return the versions of a bot, newest first."""
    queries = container.bot_queries()
    await queries.get(actor.tenant_id, bot_id)
    found = await queries.versions(actor.tenant_id, bot_id, numbered(page))
    made_by = (version.created_by for version in found.items)
    names = await container.actor_names().of(actor.tenant_id, made_by)
    return page_response([version_view(version, names) for version in found.items], found)


@router.post("/bots/{bot_id}/versions", status_code=201, response_model=schemas.BotVersion)
async def create_version(
    bot_id: BotId,
    actor: ActorDep,
    container: ContainerDep,
    body: schemas.BotVersionCreate | None = None,
) -> Response:
    """Freeze the present configuration as the next version."""
    version = await container.create_version()(actor, bot_id, body.note if body else "")
    names = await container.actor_names().of(actor.tenant_id, [version.created_by])
    return json_response(version_view(version, names), 201)


@router.post("/bots/{bot_id}/versions/{number}/publish", response_model=schemas.Bot)
async def publish_version(
    bot_id: BotId,
    number: Annotated[int, Path(ge=1, le=2**31 - 1)],
    actor: ActorDep,
    container: ContainerDep,
) -> Response:
    """Answer with this version from now on; publishing an older one is a rollback."""
    bot = await container.publish_version()(actor, bot_id, number)
    return json_response(bot_view(bot), headers=etag(bot.version))
