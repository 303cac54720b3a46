"""What is stored of content beside its bytes, and what happens to the bytes when a commit goes wrong."""

import asyncio

import pytest

from application.use_cases.documents import AddDocument, NewContent, ReplaceContent
from domain.documents import MEDIA_TYPE_MAX
from domain.errors import DependencyUnavailable
from unit.installation import Installation, stream_of


def _let_the_second_unit_end_with(installation: Installation, error: BaseException) -> None:
    """Commit the second unit from now, and raise all the same: nobody hears that it took place."""
    fatal = installation.units.opened + 2

    async def fail(number: int) -> None:
        if number == fatal:
            raise error

    installation.units.after = fail


@pytest.mark.parametrize("error", [DependencyUnavailable(), asyncio.CancelledError()])
async def test_an_upload_that_may_have_been_committed_keeps_its_bytes(
    installation: Installation, error: BaseException
) -> None:
    bot = await installation.add_bot()
    _let_the_second_unit_end_with(installation, error)
    with pytest.raises(type(error)):
        await installation.upload(bot, "No shouting.")
    [document] = installation.tables.documents.values()
    assert installation.blobs.blobs == {document.source.blob_key: b"No shouting."}


@pytest.mark.parametrize("error", [DependencyUnavailable(), asyncio.CancelledError()])
async def test_new_content_that_may_have_been_committed_keeps_its_bytes(
    installation: Installation, error: BaseException
) -> None:
    document = await installation.add_ready(await installation.add_bot(), "No shouting.")
    replace = ReplaceContent(installation.units, installation.blobs, installation.clock, 100)
    _let_the_second_unit_end_with(installation, error)
    content = NewContent("b.txt", "text/plain", stream_of(b"No running."))
    with pytest.raises(type(error)):
        await replace(installation.actor, document.id, content)
    source = installation.tables.documents[document.id].source
    assert installation.blobs.blobs[source.blob_key] == b"No running."


async def test_a_media_type_that_cannot_be_stored_is_cleaned(installation: Installation) -> None:
    bot = await installation.add_bot()
    add = AddDocument(installation.units, installation.blobs, installation.clock, 100)
    replace = ReplaceContent(installation.units, installation.blobs, installation.clock, 100)
    first = NewContent("a.txt", "text/\x00plain", stream_of(b"No shouting."))
    document = (await add(installation.actor, bot.id, first)).document
    assert document.source.media_type == "text/plain"
    second = NewContent("a.txt", "x" * 999, stream_of(b"No running."))
    document = await replace(installation.actor, document.id, second)
    assert document.source.media_type == "x" * MEDIA_TYPE_MAX
