"""What commands print: results to standard output, progress and hints to standard error."""

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

_KEPT = frozenset("\n\t")


def console(*, error: bool = False) -> Console:
    """Return a console; colour only on a terminal, and never where NO_COLOR is set."""
    return Console(stderr=error, highlight=False, markup=False, emoji=False)


def plain(text: str) -> str:
    """Return foreign text without control characters, so that it cannot steer the terminal."""
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c) != "Cc")


def print_json(value: Mapping[str, object]) -> None:
    """Print one JSON object."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def hint(text: str) -> None:
    """Print a line for a person, beside the result."""
    console(error=True).print(text, style="dim", soft_wrap=True)


def say(text: str) -> None:
    """Print a line of the result."""
    console().print(text, soft_wrap=True)


@contextmanager
def busy(text: str, *, shown: bool = True) -> Iterator[None]:
    """Show on a terminal that something goes on that has no measure."""
    screen = console(error=True)
    if not shown or not screen.is_terminal:
        yield
        return
    with screen.status(text):
        yield


def progress_bars(screen: Console) -> Progress:
    """Return progress bars that vanish when they are done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=screen,
        transient=True,
    )
