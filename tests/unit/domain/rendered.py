"""What a reader would get of Markdown: parsed as CommonMark with tables, and linked by eager clients."""

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"maxNesting": 200}).enable(["table", "strikethrough"])
_PARSER.validateLink = lambda _url: True  # type: ignore[method-assign]  # not every client looks
# What GitHub, linkify-it and their kin make a link of in running text, once entities are decoded.
_LINKED = re.compile(
    r"(?<![A-Za-z0-9])(?:https?|ftp)://[^\W_]\S*|(?<!\w)www\.[^\W_]\S*|(?<![\w:/])//[^\W_][\w-]*\.\w\S*"
    r"|mailto:[\w.+-]+@[\w-]+\.\w\S*|[\w.+-]+@[\w-]+(?:\.[\w-]*[^\W_])+"
    r"|(?<![\w./@:-])(?:[\w-]+\.)+(?:com|net|org|ru)[/?#][^\s/?#!.,:;*_~'\")|]\S*",
    re.IGNORECASE,
)


def dangers(markdown: str, allowed: Sequence[str] = ()) -> list[str]:
    """Return each image, piece of HTML, reference and foreign link that a reader would get."""
    env: dict[str, object] = {}
    found = list(_dangers(_PARSER.parse(markdown, env), allowed))
    return [*found, *map(str, [env["references"]] if env.get("references") else [])]


def _dangers(tokens: Sequence[Token], allowed: Sequence[str]) -> Iterator[str]:
    running, in_link = "", 0
    for token in tokens:
        if token.type in ("text", "softbreak") and not in_link:
            running += token.content or "\n"
            continue
        yield from _links_in(running, allowed)
        running = ""
        in_link += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type in ("image", "html_block", "html_inline"):
            yield f"{token.type} {token.content} {token.attrs}"
        if token.type == "link_open" and token.attrs["href"] not in allowed:
            yield f"link {token.attrs}"
        yield from _dangers(token.children or (), allowed)
    yield from _links_in(running, allowed)


def _links_in(text: str, allowed: Sequence[str]) -> Iterator[str]:
    for match in _LINKED.finditer(text):
        if match.group().rstrip("/?!.,:;*_~'\")") not in allowed:
            yield f"text {match.group()}"
