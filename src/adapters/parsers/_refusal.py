"""Why a file cannot be read: the codes of the port and the sentence a person gets for each."""

SENTENCES = {
    "empty_document": "This file holds no text. Check that it is the right one.",
    "no_text_layer": (
        "This PDF looks like a scan: its pages are pictures without text. Run text recognition"
        " (OCR) on it first, then upload the result."
    ),
    "password_protected": (
        "This file is protected by a password. Save a copy without the password and upload that."
    ),
    "corrupt_document": (
        "This file is damaged or incomplete. Open it in the program it was made with, save it again"
        " and upload the new copy."
    ),
    "unsupported_media_type": (
        "This kind of file cannot be read. Upload PDF, DOCX, PPTX, XLSX, ODT, EPUB, HTML, Markdown,"
        " text, CSV, JSON, e-mail (EML), RTF or a notebook (IPYNB)."
    ),
    "parse_timeout": (
        "Reading this file took too long, so it was stopped. Split it into smaller files or save it"
        " in a simpler format, then upload again."
    ),
    "parse_memory": (
        "Reading this file needs more memory than is allowed. Split it into smaller files and"
        " upload those."
    ),
    "text_too_large": (
        "This file holds more text than is accepted in one document. Split it and upload the parts."
    ),
    "parser_crashed": (
        "The reader stopped unexpectedly on this file. Save it again in the program it was made"
        " with, or in another format, then upload the new copy."
    ),
}


class Refusal(Exception):
    """A reader's reason for not reading a file.

    `code` is a key of SENTENCES; `detail` is the sentence for the person, if not the code's own.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = code
        self.detail = detail or SENTENCES[code]
        super().__init__(self.detail)
