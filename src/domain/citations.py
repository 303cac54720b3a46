"""Citations: the passages an answer rests on, woven into it while it streams."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.chunks import Passage
from domain.quotes import Quote, QuotedPassage, TermsOf, same_words
from domain.sentences import sentence_spans
from domain.terms import word_spans

_NUMBERS = r"\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,7}"
_TOKEN = re.compile(
    rf"(?P<marker> ?\[(?P<numbers>{_NUMBERS})\](?!\())|(?P<ticks>`+)|(?P<line>\n)|[^\[`\n ]+|.",
    re.DOTALL,
)
_UNDECIDED = re.compile(r"(?: ?\[[\d,;\s]{0,48}\]?| )\Z")  # may become a marker with the next delta
_CLAIM_CHARS = 2_000
_FENCE = 3


@dataclass(frozen=True, slots=True)
class Citation:
    """A stretch of a document that supports what stands before its marker `[index]` in the answer.

    `quote` is the text of the revision from `start` to `end` (code points). `verified` says that
    the quote holds what the answer says: the same words, or its numbers, names and most of its
    other content.
    """

    index: int
    document_id: str
    title: str
    revision: int
    chunk_id: str
    start: int
    end: int
    page: int | None
    quote: str
    verified: bool


def verify(citation: Citation, text: str) -> bool:
    """Tell whether the quote stands at its offsets in the text of the revision.

    Case, white space, accents and punctuation may differ.
    """
    there = text[citation.start : citation.end]
    return bool(citation.quote) and (there == citation.quote or same_words(there, citation.quote))


class CitationWeaver:
    """Turns what a model writes, marked [n] for passage n (from 1), into text and citations.

    The same answer gives the same text and citations however it is cut into deltas. Markers are
    numbered anew, from 1 in the order in which distinct quotes first appear; markers of passages
    that do not exist are dropped, code is left alone. A citation comes just before the text that
    holds its first marker. Never more than a possible marker (50 characters) is held back.
    """

    def __init__(
        self, passages: Sequence[Passage], terms_of: TermsOf, *, keep_unverified: bool = True
    ) -> None:
        """`keep_unverified` False drops the markers of quotes that do not support their sentence."""
        self._passages = passages
        self._keep_unverified = keep_unverified
        self._terms_of = terms_of
        self._quoted: dict[int, QuotedPassage] = {}
        self._found: dict[int, Quote] = {}  # for the last claim, by passage
        self._indexes: dict[tuple[str, Quote], int] = {}
        self._held = ""
        self._code = _CodeState()
        self._since_marker = ""
        self._last_claim = ""

    def feed(self, delta: str) -> list[str | Citation]:
        """Take the next piece of the answer and return what is now certain."""
        text = self._held + delta
        match = _UNDECIDED.search(text, max(0, len(text) - 64))
        sure = match.start() if match else len(text)
        self._held = text[sure:]
        return self._weave(text[:sure])

    def finish(self) -> list[str | Citation]:
        """Return what was still held back; the answer ends here."""
        rest, self._held = self._held, ""
        return self._weave(rest)

    def _weave(self, text: str) -> list[str | Citation]:
        pieces: list[str | Citation] = []
        for piece in self._pieces(text):
            if isinstance(piece, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += piece
            elif piece:
                pieces.append(piece)
        return pieces

    def _pieces(self, text: str) -> Iterator[str | Citation]:
        for token in _TOKEN.finditer(text):
            found = token.group()
            if self._code.follow(found) or not token["marker"]:
                self._since_marker += found
                yield found
            else:
                space = " " if found[0] == " " else ""
                yield from self._marked(space, map(int, re.findall(r"\d+", token["numbers"])))
        self._since_marker = self._since_marker[-2 * _CLAIM_CHARS :]

    def _marked(self, space: str, numbers: Iterator[int]) -> Iterator[str | Citation]:
        claim = self._since_marker[-_CLAIM_CHARS:]
        if word_spans(claim):
            self._last_claim = claim
            self._found.clear()
        self._since_marker = ""
        marks: dict[int, None] = {}
        for number in numbers:
            if 1 <= number <= len(self._passages):
                quote = self._found.get(number) or self._locate(number, self._last_claim)
                self._found[number] = quote
                if not (quote.verified or self._keep_unverified):
                    continue
                citation, is_new = self._citation(self._passages[number - 1], quote)
                if is_new:
                    yield citation
                marks[citation.index] = None
        if marks:
            yield space + "".join(f"[{index}]" for index in marks)

    def _locate(self, number: int, claim: str) -> Quote:
        """Return the support in a passage for all since the last marker, or its last sentence."""
        passage = self._passages[number - 1]
        quoted = self._quoted.get(number)
        if quoted is None:
            quoted = QuotedPassage(passage.text, passage.language, self._terms_of)
            self._quoted[number] = quoted
        spans = sentence_spans(claim)
        sentence = claim[slice(*spans[-1])] if spans else ""
        return (
            quoted.verbatim(claim)
            or quoted.verbatim(sentence)
            or quoted.quotation(sentence)
            or quoted.best(sentence)
        )

    def _citation(self, passage: Passage, quote: Quote) -> tuple[Citation, bool]:
        key = (passage.chunk_id, quote)  # one quote may support one sentence and not another
        is_new = key not in self._indexes
        citation = Citation(
            index=self._indexes.setdefault(key, len(self._indexes) + 1),
            document_id=passage.document_id,
            title=passage.title,
            revision=passage.revision,
            chunk_id=passage.chunk_id,
            start=passage.start + quote.start,
            end=passage.start + quote.end,
            page=passage.page,
            quote=passage.text[quote.start : quote.end],
            verified=quote.verified,
        )
        return citation, is_new


class _CodeState:
    """Follows Markdown tokens and tells which of them are code."""

    def __init__(self) -> None:
        self._fence = 0  # length of the run of back-ticks that opened a block
        self._inline = 0  # the same for a code span
        self._run = 0  # back-ticks just read
        self._run_at_line_start = False
        self._at_line_start = True

    def follow(self, piece: str) -> bool:
        """Take the next token and tell whether it stands in code (back-ticks themselves do)."""
        if piece[0] == "`":
            if not self._run:
                self._run_at_line_start = self._at_line_start
            self._run += len(piece)
            self._at_line_start = False
            return True
        if self._run:
            self._end_run()
        if piece == "\n":
            self._inline = 0
            self._at_line_start = True
        elif not piece.isspace():
            self._at_line_start = False
        return bool(self._fence or self._inline)

    def _end_run(self) -> None:
        run, self._run = self._run, 0
        if self._fence:
            if run >= self._fence and self._run_at_line_start:
                self._fence = 0
        elif self._inline:
            self._inline = 0 if run == self._inline else self._inline
        elif run >= _FENCE and self._run_at_line_start:
            self._fence = run
        else:
            self._inline = run
