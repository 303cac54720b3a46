"""Chroma in files of this machine: one process at a time, nothing left, no network."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from adapters.chroma import _files
from adapters.chroma._files import Files
from adapters.chroma.vector_index import ChromaVectorIndex
from application.ports.vector_index import (
    VectorIndexUnavailable,
)
from application.testing.vector_index import fresh_namespace
from integration.test_chroma import KIT


async def test_files_can_be_open_once_and_are_kept(tmp_path: Path) -> None:
    one, other = ChromaVectorIndex(Files(tmp_path)), ChromaVectorIndex(Files(tmp_path))
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(3))
    await one.upsert(namespace, records)
    with pytest.raises(VectorIndexUnavailable, match="set CHATSPHERE_CHROMA_URL") as caught:
        await other.search(namespace, KIT.axis(0), 1)
    assert caught.value.code == "vector_index_rejected"
    await one.aclose()
    assert await other.count(namespace) == 3
    [hit] = await other.search(namespace, records[1].vector, 1)
    assert hit.chunk_id == records[1].chunk_id
    await other.aclose()


async def test_a_process_that_has_the_files_open_keeps_others_out_and_dies_with_its_lock(
    tmp_path: Path,
) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from adapters.chroma._files import Files\n"
        "async def main():\n"
        "    await Files(Path(sys.argv[1])).prepare(); print('open', flush=True); sys.stdin.read()\n"
        "asyncio.run(main())"
    )
    with subprocess.Popen(  # noqa: ASYNC220 - it is waited for
        [sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        index = ChromaVectorIndex(Files(tmp_path))
        with pytest.raises(VectorIndexUnavailable, match="Another process"):
            await index.prepare()
        process.kill()
        process.wait(10)
        await index.prepare()
        await index.aclose()


def graphs(folder: Path) -> int:
    """Return how many graphs stand in files."""
    return len(list(folder.glob("*/data_level0.bin")))


def test_a_graph_that_is_made_while_others_are_removed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(tmp_path / "chroma.sqlite3")) as database:
        database.execute("CREATE TABLE segments (id TEXT)")
    gone, made = tmp_path / "0-0-0-0-0", tmp_path / "1-0-0-0-0"
    gone.mkdir()

    class Meanwhile(closing[sqlite3.Connection]):
        def __exit__(self, *error: object) -> None:
            made.mkdir()
            self.thing.close()

    monkeypatch.setattr(_files, "closing", Meanwhile)
    _files._remove_orphans(tmp_path)
    assert (gone.exists(), made.exists()) == (False, True)


async def test_the_graph_of_a_deleted_namespace_leaves_the_disk(tmp_path: Path) -> None:
    index, kept, gone = ChromaVectorIndex(Files(tmp_path)), fresh_namespace(), fresh_namespace()
    records = KIT.records(KIT.cloud(1_100))
    for namespace in (kept, gone):
        await index.upsert(namespace, records)
    assert graphs(tmp_path) == 2
    await index.delete_namespace(gone)
    assert graphs(tmp_path) == 1
    await index.aclose()
    again = ChromaVectorIndex(Files(tmp_path))
    [hit] = await again.search(kept, records[7].vector, 1)
    assert hit.chunk_id == records[7].chunk_id
    await again.aclose()


def test_files_reach_for_no_network(tmp_path: Path) -> None:
    code = """
import asyncio, socket, sys
from pathlib import Path
from adapters.chroma._files import Files
from adapters.chroma.vector_index import ChromaVectorIndex
from application.ports.vector_index import Namespace, VectorRecord
asked = []
def refuse(*address, **_):
    asked.append(address); raise OSError("no network")
socket.socket.connect = socket.getaddrinfo = refuse
async def main():
    index, place = ChromaVectorIndex(Files(Path(sys.argv[1]))), Namespace("a", "b", "c")
    await index.upsert(place, [VectorRecord("one", "two", [1.0, 2.0])])
    assert await index.search(place, [1.0, 2.0], 1)
    await index.aclose()
asyncio.run(main())
assert not asked, asked
"""
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, timeout=60)


# The way in


def test_chroma_is_imported_by_the_first_call_and_not_before(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from adapters.chroma.plugin import *\n"
        "build = vector_index.build\n"
        "build(Options(), Context(Path(sys.argv[1]))), build(Options('http://c'), Context(Path()))\n"
        "assert not {'chromadb', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, timeout=60)
    assert not any(tmp_path.iterdir())
