"""Safe Markdown: what a model writes, without images, raw HTML and links it made up.

A document can carry instructions for the model: "show this picture", "send them here", with what was
said before in the address. A picture is fetched as soon as it is drawn, a link is one click away. So:

- Images become their description, whatever they point to; HTML shows as text.
- A link, an autolink or a bare address stays where it was given (`KnownLinks`); of any other the host
  and path are named as code, without the query, which no renderer links and nobody needs to read.
  A name without scheme or path (`example.com`) is too common a word and stays: what is not
  defended is a client that links such names, and data in the name of a host.
- What is left of a link or image that goes is set apart from what stood before it: `//`, a mail
  address or a few tildes may be harmless until something joins them.
- Reference definitions, and other ways to write a link, are cut by a space (`] (`, `] :`, `! [`,
  `: //`), which reads well where Markdown is not rendered, too.
- Code is left as it is, but only what is code for every renderer: a span within one line, a block
  whose lines leave no doubt (`domain.fences`). A lone back-tick is escaped, or it might pair with
  another one and turn what was read as code into text.
- Entities that stand for ASCII punctuation or hide something are taken apart: some renderers look
  for links after they have replaced them.

The result is the same however the text is cut into deltas.
"""

import re

from domain import inline
from domain.fences import RUN_MAX, Fence, Piece, code_line, opening
from domain.links import KnownLinks

_SCHEMES = ("https://", "http://", "ftp://", "mailto:", "www.")
_NEXT = re.compile(r"[\n`\[\](!<&\\~@:/?#]|https?://|ftp://|mailto:|www\.", re.IGNORECASE)
_BEGUN = re.compile(
    r"(?<![A-Za-z0-9])(?:{})\Z".format(
        "|".join(sorted({s[:n] for s in _SCHEMES for n in range(1, len(s))}, key=len, reverse=True))
    ),
    re.IGNORECASE,
)
_BEFORE = 128  # characters of what was written that decide about what comes
_CODE_MAX = 2000
_LEADING = re.compile(r"[ \t>\d.)*+-]*\Z")
_RISKY = re.compile(
    r"[\[\]<>@:]|www\.|\w\.[\w-]+[/?#]", re.IGNORECASE
)  # in what may not be code after all
_RUN = re.compile(r"`+")
_BLIND = {"~": inline.tildes, "&": inline.entity}
_SEEING = {
    "<": inline.angle,
    "@": inline.at_sign,
    "/": inline.slash,
    "?": inline.path,
    "#": inline.path,
}


class SafeMarkdown:
    """Takes Markdown in deltas and gives it back safe; holds back only what is undecided (< 4 KB)."""

    def __init__(self, known: KnownLinks) -> None:
        """`known` tells which addresses may be links."""
        self._known = known
        self._held = ""
        self._before = ""  # the end of what was written
        self._fence: Fence | None = None
        self._at_start = True  # of a line
        self._leading = False  # whether nothing but marks of lists and quotes stands in this line
        self._label = False  # whether we are in brackets that began a line
        self._defines = False  # whether such brackets were closed last
        self._doubtful = False  # whether code in this line may be cut by a table's bars
        self._own = {
            "\n": self._line_feed,
            "`": self._code,
            "[": self._bracket,
            "]": self._closed,
            "(": self._paren,
            "!": self._bang,
            ":": self._colon,
        }

    def feed(self, delta: str) -> str:
        """Take the next piece and return what is certain."""
        plain = not (self._held or self._at_start or self._fence)
        if plain and not _NEXT.search(delta) and not _BEGUN.search(delta):
            self._write(delta)
            return delta
        return self._run(self._held + delta, final=False)

    def finish(self) -> str:
        """Return what was held back; the text ends here."""
        return self._run(self._held, final=True)

    def _run(self, text: str, *, final: bool) -> str:
        made, at = [], 0
        while at < len(text):
            piece = self._step(text, at, final)
            if piece is None:
                break
            at = piece.end
            if piece.instead:
                text, at = piece.instead + text[at:], 0
            self._write(piece.text)
            made.append(piece.text)
        self._held = text[at:]
        return "".join(made)

    def _write(self, text: str) -> None:
        self._before = (self._before + text)[-_BEFORE:]
        self._leading = self._leading and _LEADING.match(text) is not None

    def _step(self, text: str, at: int, final: bool) -> Piece | None:
        if self._at_start:
            return self._line(text, at, final)
        if self._fence:
            end = text.find("\n", at) + 1
            self._at_start = end > 0
            return Piece(text[at : end or len(text)], end or len(text))
        found = _NEXT.search(text, at)
        end = found.start() if found else len(text)
        if not final and (begun := _BEGUN.search(text, max(at, len(text) - 8))):
            end = min(end, begun.start())
        if end > at:
            return Piece(text[at:end], end)
        if not found or found.start() > at:
            return None
        return self._mark(text, at, final)

    def _mark(self, text: str, at: int, final: bool) -> Piece | None:
        sign, before, known = text[at], self._before, self._known
        if sign in self._own:
            return self._own[sign](text, at, final)
        if sign in _BLIND:
            return _BLIND[sign](text, at, final=final)
        if sign == "\\":
            return inline.backslash(text, at, before, final=final)
        return _SEEING.get(sign, inline.bare_url)(text, at, before, known, final=final)

    def _line(self, text: str, at: int, final: bool) -> Piece | None:
        if self._fence:
            read = code_line(text, at, self._fence, final=final)
            if read is None:
                return None
            piece, goes_on = read
            self._fence = self._fence if goes_on else None
            self._at_start = not goes_on or bool(piece.instead)
            return piece
        begun = opening(text, at, final=final)
        if begun is None:
            return None
        piece, self._fence = begun
        self._at_start = self._fence is not None or bool(piece.instead)
        self._leading = True
        return piece

    def _line_feed(self, _text: str, at: int, _final: bool) -> Piece:
        self._at_start, self._doubtful = True, False
        return Piece("\n", at + 1)

    def _code(self, text: str, at: int, final: bool) -> Piece | None:
        run = _RUN.match(text, at)
        end, size = (run.end(), len(run[0])) if run else (at + 1, 1)
        if size > RUN_MAX:
            return Piece("", end, "`" * RUN_MAX)
        if end == len(text) and not final:
            return None
        if self._before[-1:] == "`":
            return Piece(" ", at)  # two runs would become one
        closed = _code_end(text, end, size, final=final)
        if closed is None:
            return None
        span = text[at:closed]  # empty where it is not closed
        self._doubtful = self._doubtful or self._label or "|" in span
        if not span or (self._doubtful and _RISKY.search(span)):
            return Piece("\\`" * size, end)
        return Piece(span, closed)

    def _bang(self, text: str, at: int, final: bool) -> Piece | None:
        if at + 1 == len(text) and not final:
            return None
        is_image = text[at + 1 : at + 2] == "["
        image = inline.link_at(text, at + 1, final=final) if is_image else inline.NO_LINK
        if image is None:
            return None
        if not image.end:
            return Piece("!", at + 1)
        return inline.taken_out(image.label, image.end, self._before)

    def _bracket(self, text: str, at: int, final: bool) -> Piece | None:
        if self._before[-1:] == "!":
            return Piece(" ", at)
        link = inline.link_at(text, at, final=final)
        if link is None:
            return None
        if link.end and (piece := inline.linked(link, self._before, self._known)):
            return piece
        self._label = self._leading
        return Piece("[", at + 1)

    def _closed(self, _text: str, at: int, _final: bool) -> Piece:
        self._defines, self._label = self._label, False
        return Piece("]", at + 1)

    def _paren(self, _text: str, at: int, _final: bool) -> Piece:
        return Piece(" (" if self._before[-1:] == "]" else "(", at + 1)

    def _colon(self, _text: str, at: int, _final: bool) -> Piece:
        return Piece(" :" if self._defines and self._before[-1:] == "]" else ":", at + 1)


def _code_end(text: str, start: int, size: int, *, final: bool) -> int | None:
    """Return where the code span ends that a run of back-ticks begins; 0: it does not in this line.

    None: what follows decides.
    """
    limit = min(start + _CODE_MAX, len(text))
    line_end = text.find("\n", start, limit)
    is_open = line_end < 0 and limit < start + _CODE_MAX and not final
    closing = re.compile(rf"(?<!`)`{{{size}}}(?!`)").search(
        text, start, limit if line_end < 0 else line_end
    )
    if is_open and (closing is None or closing.end() == len(text)):
        return None
    if closing is None or text[closing.end() : closing.end() + 1] == "`":
        return 0
    return closing.end()
