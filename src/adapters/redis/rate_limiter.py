"""Rate limits that hold across processes: one script, so that a hit is one atomic round trip."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

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
_REMEMBER_SECONDS = 1.0
_REMEMBER_MAX = 10_000

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
    elseif cost > 0 then redis.call('INCRBY', key, cost) end
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

    A key that was refused is remembered here for up to a second: whoever knocks at ten times the
    limit costs Redis one call a second.
    """

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._script = client.register_script(_HIT)
        self._refused: OrderedDict[str, tuple[float, Verdict]] = OrderedDict()

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        names = [_name(charge.limit, charge.key) for charge in charges]
        if self._refused:
            remembered = self._remembered(charges, names)
            if remembered is not None:
                return remembered
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
        self._remember(names, verdicts)
        return verdicts

    async def reset(self, limit: Limit, key: str) -> None:
        name = _name(limit, key)
        self._refused.pop(name, None)
        try:
            async with asyncio.timeout(CALL_SECONDS):
                await self._client.delete(name)
        except (RedisError, OSError, TimeoutError) as error:
            raise RateLimiterUnavailable from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _remember(self, names: Sequence[str], verdicts: Sequence[Verdict]) -> None:
        for name, verdict in zip(names, verdicts, strict=True):
            if not verdict.allowed and verdict.remaining == 0:
                self._refused[name] = (time.monotonic(), verdict)
                if len(self._refused) > _REMEMBER_MAX:
                    self._refused.popitem(last=False)

    def _remembered(
        self, charges: Sequence[Charge], names: Sequence[str]
    ) -> Sequence[Verdict] | None:
        """Return the refusal where one is fresh; of the other limits nothing is known then."""
        now = time.monotonic()
        for name, charge in zip(names, charges, strict=True):
            since, verdict = self._refused.get(name, (0.0, None))
            if verdict is None or charge.cost == 0:
                continue
            left = verdict.reset_seconds - (now - since)
            if now - since > _REMEMBER_SECONDS or left <= 0:
                del self._refused[name]
                continue
            return [
                Verdict(False, charge.limit, 0, left)
                if other is charge
                else Verdict(True, other.limit, other.limit.quota, other.limit.window_seconds)
                for other in charges
            ]
        return None


def _name(limit: Limit, key: str) -> str:
    return f"{_PREFIX}{limit.name}:{key}"


def _verdict(charge: Charge, used: int, left_ms: int, *, charged: bool) -> Verdict:
    quota = charge.limit.quota
    allowed = used + charge.cost <= quota
    after = used + charge.cost if charged else used
    return Verdict(allowed, charge.limit, max(0, quota - after), left_ms / 1000)
