"""robots.txt (RFC 9309): which paths of a site a crawler may read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.urls import escaped

ROBOTS_MAX_BYTES = 512 * 1024
_RULES_MAX = 10_000
_SITEMAPS_MAX = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """A path pattern (`*` stands for anything, a last `$` for the end) that is allowed or not."""

    pattern: str
    allow: bool

    def fits(self, target: str) -> bool:
        """Tell whether the pattern matches the beginning of a path and query, in linear time."""
        anchored = self.pattern.endswith("$")
        first, *pieces = self.pattern.removesuffix("$").split("*")
        if not target.startswith(first):
            return False
        place = len(first)
        if anchored and pieces:  # the last piece must stand at the end
            last = pieces.pop()
            room = target[place:]
            if not room.endswith(last):
                return False
            target = target[: len(target) - len(last)]
        elif anchored:
            return place == len(target)
        for piece in pieces:
            found = target.find(piece, place)
            if found < 0:
                return False
            place = found + len(piece)
        return True


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site asks of one crawler; the delay between pages is in seconds."""

    rules: Sequence[Rule] = ()
    sitemaps: Sequence[str] = ()
    delay: float = 0.0

    def allows(self, target: str) -> bool:
        """Tell whether a path with its query may be read: the longest rule decides, a tie allows."""
        fitting = [rule for rule in self.rules if rule.fits(target)]
        if not fitting or target == "/robots.txt":
            return True
        longest = max(len(rule.pattern) for rule in fitting)
        return any(rule.allow for rule in fitting if len(rule.pattern) == longest)


NOTHING_ALLOWED = Robots((Rule("/", allow=False),))
ALL_ALLOWED = Robots()


def parse_robots(text: str, agent: str) -> Robots:
    """Return what a robots.txt asks of `agent` (its product token); garbage asks for nothing.

    Groups that name the agent count, all of them together; where none does, those for `*`.
    """
    groups: dict[str, list[tuple[str, str]]] = {}  # of the agent and of "*", no others
    names: set[str] = set()
    sitemaps: list[str] = []
    in_rules = True
    for key, value in _lines(text):
        if key == "user-agent":
            names = set() if in_rules else names
            in_rules = False
            if (name := _product(value)) in ("*", agent.lower()):
                names.add(name)
                groups.setdefault(name, [])
        elif key == "sitemap":
            sitemaps.append(value)
        elif key in ("allow", "disallow", "crawl-delay"):
            in_rules = True
            for name in names:
                groups[name].append((key, value))
    chosen = groups.get(agent.lower(), groups.get("*", []))[:_RULES_MAX]
    rules = [
        Rule(escaped(value), key == "allow")
        for key, value in chosen
        if key != "crawl-delay" and value
    ]
    delay = max((_seconds(value) for key, value in chosen if key == "crawl-delay"), default=0.0)
    return Robots(rules, sitemaps[:_SITEMAPS_MAX], delay)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _product(value: str) -> str:
    return value.partition("/")[0].strip().lower()


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < 1e9 else 0.0  # noqa: PLR2004  # no infinity, no NaN
