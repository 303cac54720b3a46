"""Short pieces of a text, to show where a word stands."""

import re
from collections.abc import Sequence

EXCERPT_LENGTH = 160  # characters: about two lines on a screen
_MOST_WORDS = 10  # that are looked for: each is tried at each place of a long text
_BEFORE = 40  # characters of what leads to the word


def excerpt(text: str, words: Sequence[str]) -> str:
    """Return the piece of a text around the first of the words, on one line, cut at spaces.

    Its beginning where it holds none of them.
    """
    line = " ".join(text.split())
    wanted = list(dict.fromkeys(word.casefold() for word in words))[:_MOST_WORDS]
    found = re.search("|".join(map(re.escape, wanted)), line, re.IGNORECASE) if wanted else None
    start = max(0, (found.start() if found else 0) - _BEFORE)
    if start > 0:
        space = line.find(" ", start, found.start() if found else None)
        start = space + 1 if space >= 0 else start
    end = start + EXCERPT_LENGTH
    if end < len(line):
        space = line.rfind(" ", max(start + 1, found.end() if found else 0), end + 1)
        end = space if space > 0 else end
    return f"{'…' if start else ''}{line[start:end]}{'…' if end < len(line) else ''}"
