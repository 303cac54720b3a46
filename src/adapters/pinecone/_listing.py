"""Reads the ids of a namespace in pages, and goes on where it stopped.

Pinecone lists at most 100 ids a request, in the order of their bytes, and goes on only from its own
tokens. Which token led to the page that held an id is therefore kept for a while: without it, all
pages before that id are read again.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass

from adapters.pinecone._names import document_of
from adapters.pinecone.connection import Connection, NamespaceMissing
from application.ports.vector_index import VectorIndexRefused

_PAGE = 100
_CURSORS = 256


@dataclass(frozen=True, slots=True)
class Page:
    """Some ids in order; `token` is what led here, `following` what leads on (None: the end)."""

    ids: list[str]
    token: str | None
    following: str | None


class Listing:
    """The ids of one index."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursors: OrderedDict[tuple[str, str, str], str] = OrderedDict()

    async def pages(
        self, namespace: str, prefix: str, token: str | None = None
    ) -> AsyncIterator[Page]:
        """Yield the pages of the ids that begin with `prefix`. A page may be short or empty."""
        while True:
            page = await self._page(namespace, prefix, token)
            yield page
            token = page.following
            if token is None:
                return

    async def after(self, namespace: str, prefix: str, after: str | None, limit: int) -> list[str]:
        """Return up to `limit` ids of chunks that follow `after`, in the order of their bytes."""
        token = self._cursors.get((namespace, prefix, after)) if after else None
        try:
            return await self._after(namespace, prefix, after, limit, token)
        except VectorIndexRefused:
            if token is None:
                raise
            return await self._after(namespace, prefix, after, limit, None)

    async def _after(
        self, namespace: str, prefix: str, after: str | None, limit: int, token: str | None
    ) -> list[str]:
        found: list[str] = []
        async for page in self.pages(namespace, prefix, token):
            new = [key for key in page.ids if document_of(key) and key > (after or "")]
            new = new[: limit - len(found)]
            found += new
            if new and page.token is not None:
                self._keep((namespace, prefix, new[-1]), page.token)
            if len(found) >= limit:
                break
        return found

    def _keep(self, place: tuple[str, str, str], token: str) -> None:
        self._cursors[place] = token
        self._cursors.move_to_end(place)
        if len(self._cursors) > _CURSORS:
            self._cursors.popitem(last=False)

    async def _page(self, namespace: str, prefix: str, token: str | None) -> Page:
        try:
            answer = await self._connection.call(
                lambda index: index.list_paginated(
                    namespace=namespace, prefix=prefix or None, limit=_PAGE, pagination_token=token
                )
            )
        except NamespaceMissing:
            return Page([], token, None)
        following = answer.pagination.next if answer.pagination else None
        return Page([item.id for item in answer.vectors if item.id], token, following or None)
