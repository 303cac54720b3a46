"""What every read side of conversations promises: filters, and complete pages."""

from datetime import timedelta

from application.queries.conversations import (
    ConversationFilter,
    ConversationOverview,
    Match,
)
from application.queries.page import Page, PageRequest
from application.testing.answers import start_conversation
from application.testing.backend import Backend, add_tenant, in_unit, outcome
from application.testing.contract import Contract
from application.testing.feedback import add_feedback
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_message,
    add_pending_answer,
)
from domain.conversations import MessageStatus
from domain.errors import NotFound
from domain.feedback import Rating

EVERY = ConversationFilter()


def _ids(page: Page[ConversationOverview]) -> set[str]:
    return {item.conversation.id for item in page.items}


class ConversationQueriesContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_conversations_are_found_by_the_words_they_hold(self, backend: Backend) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        opening = await add_conversation(backend, bot, "Opening hours")
        prices = await add_conversation(backend, bot, "Something else")
        await add_message(backend, prices, "What does a ticket cost on Élysée street?")
        await add_message(backend, opening, "When is the ticket office open?")
        for words, expected in (
            ("opening", {opening.id}),
            ("TICKET", {opening.id, prices.id}),
            ("élysée cost", {prices.id}),
            ("hours office", {opening.id}),
            ("refund", set()),
            ("ticket refund", set()),
            ("%", set()),
            (None, {opening.id, prices.id}),
        ):
            page = await backend.conversation_queries.list(
                bot.tenant_id, bot.id, ConversationFilter(words), PageRequest()
            )
            assert _ids(page) == expected, words

    async def test_conversations_are_found_by_an_answer_and_by_when_they_began(
        self, backend: Backend
    ) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        asked = await add_conversation(backend, bot)
        await add_message(backend, asked)  # a question is completed as it is asked
        waiting = await add_conversation(backend, bot)
        await add_pending_answer(backend, waiting)
        queries, begun = backend.conversation_queries, waiting.created_at
        for where, expected in (
            (ConversationFilter(status=MessageStatus.PENDING), {waiting.id}),
            (ConversationFilter(status=MessageStatus.COMPLETED), set()),
            (ConversationFilter(q="Opening", status=MessageStatus.PENDING), {waiting.id}),
            (ConversationFilter(q="refund", status=MessageStatus.PENDING), set()),
            (ConversationFilter(since=asked.created_at), {asked.id, waiting.id}),
            (ConversationFilter(since=begun + timedelta(seconds=1)), set()),
            (ConversationFilter(until=begun + timedelta(seconds=1)), {asked.id, waiting.id}),
            (ConversationFilter(until=asked.created_at), set()),
        ):
            page = await queries.list(bot.tenant_id, bot.id, where, PageRequest())
            assert _ids(page) == expected, where

    async def test_an_overview_tells_what_is_in_a_conversation(self, backend: Backend) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        starter = backend.clock.new_id("usr")
        talk = await add_conversation(backend, bot, started_by=starter)
        empty = await add_conversation(backend, bot)
        messages = [await add_message(backend, talk, text) for text in ("One", "Two", "Three")]
        for message, rating in (
            (messages[0], Rating.UP),
            (messages[0], Rating.DOWN),
            (messages[1], Rating.DOWN),
        ):
            await add_feedback(backend, message, rating)
        queries, tenant = backend.conversation_queries, bot.tenant_id
        full = ConversationOverview(talk, 3, messages[2].created_at, 1, 2)
        bare = ConversationOverview(empty, 0, None, 0, 0)
        assert talk.started_by == starter
        assert (await queries.list(tenant, bot.id, EVERY, PageRequest())).items == [bare, full]
        assert await queries.overview(tenant, talk.id) == full
        assert await queries.overview(tenant, empty.id) == bare
        stranger = await add_tenant(backend)
        assert await outcome(queries.overview(stranger, talk.id)) is NotFound
        assert (await queries.list(stranger, bot.id, EVERY, PageRequest())).items == []

    async def test_conversations_are_found_by_feedback_by_part_out_and_by_who_began_them(
        self, backend: Backend
    ) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        starter = backend.clock.new_id("usr")
        praised = await add_conversation(backend, bot, started_by=starter)
        worse = await add_conversation(backend, bot, started_by=backend.clock.new_id("key"))
        await add_feedback(backend, await add_message(backend, praised), Rating.UP)
        answer = await add_pending_answer(backend, worse)
        answer.degraded = True
        await in_unit(backend, bot.tenant_id, lambda unit: unit.messages.save(answer))
        await add_feedback(backend, answer, Rating.DOWN)
        for where, expected in (
            (ConversationFilter(feedback=Rating.UP), {praised.id}),
            (ConversationFilter(feedback=Rating.DOWN), {worse.id}),
            (ConversationFilter(degraded=True), {worse.id}),
            (ConversationFilter(degraded=False), {praised.id}),
            (ConversationFilter(degraded=True, feedback=Rating.UP), set()),
            (ConversationFilter(started_by=starter), {praised.id}),
            (ConversationFilter(started_by=backend.clock.new_id("usr")), set()),
        ):
            page = await backend.conversation_queries.list(
                bot.tenant_id, bot.id, where, PageRequest()
            )
            assert _ids(page) == expected, where

    async def test_a_match_is_the_oldest_message_that_holds_the_most_words(
        self, backend: Backend
    ) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        titled = await add_conversation(backend, bot, "A ticket refund")
        talk = await add_conversation(backend, bot)
        texts = ("A ticket?", "REFUND of a\nticket", "Ticket: refund", "100 % ticket")
        messages = [await add_message(backend, talk, text) for text in texts]

        async def matches(q: str | None) -> dict[str, Match | None]:
            page = await backend.conversation_queries.list(
                bot.tenant_id, bot.id, ConversationFilter(q), PageRequest()
            )
            return {item.conversation.id: item.match for item in page.items}

        both = Match(messages[1].id, "REFUND of a ticket")
        assert await matches("ticket refund") == {talk.id: both, titled.id: None}
        one = Match(messages[0].id, "A ticket?")
        assert await matches("ticket") == {talk.id: one, titled.id: None}
        assert await matches("%") == {talk.id: Match(messages[3].id, "100 % ticket")}
        assert await matches(None) == {talk.id: None, titled.id: None}

    async def test_the_pages_of_conversations_are_complete_while_some_are_added(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot, other_bot = await add_bot(backend, tenant), await add_bot(backend, tenant)
        ids = [(await add_conversation(backend, bot)).id for _ in range(5)]
        await add_conversation(backend, other_bot)
        seen: list[str] = []
        after: str | None = None
        while True:
            request = PageRequest(2, after)
            page = await backend.conversation_queries.list(tenant, bot.id, EVERY, request)
            seen += [item.conversation.id for item in page.items]
            after = page.next_after
            if after is None:
                break
            await add_conversation(backend, bot)
        assert seen == sorted(ids, reverse=True)

    async def test_the_pages_of_messages_run_from_the_oldest_and_take_new_ones_in(
        self, backend: Backend
    ) -> None:
        conversation, other = await start_conversation(backend), await start_conversation(backend)
        await add_message(backend, other, "elsewhere")
        ids = [(await add_message(backend, conversation, "x")).id for _ in range(3)]
        queries = backend.conversation_queries
        key = (conversation.tenant_id, conversation.id)
        first = await queries.messages(*key, PageRequest(2))
        ids.append((await add_message(backend, conversation, "late")).id)
        rest = await queries.messages(*key, PageRequest(2, first.next_after))
        assert [message.id for message in [*first.items, *rest.items]] == ids
        assert rest.next_after is None

    async def test_the_pages_of_messages_run_from_the_newest_where_that_is_asked_for(
        self, backend: Backend
    ) -> None:
        conversation, other = await start_conversation(backend), await start_conversation(backend)
        ids = [(await add_message(backend, conversation, "x")).id for _ in range(3)]
        await add_message(backend, other, "elsewhere")
        queries = backend.conversation_queries
        key = (conversation.tenant_id, conversation.id)
        first = await queries.messages(*key, PageRequest(2), newest_first=True)
        await add_message(backend, conversation, "late")
        page = PageRequest(2, first.next_after)
        rest = await queries.messages(*key, page, newest_first=True)
        assert [message.id for message in [*first.items, *rest.items]] == ids[::-1]
        assert rest.next_after is None
