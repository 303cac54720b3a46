"""A chain of models: who is asked next and when, and what an answer tells of those that fell out."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from adapters.memory.chat_model import InMemoryChatModel, Script
from adapters.memory.clock import FakeClock
from adapters.memory.model_catalog import InMemoryModelCatalog
from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Usage,
)
from application.ports.secret_box import SecretUnreadable
from application.services.chosen_models import chain_of
from application.services.guards.breaker import Breaker, Limits
from application.services.guards.chat_model import GuardedChatModel, StreamDeadlines
from application.services.guards.fallback import FallbackChatModel
from application.testing.chat_model import chat_request
from application.use_cases.bots import UpdateBot
from domain.configuration import Configuration
from domain.conversations import Fallback, MessageStatus
from domain.errors import ChatSphereError, InvalidInput
from unit.installation import Installation

OUT = (ModelUnavailable(),)


class Hanging(ChatModel):
    """Never says a word."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        await asyncio.sleep(60)
        yield Finish(FinishReason.STOP)


def _chain(*models: ChatModel | Exception, total: float = 5) -> FallbackChatModel:
    """Return a chain of the models m0/x, m1/x…; an exception is a name that cannot be resolved."""

    def resolve(name: str | None) -> tuple[ChatModel, str]:
        assert name is not None
        found = models[int(name[1])]
        if isinstance(found, Exception):
            raise found
        return found, name

    return FallbackChatModel([f"m{n}/x{n}" for n in range(len(models))], resolve, total=total)


async def _said(chain: ChatModel) -> str:
    items = [item async for item in chain.stream(chat_request())]
    return "".join(item.text for item in items if isinstance(item, Delta))


def _saying(*script: str | Finish | Exception) -> InMemoryChatModel:
    return InMemoryChatModel(script)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ModelUnavailable(), "model_unavailable"),
        (ModelRefused(), "model_rejected"),
        (ModelRefused(code="model_rate_limited"), "model_rate_limited"),
        (ModelRefused(code="model_quota_exceeded"), "model_quota_exceeded"),
        (ModelRefused(code="model_empty"), "model_empty"),
        (ModelRefused(code="model_malformed"), "model_malformed"),
    ],
)
async def test_where_a_model_gives_no_answer_the_next_does_by_its_own_name(
    error: ChatSphereError, code: str
) -> None:
    last = _saying("Nine.")
    chain = _chain(_saying(error), last, _saying("never"))
    assert await _said(chain) == "Nine."
    assert (chain.asked, chain.fallen) == ("m1/x1", [Fallback("m0/x0", code)])
    assert [request.model for request in last.requests] == ["x1"]


@pytest.mark.parametrize(
    "error",
    [ModelRefused(code="model_blocked"), ModelRefused(code="model_other"), ValueError("a bug")],
)
async def test_what_is_blocked_or_broken_is_asked_of_nobody_else(error: Exception) -> None:
    other = _saying("Well,")
    chain = _chain(_saying(error), other)
    with pytest.raises(type(error)) as raised:
        await _said(chain)
    assert raised.value is error
    assert (other.requests, chain.fallen) == ([], [])


async def test_an_answer_that_has_begun_is_not_begun_anew() -> None:
    other = _saying("Ten.")
    chain = _chain(_saying("Ni", ModelUnavailable("Cut.")), other)
    with pytest.raises(ModelUnavailable, match="Cut"):
        await _said(chain)
    assert (other.requests, chain.asked, chain.fallen) == ([], "m0/x0", [])


async def test_where_all_fail_the_last_ones_error_is_told() -> None:
    chain = _chain(_saying(*OUT), _saying(ModelRefused(code="model_rate_limited")))
    with pytest.raises(ModelRefused) as raised:
        await _said(chain)
    assert raised.value.code == "model_rate_limited"
    assert (chain.asked, chain.fallen) == ("m1/x1", [Fallback("m0/x0", "model_unavailable")])


async def test_a_name_that_leads_nowhere_any_more_is_passed_over() -> None:
    gone = InvalidInput(code="model_not_configured")
    chain = _chain(gone, SecretUnreadable(), _saying("Nine."))
    assert await _said(chain) == "Nine."
    assert [each.code for each in chain.fallen] == ["model_not_configured", "secret_unreadable"]


async def test_a_model_that_is_let_alone_costs_no_time() -> None:
    breaker = Breaker(FakeClock(), lambda: 0.5, Limits(failures=1))
    breaker.enter().failed()
    alone = _saying("never")
    guarded = GuardedChatModel(alone, breaker, StreamDeadlines())
    assert await _said(_chain(guarded, _saying("Nine."))) == "Nine."
    assert alone.requests == []


async def test_all_of_them_together_have_the_time_of_one_answer() -> None:
    chain = _chain(Hanging(), _saying("never"), total=0.02)
    async with asyncio.timeout(1):
        with pytest.raises(ModelUnavailable):
            await _said(chain)
    assert (chain.asked, chain.fallen) == ("m0/x0", [])


async def test_a_deadline_of_a_link_within_the_whole_leads_on() -> None:
    late = GuardedChatModel(
        Hanging(), Breaker(FakeClock(), lambda: 0.5), StreamDeadlines(first_token=0.01)
    )
    assert await _said(_chain(late, _saying("Nine."))) == "Nine."


async def test_whoever_took_the_answer_on_is_asked_first_from_then_on() -> None:
    first, second = _saying(*OUT), InMemoryChatModel(default=("Nine.",))
    chain = _chain(first, second)
    assert [await _said(chain), await _said(chain)] == ["Nine.", "Nine."]
    assert (len(first.requests), len(second.requests), len(chain.fallen)) == (1, 2, 1)


async def test_a_stream_that_is_closed_early_is_closed_at_the_model() -> None:
    model = _saying("one", "two")
    async with aclosing(_chain(_saying(*OUT), model).stream(chat_request())) as stream:
        await anext(stream)
    assert model.abandoned == 1


def test_a_chain_can_do_what_all_of_it_can() -> None:
    class Able(InMemoryChatModel):
        def __init__(self, *can: ChatCapability) -> None:
            super().__init__()
            self._can = frozenset(can)

        @property
        def capabilities(self) -> frozenset[ChatCapability]:
            return self._can

    both = Able(ChatCapability.TOOLS, ChatCapability.STOP)
    guarded = GuardedChatModel(both, Breaker(FakeClock(), lambda: 0.5), StreamDeadlines())
    chain = _chain(guarded, InvalidInput(), Able(ChatCapability.STOP, ChatCapability.SCHEMA))
    assert chain.capabilities == {ChatCapability.STOP}


class Twins(Installation):
    """An installation with the models fake/one, which plays the scripts, and spare/two."""

    def __init__(self, *scripts: Script) -> None:
        self.first, self.spare = InMemoryChatModel(*scripts), InMemoryChatModel()
        super().__init__(self.first)
        self.models = InMemoryModelCatalog({"fake": self.first, "spare": self.spare}, "fake/one")


BOT: dict[str, object] = {"agent_type": "chat", "fallback_models": ["spare/two"]}


async def test_an_answer_tells_who_gave_it_and_who_did_not() -> None:
    on = Twins(OUT)
    on.spare = InMemoryChatModel(["Nine.", Finish(FinishReason.STOP, Usage(70, 30))])
    on.models = InMemoryModelCatalog({"fake": on.first, "spare": on.spare}, "fake/one")
    bot = await on.add_bot(**BOT, temperature=0.3)
    answer = await on.answered("When?", bot_id=bot.id)
    assert (answer.status, answer.content) == (MessageStatus.COMPLETED, "Nine.")
    assert answer.model == "spare/two"
    assert answer.fallbacks == (Fallback("fake/one", "model_unavailable"),)
    assert await on.message(answer.id) == answer
    shown = (await on.events(answer.id))[-1].data["message"]
    assert isinstance(shown, dict)
    assert shown["fallbacks"] == [{"model": "fake/one", "code": "model_unavailable"}]
    assert [request.temperature for request in on.spare.requests] == [0.3]
    (record,) = on.tables.usage_records.values()
    assert (record.model, record.prompt_tokens, record.completion_tokens) == ("spare/two", 70, 30)


async def test_a_failed_answer_tells_all_that_were_tried() -> None:
    on = Twins(OUT)
    on.models = InMemoryModelCatalog(
        {"fake": on.first, "spare": _saying(ModelRefused(code="model_rate_limited"))}, "fake/one"
    )
    bot = await on.add_bot(**BOT)
    answer = await on.answered("When?", bot_id=bot.id)
    assert answer.status is MessageStatus.FAILED
    assert answer.error is not None
    assert (answer.model, answer.error.code) == ("spare/two", "model_rate_limited")
    assert answer.fallbacks == (Fallback("fake/one", "model_unavailable"),)


async def test_an_answer_that_breaks_off_asks_nobody_else() -> None:
    on = Twins(("Ni", ModelUnavailable()))
    bot = await on.add_bot(**BOT)
    answer = await on.answered("When?", bot_id=bot.id)
    assert (answer.status, answer.content, answer.fallbacks) == (MessageStatus.FAILED, "Ni", ())
    assert on.spare.requests == []


async def test_a_bot_whose_own_model_is_gone_is_answered_by_its_fallback() -> None:
    on = Twins()
    bot = await on.add_bot(**BOT)
    on.models = InMemoryModelCatalog({"spare": on.spare}, "fake/one")
    answer = await on.answered("When?", bot_id=bot.id)
    assert (answer.status, answer.model) == (MessageStatus.COMPLETED, "spare/two")
    assert answer.fallbacks == (Fallback("default", "model_not_configured"),)


async def test_a_model_that_became_the_default_is_not_asked_twice() -> None:
    on = Twins()
    settings = Configuration(fallback_models=("spare/two",)).defaulting_to("spare/two")
    on.spare = InMemoryChatModel(default=OUT)
    on.models = InMemoryModelCatalog({"spare": on.spare}, "spare/two")
    with pytest.raises(ModelUnavailable):
        await _said(chain_of(on.models, settings, []))
    assert len(on.spare.requests) == 1


@pytest.mark.parametrize(
    ("names", "pointer", "code"),
    [
        (["spare/two", "other/x"], "/1", "model_not_configured"),
        (["fake/one"], "/0", "invalid_request"),  # the default that the bot has already
    ],
)
async def test_fallback_models_are_checked_when_a_bot_is_saved(
    names: list[str], pointer: str, code: str
) -> None:
    on = Twins()
    with pytest.raises(InvalidInput) as made:
        await on.add_bot(fallback_models=names)
    bot = await on.add_bot(**BOT)
    with pytest.raises(InvalidInput) as changed:
        await UpdateBot(on.units, on.models, on.clock)(
            on.actor, bot.id, configuration={"fallback_models": names}
        )
    for raised in (made.value, changed.value):
        assert raised.pointer == f"/configuration/fallback_models{pointer}"
        assert raised.code == code
