"""Fails on files and functions that have grown too long; `make lint` runs it.

Files under src, scripts and bench: 300 lines; migrations and tests: 400. Functions outside tests:
40 lines, the docstring not counted.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LIMITS = {"src": 300, "scripts": 300, "bench": 300, "migrations": 400, "tests": 400}
FUNCTION_LIMIT = 40

Function = ast.FunctionDef | ast.AsyncFunctionDef


def function_length(function: Function) -> int:
    """Return the lines of a function from its `def` to its end, without its docstring."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def complaints(path: Path, limit: int, functions: bool) -> Iterator[str]:
    """Yield a line for the file and for each of its functions that is too long."""
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    lines = text.count("\n")
    if lines > limit:
        yield f"{name}: {lines} lines, at most {limit}"
    if not functions:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and (length := function_length(node)) > FUNCTION_LIMIT:
            yield f"{name}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LIMIT}"


def main() -> int:
    """Print what is too long; return 1 if anything is."""
    found = [
        complaint
        for folder, limit in FILE_LIMITS.items()
        for path in sorted((ROOT / folder).rglob("*.py"))
        for complaint in complaints(path, limit, functions=folder != "tests")
    ]
    print("\n".join(found) or "Sizes: all within their limits.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
