"""The model in memory; importing this module loads onnxruntime."""

from array import array
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from adapters._onnx import release_scratch, session_options
from adapters.minilm.convert import model_directory, prepare_model
from application.ports.embedder import EmbedderUnavailable

_MAX_TOKENS = 256  # what the model was trained for
_MAX_CHARACTERS = 8_192  # far more than 256 tokens of prose; spares tokenizing what is cut off


class Session:
    """Tokenizer and network, usable from any thread."""

    def __init__(self, model_dir: Path) -> None:
        """Load the model, converting it first where needed. Raises EmbedderUnavailable."""
        path = prepare_model(model_dir)
        self._tokenizer = Tokenizer.from_file(str(model_directory() / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        try:
            self._network = onnxruntime.InferenceSession(
                path, session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # its errors share no base; mostly it is a damaged file
            path.unlink(missing_ok=True)  # so that the next use converts it anew
            raise EmbedderUnavailable("The embedding model cannot be loaded.") from error
        self.release_scratch()

    def embed(self, text: str) -> "array[float]":
        """Return the vector of one text, float32. Raises EmbedderUnavailable."""
        ids = np.array([self._tokenizer.encode(text[:_MAX_CHARACTERS]).ids], dtype=np.int64)
        try:
            output = self._network.run(None, {"input_ids": ids})[0]
        except Exception as error:  # for instance no memory
            raise EmbedderUnavailable("The embedding model failed.") from error
        return array("f", output.tobytes())

    def release_scratch(self) -> None:
        """Give freed memory back to the system, where the C library can."""
        release_scratch()
