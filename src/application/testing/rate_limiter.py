"""What every rate limiter promises."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from application.ports.rate_limiter import Charge, Limit, RateLimiter
from application.testing.contract import Contract

PassTime = Callable[[float], Awaitable[None]]
_keys = count(1)


class RateLimiterContract(Contract):
    """A subclass gives the fixtures `limiter`, and `pass_time`, which lets seconds go by."""

    @pytest.fixture
    def key(self) -> str:
        """A key that no other test uses."""
        return f"k{next(_keys)}"

    async def test_a_quota_is_given_out_and_no_more(self, limiter: RateLimiter, key: str) -> None:
        limit = Limit("few", 3, 60)
        verdicts = [await limiter.hit(limit, key) for _ in range(5)]
        assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
        assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0, 0]
        assert all(verdict.limit == limit for verdict in verdicts)
        assert all(55 < verdict.reset_seconds <= 60 for verdict in verdicts)
        assert [verdict.retry_after > 0 for verdict in verdicts] == [False] * 3 + [True] * 2

    async def test_the_window_begins_with_the_first_hit_and_then_all_is_there_again(
        self, limiter: RateLimiter, key: str, pass_time: PassTime
    ) -> None:
        limit = Limit("short", 2, 1)
        first = await limiter.hit(limit, key)
        await pass_time(0.6)
        await limiter.hit(limit, key)
        refused = await limiter.hit(limit, key)
        assert not refused.allowed
        assert refused.retry_after < first.reset_seconds - 0.5
        await pass_time(refused.retry_after + 0.05)
        again = await limiter.hit(limit, key)
        assert (again.allowed, again.remaining) == (True, 1)
        assert again.reset_seconds > 0.9
        assert [(await limiter.hit(limit, key)).allowed for _ in range(2)] == [True, False]

    async def test_being_refused_does_not_make_the_wait_longer(
        self, limiter: RateLimiter, key: str, pass_time: PassTime
    ) -> None:
        limit = Limit("stubborn", 1, 1)
        await limiter.hit(limit, key)
        for _ in range(4):
            assert not (await limiter.hit(limit, key)).allowed
            await pass_time(0.2)
        await pass_time(0.3)
        assert (await limiter.hit(limit, key)).allowed

    async def test_keys_and_limits_are_told_apart(self, limiter: RateLimiter, key: str) -> None:
        one, other = Limit("one", 1, 60), Limit("other", 1, 60)
        assert (await limiter.hit(one, key)).allowed
        assert not (await limiter.hit(one, key)).allowed
        assert (await limiter.hit(one, f"{key}x")).allowed
        assert (await limiter.hit(other, key)).allowed

    async def test_a_hit_may_cost_more_and_is_whole_or_not_at_all(
        self, limiter: RateLimiter, key: str
    ) -> None:
        limit = Limit("dear", 10, 60)
        assert (await limiter.hit(limit, key, 7)).remaining == 3
        refused = await limiter.hit(limit, key, 4)
        assert (refused.allowed, refused.remaining) == (False, 3)
        assert (await limiter.hit(limit, key, 3)).allowed
        assert not (await limiter.hit(limit, f"{key}x", 11)).allowed

    async def test_several_are_charged_together_or_none(
        self, limiter: RateLimiter, key: str
    ) -> None:
        narrow, wide = Limit("narrow", 2, 60), Limit("wide", 9, 60)
        both = [Charge(wide, key), Charge(narrow, key)]
        assert [v.remaining for v in await limiter.hit_all(both)] == [8, 1]
        assert [v.remaining for v in await limiter.hit_all(both)] == [7, 0]
        for _ in range(3):
            refused = await limiter.hit_all(both)
            assert [verdict.allowed for verdict in refused] == [True, False]
        assert (await limiter.peek(wide, key)).remaining == 7

    async def test_looking_costs_nothing(self, limiter: RateLimiter, key: str) -> None:
        limit = Limit("looked at", 2, 60)
        for _ in range(3):
            seen = await limiter.peek(limit, key)
            assert (seen.allowed, seen.remaining) == (True, 2)
        await limiter.hit(limit, key, 2)
        assert (await limiter.peek(limit, key)).remaining == 0

    async def test_what_is_given_back_can_be_taken_again_and_is_never_more_than_was_taken(
        self, limiter: RateLimiter, key: str, pass_time: PassTime
    ) -> None:
        limit = Limit("given back", 10, 1)
        assert (await limiter.hit(limit, key, -5)).remaining == 10
        await limiter.hit(limit, key, 9)
        assert not (await limiter.hit(limit, key, 9)).allowed
        assert (await limiter.hit(limit, key, -4)).remaining == 5
        assert (await limiter.hit(limit, key, 5)).remaining == 0
        assert not (await limiter.hit(limit, key)).allowed
        assert (await limiter.hit(limit, key, -99)).remaining == 10
        await limiter.hit(limit, key, 10)
        assert not (await limiter.hit(limit, key)).allowed
        await pass_time(1.1)
        assert (await limiter.hit(limit, key, -3)).remaining == 10
        assert not (await limiter.hit(limit, key, 11)).allowed

    async def test_a_reset_gives_the_quota_back_at_once(
        self, limiter: RateLimiter, key: str
    ) -> None:
        limit = Limit("forgiven", 1, 60)
        await limiter.reset(limit, key)
        await limiter.hit(limit, key)
        assert not (await limiter.hit(limit, key)).allowed
        await limiter.reset(limit, key)
        assert (await limiter.hit(limit, key)).allowed

    async def test_of_many_at_once_exactly_the_quota_passes(
        self, limiter: RateLimiter, key: str
    ) -> None:
        limit = Limit("crowd", 50, 600)
        verdicts = await asyncio.gather(*(limiter.hit(limit, key) for _ in range(200)))
        assert sum(verdict.allowed for verdict in verdicts) == 50

    @pytest.mark.parametrize("strange", ["", " ", "a:b", "é", "\n", "x" * 300, "2001:db8::/64"])
    async def test_any_text_is_a_key(self, limiter: RateLimiter, key: str, strange: str) -> None:
        limit = Limit("strange", 1, 60)
        assert (await limiter.hit(limit, key + strange)).allowed
        assert not (await limiter.hit(limit, key + strange)).allowed
