"""JSON and JSON lines: one `path: value` line for each value, records parted by blank lines."""

import json
from collections.abc import Iterator

from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft


def read(data: bytes, draft: Draft) -> None:
    """Add the values in order; what is no JSON after all is added as plain text."""
    text = decode(data)
    try:
        records = _records(text)
    except (ValueError, RecursionError):
        draft.add(text, "")
        return
    for record in records:
        draft.block("\n".join(_lines(record)))


def _records(text: str) -> list[object]:
    """Return the items of a list, the lines of JSON lines, or the one value there is."""
    try:
        value = _parse(text)
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004 - one broken line is not JSON lines
            raise
        return [_parse(line) for line in lines]
    return value if isinstance(value, list) else [value]


def _parse(text: str) -> object:
    """Parse keeping numbers as they are written."""
    value: object = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    return value


def _lines(record: object) -> Iterator[str]:
    """Walk the values depth first, without recursion: nesting is the sender's choice."""
    stack: list[tuple[str, object]] = [("", record)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict):
            children = [(f"{path}.{key}" if path else str(key), v) for key, v in value.items()]
            stack.extend(reversed(children))
        elif isinstance(value, list):
            if all(not isinstance(item, dict | list) for item in value):
                value = ", ".join(map(_scalar, value))
                yield f"{path}: {value}" if path else value
            else:
                items = [(f"{path}[{n}]", item) for n, item in enumerate(value)]
                stack.extend(reversed(items))
        elif (shown := _scalar(value)) != "":
            yield f"{path}: {shown}" if path else shown


def _scalar(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
