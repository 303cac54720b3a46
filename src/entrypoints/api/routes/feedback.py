"""What people say of answers."""

from fastapi import APIRouter, Response

from application.services.views import feedback_view
from domain.feedback import Rating
from entrypoints.api import chat_schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import ContainerDep, MessageId, json_response

router = APIRouter(tags=["Chat"])


@router.put(
    "/messages/{message_id}/feedback",
    response_model=chat_schemas.Feedback,
    responses={409: {}},
)
async def give_feedback(
    message_id: MessageId,
    body: chat_schemas.FeedbackPut,
    actor: ActorDep,
    container: ContainerDep,
) -> Response:
    """Say what one thinks of a finished answer, in the place of what one said before."""
    given = await container.give_feedback()(
        actor, message_id, Rating(body.rating), body.reason, body.comment
    )
    return json_response(feedback_view(given))


@router.delete("/messages/{message_id}/feedback", status_code=204)
async def withdraw_feedback(
    message_id: MessageId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Take back what one said of an answer, if anything."""
    await container.withdraw_feedback()(actor, message_id)
    return Response(status_code=204)
