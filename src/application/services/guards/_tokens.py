"""Tokens that may be spent in a window: taken as estimated before a call, put right after it."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from math import ceil

from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    ModelRefused,
)
from application.ports.rate_limiter import Limit, RateLimiter, RateLimiterUnavailable, Verdict
from application.services.metering import Spent

_log = logging.getLogger(__name__)
_ANSWER_TOKENS = 500  # what an answer is taken to have where the request does not say


class TokenWindow:
    """Lets calls pass while there are tokens left of `limit`, which all processes count together.

    A call takes what its prompt and a usual answer have, and gives back, or takes on top, what the
    provider's count makes of it; a call that came to nothing gives all back. So the limit may be
    overstepped by what answers are longer than usual. A call that alone is more than the limit passes
    where nothing else was taken. Where the count is out, calls pass.
    """

    def __init__(self, limiter: RateLimiter, limit: Limit, code: str, why: str) -> None:
        """Refuse with `code` and the sentence `why`."""
        self._limiter = limiter
        self._limit = limit
        self._code = code
        self._why = why

    async def stream(
        self, key: str, model: ChatModel, request: ChatRequest
    ) -> AsyncGenerator[Delta | Finish, None]:
        """Yield what `model` yields, counted for `key`. Raises ModelRefused, and what the model does."""
        spent = Spent(turns=request.turns)
        answer = request.max_output_tokens or _ANSWER_TOKENS
        taken = min(spent.tokens.prompt_tokens + answer, self._limit.quota)
        await self._take(key, taken)
        came = False
        try:
            async with aclosing(model.stream(request)) as items:
                async for item in items:
                    came = True
                    if isinstance(item, Delta):
                        spent.text.append(item.text)
                    else:
                        spent.usage = item.usage
                    yield item
        finally:
            cost = spent.tokens.prompt_tokens + spent.tokens.completion_tokens if came else 0
            await self._settle(key, max(0, cost) - taken)

    async def _take(self, key: str, tokens: int) -> None:
        verdict = await self._hit(key, tokens)
        if verdict is not None and not verdict.allowed:
            wait = max(1, ceil(verdict.reset_seconds))
            raise ModelRefused(self._why, code=self._code, retry_after=wait)

    async def _settle(self, key: str, tokens: int) -> None:
        """Take or give back the difference; of what there is no room for, what there is."""
        verdict = await self._hit(key, tokens) if tokens else None
        if verdict is not None and not verdict.allowed:
            await self._hit(key, verdict.remaining)

    async def _hit(self, key: str, tokens: int) -> Verdict | None:
        try:
            return await self._limiter.hit(self._limit, key, tokens)
        except RateLimiterUnavailable:
            _log.warning("tokens are not counted at the moment: the store of the limits is out")
            return None
