"""Small files that would unpack to far more than they are end at a limit, and do no harm beyond."""

import io
import time
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from adapters.parsers.document_parser import ParserLimits, SandboxedParser
from application.ports.document_parser import UnreadableDocument
from data.documents.made import docx, lines, paragraph, pdf, xlsx

LIMITS = ParserLimits(wall_seconds=10, cpu_seconds=8, memory_mb=256, max_text_chars=1_000_000)
MEBI = 1 << 20
_NONE: Mapping[str, str] = {}
_LAUGHS = "<!DOCTYPE a [<!ENTITY a '%s'>%s]>" % (  # noqa: UP031  # percent signs of a DTD
    "x" * 1000,
    "".join(f"<!ENTITY {b} '{f'&{a};' * 30}'>" for a, b in zip("abcdef", "bcdefg", strict=True)),
)


def zipped(
    name: str, piece: bytes, times: int, head: bytes = b"", parts: Mapping[str, str] = _NONE
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in {"[Content_Types].xml": "<Types/>", **parts}.items():
            archive.writestr(part, content)
        with archive.open(name, "w", force_zip64=True) as member:
            member.write(head)
            for _ in range(times):
                member.write(piece)
    return stream.getvalue()


def huge_sheet() -> bytes:
    """Return a workbook of one sheet with many more cells than fit into memory."""
    with zipfile.ZipFile(io.BytesIO(xlsx([["a"]]))) as small:
        parts = {name: small.read(name).decode() for name in small.namelist()}
    (name,) = (name for name in parts if "sheet1" in name)
    head, _, _ = parts.pop(name).partition("<row")
    row = b"<row>" + b"<c><v>12345</v></c>" * 1000 + b"</row>"
    return zipped(name, row, 10_000, head.encode(), parts)


def squeezed_pdf(content: bytes, *, twice: bool) -> bytes:
    """Return a page whose content stream is packed once or twice."""
    packed = zlib.compress(zlib.compress(content) if twice else content, 9)
    filters = b"[/FlateDecode /FlateDecode]" if twice else b"/FlateDecode"
    return pdf([b"@"]).replace(
        b"<</Length %d/Filter/FlateDecode>>stream\n%s"
        % (len(zlib.compress(b"@")), zlib.compress(b"@")),
        b"<</Length %d/Filter%s>>stream\n%s" % (len(packed), filters, packed),
    )


BOMBS: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "one huge member": (
        "a.docx",
        "parse_memory",
        lambda: zipped("word/document.xml", b" " * MEBI, 300),
    ),
    "one huge document": (
        "b.docx",
        "parse_memory",
        lambda: zipped("word/document.xml", b"<w:p/>" * 100_000, 100, b'<w:document xmlns:w="w">'),
    ),
    "a huge sheet": ("c.xlsx", "parse_memory", huge_sheet),
    "a huge book": (
        "d.epub",
        "parse_memory",
        lambda: zipped("META-INF/container.xml", b" " * MEBI, 300),
    ),
    "a billion laughs": ("e.docx", "corrupt_document", lambda: docx(paragraph("&g;"), _LAUGHS)),
    "deep XML": ("f.docx", "corrupt_document", lambda: docx("<a>" * 300_000)),
    "a squeezed page": (
        "g.pdf",
        "parse_memory",
        lambda: squeezed_pdf(b"q " * (100 * MEBI), twice=False),
    ),
    "a page squeezed twice": (
        "h.pdf",
        "parse_memory",
        lambda: squeezed_pdf(b"q " * (100 * MEBI), twice=True),
    ),
    "more text than allowed": (
        "i.pdf",
        "text_too_large",
        lambda: pdf([lines("x" * 2_000)] * 2_000),
    ),
}


@pytest.fixture
async def parser() -> AsyncIterator[SandboxedParser]:
    parser = SandboxedParser(LIMITS)
    yield parser
    await parser.aclose()


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_ends_at_a_limit_and_the_next_document_is_read(
    bomb: str, parser: SandboxedParser, tmp_path: Path
) -> None:
    name, code, made = BOMBS[bomb]
    path = tmp_path / "upload"
    path.write_bytes(made())
    begun = time.monotonic()
    with pytest.raises(UnreadableDocument) as raised:
        await parser.parse(path, filename=name, media_type="")
    assert raised.value.code == code
    assert time.monotonic() - begun < LIMITS.wall_seconds + 5
    path.write_bytes(b"fine")
    assert (await parser.parse(path, filename="a.txt", media_type="")).text == "fine"


@pytest.mark.parametrize(
    ("name", "media_type", "data", "text"),
    [
        ("cv.txt", "text/plain", docx(paragraph("Really a Word file.")), "Really a Word file."),
        ("cv.docx", "application/pdf", b"Really plain text.", "Really plain text."),
        ("page.pdf", "image/png", b"<!doctype html><p>Really a page.</p>", "Really a page."),
        ("notes.html", "text/html", pdf([lines("Really a PDF.")]), "Really a PDF."),
    ],
)
async def test_the_bytes_decide_what_a_file_is_and_not_its_name(
    name: str, media_type: str, data: bytes, text: str, parser: SandboxedParser, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(data)
    assert text in (await parser.parse(path, filename=name, media_type=media_type)).text


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF" + bytes(range(256)) * 8,
        b"MZ\x90\x00" + bytes(range(256)) * 8,
        b"\x89PNG\r\n\x1a\n" + bytes(64),
    ],
)
async def test_a_program_or_picture_under_a_documents_name_is_refused(
    data: bytes, parser: SandboxedParser, tmp_path: Path
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(data)
    for name in ("a.pdf", "a.docx", "a.txt", "a.html"):
        with pytest.raises(UnreadableDocument) as raised:
            await parser.parse(path, filename=name, media_type="text/plain")
        assert raised.value.code == "unsupported_media_type"
