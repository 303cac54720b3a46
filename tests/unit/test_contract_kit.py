"""A test of the contract kit is not lost in silence."""

import importlib
import inspect
import pkgutil

import pytest

import application.testing
from application.testing.chat_model import ChatModelContract
from application.testing.clock import ClockContract
from application.testing.contract import Contract
from application.testing.vector_index import VectorIndexContract

NAME = "test_the_nearest_come_first"
WHY = {NAME: "It cannot tell near from far."}


def test_every_contract_is_one() -> None:
    found = []
    for module in pkgutil.iter_modules(application.testing.__path__):
        members = vars(importlib.import_module(f"application.testing.{module.name}"))
        found += [it for name, it in members.items() if name.endswith("Contract")]
    assert len(found) > 40
    assert [it for it in found if not issubclass(it, Contract)] == []


@pytest.mark.parametrize("other", [None, lambda self: None, property(lambda self: None)])
def test_a_test_that_is_replaced_or_taken_away_wants_a_reason(other: object) -> None:
    with pytest.raises(TypeError, match=f"replaces {NAME} of the kit: say why"):
        type("TestMine", (VectorIndexContract,), {NAME: other})


def test_a_test_that_comes_in_by_another_base_wants_a_reason() -> None:
    mixin = type("Mixin", (), {NAME: lambda self: None})
    with pytest.raises(TypeError, match="say why"):
        type("TestMine", (mixin, VectorIndexContract), {})


def test_a_replacement_with_a_reason_is_run() -> None:
    class TestMine(VectorIndexContract, not_for=WHY):
        def test_the_nearest_come_first(self) -> str:  # type: ignore[override]
            return "run"

    class TestItsChild(TestMine):
        pass

    assert TestItsChild().test_the_nearest_come_first() == "run"


def test_a_test_that_is_dropped_with_a_reason_is_skipped_with_these_words() -> None:
    class TestMine(VectorIndexContract, not_for=WHY):
        pass

    class TestItsChild(TestMine):
        pass

    assert not inspect.iscoroutinefunction(TestItsChild.test_the_nearest_come_first)
    with pytest.raises(pytest.skip.Exception, match="cannot tell near from far"):
        TestItsChild().test_the_nearest_come_first()  # type: ignore[call-arg, unused-coroutine]
    assert inspect.iscoroutinefunction(VectorIndexContract.test_the_nearest_come_first)


@pytest.mark.parametrize(
    ("not_for", "said"),
    [
        ({NAME: " "}, "dropped without a reason"),
        ({"test_that_is_not_there": "It was renamed."}, "the kit has no test"),
    ],
)
def test_a_reason_says_something_about_a_test_there_is(not_for: dict[str, str], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        type("TestMine", (VectorIndexContract,), {}, not_for=not_for)  # type: ignore[call-overload]


def test_fixtures_and_further_tests_are_the_adapters_own() -> None:
    for contract in (ChatModelContract, ClockContract):
        type("TestMine", (contract,), {"chat_model": 1, "test_of_its_own": lambda self: None})
