"""The contract kit of chat models: broken models fail it, and one that keeps its word passes."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

import pytest

from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    ProviderTurn,
    ToolCall,
    Usage,
)
from application.testing.chat_model import ChatModelContract, Ending, chat_request

KIT = ChatModelContract()
ASKED = chat_request()
Item = Delta | Finish | Exception


class Scripted(ChatModel):
    """Can do what it was told it can, and answers by a function of the request."""

    def __init__(
        self, answer: Callable[[ChatRequest], Sequence[Item]], *capabilities: ChatCapability
    ) -> None:
        self._answer, self._capabilities = answer, frozenset(capabilities)

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        return self._capabilities

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        for item in self._answer(request):
            if isinstance(item, Exception):
                raise item
            yield item


def said(text: str, reason: FinishReason = FinishReason.STOP) -> list[Item]:
    return [Delta(text), Finish(reason, Usage(1, 1))]


def called(own: ProviderTurn | None = None, call_id: str = "1") -> list[Item]:
    call = ToolCall(call_id, "get_weather", {"city": "Paris"})
    return [Finish(FinishReason.TOOL_CALLS, Usage(1, 1), [call], own)]


def answers_results(request: ChatRequest) -> Sequence[Item]:
    results = request.turns[-1].results
    own = ProviderTurn("scripted", {"signature": "x"})
    return said(results[0].content) if results else called(own)


async def caught(test: object) -> bool:
    """Tell whether the kit's test fails; a test that skips has tested nothing."""
    with suppress(AssertionError, LookupError, ValueError, TypeError, pytest.fail.Exception):
        await test  # type: ignore[misc]
        return False
    return True


async def test_a_model_that_calls_and_answers_passes() -> None:
    model = Scripted(answers_results, ChatCapability.TOOLS, ChatCapability.PROVIDER_TURN)
    for form in ("own", "none", "of another"):
        await KIT.test_a_tool_is_called_and_its_result_answered_from(model, ASKED, form)
    await KIT.test_a_turn_in_its_own_form_can_be_stored_as_json(model, ASKED)


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: said("I shall call it."),
        lambda _: called(call_id=""),
        lambda request: said("It is warm.") if request.turns[-1].results else called(),
        lambda request: (
            said("21.5", FinishReason.LENGTH) if request.turns[-1].results else called()
        ),
    ],
)
async def test_a_model_that_loses_calls_or_results_is_caught(
    answer: Callable[[ChatRequest], Sequence[Item]],
) -> None:
    model = Scripted(answer, ChatCapability.TOOLS)
    test = KIT.test_a_tool_is_called_and_its_result_answered_from
    assert await caught(test(model, ASKED, "own"))


async def test_a_model_that_stumbles_over_anothers_turn_is_caught() -> None:
    def answer(request: ChatRequest) -> Sequence[Item]:
        for turn in request.turns:
            if turn.own:
                json.dumps(turn.own.content["signature"])
        return answers_results(request)

    model = Scripted(answer, ChatCapability.TOOLS)
    test = KIT.test_a_tool_is_called_and_its_result_answered_from
    assert await caught(test(model, ASKED, "of another"))


@pytest.mark.parametrize(
    "own", [None, ProviderTurn("x", {"bytes": b"1"}), ProviderTurn("x", {"t": (1,)})]
)
async def test_a_turn_that_is_no_json_is_caught(own: ProviderTurn | None) -> None:
    model = Scripted(
        lambda request: said("21.5") if request.turns[-1].results else called(own),
        ChatCapability.PROVIDER_TURN,
    )
    assert await caught(KIT.test_a_turn_in_its_own_form_can_be_stored_as_json(model, ASKED))


@pytest.mark.parametrize("text", ["one two three four five", "one two three", "four six"])
async def test_a_model_that_does_not_stop_is_caught(text: str) -> None:
    model = Scripted(lambda _: said(text), ChatCapability.STOP)
    assert await caught(KIT.test_an_answer_ends_before_a_stop_sequence(model, ASKED))


@pytest.mark.parametrize("text", ["At nine.", '{"place": "here"}', '{"place": 1, "opens_at": 9}'])
async def test_a_model_that_ignores_the_schema_is_caught(text: str) -> None:
    model = Scripted(lambda _: said(text), ChatCapability.SCHEMA)
    assert await caught(KIT.test_an_answer_with_a_schema_is_json_that_fits(model, ASKED))


async def test_a_model_that_takes_more_than_it_can_is_caught() -> None:
    test = KIT.test_a_request_beyond_the_capabilities_is_refused
    silent = Scripted(lambda _: said("Yes."), ChatCapability.STOP)
    assert await caught(test(silent, ASKED, ChatCapability.TOOLS))
    honest = Scripted(lambda _: [ModelRefused("No tools.")], ChatCapability.STOP)
    await test(honest, ASKED, ChatCapability.TOOLS)
    assert await caught(test(honest_but_wrong_code(), ASKED, ChatCapability.TOOLS))


def honest_but_wrong_code() -> ChatModel:
    return Scripted(lambda _: [ModelRefused("No.", code="model_empty")], ChatCapability.STOP)


async def test_calls_where_no_tool_was_offered_are_caught() -> None:
    test = KIT.test_an_answer_without_tools_holds_no_calls
    assert await caught(test(Scripted(lambda _: called()), ASKED))


@pytest.mark.parametrize(
    "items",
    [said("At nin"), said("At nine.", FinishReason.LENGTH), [*said("At nine."), Delta("!")]],
)
async def test_deltas_that_do_not_add_up_are_caught(items: list[Item]) -> None:
    test = KIT.test_deltas_add_up_to_the_answer
    await test(Scripted(lambda _: said("At nine.")), ASKED, "At nine.")
    assert await caught(test(Scripted(lambda _: items), ASKED, "At nine."))


@pytest.mark.parametrize(
    "items", [[Delta("x")], [Finish(FinishReason.STOP, Usage(1, 1)), Delta("x")]]
)
async def test_a_stream_whose_last_item_is_no_finish_is_caught(items: list[Item]) -> None:
    model = Scripted(lambda _: items)
    assert await caught(KIT.test_deltas_come_first_then_one_finish(model, ASKED))


async def test_a_finish_without_usage_is_caught() -> None:
    model = Scripted(lambda _: [Delta("x"), Finish(FinishReason.STOP)])
    assert await caught(KIT.test_the_finish_tells_the_tokens_used(model, ASKED))


async def test_a_model_that_cannot_do_without_a_temperature_is_caught() -> None:
    def answer(request: ChatRequest) -> Sequence[Item]:
        return said("yes") if request.temperature is not None else [ModelRefused("No.")]

    test = KIT.test_a_temperature_may_be_left_to_the_provider
    with pytest.raises(ModelRefused):
        await test(Scripted(answer), ASKED)


class Busy(ChatModel):
    """Stalls, or is silent; where it leaks, its requests go on when nobody listens any more."""

    def __init__(self, *, leaks: bool, speaks: bool) -> None:
        self.open = 0
        self._leaks, self._speaks = leaks, speaks

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        self.open += 1
        try:
            if self._speaks:
                yield Delta("so")
            await asyncio.sleep(60)
        finally:
            self.open -= not self._leaks


@pytest.mark.parametrize("leaks", [False, True])
async def test_a_request_that_outlives_its_stream_is_caught(
    monkeypatch: pytest.MonkeyPatch, leaks: bool
) -> None:
    monkeypatch.setattr("application.testing.chat_model._SOON", 0.03)
    provoked = {ending: lambda: None for ending in Ending}
    spoken, silent = Busy(leaks=leaks, speaks=True), Busy(leaks=leaks, speaks=False)
    closed = KIT.test_a_stream_closed_early_ends_the_request
    assert await caught(closed(spoken, ASKED, provoked, lambda: spoken.open)) is leaks
    cancelled = KIT.test_a_cancelled_stream_ends_the_request
    assert await caught(cancelled(silent, ASKED, provoked, lambda: silent.open)) is leaks


async def test_a_limit_that_does_not_say_how_long_to_wait_is_caught() -> None:
    limited = Scripted(lambda _: [ModelRefused("No.", code="model_rate_limited", retry_after=0)])
    test = KIT.test_an_error_before_the_answer_is_told_apart
    provoked = {ending: lambda: None for ending in Ending}
    assert await caught(test(limited, ASKED, provoked, Ending.RATE_LIMITED))


async def test_errors_under_another_name_are_caught() -> None:
    limited = Scripted(lambda _: [ModelRefused("Slow down.", code="model_rate_limited")])
    test = KIT.test_an_error_before_the_answer_is_told_apart
    provoked = {ending: lambda: None for ending in Ending}
    await test(limited, ASKED, provoked, Ending.RATE_LIMITED)
    assert await caught(test(limited, ASKED, provoked, Ending.QUOTA_EXCEEDED))


async def test_a_broken_stream_that_passes_for_a_whole_one_is_caught() -> None:
    test = KIT.test_an_error_in_the_midst_comes_after_what_was_said
    provoked = {ending: lambda: None for ending in Ending}
    await test(Scripted(lambda _: [Delta("so"), ModelUnavailable()]), ASKED, provoked, Ending.CUT)
    assert await caught(test(Scripted(lambda _: said("so")), ASKED, provoked, Ending.CUT))
    early = Scripted(lambda _: [ModelUnavailable()])
    assert await caught(test(early, ASKED, provoked, Ending.CUT))


async def test_an_answer_cut_short_that_claims_to_be_whole_is_caught() -> None:
    test = KIT.test_an_answer_cut_short_says_why
    provoked = {ending: lambda: None for ending in Ending}
    assert await caught(test(Scripted(lambda _: said("so")), ASKED, provoked, Ending.LENGTH))
