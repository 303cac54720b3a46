"""The local embedder on the real model."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.minilm.convert import model_file, prepare_model
from adapters.minilm.embedder import MiniLmEmbedder
from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask
from application.testing.embedder import ANSWER, ELSEWHERE, QUESTION, EmbedderContract, cosine


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("minilm")
    prepare_model(directory)
    return directory


@pytest.fixture
async def minilm(model_dir: Path) -> AsyncIterator[MiniLmEmbedder]:
    embedder = MiniLmEmbedder(model_dir)
    yield embedder
    await embedder.aclose()


class TestMiniLmEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self, minilm: MiniLmEmbedder) -> Embedder:
        return minilm


async def test_meanings_are_as_near_as_in_the_original_model(minilm: MiniLmEmbedder) -> None:
    doctor, physician, banana = await minilm.embed(
        ["doctor", "physician", "banana"], EmbedTask.QUERY
    )
    assert cosine(doctor, physician) == pytest.approx(0.8598, abs=0.05)
    assert cosine(doctor, banana) == pytest.approx(0.3379, abs=0.05)


async def test_a_text_has_the_same_vector_whatever_stands_beside_it(
    minilm: MiniLmEmbedder,
) -> None:
    [alone] = await minilm.embed([ANSWER], EmbedTask.DOCUMENT)
    _, beside, _ = await minilm.embed([ELSEWHERE * 9, ANSWER, "x"], EmbedTask.DOCUMENT)
    [asked] = await minilm.embed([ANSWER], EmbedTask.QUERY)
    assert list(alone) == list(beside) == list(asked)


async def test_text_beyond_256_tokens_is_not_seen(minilm: MiniLmEmbedder) -> None:
    long = "the quick brown fox " * 100
    one, other = await minilm.embed([long + "apples", long + "pears"], EmbedTask.DOCUMENT)
    assert list(one) == list(other)


async def test_a_question_overtakes_a_batch_of_documents(minilm: MiniLmEmbedder) -> None:
    await minilm.embed([QUESTION], EmbedTask.QUERY)  # loaded
    order: list[str] = []
    batch = asyncio.create_task(minilm.embed([ANSWER * 10] * 40, EmbedTask.DOCUMENT))
    batch.add_done_callback(lambda _: order.append("batch"))
    await asyncio.sleep(0.02)
    await minilm.embed([ELSEWHERE], EmbedTask.QUERY)
    order.append("question")
    await batch
    assert order == ["question", "batch"]


async def test_the_event_loop_goes_on_while_documents_are_embedded(
    minilm: MiniLmEmbedder,
) -> None:
    await minilm.embed([QUESTION], EmbedTask.QUERY)
    batch = asyncio.create_task(minilm.embed([ANSWER * 5] * 20, EmbedTask.DOCUMENT))
    turns = 0
    while not batch.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert turns > 10


async def test_the_first_use_converts_the_model(tmp_path: Path) -> None:
    embedder = MiniLmEmbedder(tmp_path / "new")
    calls = [embedder.embed([text], EmbedTask.QUERY) for text in (QUESTION, ANSWER)]
    assert len(await asyncio.gather(*calls)) == 2
    await embedder.aclose()
    assert model_file(tmp_path / "new").stat().st_size < 24_000_000


async def test_a_damaged_model_is_converted_anew(model_dir: Path, tmp_path: Path) -> None:
    model_file(tmp_path).write_bytes(model_file(model_dir).read_bytes()[:1_000_000])
    embedder = MiniLmEmbedder(tmp_path)
    with pytest.raises(EmbedderUnavailable, match="cannot be loaded"):
        await embedder.embed([QUESTION], EmbedTask.QUERY)
    assert await embedder.embed([QUESTION], EmbedTask.QUERY)
    await embedder.aclose()


async def test_a_closed_embedder_says_so(model_dir: Path) -> None:
    embedder = MiniLmEmbedder(model_dir)
    await embedder.aclose()
    for task in EmbedTask:
        with pytest.raises(EmbedderUnavailable):
            await embedder.embed([QUESTION], task)


def test_processes_that_convert_at_once_share_one_conversion(tmp_path: Path) -> None:
    steps: list[list[str]] = [[], []]
    with ThreadPoolExecutor(2) as pool:
        paths = list(
            pool.map(lambda seen: prepare_model(tmp_path, lambda s, _: seen.append(s)), steps)
        )
    assert paths[0] == paths[1] == model_file(tmp_path)
    assert sorted(bool(seen) for seen in steps) == [False, True]
    assert {file.suffix for file in tmp_path.iterdir()} == {".onnx", ".lock"}


def test_a_conversion_that_was_killed_leaves_no_model_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    program = "import sys; from pathlib import Path; from adapters.minilm.convert import *;"
    program += "prepare_model(Path(sys.argv[1]), lambda s, f: print(s, flush=True))"
    source = str(Path(sys.modules["adapters.minilm.convert"].__file__ or "").parents[2])
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": source}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    assert not model_file(tmp_path).exists()
    started = time.monotonic()
    assert prepare_model(tmp_path).exists()
    assert time.monotonic() - started < 60
