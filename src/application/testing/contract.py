"""What all contracts of ports have in common: none of their tests gets lost without a word."""

from collections.abc import Callable, Mapping
from typing import ClassVar

import pytest

_KIT = __name__.rpartition(".")[0]


class Contract:
    """A class of tests that an adapter's test class inherits.

    A test that does not hold for an adapter is named, with the reason:

        class TestMyIndex(VectorIndexContract, not_for={"test_…": "Why it cannot hold."}):

    It is skipped with these words, unless the class has another in its place. A class that takes a test
    away or replaces it without a reason cannot be made, nor one that names a test there is not
    (TypeError).
    """

    _reasons: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, *, not_for: Mapping[str, str] | None = None) -> None:
        super().__init_subclass__()
        if cls.__module__.startswith(f"{_KIT}."):
            return
        kit = _tests_of_the_kit(cls)
        for name, reason in (not_for or {}).items():
            if name not in kit:
                raise TypeError(f"{cls.__name__}: the kit has no test {name}")
            if not reason.strip():
                raise TypeError(f"{cls.__name__}: {name} is dropped without a reason")
            if getattr(cls, name) is kit[name]:
                setattr(cls, name, _skipped(reason))
        cls._reasons = {**cls._reasons, **(not_for or {})}
        for name, test in kit.items():
            if name not in cls._reasons and getattr(cls, name) is not test:
                raise TypeError(
                    f"{cls.__name__} drops or replaces {name} of the kit: say why with `not_for`"
                )


def _tests_of_the_kit(cls: type) -> dict[str, object]:
    """Return the tests as the kit has them, whatever has become of them since."""
    tests: dict[str, object] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith(f"{_KIT}."):
            tests |= {name: it for name, it in vars(base).items() if name.startswith("test_")}
    return tests


def _skipped(reason: str) -> Callable[[object], None]:
    def test(self: object) -> None:  # noqa: ARG001 - pytest calls it as a method
        pytest.skip(reason)

    return test
