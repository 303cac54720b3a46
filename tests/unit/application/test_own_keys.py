"""A workspace's own key decides which model its bots get: when they are made, asked, and answer."""

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.model_catalog import InMemoryModelCatalog
from application.use_cases.accept_message import AcceptMessage, NewMessage
from application.use_cases.bots import CreateVersion, PublishVersion, UpdateBot
from domain.credentials import StoredCredentials
from domain.errors import InvalidInput
from unit.installation import Installation

OPENAI = {"agent_type": "chat", "llm_model": "openai/x"}


class Rented(Installation):
    """An installation without an openai model; workspaces bring theirs, by what is sealed."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = InMemoryChatModel(), InMemoryChatModel()
        own = {"sealed-1": self.first, "sealed-2": self.second}
        self.models = InMemoryModelCatalog({"fake": self.model}, "fake/one", own)

    async def give(self, sealed: str, tenant_id: str = "ws_1") -> None:
        now = self.clock.now()
        made = StoredCredentials(tenant_id, "openai", {}, sealed, "key", "…", "usr_x", now, now)
        async with self.units.open(tenant_id) as uow:
            await uow.credentials.save(made)

    @property
    def asked(self) -> tuple[int, int, int]:
        """How often the installation's model, the first and the second key's were asked."""
        models = (self.model, self.first, self.second)
        return tuple(len(model.requests) for model in models)  # type: ignore[return-value]


async def test_a_bot_with_a_model_that_nobody_has_a_key_for_is_refused() -> None:
    house = Rented()
    await house.give("sealed-1", tenant_id="ws_2")
    with pytest.raises(InvalidInput) as made:
        await house.add_bot(**OPENAI)
    bot = await house.add_bot()
    with pytest.raises(InvalidInput) as changed:
        await UpdateBot(house.units, house.models, house.clock)(
            house.actor, bot.id, configuration=OPENAI
        )
    assert made.value.code == changed.value.code == "model_not_configured"
    await house.give("sealed-1")
    assert (await house.add_bot(**OPENAI)).configuration.llm_model == "openai/x"


async def test_each_answer_is_by_the_key_that_the_workspace_has_then() -> None:
    house = Rented()
    await house.give("sealed-1")
    bot = await house.add_bot(**OPENAI)
    await house.answered("Hello?", bot_id=bot.id)
    assert house.asked == (0, 1, 0)
    await house.give("sealed-2")
    await house.answered("Hello?", bot_id=bot.id)
    assert house.asked == (0, 1, 1)


async def test_without_its_key_a_bot_takes_no_question_and_asks_no_other_model() -> None:
    house = Rented()
    await house.give("sealed-1")
    bot = await house.add_bot(**OPENAI)
    async with house.units.open("ws_1") as uow:
        await uow.credentials.remove("openai")
    with pytest.raises(InvalidInput) as raised:
        await house.answered("Hello?", bot_id=bot.id)
    assert raised.value.code == "model_not_configured"
    assert house.asked == (0, 0, 0)


async def test_a_question_is_taken_where_there_is_a_model_for_what_it_is_answered_by() -> None:
    house = Rented()
    await house.give("sealed-1")
    bot = await house.add_bot(agent_type="chat")
    version = await CreateVersion(house.units, house.clock)(house.actor, bot.id)
    await PublishVersion(house.units, house.clock)(house.actor, bot.id, version.number)
    update = UpdateBot(house.units, house.models, house.clock)
    await update(house.actor, bot.id, configuration=OPENAI)
    async with house.units.open("ws_1") as uow:
        await uow.credentials.remove("openai")
    await house.answered("Hello?", bot_id=bot.id)
    assert house.asked == (1, 0, 0)
    accept = AcceptMessage(house.units, house.models, house.clock)
    with pytest.raises(InvalidInput):
        await accept(house.actor, NewMessage("Hello?", bot.id, draft=True))
