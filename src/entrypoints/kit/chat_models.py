"""The contract of a chat model, on the one that is set up here."""

import asyncio

import pytest

from application.ports.chat_model import ChatModel, ChatRequest
from application.testing.chat_capabilities import answer_of
from application.testing.chat_model import ChatModelContract, chat_request
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedChatModel

_OPENS, _CLOSES = "When does the office open?", "When does the office close?"
_WORDS = "a real model's words are never twice the same"


class TestChatModel(
    ChatModelContract, not_for={"test_streams_at_the_same_time_do_not_mix": _WORDS}
):
    """It writes nothing. How the real one's errors are told apart is tested against stand-ins."""

    @pytest.fixture
    def chat_model(self, subject: Subject) -> ChatModel:
        return WatchedChatModel(subject)

    @pytest.fixture
    def request_to_answer(self, subject: Subject) -> ChatRequest:
        return chat_request(model=subject.target.asked)

    async def test_streams_at_the_same_time_do_not_mix(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        asked = [chat_request(text, request_to_answer.model) for text in (_OPENS, _CLOSES) * 2]
        answers = await asyncio.gather(*(answer_of(chat_model, one) for one in asked))
        for number, (text, _) in enumerate(answers):
            assert any(word in text for word in (("six", "6"), ("nine", "9"))[number % 2 == 0])
