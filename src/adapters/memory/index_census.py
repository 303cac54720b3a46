"""By which embedders and stores bots are indexed, over dictionaries."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from adapters.memory.state import MemoryState
from application.ports.index_census import IndexCensus, Indexing, IndexUse
from domain.bots import GenerationState


class InMemoryIndexCensus(IndexCensus):
    """Looks at what all tenants have."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def adopt(self, present: Indexing, new_id: Callable[[], str]) -> None:
        """Give every bot without a document the present space and store."""
        for tables in self._state.tenants.values():
            full = {document.bot_id for document in tables.documents.values()}
            for key, generation in list(tables.generations.items()):
                other = (generation.space, generation.store) != (present.space, present.store)
                live = generation.state is GenerationState.LIVE
                if live and other and generation.bot_id not in full:
                    del tables.generations[key]
                    its = new_id()
                    tables.generations[its] = replace(
                        generation,
                        id=its,
                        space=present.space,
                        dimensions=present.dimensions,
                        store=present.store,
                    )

    async def uses(self) -> Sequence[IndexUse]:
        """Return how many bots are indexed by what."""
        found = Counter(
            (each.space, each.store)
            for tables in self._state.tenants.values()
            for each in tables.generations.values()
            if each.state is GenerationState.LIVE
        )
        return [IndexUse(space, store, bots) for (space, store), bots in found.most_common()]
