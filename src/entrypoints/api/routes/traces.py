"""How an answer came about, and what a bot has."""

from fastapi import APIRouter, Response

from application.services.trace_views import summary_view, trace_view
from domain.conversations import MessageRole
from domain.errors import Conflict
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import BotId, ContainerDep, MessageId, json_response
from entrypoints.api.trace_schemas import BotSummary, Trace

router = APIRouter()


@router.get(
    "/messages/{message_id}/trace", tags=["Chat"], response_model=Trace, responses={409: {}}
)
async def get_trace(message_id: MessageId, actor: ActorDep, container: ContainerDep) -> Response:
    """Return how an answer came about; answers of before this was kept have none (404)."""
    message = await container.conversation_queries().message(actor.tenant_id, message_id)
    if message.role is not MessageRole.ASSISTANT:
        raise Conflict("Only an answer has a trace.")
    if not message.status.is_final:
        raise Conflict("This answer is still being written.")
    trace = await container.trace_queries().of(actor.tenant_id, message_id)
    return json_response(trace_view(message, trace))


@router.get("/bots/{bot_id}/summary", tags=["Bots"], response_model=BotSummary)
async def get_summary(bot_id: BotId, actor: ActorDep, container: ContainerDep) -> Response:
    """Return how much a bot has, and how it is used."""
    today = container.clock().now().replace(hour=0, minute=0, second=0, microsecond=0)
    found = await container.summary_queries().of_bot(actor.tenant_id, bot_id, today)
    return json_response(summary_view(bot_id, found))
