"""Spreadsheets (XLSX, XLSM, XLSB, XLS, ODS) by calamine: each sheet is a page under its name."""

import io
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from adapters.parsers._draft import Draft
from adapters.parsers._readers.table import row_lines
from adapters.parsers._refusal import Refusal

_Cell = int | float | str | bool | time | date | datetime | timedelta


def read(data: bytes, draft: Draft) -> None:
    """Add the sheets in order, each row a line."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for number, name in enumerate(workbook.sheet_names, 1):
            _add_sheet(workbook, number, name, draft)
    except PasswordError as error:
        raise Refusal("password_protected") from error
    except (CalamineError, OSError) as error:
        raise Refusal("corrupt_document") from error


def _add_sheet(workbook: CalamineWorkbook, number: int, name: str, draft: Draft) -> None:
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)
    lines = list(row_lines([_shown(cell) for cell in row] for row in rows))
    if not lines:
        return
    draft.page(number)
    draft.heading(1, name)
    draft.rows(lines)


def _shown(cell: _Cell) -> str:
    """Return a cell as people write it: 12 and not 12.0, dates without an empty time."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.12g}"  # noqa: PLR2004
    if isinstance(cell, datetime):
        return cell.isoformat(" ").removesuffix(" 00:00:00")
    return str(cell)
