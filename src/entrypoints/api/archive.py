"""A ZIP archive as a stream: what is in it is read as it is sent, and nothing is kept."""

import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime

from application.use_cases.export_data import ExportFile


class _Sink:
    """A file that cannot seek: bytes written to it are taken out again."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []

    def write(self, block: bytes) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def flush(self) -> None: ...

    def take(self) -> bytes:
        """Return what was written since the last time."""
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


async def zipped(
    files: AsyncIterator[ExportFile], made_at: datetime
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of an archive of these files."""
    sink = _Sink()
    moment = made_at.timetuple()[:6]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # needs write and flush only
        async for file in files:
            entry = zipfile.ZipInfo(file.name, moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                async for block in file.data:
                    member.write(block)
                    if made := sink.take():
                        yield made
            yield sink.take()
    yield sink.take()
