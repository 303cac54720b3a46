"""Quotes: which words of a passage support a claim, and whether they really do."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter

from domain.sentences import sentence_spans
from domain.terms import is_unspaced, word_spans
from domain.visible import visible, visible_places

TermsOf = Callable[[str, str], Sequence[str]]
"""Gives the terms of a text in a language (ISO 639-1, "" for unknown), as a text analyser does."""

_QUOTED = re.compile('["“„«「『]([^"“”„«»「」『』]{8,400})["”“»」』]')
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?!\d))")
_NAME = re.compile(r"(?<![\w'’])[^\W\d_a-z][\w'’-]+")
_LEAST_WORDS = 3  # fewer stand in any passage by chance
_LEAST_SHARE = 0.5
_WINDOW = 3  # sentences that may support a claim together
_ASCII_CONTENT, _OTHER_CONTENT = 4, 3  # letters from which on a word is taken to have content


@dataclass(frozen=True, slots=True)
class Quote:
    """A stretch of a passage; `verified` says that it supports the claim it was looked up for."""

    start: int
    end: int
    verified: bool


class QuotedPassage:
    """A passage in which claims are looked up: as it is seen, for that is what the model was given."""

    def __init__(self, text: str, language: str, terms_of: TermsOf) -> None:
        self._text = seen = visible(text)
        self._places = None if seen == text else visible_places(text)
        self._language = language
        self._terms_of = terms_of
        self._words = word_spans(seen)
        self._joined, self._starts = _join([word for word, _, _ in self._words])
        self._sentences = sentence_spans(seen)

    def verbatim(self, claim: str) -> Quote | None:
        """Return where the claim stands, up to case, white space, marks and punctuation."""
        claim = claim.strip()
        words = [word for word, _, _ in word_spans(claim)]
        if len(words) < _LEAST_WORDS:
            return None
        exact = self._text.find(claim)
        first = bisect_left(self._words, exact, key=itemgetter(1)) if exact >= 0 else 0
        if [word for word, _, _ in self._words[first : first + len(words)]] != words:
            at = self._joined.find(_join(words)[0])
            if at < 0:
                return None
            first = bisect_left(self._starts, at)
        return self._placed(Quote(*self._widened(first, first + len(words) - 1), True))

    def quotation(self, claim: str) -> Quote | None:
        """Return where a quotation inside the claim, set in quotation marks, stands."""
        found = (self.verbatim(match.group(1)) for match in _QUOTED.finditer(claim))
        return next((quote for quote in found if quote), None)

    def best(self, claim: str) -> Quote:
        """Return the sentence, or up to three in a row, that share most content with the claim."""
        needed = _Content.of(claim, self._language, self._terms_of)
        best = Quote(0, len(self._text), False)
        best_fit = (False, -1.0)
        for size in range(1, _WINDOW + 1):
            for run in zip(*(self._sentences[i:] for i in range(size)), strict=False):
                start, end = run[0][0], run[-1][1]
                there = _Content.of(self._text[start:end], self._language, self._terms_of)
                fit = (needed.stands_in(there), needed.share_in(there))
                if fit > best_fit:
                    best, best_fit = Quote(start, end, fit[0]), fit
            if best.verified or not best_fit[1]:
                break
        return self._placed(best)

    def _placed(self, quote: Quote) -> Quote:
        """Return the quote with the offsets of the text as it is stored."""
        if self._places is None or not self._places:
            return quote
        return Quote(self._places[quote.start], self._places[quote.end - 1] + 1, quote.verified)

    def _widened(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets of these words together with the punctuation that touches them."""
        start, end = self._words[first][1], self._words[last][2]
        lower = self._words[first - 1][2] if first else 0
        upper = self._words[last + 1][1] if last + 1 < len(self._words) else len(self._text)
        while start > lower and not self._text[start - 1].isspace():
            start -= 1
        while end < upper and not self._text[end].isspace():
            end += 1
        return start, end


@dataclass(frozen=True, slots=True)
class _Content:
    """What must be found again: numbers and names all, other content words at least by half."""

    numbers: frozenset[str]
    names: frozenset[str]
    words: frozenset[str]
    everything: frozenset[str]

    @classmethod
    def of(cls, text: str, language: str, terms_of: TermsOf) -> "_Content":
        everything = frozenset(terms_of(text, language))
        first = word_spans(text)[:1]
        names = [
            match.group()
            for match in _NAME.finditer(text)
            if match.group()[0].isupper() and (not first or match.start() > first[0][1])
        ]
        if language == "de":  # every noun has a capital there
            names = [name for name in names if name.isupper()]
        return cls(
            frozenset(_THOUSANDS.sub("", found) for found in _NUMBER.findall(text)),
            frozenset(terms_of(" ".join(names), language)),
            frozenset(filter(_has_content, everything)),
            everything,
        )

    def share_in(self, other: "_Content") -> float:
        wanted = self.words or self.everything
        found = len(wanted & other.everything) + len(self.numbers & other.numbers)
        return found / max(1, len(wanted) + len(self.numbers))

    def stands_in(self, other: "_Content") -> bool:
        return (
            self.numbers <= other.numbers
            and self.names <= other.everything
            and self.share_in(other) >= _LEAST_SHARE
        )


def same_words(one: str, other: str) -> bool:
    """Tell whether two texts are the same up to case, white space, marks and punctuation."""
    return [word for word, _, _ in word_spans(one)] == [word for word, _, _ in word_spans(other)]


def _join(words: Sequence[str]) -> tuple[str, list[int]]:
    """Return the words with a separator around each, and where the one before each word stands."""
    starts = list(accumulate((len(word) + 1 for word in words), initial=0))
    return "".join(f"\0{word}" for word in words) + "\0", starts


def _has_content(term: str) -> bool:
    if term.isascii():
        return len(term) >= _ASCII_CONTENT or term.isdigit()
    return len(term) >= _OTHER_CONTENT or is_unspaced(term)
