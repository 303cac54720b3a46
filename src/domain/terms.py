"""Terms: the words of a text in the form in which a question and a document meet."""

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise
from threading import Lock

Stem = Callable[[str], str]

# Scripts written without spaces between words. Hangul has spaces, but its particles cling to the
# words; pairs of characters find more there too (Lucene's CJK analyser does the same).
UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf"  # Thai, Lao
    "\u1000-\u104e\u1780-\u17d3"  # Burmese, Khmer
    "\u3005-\u3007\u3040-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"  # kana, Han
    "\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af"
)
# Marks that belong to a letter but are no `\w`: without them Hindi would fall apart at each vowel.
_MARKS = "".join(
    chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)).startswith("M")
)
# Marks that people leave out: accents, Hebrew and Arabic points, the Indic nukta, the tatweel.
_DROPPED = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u093c\u200c\u200d]+"
)

_HAS_UNSPACED = re.compile(f"[{UNSPACED}]")
_HAS_MARK = re.compile(f"[{_MARKS}]")
_ASCII = re.compile(r"[a-z0-9]+")
_SPACED = re.compile(r"\w+")
_MARKED = re.compile(rf"[\w{_MARKS}\u200c\u200d]+")
_RUN = re.compile(rf"([{UNSPACED}][{UNSPACED}{_MARKS}]*)")
_CLUSTER = re.compile(rf".[{_MARKS}]*", re.DOTALL)
_WORD = re.compile(rf"[{UNSPACED}][{_MARKS}]*|(?:[^\W_{UNSPACED}]|[{_MARKS}])+")


class Vocabulary(dict[str, str]):
    """Remembers the term of each lower-cased word of one language; "" for a word without one.

    Looking a known word up costs no Python code, which is what makes analysing linear and cheap.
    It holds up to `capacity` words, then starts anew. Safe to share between threads.
    """

    def __init__(self, stem: Stem, capacity: int = 100_000) -> None:
        super().__init__()
        self._stem = stem
        self._capacity = capacity
        self._lock = Lock()  # stemmers keep state while they work

    def __missing__(self, word: str) -> str:
        with self._lock:
            term = fold(self._stem(word))
            if len(self) >= self._capacity:
                self.clear()
            self[word] = term
        return term


def fold(word: str) -> str:
    """Return `word` without case and without the marks that people leave out; letters are kept."""
    if word.isascii():
        return word.lower()
    bare = _DROPPED.sub("", unicodedata.normalize("NFKD", word.casefold()))
    return unicodedata.normalize("NFC", bare)


def terms(text: str, vocabulary: Vocabulary) -> list[str]:
    """Return the terms of `text` in order, in time linear in its length.

    Words go through the vocabulary (one term each); a run of an unspaced script gives the pairs of
    its neighbouring characters, a single character stands for itself. Numbers are kept.
    """
    if text.isascii():
        return [vocabulary[word] for word in _ASCII.findall(text.lower())]
    text = unicodedata.normalize("NFKC", text).lower().replace("_", " ")
    if _HAS_UNSPACED.search(text) is None:
        return _words(text, vocabulary)
    found: list[str] = []
    for number, part in enumerate(_RUN.split(text)):
        found += _pairs(part) if number % 2 else _words(part, vocabulary)
    return found


def _words(text: str, vocabulary: Vocabulary) -> list[str]:
    pattern = _MARKED if _HAS_MARK.search(text) else _SPACED
    return [term for word in pattern.findall(text) if (term := vocabulary[word])]


def _pairs(run: str) -> list[str]:
    signs = _CLUSTER.findall(run) if _HAS_MARK.search(run) else run
    return [a + b for a, b in pairwise(signs)] or [run]


def word_spans(text: str) -> list[tuple[str, int, int]]:
    """Return each word, folded, with start and end; in unspaced scripts each character is one."""
    return [(fold(match.group()), *match.span()) for match in _WORD.finditer(text)]


def is_unspaced(text: str) -> bool:
    """Tell whether `text` holds characters of a script written without spaces."""
    return _HAS_UNSPACED.search(text) is not None
