"""What every store of feedback promises, and every read side of who acts."""

from dataclasses import replace
from datetime import timedelta

from application.testing.answers import start_conversation
from application.testing.backend import (
    Backend,
    add_tenant,
    add_user,
    add_workspace,
    in_unit,
    rolled_back,
)
from application.testing.contract import Contract
from application.testing.samples import add_conversation, add_message
from domain.api_keys import ApiKey, make_secret
from domain.conversations import Message
from domain.feedback import Feedback, Rating


def make_feedback(
    backend: Backend, message: Message, rating: Rating = Rating.DOWN, actor_id: str | None = None
) -> Feedback:
    """Return feedback that is not stored yet, of an actor that said nothing before."""
    now = backend.clock.now()
    return Feedback(
        message_id=message.id,
        conversation_id=message.conversation_id,
        actor_id=actor_id or backend.clock.new_id("usr"),
        rating=rating,
        reason="wrong_source",
        comment="We open at eight. é 字",
        created_at=now,
        updated_at=now,
    )


async def add_feedback(
    backend: Backend, message: Message, rating: Rating = Rating.DOWN
) -> Feedback:
    """Store what somebody says of a message."""
    feedback = make_feedback(backend, message, rating)
    await in_unit(backend, message.tenant_id, lambda unit: unit.feedback.put(feedback))
    return feedback


class FeedbackContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_feedback_is_read_as_it_was_written(self, backend: Backend) -> None:
        message = await add_message(backend, await start_conversation(backend))
        tenant = message.tenant_id
        said = await add_feedback(backend, message)
        key = (message.id, said.actor_id)
        assert await in_unit(backend, tenant, lambda u: u.feedback.get(*key)) == said
        given = await backend.feedback_queries.given(tenant, said.actor_id, [message.id])
        assert given == {message.id: said}
        nobody = backend.clock.new_id("usr")
        assert await backend.feedback_queries.given(tenant, nobody, [message.id]) == {}
        assert await in_unit(backend, tenant, lambda u: u.feedback.get(message.id, nobody)) is None

    async def test_the_last_word_counts_and_the_first_ones_time_stays(
        self, backend: Backend
    ) -> None:
        message = await add_message(backend, await start_conversation(backend))
        said = await add_feedback(backend, message)
        later = said.created_at + timedelta(minutes=1)
        changed = replace(
            said, rating=Rating.UP, reason=None, comment=None, created_at=later, updated_at=later
        )
        await in_unit(backend, message.tenant_id, lambda unit: unit.feedback.put(changed))
        given = await backend.feedback_queries.given(message.tenant_id, said.actor_id, [message.id])
        assert given == {message.id: replace(changed, created_at=said.created_at)}

    async def test_everyone_has_a_say_of_ones_own(self, backend: Backend) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        messages = [await add_message(backend, conversation) for _ in range(2)]
        elsewhere = await add_message(backend, await start_conversation(backend))
        said = [await add_feedback(backend, message) for message in (*messages, messages[0])]
        await add_feedback(backend, elsewhere)
        reads = backend.feedback_queries
        found = await reads.of_conversation(tenant, conversation.id)
        assert found == sorted(said, key=lambda each: (each.message_id, each.actor_id))
        first = said[0]
        key = (messages[0].id, first.actor_id)
        async with rolled_back(backend.units.open(tenant)) as unit:
            await unit.feedback.delete(*key)
        assert await reads.of_conversation(tenant, conversation.id) == found
        for _ in range(2):
            await in_unit(backend, tenant, lambda unit: unit.feedback.delete(*key))
        found.remove(first)
        assert await reads.of_conversation(tenant, conversation.id) == found

    async def test_another_tenant_sees_and_removes_nothing(self, backend: Backend) -> None:
        message = await add_message(backend, await start_conversation(backend))
        said = await add_feedback(backend, message)
        stranger = await add_tenant(backend)
        key = (message.id, said.actor_id)
        reads = backend.feedback_queries
        assert await in_unit(backend, stranger, lambda u: u.feedback.get(*key)) is None
        assert await reads.given(stranger, said.actor_id, [message.id]) == {}
        assert await reads.of_conversation(stranger, message.conversation_id) == []
        await in_unit(backend, stranger, lambda u: u.feedback.delete(*key))
        left = await reads.given(message.tenant_id, said.actor_id, [message.id])
        assert left == {message.id: said}

    async def test_feedback_goes_with_its_conversation(self, backend: Backend) -> None:
        conversation = await start_conversation(backend)
        tenant = conversation.tenant_id
        bot = await backend.bot_queries.get(tenant, conversation.bot_id)
        kept = await add_feedback(
            backend, await add_message(backend, await add_conversation(backend, bot))
        )
        gone = await add_feedback(backend, await add_message(backend, conversation))
        counts = await in_unit(backend, tenant, lambda unit: unit.upkeep.count_bot(bot.id))
        assert counts["message_feedback"] == 2
        await in_unit(backend, tenant, lambda u: u.conversations.delete(conversation.id))
        reads = backend.feedback_queries
        assert await reads.of_conversation(tenant, gone.conversation_id) == []
        assert await reads.of_conversation(tenant, kept.conversation_id) == [kept]
        await in_unit(backend, tenant, lambda unit: unit.bots.delete(bot.id))
        await in_unit(backend, tenant, lambda unit: unit.bots.erase_conversations(bot.id, 10))
        assert await reads.of_conversation(tenant, kept.conversation_id) == []

    async def test_members_and_keys_have_names_in_their_own_workspace_only(
        self, backend: Backend
    ) -> None:
        user, stranger = await add_user(backend), await add_user(backend)
        tenant = (await add_workspace(backend, user)).id
        other = (await add_workspace(backend, stranger)).id
        key = ApiKey.make(
            backend.clock.new_id("key"),
            tenant,
            user.id,
            make_secret(backend.clock.new_secret()),
            backend.clock.now(),
            name="Import",
            scopes=["chat"],
        )
        await in_unit(backend, tenant, lambda unit: unit.api_keys.add(key))
        ids = [user.id, stranger.id, key.id, backend.clock.new_id("usr"), None]
        names = {user.id: user.full_name, key.id: "Import"}
        assert await backend.actor_names.of(tenant, ids) == names
        assert await backend.actor_names.of(other, ids) == {stranger.id: stranger.full_name}
        assert await backend.actor_names.of(tenant, [None]) == {}
