"""The two benchmarks of retrieval as figures with targets; each runs as a program of its own."""

import asyncio
import json
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._figures import Figure

from adapters.cross_encoder.plugin import reranker as local_reranker

ROOT = Path(__file__).resolve().parents[1]
QUALITY, SCALE = "retrieval quality", "retrieval at scale"
SCIFACT_NDCG, RECALL = 0.70, 0.99
_ENGLISH = ("xquad-en", "scifact", "cranfield", "spans")
Row = dict[str, str | int | float]


async def quality(quick: bool = False) -> list[Figure]:
    """Return hit@1 of the fusion, its margin over the better part, SciFact's nDCG@10, and hit@1 with the
    local reranker where it is installed."""
    reranker = [] if quick or not all(map(find_spec, local_reranker.modules)) else ["--rerank"]
    sets = ["--sets", "xquad-en"] if quick else []
    rows = await _rows("bench.retrieval_quality", *reranker, *sets)
    figures: list[Figure] = []
    for name in dict.fromkeys(str(row["set"]) for row in rows):
        ways = {str(row["search"]): row for row in rows if row["set"] == name}
        fused = float(ways["fused"]["hit@1"])
        margin = fused - max(float(ways[way]["hit@1"]) for way in ("keyword", "vector"))
        above = 1e-9 if name.startswith(_ENGLISH) else 0.0  # more than the better part, or no less
        figures.append(Figure(QUALITY, f"{name}: hit@1 of the fusion", fused, ""))
        figures.append(
            Figure(QUALITY, f"{name}: hit@1 over the better part", margin, "", at_least=above)
        )
        if "rerank" in ways:
            second = float(ways["rerank"]["hit@1"])
            figures.append(Figure(QUALITY, f"{name}: hit@1 of the local reranker", second, ""))
        if name == "scifact":
            ndcg = float(ways["fused"]["nDCG@10"])
            figures.append(Figure(QUALITY, "scifact: nDCG@10", ndcg, "", at_least=SCIFACT_NDCG))
    return figures


async def scale(quick: bool = False) -> list[Figure]:
    """Return recall and milliseconds of a bot with 1 %, 20 % and all of the chunks."""
    rows = await _rows("bench.vector_scale", *(["--sizes", "10000"] if quick else []))
    figures: list[Figure] = []
    for row in rows:
        what = f"{row['index']}: {row['chunks']:,} of {row['of']:,} chunks"
        if "recall_at_10" in row:
            least = RECALL if row["share"] == 0.01 else None
            recall = float(row["recall_at_10"])
            figures.append(Figure(SCALE, f"{what}: recall@10", recall, "", at_least=least))
        if "median_ms" in row:
            figures.append(Figure(SCALE, f"{what}: median", float(row["median_ms"]), "ms"))
    return figures


async def _rows(module: str, *options: str) -> list[Row]:
    """Run the program, let it print, and return its rows; none where it had nothing to measure."""
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        path = Path(folder) / "rows.json"
        command = (sys.executable, "-m", module, "--json", str(path), *options)
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
        if await process.wait() != 0:
            raise RuntimeError(f"{module} ended with {process.returncode}")
        return list(json.loads(path.read_text("utf-8"))) if path.exists() else []
