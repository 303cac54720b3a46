"""Every reranker keeps the contract: in memory, behind its guard, and on chat models over the wire."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from adapters._llm_reranker import LlmReranker
from adapters.gemini import plugin as gemini
from adapters.memory.clock import FakeClock
from adapters.memory.reranker import InMemoryReranker
from adapters.openai import plugin as openai
from application.ports.chat_model import (
    ChatCapability,
    Deadlines,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Thinking,
)
from application.ports.plugins import Context
from application.ports.reranker import Reranker, RerankerDeclined, RerankerUnavailable
from application.services.guards.breaker import Breaker
from application.services.guards.reranker import GuardedReranker
from application.testing.reranker import ANSWER, ELSEWHERE, QUESTION, Outages, RerankerContract
from contract.judges import Judge, JudgingGemini, JudgingOpenAI
from standins import gemini_server, openai_server

UNREADABLE = {
    "prose": "Passage 1 is the best.",
    "nothing": "",
    "too few": '{"1": 7}',
    "too many": '{"1": 7, "2": 0, "3": 10}',
    "one twice": '{"1": 0, "2": 0, "1": 10}',
    "other numbers": '{"0": 7, "1": 2}',
    "above the scale": '{"1": 11, "2": 0}',
    "below the scale": '{"1": -1, "2": 0}',
    "no number": '{"1": "10", "2": 0}',
    "a truth value": '{"1": true, "2": 0}',
    "not a number": '{"1": NaN, "2": 0}',
    "infinity": '{"1": 1e999, "2": 0}',
    "a list": "[7, 0]",
    "a number": "7",
    "text after it": '{"1": 7, "2": 0} so the first is best',
    "two answers": '{"1": 7, "2": 0}{"1": 0, "2": 7}',
    "nested without end": "[" * 9_000,
    "more digits than fit": '{"1": ' + "9" * 9_000 + ', "2": 0}',
    "longer than any answer": '{"1": 7, "2": 0}' + " " * 20_000,
}


class TestInMemoryReranker(
    RerankerContract,
    not_for={"test_an_outage_has_one_name_and_passes": "It is out when it is told to be."},
):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return InMemoryReranker()

    async def test_an_outage_has_one_name_and_passes(
        self, reranker: Reranker, outages: Outages
    ) -> None:
        assert isinstance(reranker, InMemoryReranker)
        reranker.is_available = False
        with pytest.raises(RerankerUnavailable):
            await reranker.rerank(QUESTION, [ANSWER])
        reranker.is_available = True
        assert await reranker.rerank(QUESTION, [ANSWER]) == [1.0]


class TestGuardedReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return GuardedReranker(InMemoryReranker(), Breaker(FakeClock(), lambda: 0.5), seconds=5)


class TestLlmReranker(RerankerContract):
    @pytest.fixture(params=[(), (ChatCapability.SCHEMA, ChatCapability.THINKING)])
    def judge(self, request: pytest.FixtureRequest) -> Judge:
        return Judge(*request.param)

    @pytest.fixture
    def reranker(self, judge: Judge) -> Reranker:
        return LlmReranker(judge, "small")

    @pytest.fixture
    def outages(self, judge: Judge) -> Outages:
        failures: Mapping[str, str | Exception | Finish] = {
            "down": ModelUnavailable(),
            "limited": ModelRefused("Slow down.", code="model_rate_limited"),
            "cut short": Finish(FinishReason.LENGTH),
            "blocked in its midst": Finish(FinishReason.SAFETY),
            "prose": UNREADABLE["prose"],
        }

        def provoke(failure: str | Exception | Finish) -> Callable[[], None]:
            return lambda: setattr(judge, "next", failure)

        return {name: provoke(failure) for name, failure in failures.items()}


class TestGeminiReranker(RerankerContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[JudgingGemini]:
        async with JudgingGemini() as server:
            yield server

    @pytest.fixture
    async def reranker(self, server: JudgingGemini, context: Context) -> AsyncIterator[Reranker]:
        options = gemini.RerankerOptions("key", server.base_url)
        yield gemini.reranker.build(options, context)
        [*_, asked] = server.requests or [None]
        if asked is not None:
            config = asked.body["generationConfig"]
            assert config["responseJsonSchema"]["required"][0] == "1"
            assert asked.path.endswith("gemini-3.5-flash-lite:streamGenerateContent")

    @pytest.fixture
    def outages(self, server: JudgingGemini) -> Outages:
        script = gemini_server.Script
        return {
            "no key": lambda: server.scripts.append(script(status=403)),
            "limited for today": lambda: server.scripts.append(script(status=429, quota="PerDay")),
            "cut": lambda: server.scripts.append(script(tokens=['{"1"', ": 1}"], cut_after=1)),
            "cut short": lambda: server.scripts.append(
                script(tokens=['{"1": 7}'], finish_reason="MAX_TOKENS")
            ),
            "blocked": lambda: server.scripts.append(script(tokens=[], finish_reason="SAFETY")),
            "prose": lambda: server.scripts.append(script(tokens=["Passage 1 is best."])),
        }


class TestOpenAIReranker(RerankerContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[JudgingOpenAI]:
        async with JudgingOpenAI(models=["small"]) as server:
            yield server

    @pytest.fixture
    def reranker(self, server: JudgingOpenAI, context: Context) -> Reranker:
        options = openai.RerankerOptions(
            openai_base_url=server.base_url, openai_reranker_model="small"
        )
        return openai.reranker.build(options, context)

    @pytest.fixture
    def outages(self, server: JudgingOpenAI) -> Outages:
        script = openai_server.Script
        return {
            "no key": lambda: server.scripts.append(script(status=401)),
            "cut": lambda: server.scripts.append(script(tokens=['{"1"', ": 1}"], cut_after=1)),
            "cut short": lambda: server.scripts.append(
                script(tokens=['{"1": 7}'], finish_reason="length")
            ),
            "prose": lambda: server.scripts.append(script(tokens=["Passage 1 is best."])),
        }


@pytest.fixture
async def context(tmp_path: object) -> AsyncIterator[Context]:
    made = Context(data_dir=tmp_path, deadlines=Deadlines(30, 5, 30, 5))  # type: ignore[arg-type]
    yield made
    await made.aclose()


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE.keys())
async def test_an_answer_that_cannot_be_read_is_declined(answer: str) -> None:
    judge = Judge()
    judge.next = answer
    with pytest.raises(RerankerDeclined):
        await LlmReranker(judge, "small").rerank(QUESTION, [ANSWER, ELSEWHERE])


@pytest.mark.parametrize(
    "answer", ['{"2": 0, "1": 7.5}', '\n{"1": 7.5, "2": 0}\n', '```json\n{"1": 7.5, "2": 0}\n```']
)
async def test_an_answer_in_another_order_or_a_fence_is_read(answer: str) -> None:
    judge = Judge()
    judge.next = answer
    assert await LlmReranker(judge, "small").rerank(QUESTION, [ANSWER, ELSEWHERE]) == [0.75, 0.0]


async def test_a_model_is_asked_for_what_it_can_do() -> None:
    plain, able = Judge(), Judge(ChatCapability.SCHEMA, ChatCapability.THINKING)
    for judge in (plain, able):
        await LlmReranker(judge, "small").rerank(QUESTION, [ANSWER, ELSEWHERE])
    [request] = plain.requests
    assert (request.model, request.schema, request.thinking) == ("small", None, None)
    [request] = able.requests
    assert request.thinking is Thinking.MINIMAL
    assert request.schema is not None
    assert request.schema["required"] == ["1", "2"]
    assert json.loads(json.dumps(request.schema)) == request.schema
    assert request.temperature == 0


async def test_no_passages_ask_nobody() -> None:
    judge = Judge()
    assert await LlmReranker(judge, "small").rerank(QUESTION, []) == []
    assert judge.requests == []


async def test_of_a_passage_of_any_length_the_beginning_is_sent() -> None:
    judge = Judge()
    await LlmReranker(judge, "small").rerank(QUESTION, ["word " * 100_000] * 2)
    assert len(judge.requests[0].turns[-1].text) < 10_000


async def test_who_refuses_is_there_and_who_is_silent_is_not() -> None:
    judge, breaker = Judge(), Breaker(FakeClock(), lambda: 0.5)
    reranker = GuardedReranker(LlmReranker(judge, "small"), breaker, seconds=5)
    for failure, is_closed in (
        (ModelRefused("Slow down.", code="model_rate_limited"), True),
        ("prose", True),  # or whoever owns a passage could put the reranker out for everybody
        (ModelUnavailable(), False),
    ):
        for _ in range(12):
            judge.next = failure
            with pytest.raises(RerankerUnavailable):
                await reranker.rerank(QUESTION, [ANSWER])
        assert breaker.is_closed is is_closed


class Sleeper(Reranker):
    """Takes its time."""

    languages = frozenset({"en"})
    most = 3

    async def rerank(self, question: str, passages: object) -> list[float]:
        await asyncio.sleep(60)
        return []


async def test_a_guard_waits_no_longer_than_told_and_tells_what_it_guards() -> None:
    reranker = GuardedReranker(Sleeper(), Breaker(FakeClock(), lambda: 0.5), seconds=0.02)
    assert (reranker.most, reranker.languages) == (3, frozenset({"en"}))
    with pytest.raises(RerankerUnavailable):
        await reranker.rerank(QUESTION, [ANSWER])
