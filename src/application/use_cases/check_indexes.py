"""Refuse to work with an embedder or a store that does not fit the vectors there are."""

from collections.abc import Sequence

from application.ports.clock import Clock
from application.ports.embedder import Embedder
from application.ports.index_census import IndexCensus, Indexing, IndexUse
from application.ports.vector_index import VectorIndex
from domain.errors import Conflict

_WAYS_OUT = (
    "or start so once more, delete those bots, wait until they are erased (a minute as a rule), and "
    "change it then; or start with another database."
)


class CheckIndexes:
    """Compares the present embedder and store with what the bots' vectors were made by and lie in.

    Vectors of two spaces in one search would be noise, and those of another store are out of reach.
    Bots without a document go over to the present ones.
    """

    def __init__(
        self, census: IndexCensus, embedder: Embedder, vectors: VectorIndex, clock: Clock
    ) -> None:
        self._census = census
        self._embedder = embedder
        self._vectors = vectors
        self._clock = clock

    async def __call__(self) -> None:
        """Raises Conflict (`embedder_changed`, `vector_index_changed`) with what to do."""
        present = Indexing(self._embedder.space, self._embedder.dimensions, self._vectors.kind)
        await self._census.adopt(present, lambda: self._clock.new_id("gen"))
        uses = await self._census.uses()
        strangers = [use for use in uses if use.space != present.space]
        if strangers:
            raise Conflict(
                f"The embedder now chosen makes vectors of the space {present.space!r}, but the "
                f"documents of {_told(strangers, 'space')} were embedded in another: searches would "
                "mix them. Set CHATSPHERE_EMBEDDER (and its model and dimensions) back to what it "
                f"was; {_WAYS_OUT}",
                code="embedder_changed",
            )
        elsewhere = [use for use in uses if use.store != present.store]
        if elsewhere:
            raise Conflict(
                f"The vector store now chosen is {present.store!r}, but the vectors of "
                f"{_told(elsewhere, 'store')} are not in it: nothing would be found. Set "
                f"CHATSPHERE_VECTOR_INDEX back to what it was; {_WAYS_OUT}",
                code="vector_index_changed",
            )


def _told(uses: Sequence[IndexUse], what: str) -> str:
    """Return such as `3 bots (space 'minilm/384')`."""
    return ", ".join(
        f"{use.bots} bot{'' if use.bots == 1 else 's'} ({what} {getattr(use, what)!r})"
        for use in uses
    )
