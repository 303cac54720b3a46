"""Measures the parts of a piece of work."""

from collections.abc import Iterator, MutableSequence
from contextlib import contextmanager

from application.ports.clock import Clock
from domain.traces import Step


class Stopwatch:
    """Notes each part when it ends, also one that fails; parts may overlap."""

    def __init__(
        self,
        clock: Clock,
        begun: float | None = None,
        steps: MutableSequence[Step] | None = None,
    ) -> None:
        """Count from `begun` (monotonic seconds; absent: now), and write into `steps`."""
        self._clock = clock
        self._begun = clock.monotonic() if begun is None else begun
        self.steps: MutableSequence[Step] = [] if steps is None else steps

    @property
    def ms(self) -> float:
        """Return how long it has run, in milliseconds."""
        return round((self._clock.monotonic() - self._begun) * 1000, 2)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        started = self.ms
        try:
            yield
        finally:
            self.steps.append(Step(name, started, round(self.ms - started, 2)))

    def timings(self) -> dict[str, float]:
        """Return the milliseconds of each step, those of one name together."""
        found: dict[str, float] = {}
        for step in self.steps:
            name = f"{step.name}_ms"
            found[name] = round(found.get(name, 0.0) + step.duration_ms, 2)
        return found
