"""Port: numbers about what goes on, for whoever runs the installation."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What becomes of the values."""

    COUNTER = "counter"  # they add up
    HISTOGRAM = "histogram"  # how many of them are how large
    GAUGE = "gauge"  # the last one counts


@dataclass(frozen=True, slots=True)
class Metric:
    """A number with a name; for each combination of values of its `labels` there is one."""

    name: str
    kind: Kind
    description: str
    labels: tuple[str, ...] = ()


class Metrics(ABC):
    """Keeps the numbers of this process. Nothing here waits or raises.

    `values` are those of the metric's labels, in their order. They must be few: never an id, nor what
    somebody outside can choose.
    """

    @abstractmethod
    def count(self, metric: Metric, *values: str, amount: float = 1) -> None:
        """Add to a counter."""

    @abstractmethod
    def observe(self, metric: Metric, value: float, *values: str) -> None:
        """Take a value into a histogram; times are in seconds."""

    @abstractmethod
    def set(self, metric: Metric, value: float, *values: str) -> None:
        """Give a gauge its value."""

    @abstractmethod
    def exposition(self) -> bytes:
        """Return all numbers as text. Source: Prometheus text exposition format 0.0.4."""
