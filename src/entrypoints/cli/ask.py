"""`chatsphere ask`: a streamed answer with its citations."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress

from rich.text import Text

from application.services.views import message_view
from application.use_cases.accept_message import NewMessage
from domain.accounts import Actor
from domain.citations import Citation
from domain.conversations import Message, MessageStatus
from domain.errors import ChatSphereError
from domain.events import MESSAGE_DELTA, MESSAGE_ENDS, Event
from entrypoints.cli.errors import FAILED
from entrypoints.cli.local import OnBehalfOf, acting, prepare_local_model, run_local, the_bot
from entrypoints.cli.output import console, hint, plain, print_json
from entrypoints.container import Container
from entrypoints.settings import Settings

Listener = Callable[[Event], None]
_STOP_SECONDS = 5.0


def command(
    settings: Settings,
    who: OnBehalfOf,
    bot: str,
    question: str,
    conversation_id: str | None,
    *,
    as_json: bool,
) -> int:
    """Ask a bot; return the exit code."""
    prepare_local_model(settings)

    async def work(container: Container) -> Message:
        actor = await acting(container, who)
        bot_id = (await the_bot(container, actor, bot)).id
        asked = NewMessage(question, bot_id=bot_id, conversation_id=conversation_id)
        listen: Listener = ignore if as_json else print_delta
        return await ask(container, actor, asked, listen)

    answer = run_local(settings, work)
    if as_json:
        print_json(message_view(answer))
        return FAILED if answer.status is MessageStatus.FAILED else 0
    finish(answer)
    hint(f"Go on with --conversation {answer.conversation_id}")
    return 0


def ignore(_event: Event) -> None:
    """Show nothing."""


def print_delta(event: Event) -> None:
    """Print the answer's text as it comes."""
    if event.type == MESSAGE_DELTA:
        text = plain(str(event.data["text"]))
        screen = console()
        screen.print(text, end="", soft_wrap=True)
        screen.file.flush()


async def ask(container: Container, actor: Actor, asked: NewMessage, listen: Listener) -> Message:
    """Accept a question and answer it here, telling `listen` each event; return the ended answer.

    Cancelling stops the answer where it is. Raises NotFound, InvalidInput, DependencyUnavailable.
    """
    accepted = await container.accept_message()(actor, asked)
    message_id = accepted.answer.id
    answering = asyncio.create_task(container.answer_message()(accepted.answer))
    try:
        follow = container.event_log().follow(actor.tenant_id, message_id, 0, MESSAGE_ENDS)
        async with aclosing(follow) as batches:  # it is a generator
            async for batch in batches:
                for event in batch:
                    listen(event)
                if not batch and answering.done():
                    break
        return await asyncio.shield(answering)
    except asyncio.CancelledError:
        with suppress(ChatSphereError):
            await container.stop_answer()(actor, message_id)
        await asyncio.wait([answering], timeout=_STOP_SECONDS)
        raise
    finally:
        answering.cancel()
        await asyncio.wait([answering])


def finish(answer: Message) -> None:
    """Print what stands under an answer. Raises ChatSphereError where it failed."""
    screen = console()
    screen.print()
    if answer.error is not None:
        raise ChatSphereError(answer.error.detail, code=answer.error.code)
    if answer.citations:
        screen.print()
    for citation in answer.citations:
        screen.print(citation_text(citation), soft_wrap=True)
    for each in answer.fallbacks:
        hint(f"The model {each.model} gave no answer ({each.code}): {answer.model} did.")
    if answer.degraded:
        hint("Part of the search did not answer: there may be more in the documents.")


def citation_text(citation: Citation) -> Text:
    """Return a citation as it is printed: number, title, page, then the quote."""
    page = f", page {citation.page}" if citation.page is not None else ""
    mark = "" if citation.verified else "  (not verified)"
    quote = " ".join(plain(citation.quote).split())
    return Text.assemble(
        (f"[{citation.index}] ", "bold cyan"),
        (" ".join(plain(citation.title).split()) + page, "bold"),
        (mark, "yellow"),
        f"\n    “{quote}”",
    )
