"""Documents whose content is known: each revision has a word of its own in each of its passages."""

import random
from dataclasses import dataclass, field

from faults.harness import Owner

_WORDS = "river stone valley harbour orchard copper winter lantern meadow granite".split()
_LETTERS = "bcdfghjklm"


def marker_of(number: int, revision: int) -> str:
    """Return a word that stands in this revision of this document and nowhere else."""
    digits = "".join(_LETTERS[int(digit)] for digit in f"{number:05d}{revision:03d}")
    return f"qx{digits}"


def content_of(number: int, revision: int, sentences: int) -> str:
    """Return a text of so many sentences, each with the marker."""
    chance = random.Random(number * 1000 + revision)
    marker = marker_of(number, revision)
    return "\n\n".join(
        f"Passage {place} of {marker} tells of a {chance.choice(_WORDS)} by the "
        f"{chance.choice(_WORDS)}, {' '.join(chance.choices(_WORDS, k=60))}."
        for place in range(sentences)
    )


@dataclass
class Kept:
    """A document as its owner knows it: what was accepted last, and what came before."""

    number: int
    id: str
    revision: int = 1
    deleted: bool = False
    markers: list[str] = field(default_factory=list)

    @property
    def marker(self) -> str:
        """The word of the newest accepted content."""
        return self.markers[-1]


async def misfound(owner: Owner, bot: str, document: Kept) -> list[str]:
    """Tell what search gets wrong about a ready document.

    By words: the stand-in's vectors know little of meaning, and that each passage has one is for SQL
    to say.
    """
    wrong = []
    hits = await owner.search(bot, document.marker, k=5, mode="keyword")
    if not any(
        hit["document_id"] == document.id and document.marker in hit["text"] for hit in hits
    ):
        text = (await owner.get(f"/documents/{document.id}/text")).body.decode()
        others = [marker for marker in document.markers if marker in text]
        wrong.append(f"ready, but not found by {document.marker}: {document.id} has {others}")
    for marker in document.markers[:-1]:
        hits = await owner.search(bot, marker, k=20)
        if any(marker in hit["text"] for hit in hits):
            wrong.append(f"an old revision answers: {marker} of {document.id}")
    return wrong
