"""CSV and TSV; and how rows of any table become lines that can be found and read on their own."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft, clean_heading, squeeze

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 30
_MAX_NAMED_COLUMNS = 40  # wider rows would say more of their headers than of their values
_MAX_HEADER = 60  # characters; a longer first row is prose


def read(data: bytes, draft: Draft) -> None:
    """Add each row as a line; a file without any delimiter is added as plain text."""
    text = decode(data)
    delimiter = _delimiter(text)
    if not delimiter:
        draft.add(text, "")
        return
    csv.field_size_limit(1 << 24)
    rows = csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=delimiter)
    draft.rows(row_lines(rows))


def row_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a line for each row that is not empty.

    Where the first row names the columns, a line is `name: value | name: value`, so that a row
    found on its own still says what its values are; otherwise `value | value`.
    """
    filled = (cells for row in rows if any(cells := [squeeze(cell) for cell in row]))
    first = next(filled, None)
    if first is None:
        return
    second = next(filled, None)
    if second is None or not _names_columns(first, second):
        yield plain_line(first)
        names: list[str] = []
    else:
        names = [clean_heading(name) for name in first]
    for cells in (second, *filled) if second is not None else ():
        yield _named_line(names, cells) if names else plain_line(cells)


def plain_line(cells: Sequence[str]) -> str:
    """Return the cells as `a | b | c`, without empty ones at the end."""
    return " | ".join(cells).rstrip(" |")


def _named_line(names: list[str], cells: Sequence[str]) -> str:
    named = zip(names, cells, strict=False)
    pairs = [f"{name}: {cell}" if name else cell for name, cell in named if cell]
    return " | ".join([*pairs, *(cell for cell in cells[len(names) :] if cell)])


def _names_columns(first: list[str], second: list[str]) -> bool:
    """Tell whether the first row is a header: short distinct words above at least two columns."""
    names = [name for name in first if name]
    return (
        1 < len(names) <= _MAX_NAMED_COLUMNS
        and len(names) >= max(len(first), len(second)) - 1
        and len(set(names)) == len(names)
        and not any(_is_number(name) or len(name) > _MAX_HEADER for name in names)
    )


def _is_number(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return digits > 0 and not any(c.isalpha() for c in text)


def _delimiter(text: str) -> str:
    """Return the delimiter that parts the first lines most evenly, "" if none does."""
    lines = [line for line in text[:65_536].splitlines() if line.strip()][:_SAMPLE_LINES]
    best, best_score = "", 0.0
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        score = count / sum(widths.values()) * min(width, 10) if width > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best
