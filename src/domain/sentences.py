"""Sentences: where they start and end, in many languages, with exact offsets and in linear time."""

import re

_STOPS = ".!?…‽؟۔।॥։።။៕"  # end a sentence when a space follows
_WIDE_STOPS = "。！？｡"  # end it by themselves
_CLOSERS = "\"'”’“»)\\]}」』）】"
_END = re.compile(rf"[\n{_STOPS}{_WIDE_STOPS}](?:(?<!\n)[{_STOPS}{_WIDE_STOPS}{_CLOSERS}]+)?\s*")
_LAST_WORD = re.compile(r"[^\W_](?:[\w.]*[^\W_])?\Z")
_MARKER = re.compile(r"(?:[-*+•‣▪◦–—#>|=]|\(?(?:\d{1,3}|[A-Za-z])[.)])\s|[|#=<{]|```")
_ITEM_NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z])\Z")
_CELLS = re.compile(r"\t| \| ")
_WRAPPED_LINE = 40  # a shorter line is a heading or an item, not prose cut at a margin
_LONG_LINE = 200
_LOOK_BACK = 24
_SHORT_WORD = 3

_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof rev hon st sr jr gen col capt lt sgt gov sen rep messrs mme mlle
    e.g i.e eg ie cf vs viz approx ca al etc no nos vol vols fig figs eq eqs sec ch pp p ed eds
    inc ltd co corp dept est min max tel ext ver
    jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun
    a.m p.m u.s u.k u.n d.c
    z.b d.h u.a o.ä bzw usw vgl evtl ggf inkl zzgl nr abs art hrsg str hr fr dipl ing
    p.ex c.-à-d env hab sra dra srta ud uds pág págs núm av avda sig sigg dott ecc
    т.е т.д т.п др г гг в вв руб тыс млн млрд ул им см стр рис табл
    """.split()
)
_GERMAN_MONTHS = frozenset(
    """januar februar märz april mai juni juli august september oktober november dezember
    jahrhundert jh""".split()
)
_NEXT_WORD = re.compile(r"\w+")


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence, list item, table row or heading of `text`, in order.

    The spans hold no outer white space, do not overlap and leave only white space between them.
    Lines of prose that was cut at a margin are joined. Takes time linear in the length of the text.
    """
    spans: list[tuple[int, int]] = []
    start = len(text) - len(text.lstrip())
    for match in _END.finditer(text, start):
        tail = match.group().rstrip()
        end, following = match.start() + len(tail), match.end()
        if _is_boundary(text, start, end, following, tail):
            _append(spans, text, start, end)
            start = following
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        spans.append((start, end))


def _is_boundary(text: str, start: int, end: int, following: int, tail: str) -> bool:
    if following == len(text):
        return True
    if tail and tail[0] in _WIDE_STOPS:
        return True
    gap = text[end:following]
    if not tail or (tail == "." and "\n" in gap):
        return _breaks_line(text, start, end, following, gap)
    if not gap:
        return False
    return tail != "." or not _is_abbreviation(text, start, end - 1, following)


def _breaks_line(text: str, start: int, end: int, following: int, gap: str) -> bool:
    """Tell whether a line end is more than the margin of wrapped prose."""
    if gap.count("\n") > 1 or _MARKER.match(text, following):
        return True
    if text[end - 1 : end] == ".":
        return not _is_abbreviation(text, start, end - 1, following)
    if end < _WRAPPED_LINE or "\n" in text[end - _WRAPPED_LINE : end]:
        return True
    return (
        text[end - 1] in ":;" or _CELLS.search(text, max(start, end - _LONG_LINE), end) is not None
    )


def _is_abbreviation(text: str, start: int, dot: int, following: int) -> bool:
    """Tell whether the full stop at `dot` belongs to its word rather than to the sentence."""
    before = text[max(start, dot - _LOOK_BACK) : dot]
    if len(before) == dot - start and _ITEM_NUMBER.match(before):
        return True  # the number of a list item opens what it numbers
    match = _LAST_WORD.search(before)
    if match is None:
        return False
    word = match.group()
    if word.isdigit():
        return len(word) < _SHORT_WORD and _next_word(text, following) in _GERMAN_MONTHS
    if len(word) == 1 and word.isupper():
        return True
    if text[following].islower() and word.isalpha() and len(word) <= _SHORT_WORD:
        return True
    return word.casefold() in _ABBREVIATIONS


def _next_word(text: str, start: int) -> str:
    match = _NEXT_WORD.match(text, start)
    return match.group().casefold() if match else ""
