"""Event streams: they end with the right to read them, and with a reader that takes nothing."""

import asyncio
import json
from collections.abc import AsyncGenerator
from types import SimpleNamespace

import pytest
from starlette.types import Message, Scope

from application.ports.event_log import EventLog
from domain.access import Least, Rule
from domain.accounts import Actor, MemberRole
from domain.errors import DependencyUnavailable
from domain.events import Event
from entrypoints.api.cutting import EXTENSION
from entrypoints.api.departure import Departure
from entrypoints.api.streams import event_stream, frames
from entrypoints.api.watch import Standing, Watchers
from unit.entrypoints.api.test_watch import Registry

ADA = Actor("usr_1", "ws_1", MemberRole.VIEWER, "ses_1")
RULE = Rule(Least.VIEWER)


class Line(EventLog):
    """A stream of one event, then silence; tells whether it was closed."""

    def __init__(self, *batches: list[Event]) -> None:
        self._batches = batches
        self.closed = False

    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        raise NotImplementedError

    async def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        try:
            for batch in self._batches:
                yield batch
            await asyncio.Event().wait()
        finally:
            self.closed = True


def follow(
    line: Line, standing: Standing, departure: Departure | None = None
) -> "asyncio.Task[list[bytes]]":
    async def read() -> list[bytes]:
        batches = line.follow("ws_1", "msg_1", 0, frozenset())
        return [chunk async for chunk in frames(batches, departure or Departure(), standing, 0)]

    return asyncio.create_task(read())


async def test_a_stream_whose_reader_may_no_more_ends_with_the_reason() -> None:
    line = Line([Event(7, "message.started", {})])
    standing = Standing(ADA, RULE)
    reading = follow(line, standing)
    await asyncio.sleep(0)
    standing.renew(None)
    first, last = await reading
    assert first.startswith(b"id: 7\n")
    number, kind, data = last.decode().strip().split("\n")
    assert (number, kind) == ("id: 7", "event: error")  # so that going on later misses nothing
    assert json.loads(data.removeprefix("data: "))["problem"]["code"] == "unauthenticated"
    assert line.closed


async def test_nothing_is_sent_after_the_right_has_ended_however_much_is_there() -> None:
    line = Line(*([Event(n, "message.delta", {})] for n in range(1, 100)))
    standing = Standing(ADA, RULE)
    standing.renew(None)
    chunks = await follow(line, standing)
    assert [b"event: error" in chunk for chunk in chunks] == [True]


async def test_a_departure_ends_a_stream_without_an_error() -> None:
    departure = Departure()
    reading = follow(Line([Event(1, "message.started", {})]), Standing(ADA, RULE), departure)
    await asyncio.sleep(0)
    departure.begin()
    assert [b"message.started" in chunk for chunk in await reading] == [True]


async def test_a_log_that_is_out_ends_a_stream_in_order_so_that_the_client_goes_on_later() -> None:
    class Broken(Line):
        async def follow(
            self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
        ) -> AsyncGenerator[list[Event], None]:
            yield [Event(1, "message.started", {})]
            raise DependencyUnavailable

    chunks = await follow(Broken(), Standing(ADA, RULE))
    assert [b"message.started" in chunk for chunk in chunks] == [True]


async def test_a_reader_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.api.streams.SEND_SECONDS", 0.01)
    line, endpoint = Line([Event(1, "message.started", {})]), object()
    answers = SimpleNamespace(running=lambda _: None, departure=Departure())
    state = SimpleNamespace(answers=answers, watchers=Watchers(Registry), rules={endpoint: RULE})
    cut: list[bool] = []
    scope: Scope = {
        "type": "http",
        "app": SimpleNamespace(state=state),
        "endpoint": endpoint,
        "extensions": {EXTENSION: {"abort": lambda: cut.append(True)}},
    }
    sent: list[str] = []

    async def send(message: Message) -> None:
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    response = event_stream(line, ADA, "msg_1", 0, frozenset())
    async with asyncio.timeout(5):
        await response(scope, receive, send)
    assert (cut, sent) == ([True], ["http.response.start", "http.response.body"])
    await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if task.get_name() == "watch"] == []
