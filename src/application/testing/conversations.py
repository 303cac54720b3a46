"""What every store of conversations and messages promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from application.queries.conversations import ConversationFilter
from application.queries.page import PageRequest
from application.testing.answers import claim, expired, lease, start_conversation
from application.testing.backend import Backend, add_tenant, in_unit, outcome, outcomes
from application.testing.contract import Contract
from application.testing.samples import (
    add_message,
    add_pending_answer,
    make_message,
)
from application.use_cases.accept_message import RegenerateAnswer
from domain.accounts import Actor, MemberRole
from domain.citations import Citation
from domain.conversations import (
    Fallback,
    MessageRole,
    MessageStatus,
    Problem,
    TokenUsage,
)
from domain.errors import NotFound
from domain.events import NewEvent


class ConversationsContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_conversation_is_read_as_it_was_written(self, backend: Backend) -> None:
        conversation = await start_conversation(backend, "é 字 😀")
        tenant, key = conversation.tenant_id, conversation.id
        async with backend.units.open(tenant) as unit:
            assert await unit.conversations.get(key) == conversation
            assert await unit.conversations.get(key, lock=True) == conversation
        assert await backend.conversation_queries.get(tenant, key) == conversation

    async def test_saving_keeps_the_changes_and_raises_the_version(self, backend: Backend) -> None:
        conversation = await start_conversation(backend)
        conversation.title = "Closing"
        conversation.updated_at += timedelta(minutes=1)
        async with backend.units.open(conversation.tenant_id) as unit:
            await unit.conversations.save(conversation)
        assert conversation.version == 2
        key = (conversation.tenant_id, conversation.id)
        assert await backend.conversation_queries.get(*key) == conversation

    async def test_a_message_is_read_as_it_was_written_and_saved(self, backend: Backend) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        message = await add_pending_answer(backend, conversation)
        assert await backend.conversation_queries.message(tenant, message.id) == message
        message.citations = (
            Citation(
                index=1,
                document_id=backend.clock.new_id("doc"),
                title="Rules",
                revision=2,
                chunk_id="chk_1",
                start=4,
                end=9,
                page=None,
                quote="é 字 😀",
                verified=True,
            ),
        )
        message.usage, message.timings = TokenUsage(12, 34), {"retrieve": 1.5}
        message.model, message.degraded = "extractive/default", True
        message.fallbacks = (
            Fallback("é 字/x", "model_unavailable"),
            Fallback("b/y", "model_empty"),
        )
        message.finish(MessageStatus.FAILED, "Half an ans", Problem("model_empty", "Nothing came."))
        async with backend.units.open(tenant) as unit:
            await unit.messages.save(message)
        async with backend.units.open(tenant) as unit:
            assert await unit.messages.get(message.id) == message
            assert await unit.messages.get(message.id, lock=True) == message
        assert await backend.conversation_queries.message(tenant, message.id) == message

    async def test_the_newest_message_is_the_last(self, backend: Backend) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        question = make_message(backend, conversation, "Why?")
        answer = make_message(backend, conversation, role=MessageRole.ASSISTANT, parent=question)
        async with backend.units.open(tenant) as unit:
            assert await unit.messages.last(conversation.id) is None
            await unit.messages.add([question, answer])
            assert await unit.messages.last(conversation.id) == answer

    async def test_a_branch_leads_to_its_message_and_leaves_siblings_out(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        first = await add_message(backend, conversation, "first")
        await add_message(backend, conversation, "sibling", parent=first)
        second = await add_message(backend, conversation, "second", parent=first)
        third = await add_message(backend, conversation, "third", parent=second)
        async with backend.units.open(tenant) as unit:
            assert await unit.messages.branch(third.id, 10) == [first, second, third]
            assert await unit.messages.branch(third.id, 2) == [second, third]
            assert await unit.messages.branch(third.id, 0) == []
            assert await unit.messages.branch(backend.clock.new_id("msg"), 10) == []

    async def test_a_deleted_conversation_takes_messages_and_events_with_it(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant, key = conversation.tenant_id, conversation.id
        answer = await add_pending_answer(backend, conversation)
        await lease(backend, answer, -1)
        async with backend.units.open(tenant) as unit:
            await unit.events.append(answer.id, [NewEvent("message.delta", {"text": "At"})])
        await in_unit(backend, tenant, lambda u: u.conversations.delete(key))
        queries = backend.conversation_queries
        assert await outcome(queries.get(tenant, key)) is NotFound
        assert await outcome(queries.message(tenant, answer.id)) is NotFound
        assert (await queries.messages(tenant, key, PageRequest())).items == []
        assert await backend.event_log.read(tenant, answer.id, 0) == []
        assert await expired(backend, tenant) == set()
        async with backend.units.open(tenant) as unit:
            assert await outcome(unit.conversations.get(key)) is NotFound
            assert await outcome(unit.messages.get(answer.id)) is NotFound
            assert await unit.messages.last(key) is None
            assert await unit.messages.branch(answer.id, 5) == []

    async def test_what_is_written_while_a_conversation_is_deleted_goes_with_it(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant, key = conversation.tenant_id, conversation.id
        answer = await add_pending_answer(backend, conversation)
        async with backend.units.open(tenant) as unit:
            assert await unit.messages.lease(answer.id, answer.attempt, 60) is False
            delete = in_unit(backend, tenant, lambda u: u.conversations.delete(key))
            deleting = asyncio.create_task(delete)
            await asyncio.sleep(0.2)
            await unit.events.append(answer.id, [NewEvent("message.delta", {"text": "At"})])
        await deleting
        assert await backend.event_log.read(tenant, answer.id, 0) == []

    async def test_an_answer_is_not_made_anew_in_what_is_being_deleted(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant, key = conversation.tenant_id, conversation.id
        question = await add_message(backend, conversation, "When?")
        answer = make_message(backend, conversation, parent=question, role=MessageRole.ASSISTANT)
        await in_unit(backend, tenant, lambda u: u.messages.add([answer]))
        actor = Actor(backend.clock.new_id("usr"), tenant, MemberRole.OWNER)
        async with backend.units.open(tenant) as unit:
            await unit.conversations.get(key, lock=True)
            await unit.conversations.delete(key)
            again = RegenerateAnswer(backend.units, backend.clock)(actor, answer.id)
            asking = asyncio.create_task(outcome(again))
            await asyncio.sleep(0.2)
        assert await asking is NotFound

    async def test_a_deleted_bots_conversations_vanish_from_every_read(
        self, backend: Backend
    ) -> None:
        conversation = await start_conversation(backend)
        tenant, key = conversation.tenant_id, conversation.id
        answer = await add_pending_answer(backend, conversation)
        await lease(backend, answer, -1)
        await in_unit(backend, tenant, lambda u: u.bots.delete(conversation.bot_id))
        queries = backend.conversation_queries
        assert await outcome(queries.get(tenant, key)) is NotFound
        assert (await queries.messages(tenant, key, PageRequest())).items == []
        assert await expired(backend, tenant) == set()
        assert await claim(backend, answer) is None
        assert await lease(backend, answer, 60) is True
        async with backend.units.open(tenant) as unit:
            assert await outcome(unit.messages.get(answer.id, lock=True)) is NotFound
            assert await unit.messages.last(key) is None
            assert await unit.messages.branch(answer.id, 5) == []

    async def test_another_tenants_conversation_answers_as_an_unknown_one(
        self, backend: Backend
    ) -> None:
        conversation, stranger = await start_conversation(backend), await add_tenant(backend)
        key = conversation.id
        answer = await add_pending_answer(backend, conversation)
        queries, page = backend.conversation_queries, PageRequest()
        assert await outcome(queries.get(stranger, key)) is NotFound
        assert await outcome(queries.message(stranger, answer.id)) is NotFound
        assert (await queries.messages(stranger, key, page)).items == []
        every = ConversationFilter()
        assert (await queries.list(stranger, conversation.bot_id, every, page)).items == []
        async with backend.units.open(stranger) as unit:
            assert await outcome(unit.conversations.get(key)) is NotFound
            assert await outcome(unit.messages.get(answer.id)) is NotFound
            assert await unit.messages.last(key) is None
            assert await unit.messages.branch(answer.id, 5) == []
            unknown = backend.clock.new_id("msg")
            for key in (answer.id, unknown):
                assert await unit.messages.lease(key, answer.attempt, 60) is True
                assert await unit.messages.claim(key, 60) is None

    async def test_another_tenant_can_change_nothing(self, backend: Backend) -> None:
        conversation, stranger = await start_conversation(backend), await add_tenant(backend)
        answer = await add_pending_answer(backend, conversation)
        await lease(backend, answer, 60)
        await outcomes(
            in_unit(backend, stranger, lambda u: u.messages.request_stop(answer.id)),
            in_unit(backend, stranger, lambda u: u.messages.lease(answer.id, 1, -3600)),
            in_unit(
                backend, stranger, lambda u: u.messages.save(replace(answer, content="Stolen"))
            ),
            in_unit(
                backend, stranger, lambda u: u.conversations.save(replace(conversation, title="!"))
            ),
            in_unit(backend, stranger, lambda u: u.conversations.delete(conversation.id)),
        )
        owner, queries = conversation.tenant_id, backend.conversation_queries
        assert await queries.get(owner, conversation.id) == conversation
        assert await queries.message(owner, answer.id) == answer
        assert await expired(backend, owner) == set()
        assert await lease(backend, answer, 60) is False
