"""One call through a breaker, within a deadline."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from application.services.guards.breaker import Breaker, CallRefused
from domain.errors import DependencyUnavailable, Overloaded


@asynccontextmanager
async def guarded(
    breaker: Breaker, unavailable: type[DependencyUnavailable], seconds: float
) -> AsyncIterator[None]:
    """Run what is inside within `seconds`, and tell the breaker how it went.

    Raises `unavailable` where the breaker is open, with the time until it is worth asking again, and
    where the time is over. What the inside raises passes; `unavailable` counts as no answer, but for
    a refusal, and Overloaded as nothing: it was not asked. Everything else is an answer.
    """
    try:
        call = breaker.enter()
    except CallRefused as refused:
        raise unavailable(retry_after=refused.retry_after) from None
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        call.failed()
        raise unavailable("It did not answer in time.") from error
    except unavailable as error:
        call.succeeded() if error.is_refusal else call.failed()
        raise
    except (asyncio.CancelledError, Overloaded):
        call.left()
        raise
    except BaseException:
        call.succeeded()
        raise
    else:
        call.succeeded()
