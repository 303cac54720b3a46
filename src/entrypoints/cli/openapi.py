"""`chatsphere openapi`: the contract of the API as a file, always the same for the same code."""

import json
import sys
from pathlib import Path

from entrypoints.cli.errors import FAILED, Problem, show
from entrypoints.cli.output import hint
from entrypoints.serve import openapi_document


def command(check: Path | None, out: Path | None) -> int:
    """Print the document, write it to `out`, or compare it with the file `check`."""
    text = json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if check is not None:
        return _compare(check, text)
    if out is None:
        sys.stdout.write(text)
        return 0
    partial = out.with_name(out.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)
    hint(f"Written to {out}")
    return 0


def _compare(path: Path, text: str) -> int:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        hint(f"{path} is up to date.")
        return 0
    sentence = f"{path} is not what the code serves: run `chatsphere openapi --out {path}`."
    show(Problem("openapi_drift", sentence), as_json=False)
    return FAILED
