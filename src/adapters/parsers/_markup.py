"""HTML to draft: a walk over the whole tree that keeps headings, lists, tables and <pre>."""

from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adapters.parsers._draft import Draft, squeeze

_SKIPPED = frozenset(
    "script style noscript template head iframe object embed svg math button select input textarea"
    " nav canvas audio video map dialog -comment _comment".split()
)
_BLOCKS = frozenset(
    "p div section article main header footer aside address blockquote dl dt dd ul ol li figure"
    " figcaption form fieldset details summary hr table caption thead tbody tfoot tr pre body"
    " h1 h2 h3 h4 h5 h6".split()
)
_HEADINGS = {f"h{n}": n for n in range(1, 7)}
_TEXT = "-text"


def add_html(source: str, draft: Draft) -> None:
    """Add all visible text of an HTML document to `draft`."""
    add_tree(LexborHTMLParser(source), draft)


def add_tree(tree: LexborHTMLParser, draft: Draft) -> None:
    """Add all visible text of a parsed document to `draft`."""
    if tree.body is not None:
        flow = _Flow(draft)
        for node, opens in _events(tree.body):
            (flow.open if opens else flow.close)(node)
        flow.flush()


def visible_length(tree: LexborHTMLParser) -> int:
    """Return about how many characters of text a reader of the page sees."""
    texts = (n for n, opens in _events(tree.body) if opens and n.tag == _TEXT) if tree.body else ()
    return sum(len(squeeze(node.text_content or "")) for node in texts)


def _events(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Yield (node, True) on the way in and (node, False) on the way out; no recursion."""
    node, depth = root.child, 0
    while node is not None:
        yield node, True
        if node.tag not in _SKIPPED and (child := node.child) is not None:
            node, depth = child, depth + 1
            continue
        yield node, False
        while (following := node.next) is None and depth:
            parent = node.parent
            if parent is None:
                return
            node, depth = parent, depth - 1
            yield node, False
        node = following


class _Flow:
    """Turns the events of the walk into blocks of the draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._inline: list[str] = []
        self._is_item = False
        self._cells: list[list[str]] = []  # one list for each open row
        self._rows: list[str] = []
        self._pre = 0

    def open(self, node: LexborNode) -> None:
        """Take a node on the way in."""
        tag = node.tag or ""
        if tag == _TEXT:
            self._inline.append(node.text_content or "")
        elif tag == "br":
            self._inline.append("\n" if self._pre else "\r")
        elif tag in _BLOCKS and not self._inside_cell(tag):
            self.flush()
            self._begin(tag)
        elif tag in ("td", "th") or tag in _BLOCKS:
            self._inline.append(" ")

    def close(self, node: LexborNode) -> None:
        """Take a node on the way out."""
        tag = node.tag or ""
        if tag in ("td", "th"):
            if self._cells:
                self._cells[-1].append(squeeze("".join(self._inline)))
                self._inline.clear()
        elif tag == "tr":
            self._end_row()
        elif tag in _HEADINGS and not self._cells:
            self._draft.heading(_HEADINGS[tag], "".join(self._inline))
            self._inline.clear()
        elif tag in _BLOCKS and not self._cells:
            self.flush()
            self._pre -= tag == "pre"
            if tag == "table":
                self._draft.rows(self._rows)
                self._rows.clear()

    def flush(self) -> None:
        """End the paragraph that is open."""
        text = "".join(self._inline)
        self._inline.clear()
        if not self._pre:
            text = "\n".join(filter(None, map(squeeze, text.split("\r"))))
        if text.strip():
            (self._draft.item if self._is_item else self._draft.block)(text)
            self._is_item = False

    def _inside_cell(self, tag: str) -> bool:
        return bool(self._cells) and tag != "tr"

    def _begin(self, tag: str) -> None:
        if tag == "tr":
            self._cells.append([])
        elif tag == "pre":
            self._pre += 1
        self._is_item = tag == "li" or (self._is_item and tag in ("p", "div"))

    def _end_row(self) -> None:
        if not self._cells:
            return
        cells = self._cells.pop()
        if self._cells:  # a table inside a cell is text of that cell
            self._inline.append(" ".join(cells))
        else:
            self._rows.append(" | ".join(cells).rstrip(" |"))
