"""Jupyter notebooks: Markdown cells as they are, code and its printed output in fences."""

import json
from typing import Any

from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft
from adapters.parsers._readers.markdown import add_markdown
from adapters.parsers._refusal import Refusal

_MAX_OUTPUT = 4_000  # characters of one output: more is a data dump, not something people ask about


def read(data: bytes, draft: Draft) -> None:
    """Add the cells in order as one Markdown text."""
    try:
        notebook = json.loads(decode(data))
        cells = notebook["cells"]
        language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
        blocks = [block for cell in cells for block in _blocks(cell, str(language))]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal("corrupt_document") from error
    add_markdown("\n\n".join(blocks) + "\n", draft)


def _blocks(cell: dict[str, Any], language: str) -> list[str]:
    source = _joined(cell.get("source", "")).strip("\n")
    if not source.strip():
        return []
    if cell.get("cell_type") != "code":
        return [source]
    outputs = [_output(output)[:_MAX_OUTPUT].strip("\n") for output in cell.get("outputs", [])]
    return [_fenced(source, language), *(_fenced(text, "") for text in outputs if text.strip())]


def _output(output: dict[str, Any]) -> str:
    if "text" in output:
        return _joined(output["text"])
    if "ename" in output:
        return f"{output['ename']}: {output.get('evalue', '')}"
    return _joined(output.get("data", {}).get("text/plain", ""))


def _joined(value: object) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def _fenced(text: str, language: str) -> str:
    fence = "~~~" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}"
