"""PDF by PDFium: the text of each page in its order, headings from the outline."""

import re
from collections import defaultdict
from collections.abc import Mapping

import pypdfium2 as pdfium
from pypdfium2 import raw

from adapters.parsers._draft import Draft, clean, clean_heading, plausible_title
from adapters.parsers._refusal import Refusal

_MAX_OUTLINE = 5_000  # entries; outlines of hostile files can be endless
_PAGES_LOOKED_AT = 5  # for pictures, when there is hardly any text
_LONGEST_WORD = 40
_FEW = 25  # characters a page: stamps and page numbers on scans, not text
_UNREADABLE = re.compile("[\ue000-\uf8ff\ufffd]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]{2,}")
_LIGATURE = re.compile("[\ufb00-\ufb06]")
_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl",
    "\ufb05": "st", "\ufb06": "st",
}  # fmt: skip
_TRAILING = re.compile("[ \t]+\n")
# PDFium puts U+FFFE where a line ended in a hyphen, and swallows the line break.
_SPLIT = re.compile("\ufffe\\s*|(?<=[^\\W\\d_])[\xad\u2010-]\n(?=[^\\W\\d_])")
_LAST_WORD, _FIRST_WORD = re.compile(r"\w*$"), re.compile(r"\w*")
_COMPOUND = re.compile(r"\w+-\w+")

_Outline = Mapping[int, list[tuple[int, str]]]


def read(data: bytes, draft: Draft) -> None:
    """Add the pages; each is a mark, and so is each outline entry found on it."""
    pdf = _open(data)
    draft.title = plausible_title(pdf.get_metadata_value("Title"))
    pages = [_page_text(pdf, index) for index in range(len(pdf))]
    _refuse_pictures(pdf, pages)
    pages = _joined_words(pages)
    outline = _outline(pdf)
    for index, text in enumerate(pages):
        draft.page(index + 1)
        _add_page(clean(text).strip("\n"), outline.get(index, []), draft)


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        pdf = pdfium.PdfDocument(data)
        count = len(pdf)
    except pdfium.PdfiumError as error:
        protected = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise Refusal("password_protected" if protected else "corrupt_document") from error
    if not count:
        raise Refusal("corrupt_document")
    return pdf


def _page_text(pdf: pdfium.PdfDocument, index: int) -> str:
    """Return a page's text, "" for a page that is broken."""
    try:
        page = pdf[index]
        text_page = page.get_textpage()
    except pdfium.PdfiumError:
        return ""
    text: str = text_page.get_text_range()
    if not text.isascii():
        text = _LIGATURE.sub(lambda match: _LIGATURES[match[0]], _logical_order(text, text_page))
    text_page.close()
    page.close()
    text = text.replace("\r\n", "\n")
    return _TRAILING.sub("\n", text) if " \n" in text else text


def _logical_order(text: str, page: pdfium.PdfTextPage) -> str:
    """Turn right-to-left words round that PDFium reversed without need.

    PDFium takes characters for visually ordered. Where the file gives a replacement text for a
    group of glyphs, all its characters share one box and stood in logical order before.
    """

    def box(index: int) -> tuple[float, ...]:
        char = raw.FPDFText_GetCharIndexFromTextIndex(page.raw, index)
        return tuple(page.get_charbox(char)) if char >= 0 else ()

    def turned(match: re.Match[str]) -> str:
        first, last = box(match.start()), box(match.end() - 1)
        return match[0][::-1] if first and first == last else match[0]

    return _RTL.sub(turned, text)


def _refuse_pictures(pdf: pdfium.PdfDocument, pages: list[str]) -> None:
    """Refuse a file whose pages hold pictures, or glyphs without meaning, instead of text."""
    text = "".join(pages)
    visible = len("".join(text.split()))
    if len(_UNREADABLE.findall(text)) > visible // 2 > 0:
        raise Refusal("no_text_layer")
    if visible >= _FEW * len(pages):
        return
    drawn = [
        kind for index in range(min(len(pdf), _PAGES_LOOKED_AT)) for kind in _kinds(pdf, index)
    ]
    if raw.FPDF_PAGEOBJ_IMAGE in drawn or (drawn and not visible):
        raise Refusal("no_text_layer")


def _kinds(pdf: pdfium.PdfDocument, index: int) -> list[int]:
    """Return the kinds of the first objects on a page."""
    try:
        objects = pdf[index].get_objects(max_depth=3)
        return [item.type for item, _ in zip(objects, range(200), strict=False)]
    except pdfium.PdfiumError:
        return []


def _joined_words(pages: list[str]) -> list[str]:
    """Join words split at line ends, keeping the hyphen of those spelt with one elsewhere."""
    if not any(_SPLIT.search(page) for page in pages):
        return pages
    compounds = {word.lower() for page in pages for word in _COMPOUND.findall(page)}

    def joined(match: re.Match[str]) -> str:
        text, start, end = match.string, match.start(), match.end()
        before = _LAST_WORD.search(text[max(0, start - _LONGEST_WORD) : start])
        after = _FIRST_WORD.match(text[end : end + _LONGEST_WORD])
        first, second = before[0] if before else "", after[0] if after else ""
        is_word = first[-1:].isalpha() and second[:1].islower() and not first.isupper()
        return "" if is_word and f"{first}-{second}".lower() not in compounds else "-"

    return [_SPLIT.sub(joined, page) for page in pages]


def _outline(pdf: pdfium.PdfDocument) -> _Outline:
    """Return the outline's (level, title) by page index."""
    entries: dict[int, list[tuple[int, str]]] = defaultdict(list)
    try:
        for bookmark, _ in zip(pdf.get_toc(max_depth=8), range(_MAX_OUTLINE), strict=False):
            destination = bookmark.get_dest()
            index = destination.get_index() if destination else None
            if index is not None:
                entries[index].append((bookmark.level + 1, clean_heading(bookmark.get_title())))
    except pdfium.PdfiumError:  # a broken outline is no reason to lose the text
        pass
    return entries


def _add_page(text: str, entries: list[tuple[int, str]], draft: Draft) -> None:
    position, separator = 0, "\n\n"
    for level, title in entries:
        start = _find_heading(text, title, position)
        draft.append_clean(text[position:start], separator)
        separator = separator if start == position else ""
        position = start
        draft.enter(level, title)
    draft.append_clean(text[position:], separator)


def _find_heading(text: str, title: str, position: int) -> int:
    """Return where the line stands that shows `title`, with its number perhaps; else `position`."""
    line = re.compile(rf"^[^\n]{{0,12}}{re.escape(title)}[^\n]{{0,3}}$", re.MULTILINE)
    found = line.search(text, position) if title else None
    return found.start() if found else position
