import subprocess
import sys
from pathlib import Path

import adapters
from adapters.embedded_postgres.ownership import OwnerLock

FORKER = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from adapters.embedded_postgres.ownership import OwnerLock
lock = OwnerLock(Path(sys.argv[2]))
assert lock.acquire()
child = os.fork()
if child == 0:
    print("forked", flush=True)
    sys.stdin.read()
os._exit(0)
"""


def test_the_lock_is_held_by_one_and_free_after_its_release(tmp_path: Path) -> None:
    first, second = OwnerLock(tmp_path / "lock"), OwnerLock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    assert (first.held, second.held) == (True, False)
    first.release()
    assert second.acquire()
    second.release()


def test_a_forked_child_does_not_keep_its_dead_parents_lock(tmp_path: Path) -> None:
    source = Path(adapters.__file__).parent.parent
    process = subprocess.Popen(
        [sys.executable, "-c", FORKER, str(source), str(tmp_path / "lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "forked\n"
    process.wait()
    lock = OwnerLock(tmp_path / "lock")
    try:
        assert lock.acquire()
    finally:
        lock.release()
        process.communicate()
