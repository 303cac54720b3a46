"""`chatsphere demo`: a sample bot that knows an invented company, and answers about it."""

from pathlib import Path

from application.queries.conversations import ConversationFilter
from application.queries.page import PageRequest
from application.use_cases.accept_message import NewMessage
from domain.accounts import Actor, MemberRole
from domain.bots import Bot
from domain.conversations import title_of
from entrypoints.cli.ask import ask, finish, print_delta
from entrypoints.cli.board import board_for
from entrypoints.cli.errors import FAILED
from entrypoints.cli.files import files_under
from entrypoints.cli.ingest import Ingestion, Outcome, Result, bot_for, print_summary
from entrypoints.cli.local import OnBehalfOf, find_actor, prepare_local_model, run_local, tell_where
from entrypoints.cli.output import console, say
from entrypoints.cli.users import generated_password
from entrypoints.container import Container
from entrypoints.settings import Settings

BOT = "Demo"
EMAIL = "demo@chatsphere.local"
SAMPLES = Path(__file__).with_name("samples")
QUESTIONS = (
    "How long is the warranty on the battery?",
    "Can I take the e-bike on a plane?",
    "What does the yearly service cost?",
)


def command(settings: Settings) -> int:
    """Make or reuse account, bot and documents, and ask; return the exit code."""
    prepare_local_model(settings)

    async def work(container: Container) -> tuple[list[Outcome], str | None]:
        actor, password = await _somebody(container)
        bot = await bot_for(container, actor, BOT, create=True)
        outcomes = await _documents(container, settings, actor, bot)
        for question in QUESTIONS:
            await _ask(container, actor, bot, question)
        return outcomes, password

    outcomes, password = run_local(settings, work)
    _how_to_go_on(settings, password)
    return FAILED if any(outcome.result is Result.FAILED for outcome in outcomes) else 0


async def _somebody(container: Container) -> tuple[Actor, str | None]:
    """Return the owner of the first workspace; where there is none yet, a new one and the password."""
    found = await find_actor(container, OnBehalfOf())
    if found is not None:
        await tell_where(container, found)
        return found, None
    password = generated_password()
    user, workspace = await container.create_user()(EMAIL, password, "Demo")
    return Actor(user.id, workspace.id, MemberRole.OWNER), password


async def _documents(
    container: Container, settings: Settings, actor: Actor, bot: Bot
) -> list[Outcome]:
    files = files_under([SAMPLES])
    with board_for(len(files)) as board:
        outcomes = await Ingestion(container, settings, actor, bot, board)(files)
    print_summary(bot, outcomes)
    return outcomes


async def _ask(container: Container, actor: Actor, bot: Bot, question: str) -> None:
    console().print(f"\n> {question}\n", style="bold")
    every, page = ConversationFilter(), PageRequest(100)
    known = await container.conversation_queries().list(actor.tenant_id, bot.id, every, page)
    talks = (each.conversation for each in known.items)
    same = next((talk.id for talk in talks if talk.title == title_of(question)), None)
    asked = NewMessage(question, bot_id=bot.id, conversation_id=same)
    finish(await ask(container, actor, asked, print_delta))


def _how_to_go_on(settings: Settings, password: str | None) -> None:
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    say("")
    say("Go on")
    say(f'  ask more       chatsphere ask {BOT} "How long does a full charge take?"')
    say(f"  add files      chatsphere ingest FOLDER --bot {BOT}")
    say(f"  in a browser   chatsphere serve, then {address}")
    if password is not None:
        say(f"  log in as      {EMAIL}")
        say(f"  password       {password}   (shown this once)")
