"""Contract of every ChatModel."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from enum import StrEnum

import pytest

from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Role,
    Turn,
)
from application.testing.chat_capabilities import ChatCapabilityContract, answer_of
from domain.chunks import Passage

_TEXT = (
    "The office opens at nine in the morning. It closes at six in the evening. "
    "On Saturdays the office is closed."
)
_QUESTION = "When does the office open?"


class Ending(StrEnum):
    """How a stream may end other than well; what a fixture cannot provoke is not tested."""

    DOWN = "down"  # every attempt fails
    SILENT = "silent"  # no first token in time
    RATE_LIMITED = "rate_limited"
    QUOTA_EXCEEDED = "quota_exceeded"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    EMPTY = "empty"
    MALFORMED_CALL = "malformed_call"
    CUT = "cut"  # the connection is lost after a delta
    STALLED = "stalled"  # nothing comes after a delta
    FAILED = "failed"  # an error is sent after a delta
    UNFINISHED = "unfinished"  # the stream ends well, but without a reason
    LENGTH = "length"
    SAFETY = "safety"


_BEFORE = {
    Ending.DOWN: "model_unavailable",
    Ending.SILENT: "model_unavailable",
    Ending.RATE_LIMITED: "model_rate_limited",
    Ending.QUOTA_EXCEEDED: "model_quota_exceeded",
    Ending.REJECTED: "model_rejected",
    Ending.BLOCKED: "model_blocked",
    Ending.EMPTY: "model_empty",
    Ending.MALFORMED_CALL: "model_malformed",
}
_MIDST = [Ending.CUT, Ending.STALLED, Ending.FAILED, Ending.UNFINISHED]
_SHORT = {Ending.LENGTH: FinishReason.LENGTH, Ending.SAFETY: FinishReason.SAFETY}
Endings = Mapping[Ending, Callable[[], None]]
_SOON = 0.8  # seconds; less than a model under test may wait for its first token


def chat_request(question: str = _QUESTION, model: str = "stand-in") -> ChatRequest:
    """Return a request with one passage that answers the question."""
    passage = Passage("chk_1", "doc_1", "Opening hours", 1, _TEXT, 0, len(_TEXT), language="en")
    turns = [
        Turn(Role.SYSTEM, f"Answer from these passages.\n\n[1] {_TEXT}"),
        Turn(Role.USER, question),
    ]
    return ChatRequest(model, turns, question, [passage], temperature=0.0)


class ChatModelContract(ChatCapabilityContract):
    """Subclass it in a test module and give the fixture `chat_model`, one that can answer.

    What is tested beyond text follows from the capabilities it declares. Where the fixture `endings`
    can make the next answer end badly, the errors are tested too.
    """

    @pytest.fixture
    def chat_model(self) -> ChatModel:
        """Return the model under test, in working order."""
        raise NotImplementedError

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        """Return a request that the model can answer."""
        return chat_request()

    @pytest.fixture
    def endings(self) -> Endings:
        """Return what makes the next answer end like that; for what is missing, tests are skipped."""
        return {}

    @pytest.fixture
    def expected_answer(self) -> str | None:
        """Return what the provider sends as the answer; None where nobody knows."""
        return None

    @pytest.fixture
    def open_requests(self) -> Callable[[], int] | None:
        """Return what counts the requests that the provider is at; None where nobody can tell."""
        return None

    async def test_deltas_come_first_then_one_finish(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        items = [item async for item in chat_model.stream(request_to_answer)]
        assert all(isinstance(item, Delta) for item in items[:-1])
        assert isinstance(items[-1], Finish)
        assert "".join(item.text for item in items if isinstance(item, Delta)).strip()

    async def test_deltas_add_up_to_the_answer(
        self, chat_model: ChatModel, request_to_answer: ChatRequest, expected_answer: str | None
    ) -> None:
        if expected_answer is None:
            pytest.skip(f"nobody knows what {chat_model!r} will answer")
        text, finish = await answer_of(chat_model, request_to_answer)
        assert text == expected_answer
        assert finish.reason is FinishReason.STOP

    async def test_a_temperature_may_be_left_to_the_provider(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        text, _ = await answer_of(chat_model, replace(request_to_answer, temperature=None))
        assert text.strip()

    async def test_no_delta_is_empty(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        async for item in chat_model.stream(request_to_answer):
            assert not isinstance(item, Delta) or item.text

    async def test_the_finish_tells_the_tokens_used(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        items = [item async for item in chat_model.stream(request_to_answer)]
        finish = items[-1]
        assert isinstance(finish, Finish)
        assert finish.usage.prompt_tokens > 0
        assert finish.usage.completion_tokens > 0

    async def test_a_stream_closed_early_leaves_the_model_usable(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        async with aclosing(chat_model.stream(request_to_answer)) as stream:
            await anext(stream)
        items = [item async for item in chat_model.stream(request_to_answer)]
        assert isinstance(items[-1], Finish)

    async def test_streams_at_the_same_time_do_not_mix(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        async def answer() -> str:
            items = [item async for item in chat_model.stream(request_to_answer)]
            return "".join(item.text for item in items if isinstance(item, Delta))

        answers = await asyncio.gather(*(answer() for _ in range(4)))
        assert len(set(answers)) == 1

    async def test_a_cancelled_stream_leaves_the_model_usable(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        async def consume() -> None:
            async with aclosing(chat_model.stream(request_to_answer)) as stream:
                async for _ in stream:
                    await asyncio.sleep(60)

        task = asyncio.create_task(consume())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        text, _ = await answer_of(chat_model, request_to_answer)
        assert text.strip()

    async def test_a_stream_closed_early_ends_the_request(
        self,
        chat_model: ChatModel,
        request_to_answer: ChatRequest,
        endings: Endings,
        open_requests: Callable[[], int] | None,
    ) -> None:
        count = counting(open_requests)
        provoke(endings, Ending.STALLED)
        async with aclosing(chat_model.stream(request_to_answer)) as stream:
            await anext(stream)
            assert count() == 1
        await until(lambda: count() == 0)

    async def test_a_cancelled_stream_ends_the_request(
        self,
        chat_model: ChatModel,
        request_to_answer: ChatRequest,
        endings: Endings,
        open_requests: Callable[[], int] | None,
    ) -> None:
        count = counting(open_requests)
        provoke(endings, Ending.SILENT)
        task = asyncio.create_task(answer_of(chat_model, request_to_answer))
        await until(lambda: count() == 1)
        task.cancel()
        await until(lambda: count() == 0)
        with pytest.raises(asyncio.CancelledError):
            await task

    @pytest.mark.parametrize("ending", list(_BEFORE))
    async def test_an_error_before_the_answer_is_told_apart(
        self,
        chat_model: ChatModel,
        request_to_answer: ChatRequest,
        endings: Endings,
        ending: Ending,
    ) -> None:
        provoke(endings, ending)
        with pytest.raises((ModelUnavailable, ModelRefused)) as failed:
            await anext(chat_model.stream(request_to_answer))
        assert failed.value.code == _BEFORE[ending]
        if ending in (Ending.RATE_LIMITED, Ending.QUOTA_EXCEEDED):
            assert failed.value.retry_after > 0

    @pytest.mark.parametrize("ending", _MIDST)
    async def test_an_error_in_the_midst_comes_after_what_was_said(
        self,
        chat_model: ChatModel,
        request_to_answer: ChatRequest,
        endings: Endings,
        ending: Ending,
    ) -> None:
        provoke(endings, ending)
        items = []

        async def consume() -> None:
            async for item in chat_model.stream(request_to_answer):
                items.append(item)

        with pytest.raises(ModelUnavailable):
            await consume()
        assert items
        assert all(isinstance(item, Delta) for item in items)

    @pytest.mark.parametrize("ending", list(_SHORT))
    async def test_an_answer_cut_short_says_why(
        self,
        chat_model: ChatModel,
        request_to_answer: ChatRequest,
        endings: Endings,
        ending: Ending,
    ) -> None:
        provoke(endings, ending)
        text, finish = await answer_of(chat_model, request_to_answer)
        assert text.strip()
        assert finish.reason is _SHORT[ending]


def provoke(endings: Endings, ending: Ending) -> None:
    """Make the next answer end like that, or skip the test."""
    if ending not in endings:
        pytest.skip(f"a real service cannot be made to fail here: {ending}")
    endings[ending]()


def counting(open_requests: Callable[[], int] | None) -> Callable[[], int]:
    """Return what counts open requests, or skip the test."""
    if open_requests is None:
        pytest.skip("nothing here can tell which requests are open")
    return open_requests


async def until(condition: Callable[[], bool]) -> None:
    """Wait for the condition; fail where it does not come soon."""
    try:
        async with asyncio.timeout(_SOON):
            while not condition():  # noqa: ASYNC110 - what counts is the provider, not ours
                await asyncio.sleep(0.005)
    except TimeoutError:
        pytest.fail(f"it was not so after {_SOON} seconds")
