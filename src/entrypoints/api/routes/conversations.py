"""Conversations with a bot."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from application.queries.conversations import ConversationFilter
from application.services.views import conversation_view, message_view
from domain.accounts import Actor
from domain.conversations import MessageStatus
from domain.feedback import Rating
from entrypoints.api import chat_schemas, schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.days import span_of
from entrypoints.api.deps import (
    BotId,
    ContainerDep,
    ConversationId,
    IdempotencyDep,
    IfMatchDep,
    PageDep,
    etag,
    json_response,
    page_response,
    replay_headers,
)
from entrypoints.container import Container

router = APIRouter(tags=["Conversations"])
Status = Literal["pending", "streaming", "completed", "stopped", "failed"]
_WHO = "^(?:usr_|key_)[0-7][0-9a-hjkmnp-tv-z]{25}$"


async def _where(
    q: Annotated[
        schemas.Text | None, Query(max_length=200, description="Words in the title or a message.")
    ] = None,
    status: Annotated[
        Status | None, Query(description="Those with an answer of this status.")
    ] = None,
    from_: Annotated[
        date | None, Query(alias="from", description="First day on which they began (UTC).")
    ] = None,
    to: Annotated[date | None, Query(description="Last day on which they began (UTC).")] = None,
    feedback: Annotated[
        Literal["up", "down"] | None,
        Query(description="Those with an answer that anyone says this of."),
    ] = None,
    degraded: Annotated[
        bool | None,
        Query(description="Those with (or without) an answer that was made with a part out."),
    ] = None,
    who: Annotated[
        str | None, Query(pattern=_WHO, description="Id of the person or API key that began them.")
    ] = None,
) -> ConversationFilter:
    since, until = span_of(from_, to)
    return ConversationFilter(
        q=q,
        status=MessageStatus(status) if status else None,
        since=since,
        until=until,
        feedback=Rating(feedback) if feedback else None,
        degraded=degraded,
        started_by=who,
    )


@router.get(
    "/bots/{bot_id}/conversations", response_model=schemas.ListOf[chat_schemas.Conversation]
)
async def list_conversations(
    bot_id: BotId,
    actor: ActorDep,
    container: ContainerDep,
    page: PageDep,
    where: Annotated[ConversationFilter, Depends(_where)],
) -> Response:
    """Return the conversations with a bot, newest first."""
    await container.bot_queries().get(actor.tenant_id, bot_id)
    found = await container.conversation_queries().list(actor.tenant_id, bot_id, where, page)
    started_by = (item.conversation.started_by for item in found.items)
    names = await container.actor_names().of(actor.tenant_id, started_by)
    return page_response([conversation_view(item, names) for item in found.items], found)


async def _shown(
    container: Container,
    actor: Actor,
    conversation_id: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a conversation as it is now."""
    found = await container.conversation_queries().overview(actor.tenant_id, conversation_id)
    names = await container.actor_names().of(actor.tenant_id, [found.conversation.started_by])
    tag = etag(found.conversation.version)
    return json_response(conversation_view(found, names), status, {**tag, **(headers or {})})


@router.post(
    "/bots/{bot_id}/conversations", status_code=201, response_model=chat_schemas.Conversation
)
async def start_conversation(
    bot_id: BotId,
    actor: ActorDep,
    container: ContainerDep,
    key: IdempotencyDep,
    body: chat_schemas.ConversationCreate | None = None,
) -> Response:
    """Begin an empty conversation."""
    title = body.title if body else ""
    conversation, replayed = await container.start_conversation()(actor, bot_id, title, key)
    headers = {
        **replay_headers(replayed),
        "Location": f"/api/v1/conversations/{conversation.id}",
    }
    return await _shown(container, actor, conversation.id, 201, headers)


@router.get("/conversations/{conversation_id}", response_model=chat_schemas.Conversation)
async def get_conversation(
    conversation_id: ConversationId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return a conversation."""
    return await _shown(container, actor, conversation_id)


@router.patch("/conversations/{conversation_id}", response_model=chat_schemas.Conversation)
async def rename_conversation(
    conversation_id: ConversationId,
    body: chat_schemas.ConversationPatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Give a conversation another title."""
    await container.rename_conversation()(actor, conversation_id, body.title, if_match)
    return await _shown(container, actor, conversation_id)


@router.delete("/conversations/{conversation_id}", status_code=204)
async def delete_conversation(
    conversation_id: ConversationId, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """Delete a conversation with its messages."""
    await container.delete_conversation()(actor, conversation_id, if_match)
    return Response(status_code=204)


@router.get(
    "/conversations/{conversation_id}/messages", response_model=schemas.ListOf[chat_schemas.Message]
)
async def list_messages(
    conversation_id: ConversationId,
    actor: ActorDep,
    container: ContainerDep,
    page: PageDep,
    order: Annotated[
        Literal["asc", "desc"],
        Query(description="`desc`: newest first, from the end of a long one."),
    ] = "asc",
) -> Response:
    """Return the messages of a conversation, oldest first unless told otherwise."""
    queries = container.conversation_queries()
    await queries.get(actor.tenant_id, conversation_id)
    found = await queries.messages(
        actor.tenant_id, conversation_id, page, newest_first=order == "desc"
    )
    given = await container.feedback_queries().given(
        actor.tenant_id, actor.id, [item.id for item in found.items]
    )
    return page_response([message_view(item, given.get(item.id)) for item in found.items], found)
