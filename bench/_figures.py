"""A measured figure, its target if there is one, and the table of them."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `at_most` and `at_least` are targets; with neither it is told for information."""

    bench: str
    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def target(self) -> str:
        """The target in words."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else ""

    def row(self) -> dict[str, object]:
        """Return the figure as JSON."""
        return {
            "bench": self.bench,
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "target": self.target or None,
            "met": self.met,
        }


def median(values: Sequence[float]) -> float:
    """Return the median, 0 of nothing."""
    return statistics.median(values) if values else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` of them lie (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def show(figures: Sequence[Figure]) -> None:
    """Print the figures as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=figures[0].bench if figures else None, title_justify="left")
    table.add_column("figure")
    for heading in ("value", "target", "met"):
        table.add_column(heading, justify="right")
    words = {True: "[green]yes", False: "[red]no", None: ""}
    for figure in figures:
        value = f"{figure.value:,.3g}" if figure.value < 100 else f"{figure.value:,.0f}"
        table.add_row(
            figure.name, f"{value} {figure.unit}".strip(), figure.target, words[figure.met]
        )
    Console(width=120).print(table)
