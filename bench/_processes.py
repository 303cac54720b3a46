"""What a program and all its child processes have used: CPU seconds and memory, by part."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import psutil  # type: ignore[import-untyped]  # it has no types of its own

PARTS = ("api", "postgres", "parser", "other")


@dataclass(frozen=True, slots=True)
class Use:
    """Seconds of CPU (or MB of memory) by part; children that have ended count with their parent."""

    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """The sum of all parts."""
        return sum(self.parts.values())

    def __getitem__(self, part: str) -> float:
        return self.parts.get(part, 0.0)

    def __sub__(self, before: "Use") -> "Use":
        return Use({part: self[part] - before[part] for part in PARTS})


def seconds(pid: int) -> float:
    """Return the CPU seconds of one process without its children."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def cpu(pid: int) -> Use:
    """Return the CPU seconds that a process and its descendants have used so far.

    The embedded worker runs in the API's process and counts there.
    """
    parts = dict.fromkeys(PARTS, 0.0)
    for part, process in _family(pid):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        parts[part] += times.user + times.system
        parts[part] += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return Use(parts)


def memory(pid: int) -> Use:
    """Return the proportional set size in MB (10^6 bytes): shared pages count once in all."""
    parts = dict.fromkeys(PARTS, 0.0)
    for part, process in _family(pid):
        try:
            parts[part] += process.memory_full_info().pss / 1e6
        except psutil.NoSuchProcess:
            continue
    return Use(parts)


def _family(pid: int) -> Iterator[tuple[str, psutil.Process]]:
    root = psutil.Process(pid)
    yield "api", root
    for process in root.children(recursive=True):
        try:
            name, words = process.name(), " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue
        if "postgres" in name or words.startswith("postgres:"):
            yield "postgres", process
        else:
            yield ("parser" if "_forkserver" in words else "other"), process
