"""Links: which targets an answer may link to, and how the others are shown."""

import re
from collections.abc import Iterable

BODY = r"[\w\-.~:/?#@!$&'()*+,;=%]"  # what an address consists of, letters of any script included
TARGET_MAX = 2048

_IN_TEXT = re.compile(
    rf"(?:https?://|www\.|mailto:){BODY}+"
    r"|(?<![\w.+/@-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+"
    rf"|(?<![\w.+/@-])(?:[\w-]+\.)+[a-z]{{2,}}(?::\d{{1,5}})?/{BODY}*",
    re.IGNORECASE,
)
_WEB = re.compile(
    r"(?:https?://)?(?P<host>(?:[\w-]+\.)*[\w-]+(?::\d{1,5})?)(?P<rest>[/?#].*)?\Z", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:mailto:)?(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)", re.IGNORECASE)
_HAS_SCHEME = re.compile(r"(?:https?:|ftp:|mailto:)?(?://)?", re.IGNORECASE)
_UNSHOWN = re.compile(r"[^\w\-.~/%+()]")
_SHOWN_MAX = 80
_TRAILING = "?!.,:;*_~'\""


class KnownLinks:
    """The targets that stand word for word in texts that this conversation was given.

    A link carries data out of a conversation when someone makes the model append it to an address,
    and a reader, or a client that looks ahead, opens it. So an answer may link only to addresses it
    cannot have made up: those in the retrieved passages, the addresses those were fetched from, and
    what the bot's owner and the person asking wrote. Being on the same host is not enough: a page
    that was written to steer the model lies on the host it would send the data to.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """`texts` are read when the first link is to be judged; most answers have none."""
        self._texts = texts
        self._known: frozenset[str] | None = None

    def has(self, target: str) -> bool:
        """Tell whether an address (http, https, mailto, or without a scheme) stands in the texts."""
        if self._known is None:
            self._known = frozenset(
                _canonical(trimmed(match.group()))
                for text in self._texts
                for match in _IN_TEXT.finditer(text)
            ) - {""}
        return _canonical(target) in self._known


def trimmed(url: str) -> str:
    """Return an address found in running text without the punctuation that follows it."""
    while url:
        shorter = url.rstrip(_TRAILING)
        if shorter.endswith(")") and shorter.count(")") > shorter.count("("):
            shorter = shorter[:-1]
        if shorter == url:
            break
        url = shorter
    return url


def shown(target: str) -> str:
    """Return how an address is named where it may not be a link; "" for what is none of the web.

    Host and path: what follows them (query, fragment) is where data goes, and nothing to read. No
    client takes the name itself for an address: it has no scheme, no `www.`, no `@` and no port.
    """
    scheme = _HAS_SCHEME.match(target)
    rest = target[scheme.end() :] if scheme else target
    if not (scheme and scheme.group()) and not rest.lower().startswith("www."):
        return ""
    place = re.split(r"[?#]", rest, maxsplit=1)[0].replace("@", "(at)")
    place = _UNSHOWN.sub("", re.sub(r"www\.|:\d+", "", place, flags=re.IGNORECASE))
    return place if len(place) <= _SHOWN_MAX else place[:_SHOWN_MAX] + "…"


def same_address(one: str, other: str) -> bool:
    """Tell whether two texts are one address, with or without its scheme."""
    return one == other or (_canonical(one) != "" and _canonical(one) == _canonical(other))


def _canonical(target: str) -> str:
    """Return what two ways to write one address have in common; "" for what is no address."""
    if web := _WEB.match(target):
        return web["host"].lower() + (web["rest"] or "").removesuffix("/")
    if address := _ADDRESS.fullmatch(target):
        return address["address"].lower()
    return ""
