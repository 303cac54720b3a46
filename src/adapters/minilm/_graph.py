"""Builds the int8 ONNX graph of all-MiniLM-L6-v2; run as a program, it writes one to disk.

It stands alone (no import of ours) and runs in a process of its own: the 500 MB that conversion
takes go back to the system when it ends. Usage: `python _graph.py MODEL_DIR PARTIAL_FILE`; it
prints lines of progress, `fraction<TAB>step`, and leaves a checked file or exits with an error.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file
from tokenizers import Tokenizer

Weights = dict[str, npt.NDArray[np.float32]]

_OPSET = 17
_IR_VERSION = 8
_MICROSOFT = "com.microsoft"  # the domain of onnxruntime's fused operators

# Cosines of the original model, from its authors' library; the int8 graph may stray a little.
_CHECKS = ((("doctor", "physician"), 0.8598), (("doctor", "banana"), 0.3379))
_FLOAT_TOLERANCE = 0.001
_INT8_TOLERANCE = 0.05


class _Graph:
    """Collects nodes and weights; every helper returns the name of its output."""

    def __init__(self, weights: Weights, heads: int, epsilon: float) -> None:
        self.weights, self.heads, self.epsilon = weights, heads, epsilon
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, *, transposed: bool = False) -> str:
        value = self.weights[name]
        return self.constant(name, value.T if transposed else value)

    def add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def fused(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        return self.add(operator, inputs, output, domain=_MICROSOFT, **attributes)

    def normalised_sum(self, left: str, right: str, layer: str, output: str) -> str:
        """Add a branch, its bias and the residual, then layer-normalise."""
        names = [f"{layer}.LayerNorm.weight", f"{layer}.LayerNorm.bias", f"{layer}.dense.bias"]
        inputs = [left, right, *(self.weight(name) for name in names)]
        return self.fused("SkipLayerNormalization", inputs, output, epsilon=self.epsilon)

    def embeddings(self) -> str:
        """Look up words and positions; the vector of the only segment goes into the positions."""
        self.add("Cast", ["input_ids"], "ids", to=TensorProto.INT32)
        segment = self.weights["embeddings.token_type_embeddings.weight"][0]
        positions = self.weights["embeddings.position_embeddings.weight"] + segment
        inputs = [
            "ids",
            "",
            self.weight("embeddings.word_embeddings.weight"),
            self.constant("positions", positions),
            "",
            self.weight("embeddings.LayerNorm.weight"),
            self.weight("embeddings.LayerNorm.bias"),
        ]
        node = helper.make_node(
            "EmbedLayerNormalization",
            inputs,
            ["embedded", "unused_mask_index"],
            domain=_MICROSOFT,
            epsilon=self.epsilon,
        )
        self.nodes.append(node)
        return "embedded"

    def layer(self, x: str, number: int) -> str:
        """One transformer layer: attention, then the feed-forward part."""
        root = f"encoder.layer.{number}"
        parts = [f"{root}.attention.self.{part}" for part in ("query", "key", "value")]
        qkv = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)
        bias = np.concatenate([self.weights[f"{part}.bias"] for part in parts])
        inputs = [x, self.constant(f"{root}.qkv", qkv), self.constant(f"{root}.qkv_bias", bias)]
        attended = self.fused("Attention", inputs, f"{root}.attended", num_heads=self.heads)

        out = f"{root}.attention.output"
        mixed = self.product(attended, out)
        hidden = self.normalised_sum(mixed, x, out, f"{root}.hidden")

        wide = self.product(hidden, f"{root}.intermediate")
        wide_bias = self.weight(f"{root}.intermediate.dense.bias")
        active = self.fused("BiasGelu", [wide, wide_bias], f"{root}.active")

        narrow = self.product(active, f"{root}.output")
        return self.normalised_sum(narrow, hidden, f"{root}.output", f"{root}.out")

    def product(self, x: str, layer: str) -> str:
        weight = self.weight(f"{layer}.dense.weight", transposed=True)
        return self.add("MatMul", [x, weight], f"{layer}.product")


def build(weights: Weights, config: dict[str, Any]) -> Any:
    """Return the float32 model: `input_ids` (1, tokens) int64 to `embedding` (1, 384) float32.

    It takes one text at a time, so there is no padding and no mask, and a text's vector does not
    depend on its neighbours in a batch. Source: Devlin et al. 2018 (BERT), Reimers and Gurevych
    2019 (mean pooling); the weights' own config names the sizes.
    """
    graph = _Graph(weights, config["num_attention_heads"], config["layer_norm_eps"])
    x = graph.embeddings()
    for number in range(config["num_hidden_layers"]):
        x = graph.layer(x, number)
    mean = graph.add("ReduceMean", [x], "mean", axes=[1], keepdims=0)
    graph.add("LpNormalization", [mean], "embedding", axis=1, p=2)
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "minilm",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])],
            [
                helper.make_tensor_value_info(
                    "embedding", TensorProto.FLOAT, [1, config["hidden_size"]]
                )
            ],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)],
        ir_version=_IR_VERSION,
    )


def quantize(source: Path, target: Path) -> None:
    """Write the int8 form of a float32 model: weights by channel now, activations as they come.

    Seven bits of range: on processors without VNNI the 16-bit sums of AVX2 overflow with eight.
    """
    quantize_dynamic(
        source,
        target,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=True,
        extra_options={"DefaultTensorType": TensorProto.FLOAT},
    )


def check(model: Path, model_dir: Path, tolerance: float) -> None:
    """Raise ValueError where the model's cosines are not those of the original."""
    tokenizer = Tokenizer.from_file(str(model_dir / "tokenizer.json"))
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])

    def embed(text: str) -> npt.NDArray[np.float32]:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        vector: npt.NDArray[np.float32] = session.run(None, {"input_ids": ids})[0][0]
        return vector

    for (left, right), expected in _CHECKS:
        cosine = float(embed(left) @ embed(right))
        if abs(cosine - expected) > tolerance:
            raise ValueError(f"cosine of {left} and {right} is {cosine:.4f}, not {expected:.4f}")


def convert(model_dir: Path, target: Path, progress: Callable[[float, str], None]) -> None:
    """Write the checked int8 model to `target`, with a float32 file beside it while at work."""
    progress(0.0, "reading the weights")
    config = json.loads((model_dir / "config.json").read_text(encoding="utf-8"))
    weights = load_file(model_dir / "model.safetensors")
    float_file = target.with_suffix(".float32")
    try:
        progress(0.2, "building the graph")
        onnx.save(build(weights, config), float_file)
        del weights
        check(float_file, model_dir, _FLOAT_TOLERANCE)
        progress(0.5, "quantizing")
        quantize(float_file, target)
        progress(0.9, "checking")
        check(target, model_dir, _INT8_TOLERANCE)
    finally:
        float_file.unlink(missing_ok=True)
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    progress(1.0, "done")


def main() -> None:
    """Convert as the command line says."""

    logging.disable(logging.WARNING)  # the quantizer advises a step that fused graphs do not need

    def report(fraction: float, step: str) -> None:
        sys.stdout.write(f"{fraction}\t{step}\n")
        sys.stdout.flush()

    convert(Path(sys.argv[1]), Path(sys.argv[2]), report)


if __name__ == "__main__":
    main()
