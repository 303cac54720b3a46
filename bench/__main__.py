"""Measure quality and cost: `python -m bench [NAME …] [--quick] [--json FILE]`.

Prints a table for each benchmark and writes all figures, with their targets and the facts of the
machine, to bench/results. What the folder of CHATSPHERE_BENCH_DATA would give is left out without it.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench import (
    _scores,
    cost_adapters,
    cost_chat,
    cost_first_token,
    cost_idle,
    cost_ingest,
    cost_list,
    cost_neighbours,
    login_timing,
)
from bench._figures import Figure, show

RESULTS = Path(__file__).parent / "results"
BENCHES: Mapping[str, Callable[[bool], Awaitable[list[Figure]]]] = {
    "idle": cost_idle.measure,
    "list": cost_list.measure,
    "chat": cost_chat.measure,
    "adapters": cost_adapters.measure,
    "first_token": cost_first_token.measure,
    "ingest": cost_ingest.measure,
    "neighbours": cost_neighbours.measure,
    "login_timing": login_timing.measure,
    "quality": _scores.quality,
    "scale": _scores.scale,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen benchmarks; 0 if all ran (whether or not targets are met), else 1."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(BENCHES)} or all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and sizes")
    parser.add_argument("--json", type=Path, help="where to write (default: bench/results/…)")
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(BENCHES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(BENCHES)}")
    began = datetime.now(UTC)
    figures, failed = _measured(given.names or list(BENCHES), given.quick)
    path = given.json or RESULTS / f"{began:%Y%m%dT%H%M%SZ}.json"
    _write(path, {"began": began.isoformat(), "quick": given.quick, **facts()}, figures, failed)
    targets = [figure for figure in figures if figure.met is not None]
    met = sum(bool(figure.met) for figure in targets)
    print(f"{met} of {len(targets)} targets met. Written to {path}")
    for name in failed:
        print(f"{name} could not be measured: see above.", file=sys.stderr)
    return 1 if failed else 0


def _measured(names: Sequence[str], quick: bool) -> tuple[list[Figure], list[str]]:
    figures: list[Figure] = []
    failed: list[str] = []
    for number, name in enumerate(names, 1):
        print(f"[{number}/{len(names)}] {name} …", flush=True)
        began = time.monotonic()
        try:
            found = asyncio.run(_one(name, quick))
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        if found:
            show(found)
        print(f"    {time.monotonic() - began:.0f} s", flush=True)
        figures += found
    return figures, failed


async def _one(name: str, quick: bool) -> list[Figure]:
    return await BENCHES[name](quick)


def _write(
    path: Path, about: dict[str, object], figures: Sequence[Figure], failed: Sequence[str]
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    result = {**about, "failed": failed, "figures": [figure.row() for figure in figures]}
    path.write_text(json.dumps(result, indent=2) + "\n", "utf-8")


def facts() -> dict[str, object]:
    """Return what the figures depend on: machine, versions, revision, and how busy it was."""
    return {
        "revision": _git("rev-parse", "HEAD"),
        "changed_files": len((_git("status", "--porcelain") or "").splitlines()),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "loop_of_10_million_cpu_s": round(_yardstick(), 3),
    }


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, check=True, cwd=RESULTS.parent
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def _yardstick() -> float:
    """Return the CPU seconds of a fixed loop, to compare absolute figures of two machines by."""
    began, total = time.process_time(), 0
    for number in range(10_000_000):
        total += number
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
