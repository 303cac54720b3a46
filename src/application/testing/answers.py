"""What every store of answers promises to those that write them."""

import asyncio
from dataclasses import replace

from application.ports.conversations import Claim, Commission
from application.testing.backend import Backend, add_tenant, in_unit, outcome
from application.testing.contract import Contract
from application.testing.credentials import add_credentials
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_pending_answer,
    make_message,
)
from domain.bots import BotVersion
from domain.configuration import Configuration
from domain.conversations import (
    Conversation,
    Message,
    MessageRole,
    MessageStatus,
    Problem,
)
from domain.errors import NotFound


async def start_conversation(backend: Backend, title: str = "Opening") -> Conversation:
    """Store a conversation in a tenant of its own."""
    return await add_conversation(backend, await add_bot(backend, await add_tenant(backend)), title)


async def lease(backend: Backend, answer: Message, seconds: float, **more: bool) -> bool:
    """Lease an answer by its attempt."""
    return await in_unit(
        backend,
        answer.tenant_id,
        lambda u: u.messages.lease(answer.id, answer.attempt, seconds, **more),
    )


async def claim(backend: Backend, answer: Message, seconds: float = 60) -> Claim | None:
    return await in_unit(backend, answer.tenant_id, lambda u: u.messages.claim(answer.id, seconds))


async def expired(backend: Backend, tenant: str) -> set[str]:
    """Return the abandoned answers of one tenant."""
    found = await backend.abandoned.expired(10_000)
    return {message_id for tenant_id, message_id in found if tenant_id == tenant}


class AnswersContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_who_answers_hears_of_a_stop_with_the_next_lease(self, backend: Backend) -> None:
        answer = await add_pending_answer(backend, await start_conversation(backend))
        assert await lease(backend, answer, 60) is False
        await in_unit(backend, answer.tenant_id, lambda u: u.messages.request_stop(answer.id))
        answer.status = MessageStatus.STREAMING
        await in_unit(backend, answer.tenant_id, lambda u: u.messages.save(answer))
        assert await lease(backend, answer, 60) is True

    async def test_an_answer_is_abandoned_once_its_lease_has_run_out(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        answer = await add_pending_answer(backend, conversation)
        await lease(backend, answer, 60)
        assert await expired(backend, tenant) == set()
        await lease(backend, answer, -1)
        assert await expired(backend, tenant) == {answer.id}
        answer.finish(MessageStatus.FAILED, "", Problem("interrupted", "The process ended."))
        await in_unit(backend, tenant, lambda u: u.messages.save(answer))
        assert await expired(backend, tenant) == set()

    async def test_abandoned_answers_of_all_tenants_are_found_up_to_a_limit(
        self, backend: Backend
    ) -> None:
        answers = [
            await add_pending_answer(backend, await start_conversation(backend)) for _ in range(3)
        ]
        for answer in answers:
            await lease(backend, answer, -1)
        found = await backend.abandoned.expired(10_000)
        assert {(answer.tenant_id, answer.id) for answer in answers} <= set(found)
        assert len(await backend.abandoned.expired(2)) == 2

    async def test_a_new_answer_is_leased_from_the_start_and_nothing_else_is(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        question = make_message(backend, conversation, "Why?")
        answer = make_message(
            backend,
            conversation,
            parent=question,
            role=MessageRole.ASSISTANT,
            status=MessageStatus.PENDING,
        )
        answer.attempt, answer.draft = 1, True
        async with backend.units.open(tenant) as unit:
            await unit.messages.add([question, answer], -1)
            assert await unit.messages.get(question.id) == question
            assert await unit.messages.get(answer.id) == answer
        assert await expired(backend, tenant) == {answer.id}
        leased = replace(answer, id=backend.clock.new_id("msg"))
        await in_unit(backend, tenant, lambda u: u.messages.add([leased], 60))
        assert await expired(backend, tenant) == {answer.id}

    async def test_an_answer_is_streaming_from_its_first_text_on(self, backend: Backend) -> None:
        answer = await add_pending_answer(backend, await start_conversation(backend))
        key = (answer.tenant_id, answer.id)
        await lease(backend, answer, 60)
        assert (await backend.conversation_queries.message(*key)).status is MessageStatus.PENDING
        for _ in range(2):
            assert await lease(backend, answer, 60, has_text=True) is False
            now = await backend.conversation_queries.message(*key)
            assert now == replace(answer, status=MessageStatus.STREAMING)
        assert await lease(backend, answer, 60) is False
        assert await backend.conversation_queries.message(*key) == now

    async def test_only_an_abandoned_answer_is_taken_over_and_by_one(
        self, backend: Backend
    ) -> None:
        answer = await add_pending_answer(backend, await start_conversation(backend))
        assert await claim(backend, answer) is None, "nobody has begun it"
        await lease(backend, answer, 60)
        assert await claim(backend, answer) is None, "it is being written"
        await lease(backend, answer, -1)
        claims = await asyncio.gather(*(claim(backend, answer) for _ in range(5)))
        assert [one for one in claims if one] == [Claim(replace(answer, attempt=2), False)]
        assert await expired(backend, answer.tenant_id) == set()
        await lease(backend, replace(answer, attempt=2), -1)
        await in_unit(backend, answer.tenant_id, lambda u: u.messages.request_stop(answer.id))
        assert await claim(backend, answer) == Claim(replace(answer, attempt=3), True)

    async def test_who_lost_an_answer_is_told_to_stop_and_keeps_nobody_from_it(
        self, backend: Backend
    ) -> None:
        answer = await add_pending_answer(backend, await start_conversation(backend))
        await lease(backend, answer, -1)
        taken = await claim(backend, answer, -1)
        assert taken is not None
        assert await lease(backend, answer, 60, has_text=True) is True
        assert await expired(backend, answer.tenant_id) == {answer.id}, "not renewed"
        found = await backend.conversation_queries.message(answer.tenant_id, answer.id)
        assert found == taken.answer
        await in_unit(backend, answer.tenant_id, lambda u: u.messages.save(answer))
        assert await lease(backend, taken.answer, 60) is False, "saving gives nothing back"

    async def test_an_ended_answer_is_neither_leased_nor_taken_over(self, backend: Backend) -> None:
        answer = await add_pending_answer(backend, await start_conversation(backend))
        await lease(backend, answer, -1)
        answer.finish(MessageStatus.COMPLETED, "At nine.")
        await in_unit(backend, answer.tenant_id, lambda u: u.messages.save(answer))
        assert await lease(backend, answer, 60, has_text=True) is True
        assert await claim(backend, answer) is None
        found = await backend.conversation_queries.message(answer.tenant_id, answer.id)
        assert found == answer

    async def test_an_answer_is_made_as_its_bot_says_with_the_keys_of_its_tenant(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        answer = await add_pending_answer(backend, conversation)
        draft = await add_pending_answer(backend, conversation, draft=True)
        async with backend.units.open(tenant) as unit:
            bot = await unit.bots.get(conversation.bot_id)
            commission = await unit.messages.commission(answer.id)
        assert commission == Commission(bot.id, bot.configuration, [])
        keys = [await add_credentials(backend, tenant, name) for name in ("openai", "anthropic")]
        published = Configuration.of({"system_prompt": "Be long."})
        bot.published_version = 2
        now = backend.clock.now()
        async with backend.units.open(tenant) as unit:
            await unit.bots.add_version(BotVersion(bot.id, 1, bot.configuration, now))
            await unit.bots.add_version(BotVersion(bot.id, 2, published, now))
            await unit.bots.save(bot)
        async with backend.units.open(tenant) as unit:
            assert await unit.messages.commission(answer.id) == Commission(
                bot.id, published, keys[::-1], 2
            )
            by_draft = await unit.messages.commission(draft.id)
            assert (by_draft.settings, by_draft.version) == (bot.configuration, None)
        async with backend.identities.open() as identities:
            workspace = await identities.workspaces.get(tenant, lock=True)
            assert workspace is not None
            await identities.workspaces.save(replace(workspace, default_model="openai/own"))
        async with backend.units.open(tenant) as unit:
            settings = (await unit.messages.commission(answer.id)).settings
        assert settings == published.defaulting_to("openai/own") != published
        async with backend.units.open(await add_tenant(backend)) as unit:
            assert await outcome(unit.messages.commission(answer.id)) is NotFound
        await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
        async with backend.units.open(tenant) as unit:
            assert await outcome(unit.messages.commission(answer.id)) is NotFound
