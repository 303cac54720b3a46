"""What a fault test says in the end: one line of a table, and whether it holds."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pytest

DEFAULT_SEED = 20_261
Test = TypeVar("Test", bound=Callable[..., object])


def full() -> bool:
    """Tell whether the whole measure is asked for (`make faults`), not the short form."""
    return os.environ.get("CHATSPHERE_FAULTS") == "full"


def only_in_full(test: Test) -> Test:
    """Leave a test out of the short form, where another says the same at a lower price."""
    skipped: Callable[[Test], Test] = pytest.mark.skipif(
        not full(), reason="only with CHATSPHERE_FAULTS=full"
    )
    return skipped(test)


def scaled(short: int, whole: int) -> int:
    """Return a number for the form that is asked for; CHATSPHERE_FAULT_SHARE (0 to 1) takes a part."""
    if not full():
        return short
    return max(short, round(whole * float(os.environ.get("CHATSPHERE_FAULT_SHARE", "1"))))


def seed() -> int:
    """Return the seed: fixed, unless CHATSPHERE_FAULT_SEED names another."""
    return int(os.environ.get("CHATSPHERE_FAULT_SEED", DEFAULT_SEED))


@dataclass
class Report:
    """Counts of a fault test. `hits` are the faults that hit work in flight; the others prove little.

    `heal_seconds` is the longest time from the end of the faults until all was well.
    """

    name: str
    seed: int
    injected: int = 0
    hits: int = 0
    violations: list[str] = field(default_factory=list)
    heal_seconds: float = 0.0
    notes: dict[str, object] = field(default_factory=dict)

    def fault(self, *, hit: bool) -> bool:
        """Count a fault; give `hit` back."""
        self.injected += 1
        self.hits += hit
        return hit

    def healed(self, seconds: float) -> None:
        """Note how long recovery took; the longest counts."""
        self.heal_seconds = max(self.heal_seconds, seconds)

    def __str__(self) -> str:
        notes = ", ".join(f"{name} {value}" for name, value in self.notes.items())
        return (
            f"{self.name:<24} seed {self.seed} | injected {self.injected:>4} | hit work {self.hits:>4}"
            f" | violations {len(self.violations):>3} | healed in {self.heal_seconds:5.1f} s"
            f"{' | ' if notes else ''}{notes}"
        )

    def check(self, least_hits: int = 0) -> None:
        """Print the line; fail on violations, and where too few faults hit work."""
        print(f"\n{self}")  # noqa: T201
        shown = "\n".join(self.violations[:20])
        assert not self.violations, f"{self}\n{shown}"
        assert self.hits >= least_hits, f"{self}: at least {least_hits} were to hit work"

    def check_caught(self, words: str = "") -> None:
        """Print the line; fail where a planted bug went unnoticed: where no violation has the words.

        Without words any violation will do, also one that a slow machine is to blame for.
        """
        print(f"\n{self}")  # noqa: T201
        shown = "\n".join(self.violations[:20])
        caught = any(words in violation for violation in self.violations)
        assert caught, f"{self}: the planted bug went unnoticed\n{shown}"
