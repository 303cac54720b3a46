"""Word documents (DOCX): paragraphs under their heading styles, tables by row, notes at the end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from adapters.parsers._archive import Archive
from adapters.parsers._draft import Draft, plausible_title, squeeze, without_breaks
from adapters.parsers._readers.table import plain_line
from adapters.parsers._refusal import Refusal

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_P, _TBL, _TR, _TC, _T, _VAL = (_W + t for t in ("p", "tbl", "tr", "tc", "t", "val"))
_STYLE, _LEVEL, _NUMBERING = (f"{_W}pPr/{_W}{t}" for t in ("pStyle", "outlineLvl", "numPr"))
_SPACES = {_W + "tab": "\t", _W + "br": "\n", _W + "cr": "\n", _W + "noBreakHyphen": "-"}
_SKIPPED = {_W + "del", _W + "moveFrom", _W + "pPr", _W + "rPr", _FALLBACK}
_HEADING_NAME = re.compile(r"heading ([1-9])$", re.IGNORECASE)
_BODY_LEVEL = 9  # what outlineLvl says of body text


@dataclass(slots=True)
class _Styles:
    """What the document's paragraph styles mean, by style id."""

    levels: dict[str, int] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)


def read(data: bytes, draft: Draft) -> None:
    """Add the body, then footnotes and endnotes."""
    archive = Archive(data)
    names = [name for name in archive.names if re.fullmatch(r"word/document\d*\.xml", name)]
    body = archive.xml(min(names)).find(_W + "body") if names else None
    if body is None:
        raise Refusal("corrupt_document")
    styles = _styles(archive)
    draft.title = plausible_title(archive.core_title())
    for block in _blocks(body):
        if block.tag == _TBL:
            _add_table(block, draft)
        else:
            _add_paragraph(block, draft, styles)
    _add_notes(archive, draft)


def _styles(archive: Archive) -> _Styles:
    styles, parents = _Styles(), dict[str, str]()
    if "word/styles.xml" not in archive.names:
        return styles
    for style in archive.xml("word/styles.xml").iter(_W + "style"):
        key, name = style.get(_W + "styleId", ""), _value(style, _W + "name").lower()
        parents[key] = _value(style, _W + "basedOn")
        outline, match = _value(style, _LEVEL), _HEADING_NAME.match(name)
        if match or outline.isdigit():
            styles.levels[key] = int(match[1]) if match else int(outline) + 1
        elif name == "title":
            styles.titles.add(key)
        elif name.startswith("toc "):
            styles.contents.add(key)
    for key in parents:
        if level := _inherited(key, parents, styles.levels):
            styles.levels[key] = level
    return styles


def _inherited(key: str, parents: dict[str, str], levels: dict[str, int]) -> int:
    """Return the level of a style or of the nearest style it is based on, 0 for none."""
    seen: set[str] = set()
    while key and key not in seen:
        if key in levels:
            return levels[key]
        seen.add(key)
        key = parents.get(key, "")
    return 0


def _value(element: etree._Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else str(found.get(_VAL, ""))


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield paragraphs and tables in order, through content controls and custom markup."""
    for child in parent:
        if child.tag in (_P, _TBL):
            yield child
        elif child.tag not in _SKIPPED:
            yield from _blocks(child)


def _add_paragraph(paragraph: etree._Element, draft: Draft, styles: _Styles) -> None:
    text, style = _text(paragraph), _value(paragraph, _STYLE)
    if not text.strip() or style in styles.contents:
        return  # a table of contents repeats the headings
    outline = _value(paragraph, _LEVEL)
    level = int(outline) + 1 if outline.isdigit() else styles.levels.get(style, 0)
    if style in styles.titles and not draft.title:
        draft.title = plausible_title(text)
    if 0 < level <= _BODY_LEVEL:
        draft.heading(level, text)
    elif paragraph.find(_NUMBERING) is not None:
        draft.item(text)
    else:
        draft.block(text)


def _text(element: etree._Element) -> str:
    parts: list[str] = []
    _collect(element, parts)
    return without_breaks("".join(parts))


def _collect(element: etree._Element, parts: list[str]) -> None:
    for child in element:
        tag = child.tag
        if tag in (_T, _MATH_TEXT):
            parts.append(child.text or "")
        elif tag in _SPACES:
            parts.append(_SPACES[tag])
        elif tag == _P:  # inside a text box
            parts.append("\n")
            _collect(child, parts)
        elif tag not in _SKIPPED:
            _collect(child, parts)


def _add_table(table: etree._Element, draft: Draft) -> None:
    draft.rows(
        plain_line([_cell(cell) for cell in row.iter(_TC) if _is_own(cell, row)])
        for row in table.iter(_TR)
    )


def _is_own(cell: etree._Element, row: etree._Element) -> bool:
    """Tell a row's cell from one of a table nested in it, which gives rows of its own."""
    return next(cell.iterancestors(_TR)) is row


def _cell(cell: etree._Element) -> str:
    own = (block for block in _blocks(cell) if block.tag == _P)
    return " ".join(filter(None, (squeeze(_text(paragraph)) for paragraph in own)))


def _add_notes(archive: Archive, draft: Draft) -> None:
    draft.enter(1, "")
    for kind in ("footnote", "endnote"):
        if f"word/{kind}s.xml" not in archive.names:
            continue
        for note in archive.xml(f"word/{kind}s.xml").iter(_W + kind):
            if text := squeeze(_text(note)):
                draft.block(f"[{note.get(_W + 'id', '')}] {text}")
