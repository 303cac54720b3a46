"""Search a bot's documents, as the retrieval lab shows it."""

from application.queries.bots import BotQueries
from application.services.retriever import Retrieval, Retriever, SearchFilter
from domain.accounts import Actor
from domain.errors import InvalidInput

QUERY_MAX = 4000
_PATIENCE_SECONDS = 1.5  # somebody looks at the screen: better told to come back than kept waiting


class SearchBot:
    """One search, with the settings of the bot where none are given."""

    def __init__(self, bots: BotQueries, retriever: Retriever) -> None:
        self._bots = bots
        self._retriever = retriever

    async def __call__(
        self,
        actor: Actor,
        bot_id: str,
        query: str,
        *,
        k: int | None = None,
        mode: str | None = None,
        where: SearchFilter | None = None,
    ) -> Retrieval:
        """Raises NotFound, InvalidInput and DependencyUnavailable."""
        bot = await self._bots.get(actor.tenant_id, bot_id)
        question = checked_query(query)
        return await self._retriever(
            actor.tenant_id,
            bot_id,
            question,
            k=k or bot.configuration.retriever_k,
            mode=mode or bot.configuration.retrieval_mode,
            where=where,
            rerank=bot.configuration.rerank,
            patience=_PATIENCE_SECONDS,
        )


def checked_query(query: str) -> str:
    """Return a query without outer spaces. Raises InvalidInput."""
    question = query.strip()
    if not 1 <= len(question) <= QUERY_MAX or "\x00" in question:
        raise InvalidInput(f"A query has 1 to {QUERY_MAX} characters.", pointer="/query")
    return question
