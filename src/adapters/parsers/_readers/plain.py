"""Plain text: unchanged but for NFC, line feeds and control characters."""

from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft


def read(data: bytes, draft: Draft) -> None:
    """Add the text as it is."""
    draft.add(decode(data), "")
