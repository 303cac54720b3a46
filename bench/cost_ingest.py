"""What taking documents in costs apart from embedding: a long text, many small files, long PDFs.

Each set is taken in once with a stand-in embedder; the measured rounds take it into other bots of
the workspace, whose vectors then come from the cache. All processes count: API and worker, parser,
PostgreSQL.
"""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._figures import Figure, median, show
from bench._processes import Use
from bench._server import ChatSphere, chatsphere, documents, model_settings, program

BENCH = "ingestion apart from embedding"
TEXT_BYTES, TEXT_SECONDS = 5_000_000, 2.5
PDF_TIMES = 1.6
SMALL_FILES, SMALL_BYTES = 200, 2_000
PDFS = {
    "PDF of 117 pages": "pdf_german_math_book_117p.pdf",
    "PDF of 160 pages": "pdf_3m_2018_10k.pdf",
}
_ALONE = """
import sys, time
import pypdfium2
began = time.process_time()
document = pypdfium2.PdfDocument(sys.argv[1])
for page in document:
    page.get_textpage().get_text_range()
print(time.process_time() - began)
"""


async def measure(quick: bool = False) -> list[Figure]:
    """Return CPU seconds by part; for a PDF also the ratio to pypdfium2 alone."""
    rounds = 1 if quick else 3
    text = _long_text()
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder, program("standin") as (model, _):
        settings = model_settings(model) | {"EMBEDDER": "openai"}
        async with chatsphere(Path(folder) / "data", **settings) as server:
            used = await _rounds(server, {"long.txt": text}, rounds)
            figures += _parts("5 MB of text", used, TEXT_SECONDS)
            used = await _rounds(server, _small_files(text), rounds)
            figures += _parts(f"{SMALL_FILES} small files", used, None)
            for name, file in PDFS.items():
                if (documents() / file).exists():
                    figures += await _pdf(server, name, documents() / file, rounds)
    return figures


async def _pdf(server: ChatSphere, name: str, path: Path, rounds: int) -> list[Figure]:
    alone: list[float] = []
    used = await _rounds(server, _file(path), rounds, alone, path)
    ratios = [own.total / bare for own, bare in zip(used, alone, strict=True)]
    return [
        Figure(BENCH, f"{name}: pypdfium2 alone", median(alone), "CPU s"),
        *_parts(name, used, None),
        Figure(BENCH, f"{name}: all / pypdfium2", median(ratios), "x", at_most=PDF_TIMES),
    ]


async def _rounds(
    server: ChatSphere,
    files: Mapping[str, bytes],
    rounds: int,
    alone: list[float] | None = None,
    path: Path | None = None,
) -> list[Use]:
    """Take the files into a bot to fill the cache, then into one bot a round; return the uses."""
    await server.ingest(await server.make_bot("first"), files)
    used: list[Use] = []
    for number in range(rounds):
        if alone is not None and path is not None:
            alone.append(_pypdfium2(path))
        bot_id = await server.make_bot(f"round {number}")
        before = server.cpu()
        await server.ingest(bot_id, files)
        used.append(server.cpu() - before)
    return used


def _pypdfium2(path: Path) -> float:
    command = [sys.executable, "-c", _ALONE, str(path)]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def _parts(name: str, used: list[Use], at_most: float | None) -> list[Figure]:
    figures = [
        Figure(BENCH, f"{name}: {part}", median([use[part] for use in used]), "CPU s")
        for part in ("api", "parser", "postgres")
    ]
    total = median([use.total for use in used])
    return [*figures, Figure(BENCH, f"{name}: all", total, "CPU s", at_most=at_most)]


def _file(path: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes()}


def _long_text() -> bytes:
    """Return 5 MB of prose: a novel, or numbered sentences where it is not at hand."""
    novel = documents() / "txt_war_and_peace_3mb.txt"
    if novel.exists():
        text = novel.read_text("utf-8")
    else:
        text = "\n\n".join(
            f"Passage {n} tells of day {n}. It was a long day." for n in range(70_000)
        )
    text = text + "\n\n" + text[len(text) // 3 :] + "\n\n" + text
    return text.encode()[:TEXT_BYTES].decode(errors="ignore").encode()


def _small_files(text: bytes) -> dict[str, bytes]:
    pieces = [text[n * SMALL_BYTES : (n + 1) * SMALL_BYTES] for n in range(SMALL_FILES)]
    return {
        f"note-{n}.md": f"# Note {n}\n\n{piece.decode(errors='ignore')}\n".encode()
        for n, piece in enumerate(pieces)
    }


if __name__ == "__main__":
    show(asyncio.run(measure()))
