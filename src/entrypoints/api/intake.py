"""Files on their way from a form to whoever takes them, all or none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Generic, TypeVar

from application.use_cases.documents import NewContent
from domain.errors import InvalidInput
from entrypoints.api.forms import FileBegun, FileEnded, FormEvent

T = TypeVar("T")
Take = Callable[[int, NewContent], Awaitable[T]]
"""Takes the n-th content (from 0) by reading its bytes to their end."""

_BLOCKS = 4  # that wait for a slow store


async def take_files(events: AsyncIterator[FormEvent], take: Take[T], *, most: int) -> list[T]:
    """Hand each file to `take` while it comes, and return what it made of them, in their order.

    A file's bytes end only when the whole form has been read and the files before it were taken. So
    of a form that is broken, cut off or has a file that is too large, nothing is taken; and once it
    is whole, a file that `take` refuses leaves those before it taken and those after it not. Raises
    InvalidInput where there is no file or more than `most`, and what `take` raises.
    """
    handed: list[_Handed[T]] = []
    try:
        async for event in events:
            if isinstance(event, FileBegun):
                if len(handed) == most:
                    raise InvalidInput("Send exactly one file.", pointer="/file")
                handed.append(_Handed(len(handed), event, take))
            elif not isinstance(event, FileEnded):
                await handed[-1].write(event)
        if not handed:
            raise InvalidInput("Send at least one file in the field `file`.", pointer="/file")
        for one in handed:
            await one.settled()
        return [await one.end() for one in handed]
    finally:
        for one in handed:
            one.task.cancel()
        await asyncio.gather(*(one.task for one in handed), return_exceptions=True)


class _Handed(Generic[T]):
    """A file that is being taken by a task of its own."""

    def __init__(self, place: int, file: FileBegun, take: Take[T]) -> None:
        self._blocks: asyncio.Queue[bytes | None] = asyncio.Queue(_BLOCKS)
        content = NewContent(file.filename or "document", file.media_type, self._read())
        self.task: asyncio.Task[T] = asyncio.ensure_future(_taken(take, place, content))

    async def write(self, block: bytes) -> None:
        """Pass bytes on, as fast as they are taken. Raises what the taker raised."""
        await self._put(block)

    async def settled(self) -> None:
        """Wait until all that was passed on is taken. Raises what the taker raised."""
        await self._unless_done(self._blocks.join())

    async def end(self) -> T:
        """Let the bytes end, and return what was made of them."""
        await self._put(None)
        return await self.task

    async def _put(self, block: bytes | None) -> None:
        if not self._blocks.full() and not self.task.done():
            self._blocks.put_nowait(block)
            return
        await self._unless_done(self._blocks.put(block))

    async def _unless_done(self, waiting: Coroutine[None, None, None]) -> None:
        waited = asyncio.ensure_future(waiting)
        try:
            await asyncio.wait({waited, self.task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waited.cancel()
        if self.task.done():
            self.task.result()

    async def _read(self) -> AsyncIterator[bytes]:
        while (block := await self._blocks.get()) is not None:
            yield block
            self._blocks.task_done()


async def _taken(take: Take[T], place: int, content: NewContent) -> T:
    return await take(place, content)
