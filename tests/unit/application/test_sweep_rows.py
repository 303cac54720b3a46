"""What a sweep asks of large workspaces: by the page, not by the document."""

from collections.abc import Sequence

import pytest

from adapters.memory.upkeep import InMemoryUpkeep
from unit.application.sweeping import TEXT, found
from unit.installation import Installation


async def test_what_lacks_postings_is_asked_for_by_the_page(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, asked = await installation.add_bot(), []
    documents = [await installation.add_ready(bot, f"{TEXT} {n}", f"{n}.txt") for n in range(5)]
    installation.state.postings.documents.clear()
    unindexed = InMemoryUpkeep.unindexed

    async def count(upkeep: InMemoryUpkeep, limit: int) -> Sequence[str]:
        asked.append(limit)
        return await unindexed(upkeep, limit)

    monkeypatch.setattr(InMemoryUpkeep, "unindexed", count)
    assert (await found(installation))["documents_requeued"] == len(documents)
    assert len(asked) == 2
