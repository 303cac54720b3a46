"""A cache that all processes share, in Redis, which forgets by itself what is over."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from redis.exceptions import RedisError

from adapters.redis.rate_limiter import CALL_SECONDS
from application.ports.cache import Cache, CacheUnavailable

if TYPE_CHECKING:
    from redis.asyncio import Redis

_PREFIX = "chatsphere:cache:"


class RedisCache(Cache):
    """Each call is one round trip. It may be a Redis that drops what is used least (`allkeys-lru`)."""

    def __init__(self, client: "Redis") -> None:
        self._client = client

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        if not keys:
            return {}
        async with _in_time():
            answer = await self._client.mget([_name(key) for key in keys])
        values = cast(list[bytes | None], answer)  # nothing is decoded
        return {key: value for key, value in zip(keys, values, strict=True) if value is not None}

    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        lasts = int(seconds * 1000)
        if lasts < 1:
            await self.delete_many(list(values))
        elif values:
            async with _in_time(), self._client.pipeline(transaction=False) as pipeline:
                for key, value in values.items():
                    pipeline.set(_name(key), value, px=lasts)
                await pipeline.execute()

    async def delete_many(self, keys: Sequence[str]) -> None:
        if keys:
            async with _in_time():
                await self._client.unlink(*(_name(key) for key in keys))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(CALL_SECONDS):
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise CacheUnavailable from error


def _name(key: str) -> bytes:
    return f"{_PREFIX}{key}".encode(errors="surrogatepass")
