"""Fences: where code blocks begin and end in Markdown, beyond doubt for every renderer."""

import re
from dataclasses import dataclass
from typing import NamedTuple

_LEAD_MAX = 64
_RUN_MIN = 3
RUN_MAX = 32  # longer runs of back-ticks and tildes are cut down to this
_INFO_MAX = 300
_TAB = 4
_CODE_INDENT = 4  # columns from which on a fence is none
_MARKER = r"[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])"
_LEAD = re.compile(rf"(?:[ \t>]|{_MARKER}){{0,{_LEAD_MAX}}}")
_MORE_LEAD = re.compile(r"(?:[-+*]|\d{1,9}[.)]?)?\Z")
_REGULAR = re.compile(r"(?:> ?)*[ ]{0,3}\Z")
_RUN = re.compile(r"`+|~+")
_CODE_LEAD = re.compile(rf"[ \t>]{{0,{_LEAD_MAX}}}")
_CLOSING = re.compile(rf"(?P<run>`+|~+)(?:(?P<far>[ \t]{{{_LEAD_MAX}}})|[ \t]*(?P<feed>\n|\Z))")
_MAY_CLOSE = re.compile(rf"(?:`+|~+)?[ \t]{{0,{_LEAD_MAX - 1}}}\Z")
_RISKY_INFO = re.compile(r"[\[\]<>()@:]|www\.", re.IGNORECASE)
_LANGUAGE = re.compile(r"[\w+#.-]*")


class Piece(NamedTuple):
    """What was written, where reading goes on, and what stands in the place of what was read."""

    text: str
    end: int
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code block: what each of its lines begins with, and the run that closes it.

    `dedent` is set where the opening fence was moved to the first column, as renderers would not
    agree on it: then so many columns of indentation are taken from the lines.
    """

    prefix: str
    run: str
    dedent: int | None = None


def opening(text: str, start: int, *, final: bool) -> tuple[Piece, Fence | None] | None:
    """Read the beginning of a line outside of code: what leads it, or a whole fence.

    None: what follows decides. Whether a line in a list or deeply indented is a fence depends on the
    lines around it, so such a fence is moved to the first column, where it is one in any case.
    """
    lead = _LEAD.match(text, start)
    end = min(lead.end(), start + _LEAD_MAX) if lead else start
    deep = end - start == _LEAD_MAX
    if not final and not deep and _MORE_LEAD.match(text, end):
        return None
    plain, run = Piece(text[start:end], end), _RUN.match(text, end)
    if run is None or deep:
        return plain, None
    if len(run[0]) > RUN_MAX:
        return _cut(text, start, run), None
    line_end = text.find("\n", run.end(), run.end() + _INFO_MAX)
    if line_end < 0 and len(text) - run.end() < _INFO_MAX:
        if not final and (len(run[0]) >= _RUN_MIN or run.end() == len(text)):
            return None
        line_end = len(text)
    info = text[run.end() : line_end]
    if len(run[0]) < _RUN_MIN or line_end < 0 or ("`" in info and run[0][0] == "`"):
        return plain, None
    return _opened(text[start:end], run[0], info, text[line_end : line_end + 1], line_end)


def _opened(
    lead: str, run: str, info: str, line_feed: str, line_end: int
) -> tuple[Piece, Fence | None]:
    if _RISKY_INFO.search(info):
        language = _LANGUAGE.match(info.strip())
        info = language[0] if language else ""
    end = line_end + len(line_feed)
    if _REGULAR.match(lead):
        return Piece(f"{lead}{run}{info}{line_feed}", end), Fence(lead, run)
    above = "" if lead.isspace() else lead.rstrip() + "\n"
    width = len(lead.expandtabs(_TAB))
    return Piece(f"{above}{run}{info}{line_feed}", end), Fence("", run, width)


def _cut(text: str, start: int, run: re.Match[str]) -> Piece:
    return Piece("", run.end(), text[start : run.start()] + run[0][:RUN_MAX])


def code_line(text: str, start: int, fence: Fence, *, final: bool) -> tuple[Piece, bool] | None:
    """Read the beginning of a line in a code block, and tell whether the block goes on.

    None: what follows decides. A line that does not begin as the block's lines do ends it for some
    renderers (a list or quote that is over), so the block is closed before it for all of them. What
    is a closing fence for some is made one for all.
    """
    lead = _CODE_LEAD.match(text, start)
    end = lead.end() if lead else start
    deep = end - start >= _LEAD_MAX
    run = _RUN.match(text, end)
    if run and len(run[0]) > RUN_MAX:
        return _cut(text, start, run), True
    if not final and not deep and _MAY_CLOSE.match(text, end):
        return None
    head = text[start:end]
    is_blank = not deep and text[end : end + 1] in ("", "\n")
    if fence.dedent is None and not _belongs(head, fence.prefix, is_blank=is_blank):
        return Piece(f"{fence.prefix}{fence.run}\n", start), False
    closing = None if deep else _CLOSING.match(text, end)
    if closing and _closes(closing["run"], head, fence):
        line_feed = "\n" if closing["far"] else closing["feed"]
        return Piece(f"{fence.prefix}{fence.run}{line_feed}", closing.end()), False
    return Piece(_dedented(head, fence.dedent), end), True


def _belongs(head: str, prefix: str, *, is_blank: bool) -> bool:
    if ">" in prefix:
        return head.startswith(prefix) or (is_blank and head.rstrip() == prefix.rstrip())
    return is_blank or _columns(head) >= len(prefix)


def _closes(run: str, head: str, fence: Fence) -> bool:
    if run[0] != fence.run[0] or len(run) < len(fence.run):
        return False
    if fence.dedent is not None:
        return True
    if ">" in fence.prefix:
        extra = head[len(fence.prefix) :]
        return ">" not in extra and len(extra.expandtabs(_TAB)) < _CODE_INDENT + 2
    return ">" not in head and _columns(head) < len(fence.prefix) + _CODE_INDENT


def _columns(head: str) -> int:
    blank = head[: len(head) - len(head.lstrip(" \t"))]
    return len(blank.expandtabs(_TAB))


def _dedented(head: str, columns: int | None) -> str:
    if not columns:
        return head
    left = columns
    while head[:1] in (" ", "\t") and head and left > 0:
        left -= 1 if head[0] == " " else _TAB
        head = head[1:]
    return head
