"""What a file is taken for."""

import pytest

from adapters.parsers._sniff import HEAD, TAIL, sniff
from data.documents.made import docx, epub, pptx, xlsx


@pytest.mark.parametrize(
    ("data", "name", "media_type", "reader"),
    [
        (b"%PDF-1.4", "notes.txt", "text/plain", "pdf"),
        (b"junk before %PDF-1.4", "", "", "pdf"),
        (docx(""), "x.pdf", "application/pdf", "docx"),
        (pptx([]), "", "", "pptx"),
        (xlsx([]), "", "", "sheets"),
        (epub([]), "book.zip", "", "epub"),
        (b"PK\x03\x04 cut off", "report.docx", "", "docx"),
        (b"{\\rtf1 x}", "x.txt", "", "rtf"),
        (b"<!DOCTYPE html><p>x", "x.txt", "text/plain", "html"),
        (b"a,b\n1,2", "t.csv", "", "table"),
        (b"a,b\n1,2", "upload", "text/csv; charset=utf-8", "table"),
        (b"a,b\n1,2", "notes.md", "text/csv", "markdown"),
        (b"Received: by x\nFrom: a\n\nhi", "", "", "mail"),
        (b"just words", "README", "", "plain"),
        ("Größe".encode("utf-16-le"), "", "", "plain"),
        (b"\x00\x01\x02\x03" * 50, "x.txt", "text/plain", ""),
        (b"\x89PNG\r\n\x1a\n\0\0", "x.pdf", "application/pdf", ""),
    ],
)
def test_bytes_decide_and_the_name_only_between_look_alikes(
    data: bytes, name: str, media_type: str, reader: str
) -> None:
    assert sniff(data[:HEAD], data[-TAIL:], name, media_type) == reader
