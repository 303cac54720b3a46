"""Rich text (RTF) by striprtf."""

import re
from collections.abc import Callable

from striprtf.striprtf import rtf_to_text

from adapters.parsers._draft import Draft, without_breaks
from adapters.parsers._refusal import Refusal

_CODEPAGE = re.compile(rb"\\ansicpg(\d{3,5})")
_BAR = re.compile(r"\s*\|\s*")

_to_text: Callable[..., str] = rtf_to_text


def read(data: bytes, draft: Draft) -> None:
    """Add the paragraphs; cells of a table stand between bars."""
    page = _CODEPAGE.search(data, 0, 4096)
    encoding = f"cp{page[1].decode()}" if page else "cp1252"
    try:
        text = _to_text(data.decode("latin-1"), encoding=encoding, errors="replace")
    except (ValueError, LookupError, IndexError, AttributeError) as error:
        raise Refusal("corrupt_document") from error
    table: list[str] = []
    for line in without_breaks(text).splitlines():
        if "|" in line:
            table.append(_BAR.sub(" | ", line).rstrip(" |"))
        else:
            draft.rows(table)
            table.clear()
            draft.block(line)
    draft.rows(table)
