"""The harness itself: its reports can fail, and it leaves no process behind."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from faults.harness import Report, only_in_full

_KILLED = """
import asyncio, os, sys
sys.path[:0] = sys.argv[1:]
from faults.harness import Installation, Report

async def main():
    async with Installation(Report("killed", 1)) as site:
        await site.start(site.make("api", "serve"), site.make("worker", "worker"))
        pids = [site.postgres.pid, *(process.pid for process in site.processes.values())]
        print(site.folder, *pids, flush=True)
        os.kill(os.getpid(), 9)

asyncio.run(main())
"""


def test_a_report_fails_on_violations_and_where_too_few_faults_hit_work() -> None:
    report = Report("F0", 1)
    report.fault(hit=True)
    report.fault(hit=False)
    report.check(least_hits=1)
    with pytest.raises(AssertionError, match="hit work"):
        report.check(least_hits=2)
    with pytest.raises(AssertionError, match="unnoticed"):
        report.check_caught()
    report.violations.append("lost: something")
    with pytest.raises(AssertionError, match="lost: something"):
        report.check(least_hits=1)
    report.check_caught()
    report.check_caught("lost")
    with pytest.raises(AssertionError, match="unnoticed"):
        report.check_caught("doubled")


@only_in_full
def test_no_process_survives_a_test_that_was_killed() -> None:
    tests = Path(__file__).resolve().parents[1]
    command = [sys.executable, "-c", _KILLED, str(tests.parent / "src"), str(tests)]
    place = Path(tempfile.mkdtemp(prefix="chatsphere-faults-killed-"))
    place.chmod(0o755)  # the database's user goes through it
    env = {**os.environ, "TMPDIR": str(place)}
    said = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env=env
    ).stdout
    _, *pids = said.split()
    assert len(pids) == 3, said
    left = [psutil.Process(int(pid)) for pid in pids if psutil.pid_exists(int(pid))]
    _, alive = psutil.wait_procs(left, timeout=20)
    shutil.rmtree(place, ignore_errors=True)
    assert not alive
