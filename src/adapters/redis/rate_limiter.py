"""Rate limits that hold across processes: one script, so that a hit is one atomic round trip."""

import asyncio
from collections.abc import Sequence
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from adapters._refusals import Refusals
from application.ports.rate_limiter import (
    Charge,
    Limit,
    RateLimiter,
    RateLimiterUnavailable,
    Verdict,
)

_CONNECTIONS = 16  # of a process; a call holds one for less than a millisecond
CALL_SECONDS = 0.5  # a limiter that is slower than what it guards is no help
_PREFIX = "chatsphere:rate:"

# A key holds the units used and lives as long as its window. All is charged, or nothing.
_HIT = """
local used, left, room = {}, {}, true
for i, key in ipairs(KEYS) do
  local quota, cost, window = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
  used[i] = tonumber(redis.call('GET', key) or '0')
  left[i] = redis.call('PTTL', key)
  if left[i] <= 0 then used[i], left[i] = 0, window end
  if used[i] + cost > quota then room = false end
end
if room then
  for i, key in ipairs(KEYS) do
    local cost = tonumber(ARGV[3*i-1])
    if cost > 0 and used[i] == 0 then redis.call('SET', key, cost, 'PX', ARGV[3*i])
    elseif cost < 0 and used[i] <= -cost then redis.call('DEL', key)
    elseif used[i] > 0 and cost ~= 0 then redis.call('INCRBY', key, cost) end
  end
end
return {used, left, room and 1 or 0}
"""


def connect(url: str) -> "Redis":
    """Return a client; it connects with its first call, and gives up rather than waits."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=CALL_SECONDS,
        socket_timeout=CALL_SECONDS,
        socket_connect_timeout=CALL_SECONDS,
        retry=Retry(NoBackoff(), 0),
        client_name="chatsphere",
    )
    return Redis.from_pool(pool)


class RedisRateLimiter(RateLimiter):
    """Windows in one Redis (7 or newer, not a cluster: a script charges several keys at once).

    A key that was refused is remembered here for up to a second.
    """

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._script = client.register_script(_HIT)
        self._refusals = Refusals()

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        remembered = self._refusals.of(charges)
        if remembered is not None:
            return remembered
        names = [_name(charge.limit, charge.key) for charge in charges]
        arguments = [
            number
            for c in charges
            for number in (c.limit.quota, c.cost, c.limit.window_seconds * 1000)
        ]
        try:
            async with asyncio.timeout(CALL_SECONDS):
                answer = await self._script(keys=names, args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise RateLimiterUnavailable from error
        used, left, room = cast(tuple[list[int], list[int], int], answer)
        verdicts = [
            _verdict(charge, units, milliseconds, charged=room == 1)
            for charge, units, milliseconds in zip(charges, used, left, strict=True)
        ]
        self._refusals.remember(charges, verdicts)
        return verdicts

    async def reset(self, limit: Limit, key: str) -> None:
        self._refusals.forget(limit, key)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._client.delete(_name(limit, key))
        except (RedisError, OSError, TimeoutError) as error:
            raise RateLimiterUnavailable from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _name(limit: Limit, key: str) -> str:
    return f"{_PREFIX}{limit.name}:{key}"


def _verdict(charge: Charge, used: int, left_ms: int, *, charged: bool) -> Verdict:
    quota = charge.limit.quota
    allowed = used + charge.cost <= quota
    after = max(0, used + charge.cost) if charged else used
    return Verdict(allowed, charge.limit, max(0, quota - after), left_ms / 1000)
