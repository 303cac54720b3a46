"""One module per format with `read(data, draft)`; imported only in the fork server's processes."""

from importlib import import_module
from typing import Protocol, cast

from adapters.parsers._draft import Draft
from adapters.parsers._refusal import Refusal
from adapters.parsers._sniff import HEAD, TAIL, sniff


class Reader(Protocol):
    """A module that reads one format."""

    def read(self, data: bytes, draft: Draft) -> None:
        """Add the text of the file to `draft`; raise Refusal if it cannot be read."""


def load(name: str) -> Reader:
    """Import the reader called `name` (a result of `sniff`)."""
    return cast(Reader, import_module(f"{__name__}.{name}"))


def read(data: bytes, draft: Draft, filename: str, media_type: str) -> None:
    """Sniff what `data` is and add its text to `draft`. Raises Refusal."""
    if not data:
        raise Refusal("empty_document", "This file is empty. Check it and upload it again.")
    name = sniff(data[:HEAD], data[-TAIL:], filename, media_type)
    load(name or "unknown").read(data, draft)
