"""The adapter that is checked: built by the registry with the real settings, and closed again."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from dependency_injector import providers

from application.ports.plugins import Context, Group
from domain.errors import ChatSphereError, InvalidInput
from entrypoints.adapter_probe import close_part, probe, variables
from entrypoints.container import Container
from entrypoints.kit.target import Target
from entrypoints.plugins import Plugins
from entrypoints.runtime import Database
from entrypoints.settings import Settings

_log = logging.getLogger(__name__)
_ON_THE_EMBEDDER = (Group.VECTOR_INDEXES, Group.CHAT_MODELS)
_COUNTED = (Group.CHAT_MODELS, Group.EMBEDDERS, Group.RERANKERS)


@dataclass(slots=True)
class Subject:
    """The adapter under test, what the tests found out about it, and how often it was asked.

    `again` builds another one of the same settings, for another event loop. `dimensions` are those of
    the vectors that a vector index is to hold.
    """

    target: Target
    part: Any
    container: Container
    again: Callable[[], Any]
    dimensions: int = 0
    calls: int = 0
    found: dict[str, str] = field(default_factory=dict)


@asynccontextmanager
async def opened(
    settings: Settings, target: Target, scratch: str, seconds: float
) -> AsyncIterator[Subject]:
    """Build the adapter. `scratch` names what is made for the check alone.

    PostgreSQL is started where the adapter asks for it. Raises what the registry and the start raise, and
    InvalidInput with the settings to look at where a first call fails or takes longer than `seconds`.
    """
    database, started = Database(settings), []

    def start() -> str:
        started.append(True)
        return database.start()

    container = Container(settings=settings, conninfo=providers.Singleton(start))
    given = _given(settings, target, scratch)
    plugins = Plugins(given)
    context: Context = container.context()

    def build(context: Context) -> Any:
        return plugins.build(target.group, target.name, context)

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # a server has it too
    try:
        part = build(context)
        subject = Subject(target, part, container, lambda: build(replace(context, _shared={})))
        try:
            await _ask_once(plugins, subject, seconds)
            if target.group is Group.VECTOR_INDEXES:
                subject.dimensions = container.embedder().dimensions
                await part.prepare()  # as a server does when it starts
            yield subject
        finally:
            await close_part(part)
    finally:
        await _release(container, target, is_started=bool(started))
        if started:
            database.stop()
        if target.group is Group.BLOB_STORES and target.name == "file":
            shutil.rmtree(unquote(urlsplit(given["blob_url"]).path), ignore_errors=True)


def _given(settings: Settings, target: Target, scratch: str) -> Mapping[str, str]:
    """Return the settings; blobs go to a place of their own beside the real ones."""
    if target.group is not Group.BLOB_STORES:
        return settings.given
    url = settings.blob_url
    if target.name == "file" and urlsplit(url or "").scheme != "file":
        return {**settings.given, "blob_url": (settings.data_dir.resolve() / scratch).as_uri()}
    if url is None:
        return settings.given  # the registry says what is missing
    return {**settings.given, "blob_url": f"{url.rstrip('/')}/{scratch}"}


async def _release(container: Container, target: Target, *, is_started: bool) -> None:
    await container.context().aclose()
    if target.group in _ON_THE_EMBEDDER:
        with suppress(ChatSphereError):  # it could not be built, and so needs no closing
            await container.embedder().aclose()
    if is_started:
        postgres = container.postgres()
        for pool in (postgres.pool, postgres.system_pool, postgres.vector_pool):
            await pool.dispose()


async def _ask_once(plugins: Plugins, subject: Subject, seconds: float) -> None:
    """See that the adapter can be asked at all; an error that its port does not know is for the tests."""
    target = subject.target
    subject.calls += target.group in _COUNTED
    try:
        async with asyncio.timeout(seconds):
            await probe(target.group, subject.part, target.asked)
    except (ChatSphereError, OSError) as error:
        raise _unusable(
            target, variables(plugins.load(target.group, target.name)), error
        ) from error
    except Exception:
        _log.debug("the first call raised what its port does not know", exc_info=True)


def _unusable(target: Target, where: str, error: ChatSphereError | OSError) -> ChatSphereError:
    told = (
        error.detail
        if isinstance(error, ChatSphereError)
        else error.strerror or "no answer in time"
    )
    code = error.code if isinstance(error, ChatSphereError) else "adapter_unusable"
    look = f": check {where}" if where else ""
    return InvalidInput(f"{target} cannot be used ({told.rstrip('.')}){look}.", code=code)
