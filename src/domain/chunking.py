"""Chunking: an extracted text cut where it is naturally jointed, with exact offsets."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from math import ceil
from unicodedata import category

from domain.chunks import Chunk, embedded_text
from domain.documents import ExtractedText, Section
from domain.sentences import sentence_spans

CHUNKER = "structure-1"
"""Names the rules below; it is part of an index generation: other rules, another name."""

TARGET_CHARS = 700
MAX_CHARS = 1000

_WIDE = re.compile("[\u1100-\u11ff\u3040-\u9fff\uac00-\ud7a3\U00020000-\U000323af]")
_LAST_SPACE = re.compile(r".*\s", re.DOTALL)
_WIDE_CHARS = (
    4  # a Han character says as much as four letters and takes as much of the model's room
)
_LEAST_SHARE = 0.5  # no chunk is cut below this share of the even size, none above the maximum
_HEADING_SLACK = 12  # numbering and markup beside the words of a heading

# How good a place between two sentences is to cut, in shares of the even chunk size.
_PARAGRAPH, _LINE, _SENTENCE, _INSIDE = 0.5, 0.2, 0.0, -0.5


@dataclass(frozen=True, slots=True)
class _Atom:
    """What is not cut any further: a sentence, row or item, or a part of one that is too long."""

    start: int
    end: int
    joint: float  # how good it is to cut before it


def chunk_text(
    extracted: ExtractedText, *, target_chars: int = TARGET_CHARS, max_chars: int = MAX_CHARS
) -> list[Chunk]:
    """Return the chunks of a text, in order.

    A chunk never crosses a section (page or heading), so its page and headings hold for all of it;
    only a heading without text of its own goes with what stands below it. Within a section the
    text is shared out evenly over chunks of about `target_chars`, cut between paragraphs rather
    than lines, lines rather than sentences, sentences rather than words. No chunk weighs more than
    `max_chars`; a character of Han, kana or Hangul weighs four. Chunks do not overlap, and nothing
    but white space stands between them. Takes time linear in the length of the text.
    """
    text = extracted.text
    chunks: list[Chunk] = []
    for section, start, end in _stretches(extracted):
        part = text[start:end]
        atoms = list(_atoms(part, max_chars))
        for first, last in _pack(part, atoms, target_chars, max_chars):
            span = start + first, start + last
            chunks.append(_chunk(len(chunks), text[span[0] : span[1]], span, section))
    return chunks


def _chunk(ordinal: int, text: str, span: tuple[int, int], section: Section) -> Chunk:
    digest = sha256(embedded_text(section.heading_path, text).encode()).hexdigest()
    return Chunk(ordinal, text, *span, section.page, section.heading_path, digest)


def _stretches(extracted: ExtractedText) -> Iterator[tuple[Section, int, int]]:
    """Yield the sections with start and end, equal neighbours and bare headings joined."""
    text = extracted.text
    first = last = Section(0)
    start = last_start = 0
    for section in sorted(extracted.sections, key=lambda section: section.start):
        if (section.page, section.heading_path) == (last.page, last.heading_path):
            continue
        at = min(section.start, len(text))
        body = text[last_start:at].strip()
        if body and not _is_bare_heading(body, last, section):
            yield first, start, at
            first, start = section, at
        elif not body and start == last_start:
            first, start = section, at
        last, last_start = section, at
    yield first, start, len(text)


def _is_bare_heading(text: str, section: Section, following: Section) -> bool:
    path = section.heading_path
    return (
        bool(path)
        and section.page == following.page
        and following.heading_path[: len(path)] == path
        and len(text) <= len(path[-1]) + _HEADING_SLACK
    )


def _atoms(text: str, max_chars: int) -> Iterator[_Atom]:
    before = 0
    for start, end in sentence_spans(text):
        joint = _joint(text[before:start])
        for first, last in _parts(text, start, end, max_chars):
            yield _Atom(first, last, joint)
            joint = _INSIDE
        before = end


def _joint(gap: str) -> float:
    lines = gap.count("\n")
    if lines > 1:
        return _PARAGRAPH
    return _LINE if lines else _SENTENCE


def _parts(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """Yield the sentence or, if it is too long, parts of it: lines, else words, else letters."""
    while (cut := _cut(text, start, end, max_chars)) < end:
        last = cut
        while text[last - 1].isspace():
            last -= 1
        yield start, last
        while text[cut].isspace():
            cut += 1
        start = cut
    yield start, end


def _cut(text: str, start: int, end: int, max_chars: int) -> int:
    """Return where to end a part that starts at `start` and may weigh `max_chars`."""
    window = text[start : min(end, start + max_chars + 1)]
    fits = len(window)
    if not window.isascii():
        weights = (_WIDE_CHARS if _WIDE.match(sign) else 1 for sign in window)
        fits = bisect_right(list(accumulate(weights)), max_chars)
    elif fits > max_chars:
        fits = max_chars
    if start + fits >= end:
        return end
    least = fits // 2
    found = window.rfind("\n", least, fits)
    if found > 0:
        return start + found
    space = _LAST_SPACE.match(window, least, fits + 1)
    if space:
        return start + space.end() - 1
    while fits > least + 1 and category(window[fits]).startswith("M"):
        fits -= 1  # a mark stays with its letter
    return start + max(fits, 1)


def _pack(
    text: str, atoms: Sequence[_Atom], target: int, maximum: int
) -> Iterator[tuple[int, int]]:
    """Yield start and end of runs of atoms, of even weight and cut at the best joints near it."""
    extra = _extra_weights(text, atoms)
    left = [atom.start + weight for atom, weight in zip(atoms, extra, strict=False)]
    right = [atom.end + weight for atom, weight in zip(atoms, extra[1:], strict=True)]
    first = 0
    while first < len(atoms):
        rest = right[-1] - left[first]
        even = rest / max(1, round(rest / target), ceil(rest / maximum))
        last = _best_cut(atoms, right, first, left[first], even, maximum)
        yield atoms[first].start, atoms[last].end
        first = last + 1


def _best_cut(
    atoms: Sequence[_Atom], right: list[int], first: int, origin: int, even: float, maximum: int
) -> int:
    def fitness(last: int) -> float:
        joint = atoms[last + 1].joint if last + 1 < len(atoms) else _PARAGRAPH
        return joint - abs(right[last] - origin - even) / even

    highest = max(first, bisect_right(right, origin + maximum, first) - 1)
    lowest = min(highest, bisect_left(right, origin + even * _LEAST_SHARE, first))
    return max(range(lowest, highest + 1), key=fitness)


def _extra_weights(text: str, atoms: Sequence[_Atom]) -> list[int]:
    """Return what wide characters add to the offset of each atom, and of the end."""
    if _WIDE.search(text) is None:
        return [0] * (len(atoms) + 1)
    wide = (len(_WIDE.findall(text, atom.start, atom.end)) for atom in atoms)
    return [0, *accumulate(count * (_WIDE_CHARS - 1) for count in wide)]
