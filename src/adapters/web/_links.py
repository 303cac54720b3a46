"""Finds links in markup without building a tree.

HTML parsers take the square of the length of a hostile page (measured: 250 KB of `<div>` 6 s in lexbor,
600 KB of `<b></i>` minutes in libxml2), and here they would run inside the worker. This scan looks at
each character a fixed number of times. What it misses in very odd markup is a link not followed.
"""

import re
from collections.abc import Iterator
from html import unescape

_TAG_MAX = 8192  # characters; longer tags are left out
_NAME = re.compile(r"[a-z][a-z0-9]*")
_ATTRIBUTE = re.compile(r"[\s/]*([^\s/=>\"']{1,50})\s*(=?)\s*")
_UNQUOTED = re.compile(r"[^\s>]*")
_RAW = ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
_WANTED = ("a", "area", "base", "meta")

Tag = tuple[str, dict[str, str]]


def tags(text: str) -> Iterator[Tag]:
    """Yield the tags that links depend on (a, area, base, meta), with their attributes."""
    skip_to = ""
    for piece in text.split("<")[1:]:
        if skip_to == "-->":
            skip_to = "" if "-->" in piece else skip_to
            continue
        if skip_to:
            skip_to = "" if piece[: len(skip_to)].lower() == skip_to else skip_to
            continue
        if piece.startswith("!--"):
            skip_to = "" if "-->" in piece else "-->"
            continue
        found = _NAME.match(piece[:20].lower())
        if found is None:
            continue
        name = found[0]
        if name in _RAW:
            skip_to = f"/{name}"
        elif name in _WANTED:
            yield name, _attributes(piece[len(name) : _TAG_MAX])


def _attributes(inside: str) -> dict[str, str]:
    """Return the attributes that stand after a tag's name, up to its end; the first of a name counts."""
    attributes: dict[str, str] = {}
    place = 0
    while found := _ATTRIBUTE.match(inside, place):
        place, value = found.end(), ""
        if found[2]:
            quote = inside[place : place + 1]
            if quote in ("'", '"') and quote:
                end = inside.find(quote, place + 1)
                if end < 0:
                    break
                value, place = inside[place + 1 : end], end + 1
            else:
                unquoted = _UNQUOTED.match(inside, place)
                value = unquoted[0] if unquoted else ""
                place += len(value)
        attributes.setdefault(found[1].lower(), unescape(value))
    return attributes
