"""Markdown: kept as it is; its headings become the map."""

import re

from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft, clean, plausible_title

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_MARKS = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)|\{#[^}]*\}|<[^>]*>")
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_NOT_A_SETEXT_TEXT = ("#", ">", "-", "*", "+", "|", "    ", "\t", "```")


def read(data: bytes, draft: Draft) -> None:
    """Add the text as it is, with a mark at each heading."""
    add_markdown(decode(data), draft)


def add_markdown(source: str, draft: Draft) -> None:
    """Add Markdown `source` to `draft`, unchanged but for cleaning."""
    text = clean(source)
    position = 0
    for start, level, heading in _headings(text):
        draft.append_clean(text[position:start])
        draft.enter(level, heading)
        position = start
        draft.title = draft.title or plausible_title(heading)
    draft.append_clean(text[position:])
    if front := _front_matter(text):
        title = _FRONT_TITLE.search(text, 0, front)
        draft.title = (plausible_title(title[1]) if title else "") or draft.title


def _headings(text: str) -> list[tuple[int, int, str]]:
    """Return (offset, level, heading) of each heading outside code fences and front matter."""
    found: list[tuple[int, int, str]] = []
    offset = _front_matter(text)
    fence, previous, previous_offset = "", "", offset
    for line in text[offset:].split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip(" `~"):
                fence = ""
            previous = ""
        elif mark:
            fence, previous = mark[1], ""
        elif heading := _heading(line, previous):
            start = previous_offset if heading[2] else offset
            found.append((start, heading[0], _plain(heading[1])))
            previous = ""
        else:
            previous = line
        previous_offset, offset = offset, offset + len(line) + 1
    return [entry for entry in found if entry[2]]


def _heading(line: str, previous: str) -> tuple[int, str, bool] | None:
    """Return (level, text, whether the text is the line before) if `line` makes a heading."""
    stripped = line.lstrip(" ")
    if stripped.startswith("#"):
        atx = _ATX.match(line)
        return (len(atx[1]), atx[2] or "", False) if atx else None
    is_text = previous.strip() and not previous.startswith(_NOT_A_SETEXT_TEXT)
    if is_text and stripped.startswith(("=", "-")) and (setext := _SETEXT.match(line)):
        return (1 if setext[1][0] == "=" else 2, previous, True)
    return None


def _plain(heading: str) -> str:
    """Return a heading without its inline marks."""
    return _MARKS.sub("", _LINK.sub(r"\1", heading)).strip()


def _front_matter(text: str) -> int:
    """Return where the front matter (--- ... ---) ends, 0 if there is none."""
    if not text.startswith("---\n"):
        return 0
    end = text.find("\n---\n", 3, 20_000)
    return end + 5 if end > 0 else 0
