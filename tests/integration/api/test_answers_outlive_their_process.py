"""Answers whose process dies or sleeps: another ends them or writes them anew, and only one of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Self

import pytest
from dependency_injector import providers
from sqlalchemy import text

from adapters.postgres.unit_of_work import PostgresUnitOfWork, PostgresUnitsOfWork
from application.ports.unit_of_work import UnitOfWork
from application.services.idempotency import IdempotencyKey
from application.use_cases import settle_answers
from application.use_cases.accept_message import NewMessage
from domain.accounts import Actor, MemberRole
from domain.conversations import Message, MessageStatus
from entrypoints.api import keeper
from entrypoints.api.answers import Answers
from entrypoints.container import Container
from entrypoints.runtime import running
from integration.api.client import Client
from integration.api.test_socket import ENDS, authenticated
from standins.openai_server import OpenAIServer, Script

QUESTION = "When does the harbour open?"
LEASE_SECONDS = 2.0


class _SleepyUnits(PostgresUnitsOfWork):
    """Those of a process that can be stopped, as by SIGSTOP: its next transaction waits for the wake-up."""

    def __init__(self, container: Container) -> None:
        super().__init__(container.pool(), container.notifier())
        self.awake = asyncio.Event()
        self.awake.set()

    def open(self, tenant_id: str) -> UnitOfWork:
        unit = _SleepyUnit(self._pool, self._notifier, tenant_id)
        unit.awake = self.awake
        return unit


class _SleepyUnit(PostgresUnitOfWork):
    awake: asyncio.Event

    async def __aenter__(self) -> Self:
        await self.awake.wait()
        return await super().__aenter__()


class Process:
    """Another process on the same database, that writes answers for one person until it sleeps."""

    def __init__(self, container: Container, owner: Client) -> None:
        self.container = container
        self._units = _SleepyUnits(container)
        container.units.override(providers.Object(self._units))
        self.answers = Answers(container.answer_message(), 10)
        account = owner.account
        self.actor = Actor(account["user"]["id"], account["workspace"]["id"], MemberRole.OWNER)

    async def accept(self, bot: str, key: IdempotencyKey | None = None) -> Message:
        accept = self.container.accept_message()
        accepted = await accept(self.actor, NewMessage(QUESTION, bot_id=bot), key)
        if not accepted.replayed:
            self.answers.start(accepted.answer)
        return accepted.answer

    def sleep(self) -> None:
        self._units.awake.clear()

    async def wake_up(self, message_id: str) -> Message:
        """Go on, and return what the process makes of its answer."""
        task = self.answers.running(message_id)
        assert task is not None
        self._units.awake.set()
        async with asyncio.timeout(10):
            return await task


@pytest.fixture
async def other(ada: Client) -> AsyncIterator[Process]:
    service = ada.service
    settings = service.settings.model_copy(update={"answer_lease_seconds": LEASE_SECONDS})
    async with running(settings, service.container.conninfo()) as container:
        process = Process(container, ada)
        yield process
        process._units.awake.set()
        await process.answers.drain(0)


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "PERIOD_SECONDS", 0.1)
    monkeypatch.setattr(settle_answers, "SOON_SECONDS", 0.5)


@pytest.fixture
async def bot(ada: Client, model: OpenAIServer) -> str:
    bot = await ada.bot(llm_model="openai/stand-in")
    await ada.text(bot, "The harbour opens at seven in the morning.")
    return bot


async def _until(client: Client, message_id: str, kind: str) -> None:
    """Wait until an event of a kind stands in the log."""
    log, tenant = client.service.container.event_log(), client.account["workspace"]["id"]
    async with asyncio.timeout(10):
        while kind not in [e.type for e in await log.read(tenant, message_id, 0)]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_an_answer_without_text_is_written_by_another_process_on_the_same_stream(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    model.scripts += [Script(first_delay=60), Script(tokens=("At ", "seven [1]."), delay=0.1)]
    answer = await other.accept(bot)
    await _until(ada, answer.id, "retrieval.completed")
    other.sleep()
    async with asyncio.timeout(15):
        stream = await ada.stream("GET", f"/messages/{answer.id}/stream")
    assert [event.id for event in stream] == list(range(1, len(stream) + 1))
    kinds = [event.type for event in stream]
    assert kinds[:2] == ["message.started", "retrieval.completed"]
    assert kinds.count("retrieval.completed") == 1
    assert kinds[-1] == "message.completed"
    final = (await ada.get(f"/messages/{answer.id}")).json
    said = "".join(event.data["text"] for event in stream if event.type == "message.delta")
    assert said == final["content"] == "At seven [1]."
    model.scripts.clear()
    woken = await other.wake_up(answer.id)
    assert (woken.status, woken.attempt) == (MessageStatus.COMPLETED, 2)
    assert (await ada.get(f"/messages/{answer.id}")).json == final
    assert await ada.stream("GET", f"/messages/{answer.id}/stream") == stream


async def test_a_process_that_wakes_up_while_another_writes_its_answer_adds_nothing(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    slow = Script(tokens=[f"word{n} " for n in range(30)], delay=0.1)
    model.scripts += [Script(tokens=("stale ",) * 50, first_delay=1.0), slow]
    answer = await other.accept(bot)
    await _until(ada, answer.id, "retrieval.completed")
    other.sleep()
    await _until(ada, answer.id, "message.delta")
    assert (await ada.get(f"/messages/{answer.id}")).json["status"] == "streaming"
    woken = await other.wake_up(answer.id)
    assert woken.status is MessageStatus.STREAMING, "it is another's by now"
    stream = await ada.stream("GET", f"/messages/{answer.id}/stream")
    said = "".join(event.data["text"] for event in stream if event.type == "message.delta")
    final = stream[-1].data["message"]
    assert said == final["content"] == "".join(slow.tokens)
    assert [event.id for event in stream] == list(range(1, len(stream) + 1))


async def test_an_answer_that_was_being_read_ends_as_interrupted_with_its_text(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    tokens = ("The harbour opens at seven in the morning [1]", ". And ", "then")
    model.scripts.append(Script(tokens=tokens, delay=0.2, stall_after=3))
    answer = await other.accept(bot)
    await _until(ada, answer.id, "citation.added")
    other.sleep()
    async with asyncio.timeout(20):
        stream = await ada.stream("GET", f"/messages/{answer.id}/stream")
    assert stream[-1].type == "error"
    assert stream[-1].data["problem"]["code"] == "interrupted"
    final = (await ada.get(f"/messages/{answer.id}")).json
    assert final == stream[-1].data["message"]
    assert final["status"] == "failed"
    assert final["content"].startswith("The harbour opens at seven in the morning [1]")
    cited = [event.data["citation"] for event in stream if event.type == "citation.added"]
    assert final["citations"] == cited != []
    other.answers.running(answer.id).cancel()  # type: ignore[union-attr]
    assert (await other.wake_up(answer.id)).status is MessageStatus.FAILED
    assert await ada.stream("GET", f"/messages/{answer.id}/stream") == stream
    assert (await ada.get(f"/messages/{answer.id}")).json == final


async def test_a_stop_ends_an_answer_that_nobody_writes(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    answer = await other.accept(bot)
    other.sleep()
    assert (await ada.post(f"/messages/{answer.id}/stop")).status == 202
    async with asyncio.timeout(15):
        stream = await ada.stream("GET", f"/messages/{answer.id}/stream")
    assert stream[-1].type == "message.stopped"
    assert (await ada.get(f"/messages/{answer.id}")).json["status"] == "stopped"
    assert (await other.wake_up(answer.id)).status is MessageStatus.STOPPED


async def test_an_answer_that_a_stopped_process_has_locked_keeps_no_other_from_its_end(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    locked, free = await other.accept(bot), await other.accept(bot)
    other.sleep()
    pool = other.container.pool()
    async with pool.begin(other.actor.tenant_id) as connection:
        await connection.execute(
            text("SELECT FROM messages WHERE id = :id FOR UPDATE"), {"id": locked.id}
        )
        async with asyncio.timeout(8):
            stream = await ada.stream("GET", f"/messages/{free.id}/stream")
        assert stream[-1].type == "message.completed"
        assert (await ada.get(f"/messages/{locked.id}")).json["status"] == "pending"
    stream = await ada.stream("GET", f"/messages/{locked.id}/stream")
    assert stream[-1].type == "message.completed"


async def test_a_key_makes_one_answer_whichever_processes_it_reaches_at_once(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    here = Process(ada.service.container, ada)
    try:
        for number in range(10):
            key = IdempotencyKey(f"key-{number}", "POST /chat")
            made = await asyncio.gather(
                *(process.accept(bot, key) for process in (here, other) * 3)
            )
            assert len({answer.id for answer in made}) == 1
            stream = await ada.stream("GET", f"/messages/{made[0].id}/stream")
            assert stream[-1].type == "message.completed"
    finally:
        ada.service.container.units.reset_override()


async def test_a_request_sent_again_after_its_process_died_gets_the_same_answer(
    ada: Client, bot: str, model: OpenAIServer, other: Process
) -> None:
    model.scripts.append(Script(tokens=("At seven.",)))
    key = IdempotencyKey("key-1", "POST /chat")
    first = await other.accept(bot, key)
    other.sleep()
    accept = ada.service.container.accept_message()
    again = await accept(other.actor, NewMessage(QUESTION, bot_id=bot), key)
    assert (again.replayed, again.answer.id) == (True, first.id)
    async with asyncio.timeout(15):
        stream = await ada.stream("GET", f"/messages/{first.id}/stream")
    assert stream[-1].data["message"]["content"] == "At seven."


async def test_a_finished_answer_whose_events_are_gone_is_told_from_its_message(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(tokens=("The harbour opens at seven in the morning [1].",)))
    final = await ada.ask(bot, QUESTION)
    path = f"/messages/{final['id']}/stream"
    whole = await ada.stream("GET", path)
    tenant = ada.account["workspace"]["id"]
    async with ada.service.container.pool().begin(tenant) as connection:
        await connection.execute(
            text("DELETE FROM events WHERE stream_id = :id"), {"id": final["id"]}
        )
    stream = await ada.stream("GET", path)
    kinds = ["message.started", "message.delta", "citation.added", "message.completed"]
    assert [(event.id, event.type) for event in stream] == list(enumerate(kinds, start=1))
    assert (stream[0].data, stream[1].data["text"]) == (whole[0].data, final["content"])
    assert stream[-1].data["message"] == final
    (end,) = await ada.stream("GET", path, **{"Last-Event-ID": "7"})
    assert (end.id, end.type, end.data["message"]) == (8, "message.completed", final)
    async with authenticated(ada) as socket:
        await socket.send(type="resume", message_id=final["id"], last_seq=0)
        frames = await socket.until(*ENDS)
        assert [frame["type"] for frame in frames] == kinds
        await socket.send(type="resume", message_id=final["id"], last_seq=7)
        assert [frame["seq"] for frame in await socket.until(*ENDS)] == [8]
