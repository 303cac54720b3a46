"""Which files a folder gives, and their bytes."""

import asyncio
import mimetypes
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from application.use_cases.documents import NewContent

_PIECE = 1024 * 1024


def files_under(paths: Iterable[Path]) -> list[Path]:
    """Return the named files, and the files under the named folders, in order and once each.

    In folders what is hidden is left out; links to folders are not followed.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            found |= dict.fromkeys(_walk(path))
        else:
            found[path] = None
    return list(found)


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and path.is_file():
                yield path


def content_of(path: Path) -> NewContent:
    """Return a file as new content; it is read piece by piece."""
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return NewContent(path.name, media_type, _pieces(path))


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
