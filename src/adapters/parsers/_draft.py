"""The text under construction: clean, NFC, with the map from offsets to pages and headings."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from adapters.parsers._refusal import Refusal

MAX_HEADING = 200
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_INVISIBLE = re.compile("[\xad\u200b\u2060]")  # break opportunities, which layouts leave in words
_FILE_NAME = re.compile(r"\.(docx?|pdf|indd|xlsx?|pptx?|odt|tex|dvi|qxd|html?|rtf|txt)$", re.I)
_RUBBISH = re.compile(
    r"(microsoft (word|excel|powerpoint)\b|untitled|\(?(anonymous|unspecified)\)?$|document ?\d*$|"
    r"powerpoint.presentation$|slide \d+$|title$|unknown$|index$|home$|file:)",
    re.I,
)


def clean(text: str) -> str:
    """Return `text` as NFC with line feeds only, without control characters or surrogates."""
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def without_breaks(text: str) -> str:
    """Return `text` without soft hyphens and zero-width spaces."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def squeeze(text: str) -> str:
    """Return `text` on one line: each run of white space is one space; no invisible breaks."""
    return " ".join(without_breaks(text).split())


def clean_heading(text: str) -> str:
    """Return a heading fit for a path: one clean line of at most 200 characters."""
    return clean(squeeze(text))[:MAX_HEADING].strip()


def plausible_title(text: str) -> str:
    """Return the title a file claims if a person would call it one, else ""."""
    title = clean_heading(text)
    is_name = " " not in title and ("_" in title or any(c.isdigit() for c in title))
    if len(title) < 3 or not any(c.isalpha() for c in title) or is_name:  # noqa: PLR2004
        return ""
    return "" if _FILE_NAME.search(title) or _RUBBISH.match(title) else title


@dataclass(frozen=True, slots=True)
class Mark:
    """From offset `start` on (code points) the text stands on this page, under these headings."""

    start: int
    page: int | None
    path: tuple[str, ...]


@dataclass(slots=True)
class Draft:
    """Collects a document piece by piece; a mark is set by itself wherever page or headings change.

    `max_chars` bounds the text; more of it raises Refusal("text_too_large").
    """

    max_chars: int
    title: str = ""
    marks: list[Mark] = field(default_factory=list)
    length: int = 0
    _parts: list[str] = field(default_factory=list)
    _levels: list[tuple[int, str]] = field(default_factory=list)
    _page: int | None = None
    _path: tuple[str, ...] = ()
    _in_list: bool = False

    def page(self, number: int | None) -> None:
        """What is added from now on stands on this page (slide, sheet), counted from 1."""
        self._page = number

    def enter(self, level: int, heading: str) -> None:
        """What is added from now on stands under this heading; the text itself does not change."""
        while self._levels and self._levels[-1][0] >= level:
            self._levels.pop()
        if heading := clean_heading(heading):
            self._levels.append((level, heading))
        self._path = tuple(heading for _, heading in self._levels)

    def heading(self, level: int, text: str) -> None:
        """Add a heading (1 is the outermost level) to the text and enter it."""
        self.enter(level, text)
        self.block(squeeze(text))

    def block(self, text: str) -> None:
        """Add a paragraph after a blank line."""
        self.add(text.strip(), "\n\n")

    def item(self, text: str) -> None:
        """Add an item of a list: right below the item before it, else after a blank line."""
        self.add(f"- {text.strip()}", "\n" if self._in_list else "\n\n")
        self._in_list = True

    def rows(self, lines: Iterable[str]) -> None:
        """Add the lines of a table as one block, without empty ones."""
        self.add("\n".join(line.rstrip() for line in lines if line.strip()), "\n\n")

    def add(self, text: str, separator: str) -> None:
        """Add cleaned text after `separator`, which is left out at the very beginning."""
        self.append_clean(clean(text), separator)
        self._in_list = False

    def append_clean(self, text: str, separator: str = "") -> None:
        """Add text that is clean already, unchanged."""
        if not text:
            return
        if separator and self.length:
            self._append(separator)
        if not self.marks or (self.marks[-1].page, self.marks[-1].path) != (self._page, self._path):
            self.marks.append(Mark(self.length, self._page, self._path))
        self._append(text)

    def include(self, other: "Draft", heading: str) -> None:
        """Add another document (an attachment) as a section of its own under `heading`."""
        self.heading(1, heading)
        base, text = list(self._levels), other.text
        ends = [mark.start for mark in other.marks[1:]] + [len(text)]
        for n, (mark, end) in enumerate(zip(other.marks, ends, strict=True)):
            self._levels = base + [(i + 2, h) for i, h in enumerate(mark.path)]
            self._path = tuple(h for _, h in self._levels)
            self.append_clean(text[mark.start : end], "" if n else "\n\n")
        self.enter(1, "")

    @property
    def text(self) -> str:
        """All the text so far."""
        return "".join(self._parts)

    @property
    def has_text(self) -> bool:
        """Whether there is more than white space."""
        return any(part and not part.isspace() for part in self._parts)

    def _append(self, text: str) -> None:
        self.length += len(text)
        if self.length > self.max_chars:
            raise Refusal("text_too_large")
        self._parts.append(text)
