"""The text of an answer on its way from the model to the reader."""

import re
from collections.abc import Sequence

from domain.chunks import Passage
from domain.citations import Citation, CitationWeaver
from domain.errors import ChatSphereError
from domain.links import KnownLinks
from domain.output import SafeMarkdown
from domain.prompt import Turn
from domain.quotes import TermsOf
from domain.visible import VisibleStream

ANSWER_MAX = 200_000  # characters
_AT_ONCE = 4096  # characters; some steps take the square of what they are given


class AnswerTooLong(ChatSphereError):
    """The model did not come to an end: this is what it wrote up to the longest answer there is."""

    code = "model_answer_too_long"


def given_links(
    system_prompt: str, history: Sequence[Turn], question: str, passages: Sequence[Passage]
) -> KnownLinks:
    """Return what an answer may link to: the addresses in all that did not come from the model."""
    asked = [text for role, text in history if role == "user"]
    found = [passage.text for passage in passages]
    sources = [url for passage in passages if (url := passage.source_url)]
    return KnownLinks([system_prompt, *asked, question, *found, *sources])


def without_markers(
    text: str, given: Sequence[Citation], kept: Sequence[Citation], known: KnownLinks
) -> str:
    """Return an answer without the markers of citations that were given but not kept."""
    gone = {citation.index for citation in given} - {citation.index for citation in kept}
    if not gone:
        return text
    safe = SafeMarkdown(known)  # what stood on both sides is one text now
    cut = re.sub(rf" ?\[(?:{'|'.join(map(str, gone))})\]", "", text)
    return safe.feed(cut) + safe.finish()


class AnswerText:
    """Turns what a model writes into safe Markdown and citations, delta by delta.

    First the hidden characters go, so that they split no marker; then the markers become citations,
    looked up by what the model wrote; what is left is made safe, so that nothing can be put together
    from both sides of a marker that was dropped.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        terms_of: TermsOf,
        known: KnownLinks,
        *,
        keep_unverified: bool = True,
    ) -> None:
        """Arguments as those of CitationWeaver and SafeMarkdown."""
        self._taken = 0
        self._visible = VisibleStream()
        self._weaver = CitationWeaver(passages, terms_of, keep_unverified=keep_unverified)
        self._known = known
        self._safe = SafeMarkdown(known)

    def feed(self, delta: str) -> list[str | Citation]:
        """Take the next piece of the answer and return what is now certain. Raises AnswerTooLong."""
        self._taken += len(delta)
        if self._taken > ANSWER_MAX:
            raise AnswerTooLong
        made = []
        for at in range(0, len(delta), _AT_ONCE):
            seen = self._visible.feed(delta[at : at + _AT_ONCE])
            made += self._made_safe(self._weaver.feed(seen))
        return made

    def finish(self) -> list[str | Citation]:
        """Return what was still held back; the answer ends here."""
        last = self._weaver.feed(self._visible.finish()) + self._weaver.finish()
        return [*self._made_safe(last), *filter(None, [self._safe.finish()])]

    def without_markers(
        self, text: str, given: Sequence[Citation], kept: Sequence[Citation]
    ) -> str:
        """Return an answer without the markers of citations that were given but not kept."""
        return without_markers(text, given, kept, self._known)

    def _made_safe(self, pieces: Sequence[str | Citation]) -> list[str | Citation]:
        made = [self._safe.feed(piece) if isinstance(piece, str) else piece for piece in pieces]
        return [piece for piece in made if piece]
