"""Conversations with a bot."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from application.queries.conversations import ConversationFilter
from application.services.views import conversation_view, message_view
from domain.conversations import MessageStatus
from entrypoints.api import chat_schemas, schemas
from entrypoints.api.access import ActorDep
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

router = APIRouter(tags=["Conversations"])
Status = Literal["pending", "streaming", "completed", "stopped", "failed"]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@router.get(
    "/bots/{bot_id}/conversations", response_model=schemas.ListOf[chat_schemas.Conversation]
)
async def list_conversations(
    bot_id: BotId,
    actor: ActorDep,
    container: ContainerDep,
    page: PageDep,
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
) -> Response:
    """Return the conversations with a bot, newest first."""
    await container.bot_queries().get(actor.tenant_id, bot_id)
    where = ConversationFilter(
        q,
        MessageStatus(status) if status else None,
        _midnight(from_) if from_ else None,
        _midnight(to) + timedelta(days=1) if to and to < date.max else None,
    )
    found = await container.conversation_queries().list(actor.tenant_id, bot_id, where, page)
    return page_response([conversation_view(item) for item in found.items], found)


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
        **etag(conversation.version),
        **replay_headers(replayed),
        "Location": f"/api/v1/conversations/{conversation.id}",
    }
    return json_response(conversation_view(conversation), 201, headers)


@router.get("/conversations/{conversation_id}", response_model=chat_schemas.Conversation)
async def get_conversation(
    conversation_id: ConversationId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return a conversation."""
    found = await container.conversation_queries().get(actor.tenant_id, conversation_id)
    return json_response(conversation_view(found), headers=etag(found.version))


@router.patch("/conversations/{conversation_id}", response_model=chat_schemas.Conversation)
async def rename_conversation(
    conversation_id: ConversationId,
    body: chat_schemas.ConversationPatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Give a conversation another title."""
    renamed = await container.rename_conversation()(actor, conversation_id, body.title, if_match)
    return json_response(conversation_view(renamed), headers=etag(renamed.version))


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
    return page_response([message_view(item) for item in found.items], found)
