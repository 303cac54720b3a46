"""What is made for a bot holds it: a bot that is being deleted gets nothing more."""

from collections.abc import Awaitable, Callable

import pytest

from adapters.memory.bots import InMemoryBotRepository
from application.use_cases.conversations import StartConversation
from domain.bots import Bot
from domain.errors import NotFound
from unit.installation import Installation

Make = Callable[[Installation, Bot], Awaitable[object]]


async def _start(installation: Installation, bot: Bot) -> object:
    start = StartConversation(installation.units, installation.clock)
    return await start(installation.actor, bot.id)


@pytest.mark.parametrize(
    "make",
    [
        lambda installation, bot: installation.upload(bot, "No shouting."),
        lambda installation, bot: installation.ask("When?", bot_id=bot.id),
        _start,
    ],
    ids=["upload", "message", "conversation"],
)
async def test_nothing_is_made_for_a_bot_that_cannot_be_held(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    bot = await installation.add_bot()

    async def deleted_meanwhile(_: InMemoryBotRepository, bot_id: str) -> Bot:
        raise NotFound(bot_id)

    monkeypatch.setattr(InMemoryBotRepository, "hold", deleted_meanwhile)
    with pytest.raises(NotFound):
        await make(installation, bot)
    assert (installation.tables.documents, installation.tables.conversations) == ({}, {})
    assert installation.blobs.blobs == {}
