"""OpenDocument text and presentations (ODT, ODP): headings, paragraphs, lists, tables, slides."""

from lxml import etree

from adapters.parsers._archive import Archive
from adapters.parsers._draft import Draft, plausible_title, squeeze, without_breaks
from adapters.parsers._readers.table import plain_line
from adapters.parsers._refusal import Refusal

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE, _OFFICE, _DRAW = (
    f"{{{_NS}{n}:1.0}}" for n in ("text", "table", "office", "drawing")
)
_H, _P = _TEXT + "h", _TEXT + "p"
_SKIPPED = {
    _TEXT + "tracked-changes", _TEXT + "table-of-content", _OFFICE + "annotation",
    _TEXT + "note-citation", _OFFICE + "forms", _TEXT + "sequence-decls",
}  # fmt: skip
_SPACES = {_TEXT + "tab": "\t", _TEXT + "line-break": "\n"}


def read(data: bytes, draft: Draft) -> None:
    """Add the body in order."""
    archive = Archive(data)
    if "content.xml" not in archive.names:
        raise Refusal("corrupt_document")
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Refusal("password_protected")
    body = archive.xml("content.xml").find(_OFFICE + "body")
    if body is None:
        raise Refusal("corrupt_document")
    if "meta.xml" in archive.names:
        draft.title = plausible_title(archive.xml("meta.xml").findtext(".//{*}title") or "")
    _Walk(draft).blocks(body)


class _Walk:
    """Goes through the body, counting slides."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._slides = 0

    def blocks(self, parent: etree._Element, *, in_list: bool = False) -> None:
        """Add what `parent` holds."""
        for child in parent:
            if child.tag == _H:
                self._draft.heading(int(child.get(_TEXT + "outline-level", "1")), _text(child))
            elif child.tag == _P:
                text = _text(child).strip()
                (self._draft.item if in_list and text else self._draft.block)(text)
            elif child.tag == _TABLE + "table":
                self._table(child)
            elif child.tag == _DRAW + "page":
                self._slide(child)
            elif child.tag not in _SKIPPED:
                self.blocks(child, in_list=in_list or child.tag == _TEXT + "list-item")

    def _slide(self, page: etree._Element) -> None:
        self._slides += 1
        self._draft.page(self._slides)
        self._draft.enter(1, page.get(_DRAW + "name", ""))
        self.blocks(page)

    def _table(self, table: etree._Element) -> None:
        self._draft.rows(
            plain_line([_cell(cell) for cell in row if cell.tag == _TABLE + "table-cell"])
            for row in table.iter(_TABLE + "table-row")
        )


def _cell(cell: etree._Element) -> str:
    return " ".join(filter(None, (squeeze(_text(p)) for p in cell.iter(_H, _P))))


def _text(element: etree._Element) -> str:
    parts: list[str] = []
    _collect(element, parts)
    return without_breaks("".join(parts))


def _collect(element: etree._Element, parts: list[str]) -> None:
    parts.append(_flat(element.text))
    for child in element:
        if child.tag in _SPACES:
            parts.append(_SPACES[child.tag])
        elif child.tag == _TEXT + "s":
            parts.append(" " * min(int(child.get(_TEXT + "c", "1")), 100))
        elif child.tag == _TEXT + "note-body":
            parts.append(f" [{squeeze(_text(child))}]")
        elif child.tag not in _SKIPPED:
            _collect(child, parts)
        parts.append(_flat(child.tail))


def _flat(text: str | None) -> str:
    """Return text as ODF means it: white space in the file is a single space."""
    return " ".join(text.replace("\n", " ").split(" ")) if text else ""
