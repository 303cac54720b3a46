"""Bots and conversations: making, changing, publishing, deleting."""

from dataclasses import replace

import pytest

from application.queries.page import PageRequest
from application.services.idempotency import IdempotencyKey
from application.use_cases.bots import (
    CreateBot,
    CreateVersion,
    DeleteBot,
    PublishVersion,
    UpdateBot,
)
from application.use_cases.conversations import (
    DeleteConversation,
    RenameConversation,
    StartConversation,
)
from domain.bots import NOTE_MAX, GenerationState
from domain.errors import IdempotencyConflict, InvalidInput, NotFound, PreconditionFailed
from domain.jobs import JobKind
from unit.installation import Installation

KEY = IdempotencyKey("key-1", "POST /bots a")


def _create(installation: Installation) -> CreateBot:
    return CreateBot(
        installation.units,
        installation.embedder,
        installation.vectors,
        installation.models,
        installation.clock,
    )


def _update(installation: Installation) -> UpdateBot:
    return UpdateBot(installation.units, installation.models, installation.clock)


async def test_a_new_bot_has_an_index_of_the_present_embedder(installation: Installation) -> None:
    bot, replayed = await _create(installation)(
        installation.actor, "  Librarian ", "Knows.", {"retriever_k": 3}
    )
    assert not replayed
    assert (bot.name, bot.description, bot.configuration.retriever_k) == ("Librarian", "Knows.", 3)
    generation = await installation.bot_queries.generation(bot.tenant_id, bot.id)
    assert generation.state is GenerationState.LIVE
    assert (generation.space, generation.dimensions) == (
        installation.embedder.space,
        installation.embedder.dimensions,
    )


async def test_a_repeated_request_makes_no_second_bot(installation: Installation) -> None:
    create = _create(installation)
    bot, _ = await create(installation.actor, "Librarian", key=KEY)
    assert await create(installation.actor, "Librarian", key=KEY) == (bot, True)
    with pytest.raises(IdempotencyConflict):
        await create(installation.actor, "Other", key=replace(KEY, fingerprint="b"))
    assert len(installation.tables.bots) == len(installation.tables.generations) == 1
    other, replayed = await create(installation.stranger, "Librarian", key=KEY)
    assert (other.id != bot.id, replayed) == (True, False)


@pytest.mark.parametrize(
    ("name", "description", "configuration", "code"),
    [
        (" ", "", {}, "invalid_request"),
        ("x" * 201, "", {}, "invalid_request"),
        ("a\x00b", "", {}, "invalid_request"),
        ("Librarian", "x" * 2001, {}, "invalid_request"),
        ("Librarian", "", {"unknown": 1}, "invalid_request"),
        ("Librarian", "", {"llm_model": "other/one"}, "model_not_configured"),
    ],
)
async def test_a_bot_that_does_not_fit_is_refused(
    installation: Installation,
    name: str,
    description: str,
    configuration: dict[str, object],
    code: str,
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await _create(installation)(installation.actor, name, description, configuration)
    assert caught.value.code == code
    bot = await installation.add_bot()
    with pytest.raises(InvalidInput) as caught:
        await _update(installation)(
            installation.actor,
            bot.id,
            name=name,
            description=description,
            configuration=configuration,
        )
    assert caught.value.code == code
    assert await installation.bot_queries.get(bot.tenant_id, bot.id) == bot


async def test_a_change_merges_into_the_configuration(installation: Installation) -> None:
    bot = await installation.add_bot(retriever_k=3, temperature=0.1)
    installation.clock.advance(5)
    changed = await _update(installation)(
        installation.actor,
        bot.id,
        name="Archivist",
        configuration={"temperature": None, "system_prompt": "Be brief."},
        expected_version=bot.version,
    )
    assert changed == await installation.bot_queries.get(bot.tenant_id, bot.id)
    assert (changed.name, changed.description) == ("Archivist", bot.description)
    settings = changed.configuration
    assert (settings.retriever_k, settings.temperature) == (3, 0.7)
    assert settings.system_prompt == "Be brief."
    assert (changed.version, changed.updated_at > bot.updated_at) == (bot.version + 1, True)
    with pytest.raises(PreconditionFailed):
        await _update(installation)(
            installation.actor, bot.id, name="Third", expected_version=bot.version
        )


async def test_versions_are_frozen_counted_and_published(installation: Installation) -> None:
    bot = await installation.add_bot(system_prompt="One.")
    create = CreateVersion(installation.units, installation.clock)
    first = await create(installation.actor, bot.id)
    await _update(installation)(installation.actor, bot.id, configuration={"system_prompt": "Two."})
    second = await create(installation.actor, bot.id)
    assert (first.number, first.configuration.system_prompt) == (1, "One.")
    assert (second.number, second.configuration.system_prompt) == (2, "Two.")
    publish = PublishVersion(installation.units, installation.clock)
    for number in (2, 1):
        assert (await publish(installation.actor, bot.id, number)).published_version == number
    with pytest.raises(NotFound):
        await publish(installation.actor, bot.id, 3)
    versions = await installation.bot_queries.versions(bot.tenant_id, bot.id, PageRequest())
    now = installation.clock.now()
    assert versions.items == [replace(each, published_at=now) for each in (second, first)]
    assert second.created_by == installation.actor.id


async def test_a_version_may_say_what_it_is_for(installation: Installation) -> None:
    bot = await installation.add_bot()
    create = CreateVersion(installation.units, installation.clock)
    assert (await create(installation.actor, bot.id, " Shorter. ")).note == "Shorter."
    for note in ("x" * (NOTE_MAX + 1), "a\x00b"):
        with pytest.raises(InvalidInput):
            await create(installation.actor, bot.id, note)
    assert (
        len((await installation.bot_queries.versions(bot.tenant_id, bot.id, PageRequest())).items)
        == 1
    )


async def test_a_deleted_bot_is_gone_at_once_and_its_purge_is_queued(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, "No shouting.")
    answer = await installation.answered("When?", bot_id=bot.id)
    delete = DeleteBot(installation.units, installation.clock)
    with pytest.raises(PreconditionFailed):
        await delete(installation.actor, bot.id, bot.version + 1)
    await delete(installation.actor, bot.id, bot.version)
    with pytest.raises(NotFound):
        await installation.bot_queries.get(bot.tenant_id, bot.id)
    with pytest.raises(NotFound):
        await installation.document(document.id)
    with pytest.raises(NotFound):
        await installation.message(answer.id)
    with pytest.raises(NotFound):
        await installation.ask("When?", conversation_id=answer.conversation_id)
    assert [key[1:] for key in installation.state.jobs] == [(JobKind.PURGE_BOT, bot.id)]


async def test_a_stranger_finds_no_bot(installation: Installation) -> None:
    bot = await installation.add_bot()
    units, clock, stranger = installation.units, installation.clock, installation.stranger
    with pytest.raises(NotFound):
        await _update(installation)(stranger, bot.id, name="Mine")
    with pytest.raises(NotFound):
        await DeleteBot(units, clock)(stranger, bot.id)
    with pytest.raises(NotFound):
        await CreateVersion(units, clock)(stranger, bot.id)
    with pytest.raises(NotFound):
        await StartConversation(units, clock)(stranger, bot.id)
    assert await installation.bot_queries.get(bot.tenant_id, bot.id) == bot


async def test_a_conversation_is_begun_once_renamed_and_deleted(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    start = StartConversation(installation.units, installation.clock)
    made, replayed = await start(installation.actor, bot.id, " Opening \n hours ", KEY)
    assert (made.title, replayed) == ("Opening hours", False)
    assert await start(installation.actor, bot.id, " Opening \n hours ", KEY) == (made, True)
    assert (await start(installation.actor, bot.id))[0].title == "New conversation"
    rename = RenameConversation(installation.units, installation.clock)
    renamed = await rename(installation.actor, made.id, "Closing", made.version)
    assert (renamed.title, renamed.version) == ("Closing", made.version + 1)
    for title in ("", "x" * 201, "a\x00b"):
        with pytest.raises(InvalidInput):
            await rename(installation.actor, made.id, title, None)
    with pytest.raises(PreconditionFailed):
        await rename(installation.actor, made.id, "Third", made.version)
    answer = await installation.answered("When?", conversation_id=made.id)
    delete = DeleteConversation(installation.units)
    with pytest.raises(PreconditionFailed):
        await delete(installation.actor, made.id, made.version)
    await delete(installation.actor, made.id, renamed.version)
    with pytest.raises(NotFound):
        await installation.message(answer.id)
    assert await installation.events(answer.id) == []
