"""Web pages: the main content where a page has navigation around it, else everything."""

import re

from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft, plausible_title, squeeze
from adapters.parsers._markup import add_tree, visible_length
from adapters.parsers._readers.table import plain_line

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})""")
_FURNITURE = (
    "nav, header, footer, aside, form, [role=navigation], [role=banner], [class*=menu],"
    " [class*=sidebar], [class*=navbar], [class*=cookie], [id*=sidebar], [id*=menu]"
)
# Less than this of the visible text cannot be the main content: the guess has gone wrong.
_MIN_SHARE, _SMALL_PAGE = 0.1, 1_000
_SKIPPED = frozenset(("graphic", "comment"))
_LEVELS = {f"h{n}": n for n in range(1, 7)}


def read(data: bytes, draft: Draft) -> None:
    """Add the page's main content under its headings."""
    source = decode(data, _declared(data[:2048]))
    tree = LexborHTMLParser(source)
    title = tree.css_first("title")
    draft.title = plausible_title(title.text() if title else "")
    body = _main_content(source) if tree.css_first(_FURNITURE) is not None else None
    if body is None or _is_too_little(body, visible_length(tree)):
        add_tree(tree, draft)
        return
    top = tree.css_first("h1")
    name = squeeze(top.text()) if top else ""
    if name and name not in (squeeze(_text(head)) for head in body.iter("head")):
        draft.heading(1, name)
    _add(body, draft)


def _declared(head: bytes) -> str:
    found = _XML_CHARSET.search(head) or _CHARSET.search(head)
    label = found[1].decode("ascii", "ignore") if found else ""
    return "" if label.lower().startswith("utf-16") else label  # could not have been read as bytes


def _main_content(source: str) -> etree._Element | None:
    # Imported here: it costs half a second that pages without navigation need not pay.
    from adapters.parsers import _main_content

    return _main_content.extract(source)


def _is_too_little(body: etree._Element, visible: int) -> bool:
    length = sum(len(squeeze(str(text))) for text in body.itertext())
    return length < max(_MIN_SHARE * visible, min(visible / 2, _SMALL_PAGE / 2))


def _add(parent: etree._Element, draft: Draft) -> None:
    """Add the blocks below `parent` in order."""
    loose: list[str] = [parent.text or ""]
    for child in parent:
        tag = str(child.tag)
        if tag in ("head", "p", "list", "table", "quote", "code", "div", "ab"):
            draft.block(squeeze("".join(loose)))
            loose = []
            _add_block(child, tag, draft)
        elif tag not in _SKIPPED:
            loose.append("\n" if tag == "lb" else _text(child))
        loose.append(child.tail or "")
    draft.block(squeeze("".join(loose)))


def _add_block(element: etree._Element, tag: str, draft: Draft) -> None:
    if tag == "head":
        draft.heading(_LEVELS.get(element.get("rend", ""), 2), _text(element))
    elif tag == "list":
        _add_list(element, draft)
    elif tag == "table":
        _add_table(element, draft)
    elif tag == "code" or (tag == "quote" and not len(element) and "\n" in (element.text or "")):
        draft.block(_text(element).strip("\n"))
    elif tag == "p" and not any(child.tag in ("list", "table", "head", "p") for child in element):
        draft.block("\n".join(filter(None, map(squeeze, _text(element).split("\r")))))
    else:
        _add(element, draft)


def _add_list(element: etree._Element, draft: Draft) -> None:
    for item in element:
        if item.find(".//head") is not None:
            _add(item, draft)
        elif text := squeeze(_text(item)):
            draft.item(text)


def _add_table(element: etree._Element, draft: Draft) -> None:
    draft.rows(
        plain_line([squeeze(_text(cell)) for cell in row.iter("cell")])
        for row in element.iter("row")
    )


def _text(element: etree._Element) -> str:
    """Return the text in an element; a line break is a carriage return."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            parts.append("\r")
        elif child.tag not in _SKIPPED:
            space = " " if child.tag in ("item", "p", "list", "cell") else ""
            parts.append(space + _text(child))
        parts.append(child.tail or "")
    return "".join(parts)
