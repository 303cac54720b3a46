"""What is made counts once, what is deleted is given back, and what does not fit leaves nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.memory.usage import InMemoryUsageQueries
from adapters.memory.web_fetcher import Page
from application.services.idempotency import IdempotencyKey
from application.services.views import error_problem
from application.testing.backend import outcome
from application.use_cases.accept_message import RegenerateAnswer
from application.use_cases.bots import DeleteBot
from application.use_cases.documents import (
    AddDocument,
    NewContent,
    ReplaceContent,
    ReprocessDocument,
)
from application.use_cases.plans import AssignPlan, SavePlan
from application.use_cases.web_documents import AddUrl, NewAddress
from domain.documents import Document
from domain.errors import InvalidInput, NotFound, PayloadTooLarge, PreconditionFailed, QuotaExceeded
from domain.plans import Quota
from unit.installation import DictatedModel, Installation, stream_of

NO_LIMITS = {quota.value: None for quota in Quota}
MEGABYTE = 1 << 20


@pytest.fixture
def on() -> Installation:
    return Installation()


def limit(on: Installation, **limits: int | None) -> None:
    """Give the actor's workspace a plan of these limits and no others."""
    accounts = on.state.accounts
    known = {Quota(name): value for name, value in (NO_LIMITS | limits).items()}
    accounts.plans["free"] = replace(accounts.plans["free"], limits=known)


async def used(on: Installation) -> dict[str, int]:
    """Return what is used of the limits that are used at all, but for members."""
    found = await InMemoryUsageQueries(on.state).standings(on.actor.tenant_id, on.clock.now())
    return {standing.quota.value: standing.used for standing in found if standing.used}


async def replace_content(on: Installation, document: Document, text: str) -> Document:
    content = NewContent("new.txt", "text/plain", stream_of(text.encode()))
    change = ReplaceContent(on.units, on.blobs, on.clock, MEGABYTE)
    return await change(on.actor, document.id, content)


async def test_what_is_made_counts_and_what_is_deleted_is_given_back(on: Installation) -> None:
    bot, other = await on.add_bot(), await on.add_bot()
    document = await on.add_ready(bot, "x" * 100)
    await on.add_ready(bot, "y" * 50, "more.txt")
    await on.upload(other, "z" * 7)
    assert await used(on) == {"bots": 2, "documents": 3, "bytes": 157}
    await on.delete(document)
    assert await used(on) == {"bots": 2, "documents": 2, "bytes": 57}
    await DeleteBot(on.units, on.clock)(on.actor, bot.id)
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 7}
    await on.work()
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 7}


async def test_a_bot_too_many_is_refused_and_leaves_nothing(on: Installation) -> None:
    limit(on, bots=1)
    bot = await on.add_bot()
    with pytest.raises(QuotaExceeded) as refused:
        await on.add_bot()
    assert refused.value.limit == "bots"
    assert list(on.tables.bots) == [bot.id]
    await DeleteBot(on.units, on.clock)(on.actor, bot.id)
    await on.add_bot()
    assert await used(on) == {"bots": 1}


async def test_a_document_too_many_is_refused_and_its_bytes_are_not_kept(on: Installation) -> None:
    limit(on, documents=1)
    bot = await on.add_bot()
    await on.upload(bot, "one")
    with pytest.raises(QuotaExceeded) as refused:
        await on.upload(bot, "two")
    assert refused.value.limit == "documents"
    assert len(on.tables.documents) == len(on.blobs.blobs) == 1


async def test_the_same_bytes_again_take_nothing_even_where_there_is_no_room(
    on: Installation,
) -> None:
    limit(on, documents=1, bytes=100)
    bot = await on.add_bot()
    key = IdempotencyKey("once", "print")
    first = await on.upload(bot, "x" * 100, key=key)
    replayed = await on.upload(bot, "x" * 100, key=key)
    again = await on.upload(bot, "x" * 100)
    assert replayed.replayed
    assert again.existed
    assert first.document.id == replayed.document.id == again.document.id
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 100}


async def test_an_upload_is_cut_off_where_the_plan_has_no_more_room(on: Installation) -> None:
    limit(on, bytes=100)
    bot = await on.add_bot()
    await on.upload(bot, "x" * 60)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 10
            yield b"y" * 10

    add = AddDocument(on.units, on.blobs, on.clock, MEGABYTE)
    with pytest.raises(QuotaExceeded) as refused:
        await add(on.actor, bot.id, NewContent("a.txt", "text/plain", endless()))
    assert refused.value.limit == "bytes"
    assert read <= 80
    await on.upload(bot, "z" * 40, "fits.txt")
    assert await used(on) == {"bots": 1, "documents": 2, "bytes": 100}


async def test_an_upload_over_the_servers_own_limit_is_too_large_and_no_matter_of_plans(
    on: Installation,
) -> None:
    limit(on, bytes=100 * MEGABYTE)
    bot = await on.add_bot()
    with pytest.raises(PayloadTooLarge):
        await on.upload(bot, "x" * (MEGABYTE + 1))


async def test_old_bytes_count_until_the_new_ones_answer(on: Installation) -> None:
    bot = await on.add_bot()
    document = await on.add_ready(bot, "x" * 100)
    await replace_content(on, document, "y" * 30)
    await replace_content(on, document, "z" * 40)
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 170}
    await on.work()
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 40}
    await ReprocessDocument(on.units, on.clock)(on.actor, document.id)
    await on.work()
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 40}


async def test_new_content_without_room_is_refused_and_the_old_stays(on: Installation) -> None:
    limit(on, bytes=100)
    bot = await on.add_bot()
    document = await on.add_ready(bot, "x" * 80)
    with pytest.raises(QuotaExceeded):
        await replace_content(on, document, "y" * 30)
    assert (await on.document(document.id)).target == 1
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 80}


async def test_an_address_counts_as_a_document_now_and_as_bytes_once_it_is_fetched(
    on: Installation,
) -> None:
    limit(on, documents=1, bytes=5)
    bot = await on.add_bot()
    on.web.pages["https://example.org/a"] = Page(b"too many bytes", "text/plain")
    add = AddUrl(on.units, on.web, on.clock)
    added = await add(on.actor, bot.id, NewAddress("https://example.org/a"))
    assert (await add(on.actor, bot.id, NewAddress("https://example.org/a"))).existed
    with pytest.raises(QuotaExceeded):
        await add(on.actor, bot.id, NewAddress("https://example.org/b"))
    await on.work()
    document = await on.document(added.document.id)
    assert document.error is not None
    assert document.error.code == "quota_exceeded"
    assert on.blobs.blobs == {}
    limit(on)
    await ReprocessDocument(on.units, on.clock)(on.actor, document.id)
    await on.work()
    assert await used(on) == {"bots": 1, "documents": 1, "bytes": 14}


async def test_of_fifty_messages_at_once_ten_are_accepted_where_there_is_room_for_ten(
    on: Installation,
) -> None:
    limit(on, messages_month=10)
    bot = await on.add_bot()
    found = await asyncio.gather(*(outcome(on.ask("Hello?", bot_id=bot.id)) for _ in range(50)))
    assert found.count(QuotaExceeded) == 40
    assert len(on.tables.messages) == 20
    assert (await used(on))["messages_month"] == 10


async def test_a_request_that_is_sent_twice_counts_once(on: Installation) -> None:
    limit(on, messages_month=1)
    bot = await on.add_bot()
    key = IdempotencyKey("once", "print")
    first = await on.ask("Hello?", key, bot_id=bot.id)
    again = await on.ask("Hello?", key, bot_id=bot.id)
    assert again.replayed
    assert again.answer.id == first.answer.id
    assert (await used(on))["messages_month"] == 1


async def test_a_key_whose_request_was_refused_is_good_once_there_is_room(
    on: Installation,
) -> None:
    limit(on, messages_month=0)
    bot = await on.add_bot()
    key = IdempotencyKey("once", "print")
    with pytest.raises(QuotaExceeded):
        await on.ask("Hello?", key, bot_id=bot.id)
    limit(on)
    assert not (await on.ask("Hello?", key, bot_id=bot.id)).replayed


async def test_another_answer_to_the_same_question_is_a_message_more(on: Installation) -> None:
    limit(on, messages_month=1)
    bot = await on.add_bot()
    answer = await on.answered("Hello?", bot_id=bot.id)
    with pytest.raises(QuotaExceeded):
        await RegenerateAnswer(on.units, on.clock)(on.actor, answer.id)


async def test_messages_count_anew_with_the_next_month(on: Installation) -> None:
    limit(on, messages_month=1)
    bot = await on.add_bot()
    await on.ask("Hello?", bot_id=bot.id)
    with pytest.raises(QuotaExceeded):
        await on.ask("Hello?", bot_id=bot.id)
    on.clock.advance(31 * 24 * 3600)
    await on.ask("Hello?", bot_id=bot.id)
    assert (await used(on))["messages_month"] == 1


async def test_no_message_is_accepted_once_the_tokens_are_spent_to_the_last() -> None:
    model = DictatedModel()
    model.say("Seven and three.", None)
    on = Installation(model)
    limit(on, tokens_month=10)
    bot = await on.add_bot()
    await on.answered("Hello?", bot_id=bot.id)
    assert (await used(on))["tokens_month"] == 10
    with pytest.raises(QuotaExceeded) as refused:
        await on.ask("Hello?", bot_id=bot.id)
    assert refused.value.limit == "tokens_month"
    assert (await used(on))["messages_month"] == 1


async def test_a_plan_that_allows_less_than_there_is_deletes_nothing_and_refuses_what_is_new(
    on: Installation,
) -> None:
    bot = await on.add_bot()
    await on.add_bot()
    document = await on.add_ready(bot, "x" * 100)
    save = SavePlan(on.identities, on.clock)
    await save(on.actor, "small", "Small", {**NO_LIMITS, "bots": 1, "bytes": 10})
    await AssignPlan(on.identities, on.clock)(on.actor, on.actor.tenant_id, "small")
    for refused in (on.add_bot(), on.upload(bot, "y"), replace_content(on, document, "z")):
        assert await outcome(refused) is QuotaExceeded
    assert await used(on) == {"bots": 2, "documents": 1, "bytes": 100}
    assert (await on.answered("Hello?", bot_id=bot.id)).content
    await on.delete(document)
    await on.upload(bot, "y" * 10)


async def test_a_plan_is_changed_by_who_knows_its_version(on: Installation) -> None:
    save = SavePlan(on.identities, on.clock)
    made, new = await save(on.actor, "team", "Team", NO_LIMITS)
    assert (made.version, new) == (1, True)
    changed, new = await save(on.actor, "team", "Team", {**NO_LIMITS, "bots": 7}, 1)
    assert (changed.version, new, changed.limits[Quota.BOTS]) == (2, False, 7)
    for plan_id in ("team", "nothing"):
        with pytest.raises(PreconditionFailed):
            await save(on.actor, plan_id, "Team", NO_LIMITS, 1)


async def test_only_a_plan_that_there_is_can_be_given_to_a_workspace_that_there_is(
    on: Installation,
) -> None:
    assign = AssignPlan(on.identities, on.clock)
    with pytest.raises(InvalidInput):
        await assign(on.actor, on.actor.tenant_id, "nothing")
    with pytest.raises(NotFound):
        await assign(on.actor, "ws_9", "pro")


def test_a_refusal_inside_a_stream_or_socket_names_the_limit_too() -> None:
    refused = QuotaExceeded("Your plan's limit bots is 3.", limit="bots")
    assert error_problem(refused)["limit"] == "bots"
    assert "limit" not in error_problem(NotFound())
