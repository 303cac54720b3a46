"""Bodies are bounded in size and time."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message

from entrypoints.api import bodies
from entrypoints.api.bodies import TOO_LARGE, TOO_SLOW, Body, BodyRefused

MORE = {"type": "http.request", "body": b"12345", "more_body": True}
LAST = {"type": "http.request", "body": b"12345", "more_body": False}


class Sender:
    """Sends what it is given, then nothing for ever."""

    def __init__(self, *messages: Message) -> None:
        self._messages = list(messages)

    async def __call__(self) -> Message:
        if not self._messages:
            await asyncio.Event().wait()
        return self._messages.pop(0)


async def refusal(body: Body, messages: int) -> bodies.BodyProblem:
    for _ in range(messages):
        await body()
    async with asyncio.timeout(5):
        with pytest.raises(BodyRefused) as refused:
            await body()
    return refused.value.problem


async def test_a_body_that_grows_over_the_limit_is_refused_where_it_does() -> None:
    scope: dict[str, Any] = {}
    assert await refusal(Body(Sender(MORE, MORE, MORE), scope, 14), 2) is TOO_LARGE
    assert scope["body_problem"] is TOO_LARGE


async def test_a_body_that_stops_coming_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.0)
    scope: dict[str, Any] = {}
    assert await refusal(Body(Sender(), scope, 100), 0) is TOO_SLOW
    assert scope["body_problem"] is TOO_SLOW


async def test_a_body_that_drips_is_given_up_however_regularly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(bodies, "BYTES_A_SECOND", 10**9)

    async def drip() -> Message:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return MORE

    body = Body(drip, {}, 10**9)

    async def read() -> None:
        async with asyncio.timeout(5):
            while True:
                await body()

    with pytest.raises(BodyRefused) as refused:
        await read()
    assert refused.value.problem is TOO_SLOW


async def test_waiting_for_the_client_to_leave_is_no_slow_body(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.0)
    left = {"type": "http.disconnect"}

    async def later() -> Message:
        await asyncio.sleep(0.01)
        return left

    body = Body(Sender(LAST), {}, 100)
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 5.0)
    assert await body() == LAST
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.0)
    body._receive = later
    assert await body() == left
