"""Data rights: everything that is kept of a workspace, or of a person, in files anyone can read."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.ports.unit_of_work import UnitsOfWork
from application.queries.audit import AuditQueries
from application.queries.bots import BotQueries
from application.queries.conversations import ConversationQueries
from application.queries.documents import DocumentFilter, DocumentQueries
from application.queries.page import Page, PageRequest
from application.services.audit import audit
from application.services.audit_views import audit_view
from application.services.views import (
    bot_view,
    conversation_view,
    document_view,
    message_view,
    user_view,
    version_view,
    workspace_view,
)
from domain.accounts import Actor
from domain.documents import Document
from domain.errors import NotFound, Unauthenticated

T = TypeVar("T")
_PAGE = 100


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of an export: its name, with folders, and its bytes."""

    name: str
    data: AsyncIterator[bytes]


class ExportWorkspace:
    """Gives all that a workspace stores: bots, documents with their originals and texts, conversations,
    members and the audit log. No secret is in it: keys are not stored in a form that could be given."""

    def __init__(
        self,
        units: UnitsOfWork,
        identities: IdentityUnits,
        bots: BotQueries,
        documents: DocumentQueries,
        conversations: ConversationQueries,
        audit_log: AuditQueries,
        blobs: BlobStore,
        clock: Clock,
    ) -> None:
        self._units = units
        self._identities = identities
        self._bots = bots
        self._documents = documents
        self._conversations = conversations
        self._audit_log = audit_log
        self._blobs = blobs
        self._clock = clock

    async def __call__(self, actor: Actor) -> AsyncIterator[ExportFile]:
        """Record the export, then return its files one after the other."""
        async with self._units.open(actor.tenant_id) as uow:
            subject = ("workspace", actor.tenant_id)
            await audit(uow, self._clock, actor, "workspace.exported", subject)
        return self._files(actor.tenant_id)

    async def _files(self, tenant_id: str) -> AsyncIterator[ExportFile]:
        yield ExportFile("workspace.json", _whole(await self._workspace(tenant_id)))
        async for bot in _all(lambda page: self._bots.list(tenant_id, page)):
            folder = f"bots/{bot.id}"
            versions = _all(lambda page, b=bot: self._bots.versions(tenant_id, b.id, page))  # type: ignore[misc]
            told = {**bot_view(bot), "versions": [version_view(v) async for v in versions]}
            yield ExportFile(f"{folder}/bot.json", _whole(told))
            async for file in self._bot_documents(tenant_id, bot.id, folder):
                yield file
            lines = self._bot_conversations(tenant_id, bot.id)
            yield ExportFile(f"{folder}/conversations.ndjson", lines)
        yield ExportFile("audit_events.ndjson", self._audit(tenant_id))

    async def _workspace(self, tenant_id: str) -> Mapping[str, object]:
        async with self._identities.open() as identities:
            workspace = await identities.workspaces.get(tenant_id)
            if workspace is None:
                raise NotFound("There is no such workspace.")
            members = []
            for membership in await identities.workspaces.members(tenant_id):
                user = await identities.users.get(membership.user_id)
                if user is not None:
                    members.append({**user_view(user), "role": membership.role.value})
        return {**workspace_view(workspace, ""), "members": members}

    async def _bot_documents(
        self, tenant_id: str, bot_id: str, folder: str
    ) -> AsyncIterator[ExportFile]:
        async for document in _all(
            lambda page: self._documents.list(tenant_id, bot_id, DocumentFilter(), page)
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
        async for conversation in _all(
            lambda page: self._conversations.list(tenant_id, bot_id, None, page)
        ):
            messages = _all(
                lambda page, c=conversation: self._conversations.messages(tenant_id, c.id, page)  # type: ignore[misc]
            )
            told = [message_view(message) async for message in messages]
            yield _line({**conversation_view(conversation), "messages": told})

    async def _audit(self, tenant_id: str) -> AsyncIterator[bytes]:
        async for link in self._audit_log.chain(tenant_id):
            yield _line(audit_view(link))


class ExportPerson:
    """Gives all that is kept of a person: the account, where they work, where they are logged in, what
    they did to their account. What they did in a workspace belongs to that workspace."""

    def __init__(self, identities: IdentityUnits, audit_log: AuditQueries) -> None:
        self._identities = identities
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
            "user": user_view(user),
            "workspaces": [workspace_view(w, m.role.value) for w, m in workspaces],
            "audit_events": events,
        }


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
