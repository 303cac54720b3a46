"""What people may be offered to choose from: media types by suffix. What a file is, its bytes decide."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_MACROS = "macroEnabled.12"
_OPEN = "application/vnd.oasis.opendocument"
FORMATS = {
    ".csv": "text/csv",
    ".docm": f"application/vnd.ms-word.document.{_MACROS}",
    ".docx": f"{_OFFICE}.wordprocessingml.document",
    ".eml": "message/rfc822",
    ".epub": "application/epub+zip",
    ".geojson": "application/geo+json",
    ".htm": "text/html",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".log": "text/plain",
    ".markdown": "text/markdown",
    ".md": "text/markdown",
    ".mdx": "text/markdown",
    ".ndjson": "application/x-ndjson",
    ".odp": f"{_OPEN}.presentation",
    ".ods": f"{_OPEN}.spreadsheet",
    ".odt": f"{_OPEN}.text",
    ".pdf": "application/pdf",
    ".pptm": f"application/vnd.ms-powerpoint.presentation.{_MACROS}",
    ".pptx": f"{_OFFICE}.presentationml.presentation",
    ".rst": "text/x-rst",
    ".rtf": "application/rtf",
    ".text": "text/plain",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xhtml": "application/xhtml+xml",
    ".xls": "application/vnd.ms-excel",
    ".xlsb": f"application/vnd.ms-excel.sheet.binary.{_MACROS}",
    ".xlsm": f"application/vnd.ms-excel.sheet.{_MACROS}",
    ".xlsx": f"{_OFFICE}.spreadsheetml.sheet",
}
