"""Presentations (PPTX): each slide is a page under its title; tables row by row; then its notes."""

from collections.abc import Iterator

from lxml import etree

from adapters.parsers._archive import Archive
from adapters.parsers._draft import Draft, plausible_title, squeeze, without_breaks
from adapters.parsers._readers.table import plain_line
from adapters.parsers._refusal import Refusal

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAIN = "ppt/presentation.xml"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_REPEATED = ("dt", "ftr", "sldNum", "hdr")  # placeholders that say the same on every slide


def read(data: bytes, draft: Draft) -> None:
    """Add the slides in the order they are shown."""
    archive = Archive(data)
    if _MAIN not in archive.names:
        raise Refusal("corrupt_document")
    draft.title = plausible_title(archive.core_title())
    relations = archive.relations(_MAIN)
    slides = [relations.get(s.get(_ID, ""), "") for s in archive.xml(_MAIN).iter(_P + "sldId")]
    for number, name in enumerate(slides, 1):
        if name in archive.names:
            draft.page(number)
            _add_slide(archive, name, draft)


def _add_slide(archive: Archive, name: str, draft: Draft) -> None:
    shapes = list(_shapes(archive.xml(name)))
    title = next((s for s in shapes if _placeholder(s) in ("title", "ctrTitle")), None)
    heading = "" if title is None else squeeze(" ".join(_paragraphs(title)))
    draft.enter(1, "")
    if heading:
        draft.heading(1, heading)
    for shape in shapes:
        if shape is not title and _placeholder(shape) not in _REPEATED:
            _add_shape(shape, draft)
    for target in archive.relations(name).values():
        if "notesSlide" in target and target in archive.names:
            _add_notes(archive.xml(target), draft)


def _shapes(root: etree._Element) -> Iterator[etree._Element]:
    """Yield text shapes and graphic frames in order, through groups."""
    for shape in root.iter(_P + "sp", _P + "graphicFrame"):
        if next(shape.iterancestors(_FALLBACK), None) is None:
            yield shape


def _placeholder(shape: etree._Element) -> str:
    """Return the kind of placeholder a shape is: "" for none, "body" for an unnamed one."""
    found = shape.find(f"{_P}nvSpPr/{_P}nvPr/{_P}ph")
    return "" if found is None else str(found.get("type", "body"))


def _add_shape(shape: etree._Element, draft: Draft) -> None:
    rows = [_row(row) for row in shape.iter(_A + "tr")]
    draft.rows(rows or _paragraphs(shape))


def _row(row: etree._Element) -> str:
    return plain_line([squeeze(" ".join(_paragraphs(cell))) for cell in row.iter(_A + "tc")])


def _paragraphs(element: etree._Element) -> list[str]:
    return [_text(paragraph) for paragraph in element.iter(_A + "p")]


def _text(paragraph: etree._Element) -> str:
    parts = [
        "\n" if t.tag == _A + "br" else t.text or "" for t in paragraph.iter(_A + "t", _A + "br")
    ]
    return without_breaks("".join(parts))


def _add_notes(root: etree._Element, draft: Draft) -> None:
    for shape in root.iter(_P + "sp"):
        if _placeholder(shape) == "body" and (text := "\n".join(_paragraphs(shape)).strip()):
            draft.block(f"Notes: {text}")
