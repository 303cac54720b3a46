"""Microsoft's old container: encrypted Office files, .xls, and the unread .doc, .ppt and .msg."""

from adapters.parsers._draft import Draft
from adapters.parsers._readers import load
from adapters.parsers._refusal import Refusal

_ADVICE = {
    "WordDocument": "an old Word file (.doc). Save it as .docx",
    "PowerPoint Document": "an old PowerPoint file (.ppt). Save it as .pptx",
    "__properties_version1.0": "an Outlook message (.msg). Save it as .eml",
}


def read(data: bytes, draft: Draft) -> None:
    """Read an .xls; refuse the others with advice."""
    if _has(data, "EncryptedPackage"):
        raise Refusal("password_protected")
    if _has(data, "Workbook") or _has(data, "Book"):
        return load("sheets").read(data, draft)
    for stream, advice in _ADVICE.items():
        if _has(data, stream):
            raise Refusal("unsupported_media_type", f"This is {advice} and upload that.")
    raise Refusal("unsupported_media_type")


def _has(data: bytes, stream: str) -> bool:
    """Tell whether the container's directory names this stream."""
    return stream.encode("utf-16-le") + b"\0\0" in data
