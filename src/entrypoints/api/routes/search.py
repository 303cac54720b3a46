"""Search in the documents of a bot."""

from fastapi import APIRouter, Response

from application.services.retriever import SearchFilter
from application.services.views import hit_view
from entrypoints.api import chat_schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import BotId, ContainerDep, json_response

router = APIRouter(tags=["Search"])


@router.post("/bots/{bot_id}/search", response_model=chat_schemas.SearchResult)
async def search(
    bot_id: BotId, body: chat_schemas.Search, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return the passages that fit a question, with the parts of their scores and the timings."""
    where = SearchFilter(body.filter.document_ids, body.filter.metadata) if body.filter else None
    found = await container.search_bot()(
        actor, bot_id, body.query, k=body.k, mode=body.mode, where=where
    )
    result = {
        "data": [hit_view(hit) for hit in found.passages],
        "degraded": found.degraded,
        "timings": found.timings,
    }
    return json_response(result)
