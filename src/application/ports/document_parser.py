"""Port: turns the bytes of a file into text with a map of its pages and headings."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from domain.documents import ExtractedText
from domain.errors import ChatSphereError


class UnreadableDocument(ChatSphereError):
    """The file cannot be read.

    `code` says why: `empty_document`, `no_text_layer` (a scan), `password_protected`, `corrupt_document`,
    `unsupported_media_type` (sniffed type is none we read), `parse_timeout`, `parse_memory`,
    `text_too_large`, `parser_crashed`. The message is a sentence that a person understands.
    """

    code = "corrupt_document"


class DocumentParser(ABC):
    """Reads files of hostile origin without letting them harm or stall the process."""

    @property
    @abstractmethod
    def formats(self) -> Mapping[str, str]:
        """The files that it reads: media type by suffix (`.pdf`), for people to choose from."""

    @abstractmethod
    async def parse(self, path: Path, *, filename: str, media_type: str) -> ExtractedText:
        """Return the text of the file at `path`.

        The type is sniffed from the bytes; `filename` and `media_type` (as the client claimed them)
        only decide between formats that look alike. The text is NFC with line feeds; a plain-text file
        is otherwise unchanged. Raises UnreadableDocument.
        """

    async def aclose(self) -> None:
        """Release what the parser holds (subprocesses)."""
