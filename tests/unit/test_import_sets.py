"""What is not chosen is not imported: by the help, by the list of adapters, by the start of a server."""

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src"
VENDORS = (
    "chromadb", "google.genai", "lancedb", "langchain_core", "obstore", "pinecone", "prometheus_client",
    "pyarrow", "qdrant_client", "redis",
)  # fmt: skip
HEAVY = (
    "aiohttp",
    "lxml",
    "numpy",
    "onnx",
    "onnxruntime",
    "pypdfium2",
    "tokenizers",
    "trafilatura",
)
TESTING = ("pytest", "application.testing")
NEVER = (*VENDORS, *HEAVY, *TESTING)
COMMAND = """
import sys
from entrypoints.cli.main import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""
START = """
import entrypoints.serve, entrypoints.worker.worker
from entrypoints.api.app import create_app
from entrypoints.container import Container
from entrypoints.settings import Settings
container = Container(settings=Settings(), conninfo="postgresql://nobody@127.0.0.1:1/none")
create_app(container)
for name in ("notifier", "vector_index", "embedder", "models", "blobs", "rate_limiter", "retriever"):
    getattr(container, name)()
"""
PROGRAMS: dict[str, tuple[str, Sequence[str]]] = {
    "help": (COMMAND, ["--help"]),
    "list": (COMMAND, ["adapters", "list", "--settings"]),
    "start": (START, []),
}


def imported(
    program: str, arguments: Sequence[str], folder: Path, names: Sequence[str] = NEVER
) -> list[str]:
    """Return which of these modules a program in a process of its own has imported at its end."""
    tail = (
        f"\nprint()\nprint([name for name in {tuple(names)} if name in __import__('sys').modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program + tail, *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        cwd=folder,
        env={"PYTHONPATH": f"{SRC}:{folder}", "CHATSPHERE_DATA_DIR": str(folder / "data")},
    )
    found: list[str] = ast.literal_eval(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_not_chosen_is_not_imported(name: str, tmp_path: Path) -> None:
    program, arguments = PROGRAMS[name]
    assert imported(program, arguments, tmp_path) == []


def test_the_help_needs_no_adapter_and_no_server(tmp_path: Path) -> None:
    others = ("adapters", "application", "domain", "fastapi", "pydantic", "rich", "sqlalchemy")
    assert imported(COMMAND, ["--help"], tmp_path, others) == []


@pytest.mark.parametrize("program", ["import {}", "def f():\n    import {}\nf()"])
def test_each_of_them_would_be_seen(program: str, tmp_path: Path) -> None:
    planted = [name for name in NEVER if name != "application.testing"]
    for name in planted:  # namesakes: what is tested is that their import is seen
        folder = tmp_path / name.replace(".", "/")
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    assert imported(program.format(", ".join(planted)), [], tmp_path) == planted


def test_a_plugin_that_imports_its_vendor_at_once_would_be_seen(tmp_path: Path) -> None:
    (tmp_path / "hasty.py").write_text("import numpy\nvector_index = None\n")
    package = tmp_path / "hasty-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: hasty\nVersion: 1\n")
    (package / "entry_points.txt").write_text(
        "[chatsphere.vector_indexes]\nhasty = hasty:vector_index\n"
    )
    assert imported(COMMAND, ["adapters", "list"], tmp_path) == ["numpy"]
    assert imported(COMMAND, ["--help"], tmp_path) == []
