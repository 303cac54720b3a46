"""Data rights: everything that is kept of a workspace, or of a person, in files anyone can read."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.ports.unit_of_work import UnitsOfWork
from application.queries.actors import ActorNames
from application.queries.api_keys import ApiKeyQueries
from application.queries.audit import AuditQueries
from application.queries.bots import BotQueries
from application.queries.conversations import ConversationFilter, ConversationQueries
from application.queries.crawls import CrawlQueries
from application.queries.documents import DocumentFilter, DocumentQueries
from application.queries.feedback import FeedbackQueries
from application.queries.page import Page, PageRequest
from application.queries.sessions import SessionQueries
from application.queries.usage import UsageQueries
from application.services.api_key_views import api_key_view
from application.services.audit import audit
from application.services.audit_views import audit_view
from application.services.person_views import profile_view, session_view
from application.services.usage_views import usage_view
from application.services.views import (
    actor_view,
    bot_view,
    conversation_view,
    crawl_view,
    document_view,
    feedback_view,
    message_view,
    user_view,
    version_view,
    workspace_view,
)
from domain.accounts import Actor, Workspace
from domain.conversations import Message
from domain.documents import Document
from domain.errors import NotFound, Unauthenticated
from domain.feedback import Feedback
from domain.plans import Grouping

T = TypeVar("T")
_PAGE = 100


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export: its name, with folders, and its bytes."""

    name: str
    data: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class WorkspaceReads:
    """The reads that an export of a workspace goes through."""

    bots: BotQueries
    documents: DocumentQueries
    crawls: CrawlQueries
    conversations: ConversationQueries
    feedback: FeedbackQueries
    actors: ActorNames
    api_keys: ApiKeyQueries
    usage: UsageQueries
    audit_log: AuditQueries


class ExportWorkspace:
    """Gives all that a workspace stores: bots, documents with their originals and texts, crawls,
    conversations, members, API keys, usage by month and model, and the audit log. No secret is in it:
    of keys there are names and hints."""

    def __init__(
        self,
        units: UnitsOfWork,
        identities: IdentityUnits,
        reads: WorkspaceReads,
        blobs: BlobStore,
        clock: Clock,
    ) -> None:
        self._units = units
        self._identities = identities
        self._reads = reads
        self._blobs = blobs
        self._clock = clock

    async def __call__(self, actor: Actor) -> AsyncIterator[ExportFile]:
        """Record the export, then return its files one after the other."""
        async with self._units.open(actor.tenant_id) as uow:
            subject = ("workspace", actor.tenant_id)
            await audit(uow, self._clock, actor, "workspace.exported", subject)
        return self._files(actor.tenant_id)

    async def _files(self, tenant_id: str) -> AsyncIterator[ExportFile]:
        workspace = await self._workspace(tenant_id)
        yield ExportFile("workspace.json", _whole(await self._told(workspace)))
        async for bot in _all(lambda page: self._reads.bots.list(tenant_id, page)):
            folder = f"bots/{bot.id}"
            versions = await self._versions(tenant_id, bot.id)
            yield ExportFile(f"{folder}/bot.json", _whole({**bot_view(bot), "versions": versions}))
            async for file in self._bot_documents(tenant_id, bot.id, folder):
                yield file
            lines = self._bot_conversations(tenant_id, bot.id)
            yield ExportFile(f"{folder}/conversations.ndjson", lines)
            yield ExportFile(f"{folder}/crawls.ndjson", self._bot_crawls(tenant_id, bot.id))
        yield ExportFile("api_keys.ndjson", self._api_keys(tenant_id))
        yield ExportFile("usage.ndjson", self._usage(workspace))
        yield ExportFile("audit_events.ndjson", self._audit(tenant_id))

    async def _workspace(self, tenant_id: str) -> Workspace:
        async with self._identities.open() as identities:
            workspace = await identities.workspaces.get(tenant_id)
        if workspace is None:
            raise NotFound("There is no such workspace.")
        return workspace

    async def _told(self, workspace: Workspace) -> Mapping[str, object]:
        members = []
        async with self._identities.open() as identities:
            for membership in await identities.workspaces.members(workspace.id):
                user = await identities.users.get(membership.user_id)
                if user is not None:
                    members.append({**user_view(user), "role": membership.role.value})
        told = workspace_view(workspace, "")
        del told["role"]  # the workspace's own data are the same for whoever exports them
        return {**told, "members": members}

    async def _versions(self, tenant_id: str, bot_id: str) -> list[Mapping[str, object]]:
        reads = self._reads
        versions = [
            v async for v in _all(lambda page: reads.bots.versions(tenant_id, bot_id, page))
        ]
        names = await reads.actors.of(tenant_id, {version.created_by for version in versions})
        return [version_view(version, names) for version in versions]

    async def _bot_documents(
        self, tenant_id: str, bot_id: str, folder: str
    ) -> AsyncIterator[ExportFile]:
        async for document in _all(
            lambda page: self._reads.documents.list(tenant_id, bot_id, DocumentFilter(), page)
        ):
            place = f"{folder}/documents/{document.id}"
            yield ExportFile(f"{place}/document.json", _whole(document_view(document)))
            text = await self._text(tenant_id, document)
            if text is not None:
                yield ExportFile(f"{place}/text.txt", _bytes(text.encode()))
            if document.source.blob_key:
                yield ExportFile(f"{place}/original", self._blobs.open(document.source.blob_key))

    async def _text(self, tenant_id: str, document: Document) -> str | None:
        async with self._units.open(tenant_id) as uow:
            found = await uow.documents.text(document.id, document.revision)
        return None if found is None else found.text

    async def _bot_conversations(self, tenant_id: str, bot_id: str) -> AsyncIterator[bytes]:
        reads, every = self._reads.conversations, ConversationFilter()
        async for overview in _all(lambda page: reads.list(tenant_id, bot_id, every, page)):
            conversation = overview.conversation
            messages = _all(
                lambda page, c=conversation: reads.messages(tenant_id, c.id, page)  # type: ignore[misc]
            )
            said = await self._reads.feedback.of_conversation(tenant_id, conversation.id)
            actors = {conversation.started_by, *(each.actor_id for each in said)}
            names = await self._reads.actors.of(tenant_id, actors)
            told = [_told_message(message, said, names) async for message in messages]
            view = conversation_view(overview, names)
            del view["match"]  # nothing was looked for
            yield _line({**view, "messages": told})

    async def _bot_crawls(self, tenant_id: str, bot_id: str) -> AsyncIterator[bytes]:
        async for crawl in _all(lambda page: self._reads.crawls.list(tenant_id, bot_id, page)):
            yield _line(crawl_view(crawl))

    async def _api_keys(self, tenant_id: str) -> AsyncIterator[bytes]:
        async for key in _all(lambda page: self._reads.api_keys.list(tenant_id, page)):
            yield _line(api_key_view(key))

    async def _usage(self, workspace: Workspace) -> AsyncIterator[bytes]:
        by = Grouping.MODEL
        for first, last in _months(workspace.created_at, self._clock.now()):
            for usage in await self._reads.usage.used(workspace.id, first, last, by):
                told = usage_view(usage, by)
                del told["day"], told["bot_id"]  # the sums are those of the month, over all bots
                yield _line({"month": f"{first:%Y-%m}", **told})

    async def _audit(self, tenant_id: str) -> AsyncIterator[bytes]:
        async for link in self._reads.audit_log.chain(tenant_id):
            yield _line(audit_view(link))


class ExportPerson:
    """Gives all that is kept of a person: the account, where they work, where they are logged in, the
    API keys that they made there, what they did to their account. What they did in a workspace belongs
    to that workspace."""

    def __init__(
        self,
        identities: IdentityUnits,
        sessions: SessionQueries,
        api_keys: ApiKeyQueries,
        audit_log: AuditQueries,
    ) -> None:
        self._identities = identities
        self._sessions = sessions
        self._api_keys = api_keys
        self._audit_log = audit_log

    async def __call__(self, actor: Actor) -> Mapping[str, object]:
        """Raises Unauthenticated where the account is gone."""
        async with self._identities.open() as identities:
            user = await identities.users.get(actor.user_id)
            if user is None:
                raise Unauthenticated
            workspaces = await identities.workspaces.of_user(user.id)
        events: Sequence[object] = [
            audit_view(link) async for link in self._audit_log.chain(actor.user_id)
        ]
        return {
            "user": profile_view(user),
            "workspaces": [workspace_view(w, m.role.value) for w, m in workspaces],
            "sessions": [
                session_view(session, actor.session_id)
                async for session in _all(lambda page: self._sessions.list(user.id, page))
            ],
            "api_keys": [
                key for w, _ in workspaces async for key in self._keys_made(w.id, user.id)
            ],
            "audit_events": events,
        }

    async def _keys_made(self, tenant_id: str, user_id: str) -> AsyncIterator[Mapping[str, object]]:
        async for key in _all(lambda page: self._api_keys.list(tenant_id, page)):
            if key.created_by == user_id:
                yield {"workspace_id": tenant_id, **api_key_view(key)}


def _told_message(
    message: Message, said: Sequence[Feedback], names: Mapping[str, str]
) -> Mapping[str, object]:
    """Return a message with what all say of it."""
    own = (each for each in said if each.message_id == message.id)
    feedback = [{**feedback_view(each), "by": actor_view(each.actor_id, names)} for each in own]
    return {**message_view(message), "feedback": feedback}


def _months(since: datetime, until: datetime) -> Iterator[tuple[date, date]]:
    """Yield the first and the last day of each calendar month in UTC, from one moment to another."""
    first, end = since.astimezone(UTC).date().replace(day=1), until.astimezone(UTC).date()
    while first <= end:
        following = (first + timedelta(days=31)).replace(day=1)
        yield first, following - timedelta(days=1)
        first = following


async def _all(read: Callable[[PageRequest], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Yield the items of every page of a list."""
    after: str | None = None
    while True:
        page = await read(PageRequest(_PAGE, after))
        for item in page.items:
            yield item
        if page.next_after is None:
            return
        after = page.next_after


def _line(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode(errors="replace") + b"\n"


async def _bytes(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _whole(value: Mapping[str, object]) -> AsyncIterator[bytes]:
    return _bytes(_line(value))
