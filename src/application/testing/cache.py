"""What every cache promises: the value that was put last, or none, and none that is over."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import pytest

from application.ports.cache import Cache
from application.testing.contract import Contract

PassTime = Callable[[float], Awaitable[None]]
LONG = 600.0
_numbers = count(1)


class CacheContract(Contract):
    """A subclass gives the fixtures `cache`, and `pass_time`, which lets seconds go by."""

    @pytest.fixture
    def key(self) -> str:
        """The beginning of keys that no other test uses."""
        return f"test {next(_numbers)} "

    async def test_what_was_put_is_there(self, cache: Cache, key: str) -> None:
        await cache.put_many({f"{key}a": b"1", f"{key}b": b"2"}, LONG)
        found = await cache.get_many([f"{key}b", f"{key}c", f"{key}a"])
        assert found == {f"{key}a": b"1", f"{key}b": b"2"}

    @pytest.mark.parametrize(
        "value", [b"", b"\0", bytes(range(256)), b"x" * (1 << 20)], ids=["", "nul", "all", "large"]
    )
    async def test_any_bytes_come_back_as_they_were(
        self, cache: Cache, key: str, value: bytes
    ) -> None:
        await cache.put_many({key: value}, LONG)
        [found] = (await cache.get_many([key])).values()
        assert found == value
        assert isinstance(found, bytes)

    async def test_the_same_key_again_replaces_value_and_time(
        self, cache: Cache, key: str, pass_time: PassTime
    ) -> None:
        await cache.put_many({key: b"old"}, 0.15)
        await cache.put_many({key: b"new"}, LONG)
        await pass_time(0.2)
        assert await cache.get_many([key]) == {key: b"new"}
        await cache.put_many({key: b"short"}, 0.1)
        await pass_time(0.15)
        assert await cache.get_many([key]) == {}

    async def test_what_is_over_is_not_there(
        self, cache: Cache, key: str, pass_time: PassTime
    ) -> None:
        await cache.put_many({f"{key}a": b"1"}, 0.2)
        await cache.put_many({f"{key}b": b"2"}, LONG)
        assert len(await cache.get_many([f"{key}a", f"{key}b"])) == 2
        await pass_time(0.25)
        assert await cache.get_many([f"{key}a", f"{key}b"]) == {f"{key}b": b"2"}

    async def test_no_time_at_all_keeps_nothing(self, cache: Cache, key: str) -> None:
        await cache.put_many({key: b"old"}, LONG)
        await cache.put_many({key: b"new"}, 0)
        assert await cache.get_many([key]) == {}

    async def test_what_was_deleted_is_not_there_and_the_rest_is(
        self, cache: Cache, key: str
    ) -> None:
        await cache.put_many({f"{key}{name}": name.encode() for name in "abc"}, LONG)
        for _ in range(2):
            await cache.delete_many([f"{key}a", f"{key}c", f"{key}unknown"])
            assert await cache.get_many([f"{key}{name}" for name in "abc"]) == {f"{key}b": b"b"}

    async def test_nothing_asked_for_is_nothing_found(self, cache: Cache) -> None:
        assert await cache.get_many([]) == {}
        await cache.put_many({}, LONG)
        await cache.delete_many([])

    async def test_a_key_asked_for_twice_is_found_once(self, cache: Cache, key: str) -> None:
        await cache.put_many({key: b"x"}, LONG)
        assert await cache.get_many([key, key]) == {key: b"x"}

    @pytest.mark.parametrize(
        "strange",
        ["", " ", "a:b", "é", "\n", "\0", "\ud800", "x" * 10_000, "%", "*", "?"],
        ids=[
            "",
            "space",
            "colon",
            "accent",
            "line",
            "nul",
            "half",
            "long",
            "percent",
            "star",
            "any",
        ],
    )
    async def test_any_text_is_a_key(self, cache: Cache, key: str, strange: str) -> None:
        await cache.put_many({key + strange: b"x"}, LONG)
        assert await cache.get_many([key + strange, f"{key}{strange}."]) == {key + strange: b"x"}
        await cache.delete_many([f"{key}{strange}.", f"{key}{strange}*"])
        assert await cache.get_many([key + strange]) == {key + strange: b"x"}
        await cache.delete_many([key + strange])
        assert await cache.get_many([key + strange]) == {}

    async def test_keys_that_begin_alike_are_told_apart(self, cache: Cache, key: str) -> None:
        names = [f"{key}{'x' * 9_999}{end}" for end in ("a", "b", "A", "a ", "\0a")]
        await cache.put_many({name: name[-2:].encode() for name in names}, LONG)
        assert await cache.get_many(names) == {name: name[-2:].encode() for name in names}

    async def test_many_at_once_are_one_call(self, cache: Cache, key: str) -> None:
        values = {f"{key}{number}": str(number).encode() for number in range(500)}
        await cache.put_many(values, LONG)
        assert await cache.get_many(list(values)) == values

    async def test_many_who_write_the_same_do_not_get_in_each_others_way(
        self, cache: Cache, key: str
    ) -> None:
        names = [f"{key}{number:03}" for number in range(300)]

        async def write(value: bytes, order: int) -> None:
            await cache.put_many(dict.fromkeys(names[::order], value), LONG)
            await cache.delete_many(names[:3][::order])

        values = [bytes([number]) for number in range(8)]
        await asyncio.gather(*(write(value, 1 if value[0] % 2 else -1) for value in values))
        found = await cache.get_many(names)
        assert set(found) >= set(names[3:])
        assert set(found.values()) <= set(values)
