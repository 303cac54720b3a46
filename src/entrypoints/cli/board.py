"""Shows how files get on: bars on a terminal, lines elsewhere, nothing for machines."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import TaskID

from domain.documents import Progress
from entrypoints.cli.output import console, hint, plain, progress_bars

_NAME_WIDTH = 36
_SILENT_TICK = 25
# How much of a file's bar each stage fills: embedding takes most of the time, and knows its length.
_STAGE_SHARE = {
    "queued": 0.0, "fetching": 0.02, "parsing": 0.05, "chunking": 0.15, "embedding": 0.2,
    "indexing": 0.95, "done": 1.0,
}  # fmt: skip
_EMBEDDING_SHARE = 0.75


def share_done(progress: Progress) -> float:
    """Return which part of the whole way, 0 to 1, a file has come."""
    share = _STAGE_SHARE[progress.stage.value]
    if progress.stage.value == "embedding" and progress.total:
        share += _EMBEDDING_SHARE * progress.done / progress.total
    return share


class Board(ABC):
    """Follows files from the first stage to the last."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Clear up."""

    @abstractmethod
    def stage(self, path: Path, progress: Progress) -> None:
        """A file has come this far."""

    @abstractmethod
    def end(self, path: Path, result: str) -> None:
        """A file is through."""


class NoBoard(Board):
    """Shows nothing."""

    def stage(self, path: Path, progress: Progress) -> None:
        """Show nothing."""

    def end(self, path: Path, result: str) -> None:
        """Show nothing."""


class LineBoard(Board):
    """A line for each of few files, or now and then for many."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0

    def stage(self, path: Path, progress: Progress) -> None:
        """Stages would be too many lines."""

    def end(self, path: Path, result: str) -> None:
        self._done += 1
        if self._total <= _SILENT_TICK or result == "failed" or self._done % _SILENT_TICK == 0:
            hint(f"[{self._done}/{self._total}] {result}: {plain(path.name)}")


class BarBoard(Board):
    """A bar for each file at work, and one for all of them."""

    def __init__(self, total: int) -> None:
        self._bars = progress_bars(console(error=True))
        self._all = self._bars.add_task("All files".ljust(_NAME_WIDTH), total=float(total))
        self._tasks: dict[Path, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def stage(self, path: Path, progress: Progress) -> None:
        if path not in self._tasks:
            self._tasks[path] = self._bars.add_task("", total=1.0)
        name = f"{plain(path.name)[: _NAME_WIDTH - 11]} {progress.stage.value}".ljust(_NAME_WIDTH)
        self._bars.update(self._tasks[path], completed=share_done(progress), description=name)

    def end(self, path: Path, result: str) -> None:
        if path in self._tasks:
            self._bars.remove_task(self._tasks.pop(path))
        if result == "failed":
            self._bars.console.print(f"failed: {plain(path.name)}", style="red")
        self._bars.advance(self._all)


def board_for(total: int, *, as_json: bool = False) -> Board:
    """Return the board that suits where the output goes."""
    if as_json:
        return NoBoard()
    return BarBoard(total) if console(error=True).is_terminal else LineBoard(total)
