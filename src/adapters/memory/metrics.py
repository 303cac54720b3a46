"""Metrics in dictionaries, for tests to read."""

from collections import defaultdict

from application.ports.metrics import Metric, Metrics

Series = tuple[str, tuple[str, ...]]  # the metric's name and the values of its labels


class InMemoryMetrics(Metrics):
    """Holds sums, lists of observed values, and last values."""

    def __init__(self) -> None:
        self.counts: dict[Series, float] = defaultdict(float)
        self.observed: dict[Series, list[float]] = defaultdict(list)
        self.gauges: dict[Series, float] = {}

    def count(self, metric: Metric, *values: str, amount: float = 1) -> None:
        """Add to a counter."""
        self.counts[metric.name, values] += amount

    def observe(self, metric: Metric, value: float, *values: str) -> None:
        """Take a value into a histogram."""
        self.observed[metric.name, values].append(value)

    def set(self, metric: Metric, value: float, *values: str) -> None:
        """Give a gauge its value."""
        self.gauges[metric.name, values] = value

    def exposition(self) -> bytes:
        """Return a line for each series."""
        sums = self.counts | self.gauges
        sums |= {(f"{n}_count", v): len(all_) for (n, v), all_ in self.observed.items()}
        lines = [f"{name}{list(values)} {value}" for (name, values), value in sums.items()]
        return "\n".join(lines).encode()
