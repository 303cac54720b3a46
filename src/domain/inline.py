"""Marks inside a line of Markdown that could become a link, a picture or a tag, each made safe.

Every function reads the text from `at`, knows what was written before, and returns what is written,
or None where what follows decides (`final`: nothing follows).
"""

import html
import re
from dataclasses import dataclass

from domain.fences import RUN_MAX, Piece
from domain.links import BODY, TARGET_MAX, KnownLinks, same_address, shown, trimmed
from domain.visible import visible

_TEXT_MAX = 300
_DEPTH_MAX = 32  # brackets in a target; CommonMark's parsers go no deeper, and time is bounded
_TILDES = re.compile(r"~+")
_LINK_TEXT = re.compile(rf"[^\[\]`<\\\n|]{{0,{_TEXT_MAX}}}")
_LINK_END = re.compile(r"[()\n]")
_TARGET = re.compile(r"(?:<([^<>]*)>|([^\s<>]*))(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\Z")
_NO_LABEL = re.compile(r"//|www\.|@|&[#\w]|~~~|!\Z", re.IGNORECASE)
_IS_ADDRESS = re.compile(r"\s*(?:[a-z][a-z\d+.-]*://|www\.)\S*\s*\Z", re.IGNORECASE)
_FOREIGN = re.compile(r"[a-z][a-z\d+.-]*:|//|www\.", re.IGNORECASE)
_ANGLE = re.compile(rf"<[^\s<>]{{0,{TARGET_MAX}}}")
_AUTOLINK = re.compile(r"(?:https?://|mailto:|[\w.+-]+@)", re.IGNORECASE)
_NO_TAG = re.compile(r"[\s\d=<>&-]?\Z")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ASCII = re.compile(r"[!-~]*")
_URL = re.compile(
    rf"(?:https?://|ftp://|mailto:|www\.)(?:(?!&(?:lt|gt|amp|quot);){BODY}){{0,{TARGET_MAX}}}",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{0,31});", re.IGNORECASE)
_ENTITY_BEGUN = re.compile(r"&#?\w{0,32}\Z")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ENTITY_KEPT = frozenset("<>&\"'")
# Of two letters only those that are handed out: `Node.js/React.js` names no host.
_COUNTRIES = (
    "a[c-gil-oq-uwxz]|b[abd-jmnorstvwyz]|c[acdf-ik-oru-z]|d[ejkmoz]|e[cegrstu]|f[ijkmor]"
    "|g[abd-ilmnp-uwy]|h[kmnrtu]|i[del-oq-t]|j[emop]|k[eghimnprwyz]|l[abcikr-vy]|m[acdeghk-z]"
    "|n[acefgilopruz]|om|p[ae-hk-nr-twy]|qa|r[eosuw]|s[a-eg-ort-z]|t[cdf-hj-ortvwz]|u[agksyz]"
    "|v[aceginu]|w[fs]|y[et]|z[amw]"
)
_HOST = re.compile(
    r"(?:\A|(?<![\w.:/@-]))"
    rf"((?:[\w-]+\.)+(?:{_COUNTRIES}|com|net|org|info|biz|edu|gov|mil|dev|app|xyz|online|site|shop|pro|name"
    r"|aero|asia|coop|museum|cloud|link|click|top|xn--[a-z\d-]+|рф)(?::\d{1,5})?)\Z",
    re.IGNORECASE,
)
_PATH = re.compile(rf"[/?#]{BODY}{{0,{TARGET_MAX}}}")
_NAME = re.compile(r"\w")
_JOINING = frozenset("/@:.-_+&#%?=~\\")
_MAILBOX = re.compile(r"[\w.+-]{1,64}\Z")
_ODD_MAILBOX = frozenset(";:&=$,\"'!#%*/?^`{|}~")  # signs before an @ that some clients take, too
_DOMAIN = re.compile(r"[\w.\\-]{0,255}")  # one with an escape in it is nowhere given


@dataclass(frozen=True, slots=True)
class Link:
    """`[label](target)` as it was found; `end` is 0 where it turned out to be none."""

    label: str = ""
    target: str = ""
    end: int = 0


NO_LINK = Link()


def tildes(text: str, at: int, *, final: bool) -> Piece | None:
    """Three in a row would begin a code block if the line were cut there."""
    run = _TILDES.match(text, at)
    end, size = (run.end(), len(run[0])) if run else (at + 1, 1)
    if size > RUN_MAX:
        return Piece("", end, "~" * RUN_MAX)
    if end == len(text) and not final:
        return None
    return Piece("~" * size if size < 3 else "\\~" * size, end)  # noqa: PLR2004  # a fence


def backslash(text: str, at: int, before: str, *, final: bool) -> Piece | None:
    """An escape stays, except where renderers look for links after they have removed it."""
    after = text[at + 1 : at + 2]
    if not after and not final:
        return None
    if after == "<":
        return Piece("&lt;", at + 2)
    if after == "/" and before[-1:] in (":", "/"):
        return Piece(" /", at + 2)
    if after and (after in ":/@?" or (after == "#" and before[-1:].isalnum())):
        return Piece("", at + 1)
    if after == "." and before[-3:].lower() == "www":
        return Piece(" .", at + 2)
    return Piece("\\" + after, at + 2) if after in _PUNCTUATION else Piece("\\", at + 1)


def entity(text: str, at: int, *, final: bool) -> Piece | None:
    """Signs that HTML needs entities for stay; hidden ones go; ASCII in disguise is taken apart."""
    found = _ENTITY.match(text, at)
    if found is None:
        begun = None if final else _ENTITY_BEGUN.match(text, at)
        return None if begun else Piece("&", at + 1)
    sign = html.unescape(found[0])
    if sign == found[0] or sign in _ENTITY_KEPT:
        return Piece(found[0], found.end())
    if sign.isspace() or visible(sign) != sign:
        return Piece(" ", found.end())
    return Piece("&amp;" + found[0][1:] if sign.isascii() else found[0], found.end())


def link_at(text: str, at: int, *, final: bool) -> Link | None:
    """Find the link that begins with the bracket at `at`, in one line and without nesting."""
    undecided = NO_LINK if final else None
    label = _LINK_TEXT.match(text, at + 1)
    end = label.end() if label else at
    if end == len(text) or (text[end] == "]" and end + 1 == len(text)):
        return undecided
    if label is None or text[end : end + 2] != "](":
        return NO_LINK
    start = end + 2
    target_end = _target_end(text, start)
    if target_end is None:
        return undecided if len(text) < start + TARGET_MAX else NO_LINK
    target = _TARGET.match(text[start:target_end].strip())
    if target is None:
        return NO_LINK
    return Link(label[0], target[1] or target[2] or "", target_end + 1)


def _target_end(text: str, start: int) -> int | None:
    """Return where the bracket closes, or the line that breaks it off."""
    depth = 1
    for mark in _LINK_END.finditer(text, start, start + TARGET_MAX):
        depth += {"(": 1, ")": -1, "\n": -TARGET_MAX}[mark[0]]
        if depth <= 0:
            return mark.start()
        if depth > _DEPTH_MAX:
            break
    return None


def linked(link: Link, before: str, known: KnownLinks) -> Piece | None:
    """Keep a link whose target is known, name the target of another; None: it points nowhere."""
    label, target = link.label, link.target
    name = shown(target)
    if not name:
        return taken_out(label, link.end, before) if _FOREIGN.match(target) else None
    if known.has(target):
        if same_address(label.strip(), target) or (label.strip() and not _NO_LABEL.search(label)):
            return Piece(f"[{label}]({target})", link.end)
        name = f"<{target}>"
    else:
        name = f"`{name}`"
    if not label.strip() or _IS_ADDRESS.match(label):
        return Piece("", link.end, apart(name, before))
    return taken_out(f"{label} ({name})", link.end, before)


def taken_out(label: str, end: int, before: str) -> Piece:
    """Put a label in the place of what ends at `end`, so that it goes on with no address or mark.

    What was written before was judged by what came next, which was not the label: two slashes, the
    domain of a mail address, two tildes.
    """
    last = before[-1:]
    joins = last in _JOINING if not last.isalnum() else last.isascii() or label[:1].isascii()
    return Piece("", end, f" {label}" if last and joins else label)


def apart(code: str, before: str) -> str:
    """Return a code span so that it does not run into what was written before."""
    return f" {code}" if before[-1:] in ("`", "\\") else code


def angle(text: str, at: int, before: str, known: KnownLinks, *, final: bool) -> Piece | None:
    """An autolink is kept or named, a comparison stays, everything else shows as text."""
    found = _ANGLE.match(text, at)
    end = found.end() if found else at + 1
    if end == len(text) and not final:
        return None
    target = text[at + 1 : end]
    if text[end : end + 1] == ">" and _AUTOLINK.match(target):
        if known.has(target) and (shown(target) or "@" in target):
            return Piece(f"<{target}>", end + 1)
        name = shown(target) or shown(f"mailto:{target}")
        code = apart(f"`{name}`", before)
        return Piece("", end + 1, code) if name else taken_out("", end + 1, before)
    return Piece("<" if _NO_TAG.match(text[at + 1 : at + 2]) else "&lt;", at + 1)


def bare_url(text: str, at: int, before: str, known: KnownLinks, *, final: bool) -> Piece | None:
    """An address in running text: many renderers make it a link."""
    found = _URL.match(text, at)
    if found is None or (before[-1:].isascii() and before[-1:].isalnum()):
        return Piece(text[at], at + 1)
    if found.end() == len(text) and not final:
        return None
    url = trimmed(found[0])
    end, after = at + len(url), text[found.end() : found.end() + 1]
    name = shown(url)
    if not name:
        is_bare = url[:3].lower() == "www"
        return Piece(f"{url[:3]} .", at + 4) if is_bare else Piece(text[at], at + 1)
    if before[-1:] not in ("`", "\\") and (kept := _kept(url, after, known)):
        return Piece(kept[0], at + kept[1])
    gap = " " if text[end : end + 1] == "`" else ""
    return Piece("", end, apart(f"`{name}`{gap}", before))


def _kept(url: str, after: str, known: KnownLinks) -> tuple[str, int] | None:
    """Return how a known address is written, and how much of `url` it is.

    What touches it might be taken for a part of it, so then it stands in angle brackets. Scripts
    without spaces go on right after it (`https://example.com/是`): then what is ASCII is looked up.
    """
    ascii_part = _ASCII.match(url)
    for one in (url, trimmed(ascii_part[0]) if ascii_part else ""):
        if len(one) < TARGET_MAX and known.has(one):
            if one == url and (not after or after.isspace()):
                return one, len(one)
            if not one.lower().startswith("www."):
                return f"<{one}>", len(one)
    return None


def slash(text: str, at: int, before: str, known: KnownLinks, *, final: bool) -> Piece | None:
    """Two slashes before a name begin an address with or without a scheme, so they are set apart."""
    after = text[at + 1 : at + 2]
    if not after and not final:
        return None
    if (before[-1:] == ":" and after == "/") or (before[-1:] == "/" and _NAME.match(after)):
        return Piece(" /", at + 1)
    return path(text, at, before, known, final=final)


def path(text: str, at: int, before: str, known: KnownLinks, *, final: bool) -> Piece | None:
    """What follows a host without a scheme (`example.com/…`) is where data would go."""
    sign = text[at]
    plain = _ESCAPED.sub(r"\1", before)
    may_be = plain[-1:].isalnum() or plain[-1:] == "-"
    host = (_HOST.search(before) or _HOST.search(plain)) if may_be else None
    found = _PATH.match(text, at)
    if host is None or found is None:
        return Piece(sign, at + 1)
    if found.end() == len(text) and not final:
        return None
    rest, is_last = trimmed(found[0]), not text[found.end() : found.end() + 1].strip()
    if is_last and rest.strip("/?#") and known.has(host[1] + rest):
        return Piece(rest, at + len(rest))
    return Piece(sign if is_last and not rest.strip("/?#") else f" {sign}", at + 1)


def at_sign(text: str, at: int, before: str, known: KnownLinks, *, final: bool) -> Piece | None:
    """A mail address stays where it was given; of another it is said where the sign stood."""
    found = _DOMAIN.match(text, at + 1)
    end = found.end() if found else at + 1
    if end == len(text) and not final:
        return None
    domain, plain = text[at + 1 : end].rstrip(".-_\\"), _ESCAPED.sub(r"\1", before)
    mailbox = _MAILBOX.search(plain)
    if "." not in domain or not (mailbox or plain[-1:] in _ODD_MAILBOX):
        return Piece("@", at + 1)
    goes_on = text[at + 1 + len(domain) : end + 1].strip()
    has_scheme = plain[: mailbox.start()].lower().endswith("mailto:") if mailbox else False
    if mailbox and not (has_scheme and goes_on) and known.has(f"{mailbox[0]}@{domain}"):
        return Piece(f"@{domain}", at + 1 + len(domain))
    return Piece(" (at) ", at + 1)
