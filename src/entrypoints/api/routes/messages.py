"""Chat: ask, follow, stop, ask again."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import StreamingResponse

from application.ports.event_log import EventLog
from application.services.idempotency import IdempotencyKey
from application.services.views import message_view
from application.use_cases.accept_message import Accepted, NewMessage
from domain.accounts import Actor
from domain.conversations import Message, MessageRole
from domain.errors import Conflict, DependencyUnavailable
from domain.events import MESSAGE_ENDS
from entrypoints.api import chat_schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.answers import Answers
from entrypoints.api.deps import (
    BotId,
    ContainerDep,
    ConversationId,
    IdempotencyDep,
    MessageId,
    json_response,
    replay_headers,
)
from entrypoints.api.streams import EVENT_STREAM, event_stream, last_event_id_of, wants_stream
from entrypoints.container import Container

router = APIRouter(tags=["Chat"])


async def _answers(request: Request) -> Answers:
    answers: Answers = request.app.state.answers
    return answers


AnswersDep = Annotated[Answers, Depends(_answers)]


async def accept(
    container: Container,
    answers: Answers,
    actor: Actor,
    new: NewMessage,
    key: IdempotencyKey | None = None,
) -> Accepted:
    """Accept a message, durably, and begin to answer it. Raises what AcceptMessage raises."""
    with answers.room():
        accepted = await container.accept_message()(actor, new, key)
        if not accepted.replayed:
            answers.start(accepted.answer)
    return accepted


async def finished(container: Container, answers: Answers, accepted: Accepted) -> Message:
    """Wait for the end of an answer that this process writes. Raises Conflict where it writes it not.

    Where this process slept so long that another took the answer over, that one's end is waited for.
    """
    answer = accepted.answer
    if answer.status.is_final:
        return answer
    task = answers.running(answer.id)
    if accepted.replayed or task is None:
        raise Conflict(
            "The request with this Idempotency-Key is still being answered: follow "
            f"/api/v1/messages/{answer.id}/stream.",
            code="idempotency_in_flight",
        )
    message = await _outcome(task)
    if not message.status.is_final:
        async for _ in container.event_log().follow(answer.tenant_id, answer.id, 0, MESSAGE_ENDS):
            pass
        message = await container.conversation_queries().message(answer.tenant_id, answer.id)
    return message


async def _outcome(task: "asyncio.Task[Message]") -> Message:
    """Return what a running answer came to; whoever waits for it does not end it by going away.

    Raises DependencyUnavailable where the server ended it before it had an end.
    """
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        this = asyncio.current_task()
        if not task.cancelled() or (this is not None and this.cancelling()):
            raise
        raise DependencyUnavailable(
            "This server is about to end; the answer is told by another.",
            retry_after=5,
            code="draining",
        ) from None


def log_of(container: Container, accepted: Accepted) -> EventLog:
    """Return the log to follow an answer in; that of a new one has surely kept its events."""
    return container.answer_log() if accepted.replayed else container.event_log()


def stream_of(container: Container, actor: Actor, accepted: Accepted) -> Response:
    """Return the event stream of an answer."""
    return event_stream(
        log_of(container, accepted),
        actor,
        accepted.answer.id,
        0,
        MESSAGE_ENDS,
        replay_headers(accepted.replayed),
    )


@router.post(
    "/bots/{bot_id}/chat",
    response_model=chat_schemas.ChatResult,
    responses={200: {"content": EVENT_STREAM}},
)
async def chat(
    bot_id: BotId,
    body: chat_schemas.Chat,
    request: Request,
    actor: ActorDep,
    container: ContainerDep,
    answers: AnswersDep,
    key: IdempotencyDep,
) -> Response:
    """Ask a bot: the finished answer as JSON, or its stream with `Accept: text/event-stream`."""
    new = NewMessage(
        body.message,
        bot_id=bot_id,
        conversation_id=body.conversation_id,
        draft=body.version == "draft",
    )
    accepted = await accept(container, answers, actor, new, key)
    if wants_stream(request):
        return stream_of(container, actor, accepted)
    message = await finished(container, answers, accepted)
    told = await _told(container, actor, accepted, message)
    result = {"conversation_id": message.conversation_id, "message": told}
    return json_response(result, headers=replay_headers(accepted.replayed))


@router.post(
    "/conversations/{conversation_id}/messages",
    status_code=201,
    response_model=chat_schemas.Message,
    responses={200: {"description": "The stream.", "content": EVENT_STREAM}},
)
async def create_message(
    conversation_id: ConversationId,
    body: chat_schemas.MessageCreate,
    request: Request,
    actor: ActorDep,
    container: ContainerDep,
    answers: AnswersDep,
    key: IdempotencyDep,
) -> Response:
    """Say something in a conversation: the finished answer, or its stream by Accept."""
    new = NewMessage(
        body.content,
        conversation_id=conversation_id,
        parent_id=body.parent_id,
        draft=body.version == "draft",
    )
    accepted = await accept(container, answers, actor, new, key)
    return await _answered(request, container, answers, actor, accepted)


async def _answered(
    request: Request, container: Container, answers: Answers, actor: Actor, accepted: Accepted
) -> Response:
    if wants_stream(request):
        return stream_of(container, actor, accepted)
    message = await finished(container, answers, accepted)
    told = await _told(container, actor, accepted, message)
    return json_response(told, 201, replay_headers(accepted.replayed))


async def _told(
    container: Container, actor: Actor, accepted: Accepted, message: Message
) -> dict[str, object]:
    """Return an answer; of a new one nobody has said anything yet."""
    return (
        await _with_feedback(container, actor, message)
        if accepted.replayed
        else message_view(message)
    )


async def _with_feedback(container: Container, actor: Actor, message: Message) -> dict[str, object]:
    """Return a message with what the actor says of it."""
    given = await container.feedback_queries().given(actor.tenant_id, actor.id, [message.id])
    return message_view(message, given.get(message.id))


@router.get("/messages/{message_id}", response_model=chat_schemas.Message)
async def get_message(message_id: MessageId, actor: ActorDep, container: ContainerDep) -> Response:
    """Return a message, whatever its state."""
    found = await container.conversation_queries().message(actor.tenant_id, message_id)
    return json_response(await _with_feedback(container, actor, found))


@router.get(
    "/messages/{message_id}/stream",
    response_class=StreamingResponse,
    responses={200: {"description": "The stream.", "content": EVENT_STREAM}, 409: {}},
)
async def follow_message(
    message_id: MessageId,
    actor: ActorDep,
    container: ContainerDep,
    after: Annotated[int, Depends(last_event_id_of)],
) -> Response:
    """Follow an answer from any event on, on any process."""
    found = await container.conversation_queries().message(actor.tenant_id, message_id)
    if found.role is not MessageRole.ASSISTANT:
        raise Conflict("Only an answer has a stream.")
    return event_stream(container.answer_log(), actor, message_id, after, MESSAGE_ENDS)


@router.post(
    "/messages/{message_id}/stop",
    status_code=202,
    response_model=chat_schemas.Message,
    responses={409: {}},
)
async def stop(message_id: MessageId, actor: ActorDep, container: ContainerDep) -> Response:
    """Ask the answer to end where it is; its stream ends with `message.stopped`."""
    message = await container.stop_answer()(actor, message_id)
    return json_response(await _with_feedback(container, actor, message), 202)


@router.post(
    "/messages/{message_id}/regenerate",
    status_code=201,
    response_model=chat_schemas.Message,
    responses={200: {"description": "The stream.", "content": EVENT_STREAM}},
)
async def regenerate(
    message_id: MessageId,
    request: Request,
    actor: ActorDep,
    container: ContainerDep,
    answers: AnswersDep,
    key: IdempotencyDep,
) -> Response:
    """Answer the same question again: a sibling of the answer there is."""
    with answers.room():
        accepted = await container.regenerate_answer()(actor, message_id, key)
        if not accepted.replayed:
            answers.start(accepted.answer)
    return await _answered(request, container, answers, actor, accepted)
