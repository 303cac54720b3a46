"""Extraction: an answer made of the best sentences of the passages, word for word."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.bm25 import idf, saturation
from domain.chunks import Passage
from domain.fusion import standard_scores
from domain.quotes import TermsOf
from domain.sentences import sentence_spans
from domain.terms import is_unspaced, word_spans

PASSAGES = 3
"""From how many of the best passages sentences are taken."""

SENTENCES = 3
"""How many sentences make an answer, at most."""

_LEAST_WORDS = 4
_LEAST_UNSPACED = 8
_MOST_CHARS = 600
_SPACES = re.compile(r"\s+")
_LEAST_LETTERS = 0.5
_RANK_DISCOUNT = 0.3  # standard deviations a rank costs, for each kind of score
_KEPT_SHARE = 0.6  # of the best sentence's evidence: what has less only pads the answer

# The least evidence that there is an answer at all. Measured on XQuAD against the same index
# without the article that answers: with likenesses 5 % of the answerable questions fall below and
# 93 % of the others; words alone tell less (2 to 11 % and 29 to 69 %, by language).
_LEAST_EVIDENCE = 0.68
_LEAST_COVERAGE = 0.22
_LEAST_COVERAGE_UNSPACED = 0.12  # pairs of characters repeat less than words do


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that can be quoted: `passage` counts from 1, offsets are those of the passage.

    `text` is the sentence on one line: the same words as `passage.text[start:end]`.
    """

    passage: int
    start: int
    end: int
    text: str
    language: str


def quotable_sentences(passages: Sequence[Passage], *, most: int = PASSAGES) -> list[Sentence]:
    """Return the sentences of the first `most` passages, in order, without headings and repeats.

    `passages` are ranked, best first.
    """
    found: dict[str, Sentence] = {}
    for number, passage in enumerate(passages[:most], start=1):
        for start, end in sentence_spans(passage.text):
            text = _SPACES.sub(" ", passage.text[start:end])
            if _reads_well(text, passage):
                sentence = Sentence(number, start, end, text, passage.language)
                found.setdefault(text.casefold(), sentence)
    return list(found.values())


def _reads_well(text: str, passage: Passage) -> bool:
    """Tell whether it is a sentence rather than a heading, a rule, a menu or a table."""
    words = sum(end - start for word, start, end in word_spans(text) if not word.isdigit())
    if len(text) > _MOST_CHARS or words < _LEAST_LETTERS * len(text):
        return False
    if (
        text[0] in "#="
        or " | " in text
        or text.strip("#= ").casefold()
        in {heading.casefold() for heading in (*passage.heading_path, passage.title)}
    ):
        return False
    if is_unspaced(text):
        return len(text) >= _LEAST_UNSPACED
    return len(text.split()) >= _LEAST_WORDS


def choose_sentences(
    question: str,
    sentences: Sequence[Sentence],
    terms_of: TermsOf,
    similarities: Sequence[float] | None = None,
    *,
    most: int = SENTENCES,
) -> list[Sentence]:
    """Return the sentences that answer the question, in reading order; none on weak evidence.

    `similarities` are the cosines of question and sentences (-1 to 1), in the order of `sentences`;
    None where the embedder does not know the language, then words decide alone.
    """
    if not sentences:
        return []
    coverage, relevance = _keyword_scores(question, sentences, terms_of)
    parts = [standard_scores(relevance)]
    evidence, least = coverage, _least_coverage(question)
    if similarities is not None:
        parts.append(standard_scores(similarities))
        evidence = [sum(pair) for pair in zip(coverage, similarities, strict=True)]
        least = _LEAST_EVIDENCE
    if max(evidence) < least:
        return []
    discount = _RANK_DISCOUNT * len(parts)
    fitness = [
        sum(scores) - discount * (sentence.passage - 1)
        for sentence, *scores in zip(sentences, *parts, strict=True)
    ]
    ranked = sorted(range(len(sentences)), key=lambda i: (-fitness[i], i))
    kept = [i for i in ranked[:most] if evidence[i] >= _KEPT_SHARE * evidence[ranked[0]]]
    return [sentences[i] for i in sorted(kept)]


def compose_answer(sentences: Sequence[Sentence]) -> str:
    """Return the sentences as one text, each with the marker [n] of its passage behind it."""
    return " ".join(f"{sentence.text} [{sentence.passage}]" for sentence in sentences)


def _keyword_scores(
    question: str, sentences: Sequence[Sentence], terms_of: TermsOf
) -> tuple[list[float], list[float]]:
    """Return for each sentence which share of the question it covers (0 to 1), and its BM25."""
    counts = [Counter(terms_of(sentence.text, sentence.language)) for sentence in sentences]
    lengths = [count.total() for count in counts]
    mean = max(1.0, sum(lengths) / len(lengths))
    holding = Counter(term for count in counts for term in count)
    coverage, relevance = [], []
    for sentence, count, length in zip(sentences, counts, lengths, strict=True):
        wanted = set(terms_of(question, sentence.language))
        weights = {term: idf(len(counts), holding[term]) for term in sorted(wanted)}
        found = sum(weight for term, weight in weights.items() if count[term])
        coverage.append(found / (sum(weights.values()) or 1.0))
        relevance.append(
            sum(weight * saturation(count[term], length, mean) for term, weight in weights.items())
        )
    return coverage, relevance


def _least_coverage(question: str) -> float:
    return _LEAST_COVERAGE_UNSPACED if is_unspaced(question) else _LEAST_COVERAGE
