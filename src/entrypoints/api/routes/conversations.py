"""Conversations with a bot."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from application.services.views import conversation_view, message_view
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
) -> Response:
    """Return the conversations with a bot, newest first."""
    await container.bot_queries().get(actor.tenant_id, bot_id)
    found = await container.conversation_queries().list(actor.tenant_id, bot_id, q, page)
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
    conversation_id: ConversationId, actor: ActorDep, container: ContainerDep, page: PageDep
) -> Response:
    """Return the messages of a conversation, oldest first."""
    queries = container.conversation_queries()
    await queries.get(actor.tenant_id, conversation_id)
    found = await queries.messages(actor.tenant_id, conversation_id, page)
    return page_response([message_view(item) for item in found.items], found)
