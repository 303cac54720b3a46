"""Metrics for Prometheus, by its own client."""

from collections import Counter as Tally
from collections.abc import Callable
from typing import TypeVar

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from application.ports.metrics import Metric, Metrics

SERIES_MOST = 500  # of a metric; what comes beyond is told together
_BUCKETS = (
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
)  # fmt: skip
_REST = "other"
_Key = tuple[str, tuple[str, ...]]
T = TypeVar("T", Counter, Gauge, Histogram)


class PrometheusMetrics(Metrics):
    """A registry of its own, with what Prometheus tells of any process.

    Labels that turn out to have too many values are told as `other`: memory and scrapes stay small.
    """

    def __init__(self, series_most: int = SERIES_MOST) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the series
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        self._series_most = series_most
        self._counters: dict[_Key, Counter] = {}
        self._gauges: dict[_Key, Gauge] = {}
        self._histograms: dict[_Key, Histogram] = {}
        self._series = Tally[str]()

    def count(self, metric: Metric, *values: str, amount: float = 1) -> None:
        """Add to a counter."""
        self._child(self._counters, self._counter, metric, values).inc(amount)

    def observe(self, metric: Metric, value: float, *values: str) -> None:
        """Take a value into a histogram."""
        self._child(self._histograms, self._histogram, metric, values).observe(value)

    def set(self, metric: Metric, value: float, *values: str) -> None:
        """Give a gauge its value."""
        self._child(self._gauges, self._gauge, metric, values).set(value)

    def exposition(self) -> bytes:
        """Return all numbers as text."""
        return generate_latest(self._registry)

    def _child(
        self,
        known: dict[_Key, T],
        make: Callable[[Metric], T],
        metric: Metric,
        values: tuple[str, ...],
    ) -> T:
        child = known.get((metric.name, values))
        if child is not None:
            return child
        if self._series[metric.name] >= self._series_most:
            values = (_REST,) * len(values)
        parent = known.get((metric.name, ()))
        if parent is None:
            parent = known[metric.name, ()] = make(metric)
        if not values:
            return parent
        self._series[metric.name] += (metric.name, values) not in known
        return known.setdefault((metric.name, values), parent.labels(*values))

    def _counter(self, metric: Metric) -> Counter:
        return Counter(metric.name, metric.description, metric.labels, registry=self._registry)

    def _gauge(self, metric: Metric) -> Gauge:
        return Gauge(metric.name, metric.description, metric.labels, registry=self._registry)

    def _histogram(self, metric: Metric) -> Histogram:
        return Histogram(
            metric.name,
            metric.description,
            metric.labels,
            registry=self._registry,
            buckets=_BUCKETS,
        )
