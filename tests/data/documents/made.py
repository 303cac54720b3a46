"""Documents that the tests make themselves: small ones, broken ones and hostile ones."""

import io
import json
import zipfile
import zlib
from pathlib import Path

FOLDER = Path(__file__).parent
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_STYLES = f"""<w:styles {_WORD}>
<w:style w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:styleId="H2"><w:name w:val="heading 2"/></w:style>
<w:style w:styleId="Mine"><w:name w:val="House style"/><w:basedOn w:val="H2"/></w:style>
<w:style w:styleId="Contents"><w:name w:val="toc 1"/></w:style>
</w:styles>"""


def archive(members: dict[str, str | bytes]) -> bytes:
    """Return a zip file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return stream.getvalue()


def paragraph(text: str, style: str = "") -> str:
    """Return a paragraph of WordprocessingML."""
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def docx(body: str, doctype: str = "", **members: str) -> bytes:
    """Return a Word document with this body."""
    document = f"{doctype}<w:document {_WORD}><w:body>{body}</w:body></w:document>"
    parts = {f"word/{name}.xml": content for name, content in members.items()}
    return archive({"word/document.xml": document, "word/styles.xml": _STYLES, **parts})


def footnotes(text: str) -> str:
    """Return the footnotes part of a Word document."""
    note = f'<w:footnote w:id="2">{paragraph(text)}</w:footnote>'
    return f"<w:footnotes {_WORD}>{note}</w:footnotes>"


def pdf(pages: list[bytes], *, outline: list[tuple[str, int]] = (), title: str = "") -> bytes:  # type: ignore[assignment]  # an empty list, in short
    """Return a PDF; each page is a content stream, the outline is (title, page index)."""
    count = len(pages)
    first_entry = 5 + 2 * count
    entries = [
        b"<</Title(%s)/Parent 4 0 R/Dest[%d 0 R/Fit]%s>>"
        % (
            name.encode("latin-1"),
            5 + 2 * page,
            b"/Next %d 0 R" % (first_entry + n + 1) if n + 1 < len(outline) else b"",
        )
        for n, (name, page) in enumerate(outline)
    ]
    kids = b" ".join(b"%d 0 R" % (5 + 2 * n) for n in range(count))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"<</Type/Outlines/First %d 0 R/Last %d 0 R>>"
        % (first_entry, first_entry + max(len(entries) - 1, 0))
        if entries
        else b"<</Type/Outlines>>",
    ]
    for n, content in enumerate(pages):
        packed = zlib.compress(content)
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % (6 + 2 * n)
        )
        objects.append(
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed)
        )
    return _pdf_file([*objects, *entries], title)


def lines(*texts: str) -> bytes:
    """Return a PDF content stream that shows each text on a line of its own."""
    shown = b"".join(b"(%s) Tj 0 -20 Td " % text.encode("latin-1") for text in texts)
    return b"BT /F1 12 Tf 50 700 Td " + shown + b"ET"


PICTURE = b"q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x7f EI Q"
"""A content stream that shows an image and nothing else, as a scanner makes them."""


def _pdf_file(objects: list[bytes], title: str) -> bytes:
    out, offsets = b"%PDF-1.4\n", []
    if title:
        objects = [*objects, b"<</Title(%s)>>" % title.encode("latin-1")]
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    info = b"/Info %d 0 R" % len(objects) if title else b""
    return (
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
        + b"trailer<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, info)
        + b"startxref\n%d\n%%%%EOF" % len(out)
    )


def pptx(slides: list[tuple[str, str]]) -> bytes:
    """Return a presentation of (title, text) slides, the last one stored first."""
    main = "http://schemas.openxmlformats.org"
    names = (
        f'xmlns:p="{main}/presentationml/2006/main" xmlns:a="{main}/drawingml/2006/main"'
        f' xmlns:r="{main}/officeDocument/2006/relationships"'
    )
    order = [f'<p:sldId r:id="r{n}"/>' for n in range(len(slides))]
    targets = [
        f'<Relationship Id="r{n}" Target="slides/slide{len(slides) - n}.xml"/>'
        for n in range(len(slides))
    ]
    members: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"<p:presentation {names}><p:sldIdLst>{''.join(order)}"
        "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": f'<Relationships xmlns="{main}/package/2006/'
        f'relationships">{"".join(targets)}</Relationships>',
    }
    for n, (title, text) in enumerate(slides):
        members[f"ppt/slides/slide{len(slides) - n}.xml"] = (
            f"<p:sld {names}><p:cSld><p:spTree>{_shape(text, '')}{_shape(title, 'title')}"
            "</p:spTree></p:cSld></p:sld>"
        )
    return archive(members)


def _shape(text: str, kind: str) -> str:
    placeholder = f'<p:ph type="{kind}"/>' if kind else ""
    return (
        f"<p:sp><p:nvSpPr><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:txBody>"
        f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def notebook(*cells: tuple[str, str, str]) -> bytes:
    """Return a notebook of (type, source, printed output) cells."""
    shown = [
        {
            "cell_type": kind,
            "source": source.splitlines(keepends=True),
            "outputs": [{"output_type": "stream", "name": "stdout", "text": [output]}],
        }
        for kind, source, output in cells
    ]
    return json.dumps({"cells": shown, "metadata": {}, "nbformat": 4}).encode()


def epub(chapters: list[str]) -> bytes:
    """Return a book; the spine holds the chapters in reverse order of their file names."""
    items = [
        f'<item id="c{n}" href="{9 - n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    ]
    spine = [f'<itemref idref="c{n}"/>' for n in range(len(chapters))]
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata><dc:title>A Book of Tests</dc:title></metadata>"
        f"<manifest>{''.join(items)}</manifest><spine>{''.join(spine)}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    pages = {f"OEBPS/{9 - n}.xhtml": chapter for n, chapter in enumerate(chapters)}
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OEBPS/book.opf": package,
            **pages,
        }
    )


def xlsx(rows: list[list[str | float]], sheet: str = "Prices") -> bytes:
    """Return a workbook with one sheet."""
    main = "http://schemas.openxmlformats.org"
    cells = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    return archive(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{main}/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{main}/officeDocument/2006/relationships/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}/spreadsheetml/2006/main" xmlns:r="{main}/'
            f'officeDocument/2006/relationships"><sheets><sheet name="{sheet}" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{main}/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{main}/officeDocument/2006/relationships/worksheet"'
            ' Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}/spreadsheetml/2006/main">'
            f"<sheetData>{cells}</sheetData></worksheet>",
        }
    )


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
    return f"<c><v>{value}</v></c>"
