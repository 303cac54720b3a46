"""What every store of bots, versions and index generations promises."""

import asyncio
from dataclasses import replace

import pytest

from application.queries.conversations import ConversationFilter
from application.queries.page import PageRequest
from application.testing.backend import Backend, add_tenant, in_unit, outcome, outcomes
from application.testing.contract import Contract
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_message,
    add_ready_document,
    make_document,
    make_generation,
)
from domain.bots import Bot, BotVersion, GenerationState
from domain.configuration import Configuration
from domain.conversations import Message
from domain.documents import Document
from domain.errors import Conflict, NotFound
from domain.events import NewEvent
from domain.ids import chunk_id


def _version(backend: Backend, bot: Bot, number: int) -> BotVersion:
    configuration = Configuration.of({"retriever_k": number})
    return BotVersion(bot.id, number, configuration, backend.clock.now())


async def _add_versions(backend: Backend, bot: Bot, *numbers: int) -> None:
    async with backend.units.open(bot.tenant_id) as unit:
        for number in numbers:
            await unit.bots.add_version(_version(backend, bot, number))


async def _fill(backend: Backend, bot: Bot) -> tuple[Document, Message]:
    """Give a bot a version, a generation, a ready document and a conversation with an event."""
    await _add_versions(backend, bot, 1)
    document = await add_ready_document(backend, bot)
    conversation = await add_conversation(backend, bot)
    message = await add_message(backend, conversation, "When do you open?")
    async with backend.units.open(bot.tenant_id) as unit:
        await unit.generations.add(make_generation(backend, bot))
        await unit.events.append(message.id, [NewEvent("message.delta", {"text": "At"})])
    return document, message


class BotsContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_bot_is_read_as_it_was_written(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        assert await in_unit(backend, tenant, lambda u: u.bots.get(bot.id)) == bot
        assert await in_unit(backend, tenant, lambda u: u.bots.get(bot.id, lock=True)) == bot
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_saving_keeps_the_changes_and_raises_the_version(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        bot.name, bot.description, bot.published_version = "Porter", "", 3
        bot.configuration = bot.configuration.merged({"retriever_k": 9})
        async with backend.units.open(tenant) as unit:
            await unit.bots.save(bot)
        assert bot.version == 2
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_versions_are_immutable_and_counted(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        assert await in_unit(backend, tenant, lambda u: u.bots.last_version(bot.id)) == 0
        await _add_versions(backend, bot, 1, 2)
        second = _version(backend, bot, 2)
        with pytest.raises(Conflict):
            await in_unit(
                backend,
                tenant,
                lambda u: u.bots.add_version(replace(second, configuration=Configuration())),
            )
        kept = await in_unit(backend, tenant, lambda u: u.bots.version(bot.id, 2))
        assert kept.configuration == second.configuration
        assert await in_unit(backend, tenant, lambda u: u.bots.last_version(bot.id)) == 2
        with pytest.raises(NotFound):
            await in_unit(backend, tenant, lambda u: u.bots.version(bot.id, 3))

    async def test_a_version_tells_who_made_it_what_for_and_when_it_was_published(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        await _add_versions(backend, bot, 1)
        maker, now = backend.clock.new_id("usr"), backend.clock.now()
        second = replace(_version(backend, bot, 2), created_by=maker, note="Shorter. é")
        await in_unit(backend, tenant, lambda u: u.bots.add_version(second))
        assert await in_unit(backend, tenant, lambda u: u.bots.version(bot.id, 2)) == second
        await in_unit(backend, tenant, lambda u: u.bots.note_publication(bot.id, 2, now))
        found = (await backend.bot_queries.versions(tenant, bot.id, PageRequest())).items
        assert found[0] == replace(second, published_at=now)
        assert (found[1].created_by, found[1].note, found[1].published_at) == (None, "", None)

    async def test_the_live_generation_answers(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        old = make_generation(backend, bot, GenerationState.RETIRED)
        async with backend.units.open(tenant) as unit:
            await unit.generations.add(old)
            with pytest.raises(NotFound):
                await unit.generations.live(bot.id)
            live = make_generation(backend, bot)
            await unit.generations.add(live)
        async with backend.units.open(tenant) as unit:
            assert await unit.generations.live(bot.id) == live
            assert await unit.generations.all(bot.id) == [old, live]
        assert await backend.bot_queries.generation(tenant, bot.id) == live

    async def test_a_deleted_bot_vanishes_with_all_it_has(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, kept = await add_bot(backend, tenant), await add_bot(backend, tenant, name="Kept")
        document, message = await _fill(backend, bot)
        await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
        chunk = chunk_id(document.id, 1, 0)
        queries = backend.conversation_queries
        missing = await outcomes(
            in_unit(backend, tenant, lambda u: u.bots.get(bot.id)),
            in_unit(backend, tenant, lambda u: u.bots.version(bot.id, 1)),
            in_unit(backend, tenant, lambda u: u.generations.live(bot.id)),
            in_unit(backend, tenant, lambda u: u.documents.get(document.id)),
            in_unit(backend, tenant, lambda u: u.messages.get(message.id)),
            backend.bot_queries.get(tenant, bot.id),
            backend.bot_queries.generation(tenant, bot.id),
            backend.document_queries.get(tenant, document.id),
            queries.get(tenant, message.conversation_id),
            queries.message(tenant, message.id),
        )
        assert missing == [NotFound] * len(missing)
        assert (await backend.bot_queries.list(tenant, PageRequest())).items == [kept]
        assert (await backend.bot_queries.versions(tenant, bot.id, PageRequest())).items == []
        assert (await queries.list(tenant, bot.id, ConversationFilter(), PageRequest())).items == []
        assert await backend.document_queries.passages(tenant, bot.id, [chunk]) == {}

    async def test_a_held_bot_is_not_deleted_before_the_commit(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = make_document(backend, bot)
        async with backend.units.open(tenant) as unit:
            assert await unit.bots.hold(bot.id) == bot
            deletion = asyncio.create_task(
                in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
            )
            await asyncio.sleep(0.1)
            await unit.documents.add(document)
        await deletion
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.deleted_of(bot.id) == [document.id]
            assert await outcome(unit.bots.hold(bot.id)) is NotFound
        stranger = await add_tenant(backend)
        other = await add_bot(backend, tenant)
        held = in_unit(backend, stranger, lambda u: u.bots.hold(other.id))
        assert await outcome(held) is NotFound

    async def test_purging_finds_what_a_deleted_bot_has(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document, _ = await _fill(backend, bot)
        async with backend.units.open(tenant) as unit:
            await unit.bots.delete(bot.id)
        async with backend.units.open(tenant) as unit:
            assert len(await unit.generations.all(bot.id)) == 1
            assert await unit.documents.deleted_of(bot.id) == [document.id]

    async def test_an_erased_bot_leaves_no_row(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document, message = await _fill(backend, bot)
        await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
        await in_unit(backend, tenant, lambda u: u.bots.erase(bot.id))
        async with backend.units.open(tenant) as unit:
            assert await unit.generations.all(bot.id) == []
            assert await unit.bots.last_version(bot.id) == 0
            assert await unit.documents.deleted_of(bot.id) == []
            assert await unit.chunks.of(document.id, 1) == []
            assert await outcome(unit.bots.get(bot.id)) is NotFound
            assert await outcome(unit.documents.get(document.id)) is NotFound
            assert await outcome(unit.messages.get(message.id)) is NotFound
        assert (await backend.bot_queries.list(tenant, PageRequest())).items == []
        assert await backend.event_log.read(tenant, message.id, 0) == []

    async def test_the_conversations_of_a_deleted_bot_are_erased_bit_by_bit(
        self, backend: Backend
    ) -> None:
        tenant, stranger = await add_tenant(backend), await add_tenant(backend)
        bot, kept = await add_bot(backend, tenant), await add_bot(backend, tenant, name="Kept")
        messages = [(await _fill(backend, each))[1] for each in (bot, kept)]
        for _ in range(4):
            await add_message(backend, await add_conversation(backend, bot), "Hello?")

        async def erase(tenant_id: str, one: Bot) -> bool:
            return await in_unit(
                backend, tenant_id, lambda u: u.bots.erase_conversations(one.id, 2)
            )

        assert not await erase(tenant, bot), "it is not deleted"
        await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
        assert not await erase(stranger, bot)
        assert not await erase(tenant, kept)
        assert [await erase(tenant, bot) for _ in range(4)] == [True, True, True, False]
        assert await backend.event_log.read(tenant, messages[0].id, 0) == []
        counts = await in_unit(backend, tenant, lambda unit: unit.estate.count())
        assert (counts["conversations"], counts["messages"]) == (1, 1)
        assert (await backend.conversation_queries.message(tenant, messages[1].id)).id

    async def test_a_bot_that_is_not_deleted_cannot_be_erased(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        await in_unit(backend, tenant, lambda u: u.bots.erase(bot.id))
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_another_tenants_bot_answers_as_an_unknown_one(self, backend: Backend) -> None:
        owner, stranger = await add_tenant(backend), await add_tenant(backend)
        bot = await add_bot(backend, owner)
        await _fill(backend, bot)
        page = PageRequest()
        missing = await outcomes(
            in_unit(backend, stranger, lambda u: u.bots.get(bot.id)),
            in_unit(backend, stranger, lambda u: u.bots.get(bot.id, lock=True)),
            in_unit(backend, stranger, lambda u: u.bots.version(bot.id, 1)),
            in_unit(backend, stranger, lambda u: u.generations.live(bot.id)),
            backend.bot_queries.get(stranger, bot.id),
            backend.bot_queries.generation(stranger, bot.id),
        )
        assert missing == [NotFound] * len(missing)
        assert await in_unit(backend, stranger, lambda u: u.generations.all(bot.id)) == []
        assert await in_unit(backend, stranger, lambda u: u.bots.last_version(bot.id)) == 0
        assert (await backend.bot_queries.list(stranger, page)).items == []
        assert (await backend.bot_queries.versions(stranger, bot.id, page)).items == []

    async def test_another_tenant_can_change_nothing(self, backend: Backend) -> None:
        owner, stranger = await add_tenant(backend), await add_tenant(backend)
        bot = await add_bot(backend, owner)
        stolen = replace(bot, tenant_id=stranger, name="Stolen")
        await outcomes(
            in_unit(backend, stranger, lambda u: u.bots.save(stolen)),
            in_unit(backend, stranger, lambda u: u.bots.delete(bot.id)),
            in_unit(backend, stranger, lambda u: u.bots.erase(bot.id)),
        )
        assert await backend.bot_queries.get(owner, bot.id) == bot

    async def test_the_pages_of_bots_are_complete_while_bots_are_added(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        ids = [(await add_bot(backend, tenant)).id for _ in range(5)]
        seen: list[str] = []
        after: str | None = None
        while True:
            page = await backend.bot_queries.list(tenant, PageRequest(2, after))
            seen += [bot.id for bot in page.items]
            after = page.next_after
            if after is None:
                break
            await add_bot(backend, tenant, name="Newer")
        assert seen == sorted(ids, reverse=True)

    async def test_the_pages_of_versions_count_down(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        await _add_versions(backend, bot, *range(1, 12))
        first = await backend.bot_queries.versions(tenant, bot.id, PageRequest(3))
        rest = await backend.bot_queries.versions(tenant, bot.id, PageRequest(20, first.next_after))
        assert [version.number for version in first.items] == [11, 10, 9]
        assert [version.number for version in rest.items] == [8, 7, 6, 5, 4, 3, 2, 1]
        assert rest.next_after is None

    async def test_a_page_that_is_just_full_is_the_last(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        for _ in range(2):
            await add_bot(backend, tenant)
        assert (await backend.bot_queries.list(tenant, PageRequest(2))).next_after is None
