"""Tells a file's format from its bytes; its name decides only between formats that look alike.

Only the first and last bytes are looked at; nothing is unpacked.
"""

HEAD = 8192  # bytes from the start that are looked at
TAIL = 262_144  # bytes from the end: a zip's list of members stands there

_ZIP_MEMBERS = (
    (b"word/document", "docx"),
    (b"ppt/presentation", "pptx"),
    (b"xl/workbook", "sheets"),
    (b"META-INF/container.xml", "epub"),
)
_ZIP_TYPES = (
    (b"application/epub+zip", "epub"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "sheets"),
    (b"application/vnd.oasis.opendocument.text", "odf"),
    (b"application/vnd.oasis.opendocument.presentation", "odf"),
)
_ZIP_NAMES = {
    "docx": "docx", "docm": "docx", "pptx": "pptx", "pptm": "pptx", "xlsx": "sheets",
    "xlsm": "sheets", "xlsb": "sheets", "ods": "sheets", "odt": "odf", "odp": "odf", "epub": "epub",
}  # fmt: skip
_TEXT_NAMES = {
    "html": "html", "htm": "html", "xhtml": "html", "md": "markdown", "markdown": "markdown",
    "mdx": "markdown", "csv": "table", "tsv": "table", "json": "json", "geojson": "json",
    "jsonl": "json", "ndjson": "json", "ipynb": "notebook", "eml": "mail", "txt": "plain",
    "text": "plain", "log": "plain", "rst": "plain",
}  # fmt: skip
_TEXT_TYPES = {
    "text/html": "html", "application/xhtml+xml": "html", "text/markdown": "markdown",
    "text/x-markdown": "markdown", "text/csv": "table", "text/tab-separated-values": "table",
    "application/json": "json", "application/x-ndjson": "json", "application/jsonl": "json",
    "application/x-ipynb+json": "notebook", "message/rfc822": "mail",
}  # fmt: skip
_MAIL_FIELDS = (b"\nreturn-path:", b"\nreceived:", b"\nmime-version:", b"\nmessage-id:")
_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TOO_SHORT = 4  # characters: too few to tell
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b")) + b"\x7f"


def sniff(head: bytes, tail: bytes, filename: str = "", media_type: str = "") -> str:
    """Return the name of the reader for a file, "" if there is none.

    `head` and `tail` are its first HEAD and last TAIL bytes.
    """
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _sniff_zip(head, tail, extension)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if not looks_like_text(head):
        return ""
    return _sniff_text(head, extension, media_type.partition(";")[0].strip().lower())


def looks_like_text(head: bytes) -> bool:
    """Tell text in any encoding from binary data."""
    if head.startswith(_BOMS) or wide_encoding(head):
        return True
    return b"\0" not in head and _controls(head) <= len(head) // 50


def _controls(head: bytes) -> int:
    return len(head) - len(head.translate(None, _CONTROLS))


def wide_encoding(head: bytes) -> str:
    """Return the codec of UTF-16 without a byte order mark, "" if it is not that."""
    half, zeros = len(head) // 2, head.count(b"\0")
    if half < _TOO_SHORT or not zeros or _controls(head) - zeros > len(head) // 50:
        return ""
    even, odd = head[::2].count(b"\0"), head[1::2].count(b"\0")
    if odd > half * 0.4 and even < half * 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.4 and odd < half * 0.05 else ""


def _sniff_zip(head: bytes, tail: bytes, extension: str) -> str:
    if head[30:38] == b"mimetype":
        for media_type, reader in _ZIP_TYPES:
            if head.startswith(media_type, 38):
                return reader
    for member, reader in _ZIP_MEMBERS:
        if member in tail:
            return reader
    return _ZIP_NAMES.get(extension, "")


def _sniff_text(head: bytes, extension: str, media_type: str) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1024].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<?xml") and b"<html" in start:
        return "html"
    named = _TEXT_NAMES.get(extension) or _TEXT_TYPES.get(media_type)
    if named:
        return named
    if _is_mail(head):
        return "mail"
    return "json" if start.startswith((b"{", b"[{")) else "plain"


def _is_mail(head: bytes) -> bool:
    """Tell a message from text by the fields before its first empty line."""
    fields = b"\n" + head.replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
    return b"\nfrom:" in fields and any(name in fields for name in _MAIL_FIELDS)
