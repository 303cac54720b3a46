"""Contract of every ChatModel."""

import asyncio
from contextlib import aclosing

import pytest

from application.ports.chat_model import ChatModel, ChatRequest, Delta, Finish, Role, Turn
from domain.chunks import Passage

_TEXT = (
    "The office opens at nine in the morning. It closes at six in the evening. "
    "On Saturdays the office is closed."
)
_QUESTION = "When does the office open?"


def chat_request(question: str = _QUESTION, model: str = "stand-in") -> ChatRequest:
    """Return a request with one passage that answers the question."""
    passage = Passage("chk_1", "doc_1", "Opening hours", 1, _TEXT, 0, len(_TEXT), language="en")
    turns = [
        Turn(Role.SYSTEM, f"Answer from these passages.\n\n[1] {_TEXT}"),
        Turn(Role.USER, question),
    ]
    return ChatRequest(model, turns, question, [passage], temperature=0.0)


class ChatModelContract:
    """Subclass it in a test module and give the fixture `chat_model`, one that can answer."""

    @pytest.fixture
    def chat_model(self) -> ChatModel:
        """Return the model under test, in working order."""
        raise NotImplementedError

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        """Return a request that the model can answer."""
        return chat_request()

    async def test_deltas_come_first_then_one_finish(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        items = [item async for item in chat_model.stream(request_to_answer)]
        assert all(isinstance(item, Delta) for item in items[:-1])
        assert isinstance(items[-1], Finish)
        assert "".join(item.text for item in items if isinstance(item, Delta)).strip()

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
