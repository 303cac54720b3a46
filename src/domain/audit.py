"""The audit log: who did what to what from where, as a chain that shows when something was changed."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.accounts import Actor

# What is told of workspaces and plans. None is ever taken out: what was recorded stays readable.
Action = Literal[
    "api_key.created",
    "api_key.renamed",
    "api_key.revoked",
    "api_key.rotated",
    "bot.created",
    "bot.deleted",
    "bot.published",
    "bot.updated",
    "bot.version_created",
    "crawl.started",
    "crawl.stopped",
    "document.added",
    "document.cancelled",
    "document.deleted",
    "document.replaced",
    "document.reprocessed",
    "document.updated",
    "invitation.made",
    "invitation.revoked",
    "member.joined",
    "member.left",
    "member.removed",
    "member.role_changed",
    "ownership.transferred",
    "plan.assigned",
    "plan.saved",
    "provider_credentials.removed",
    "provider_credentials.set",
    "workspace.created",
    "workspace.deleted",
    "workspace.exported",
    "workspace.model_chosen",
    "workspace.renamed",
    "workspace.restored",
]
GENESIS = "0" * 64  # what stands in the place of the hash before the first


def written_time(at: datetime) -> str:
    """Return a time as entries hold it: of two in the same zone, the earlier sorts before the later."""
    return at.isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done. `data` tells what changed: names and numbers, never content or secrets."""

    id: str
    at: datetime
    actor_kind: str  # user, api_key, local, system
    actor_id: str
    action: str  # such as bot.created
    subject_type: str
    subject_id: str
    address: str = ""
    request_id: str = ""
    data: Mapping[str, str | int | bool | None] = field(default_factory=dict)

    @property
    def body(self) -> str:
        """The entry in the one form in which it is stored and hashed."""
        fields = {
            "id": self.id,
            "at": written_time(self.at),
            "actor_kind": self.actor_kind,
            "actor_id": self.actor_id,
            "action": self.action,
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "address": self.address,
            "request_id": self.request_id,
            "data": dict(self.data),
        }
        return json.dumps(fields, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, body: str) -> "AuditEntry":
        """Return the entry that a body stands for."""
        fields = json.loads(body)
        return cls(**{**fields, "at": datetime.fromisoformat(fields["at"])})


@dataclass(frozen=True, slots=True)
class AuditLink:
    """An entry in its place in the chain of a workspace (or of a person's account)."""

    seq: int
    body: str
    previous_hash: str
    hash: str

    @property
    def entry(self) -> AuditEntry:
        """What was done."""
        return AuditEntry.parse(self.body)


def link_hash(previous_hash: str, seq: int, body: str) -> str:
    """Return the hash of a link: SHA-256 over the hash before, the place and the body."""
    return hashlib.sha256(f"{previous_hash}\n{seq}\n{body}".encode()).hexdigest()


@dataclass(slots=True)
class ChainCheck:
    """Follows a chain link by link from its beginning on."""

    entries: int = 0
    head: str = GENESIS
    first_break: int | None = None

    def add(self, link: AuditLink) -> None:
        """Look whether the link follows from the one before."""
        self.entries += 1
        whole = link.seq == self.entries and link.previous_hash == self.head
        if self.first_break is None and not (
            whole and link.hash == link_hash(self.head, link.seq, link.body)
        ):
            self.first_break = link.seq
        self.head = link.hash


def first_break(links: Iterable[AuditLink]) -> int | None:
    """Return the place of the first link that does not follow from the one before; None: all do."""
    check = ChainCheck()
    for link in links:
        check.add(link)
    return check.first_break


def entry_of(
    actor: Actor,
    entry_id: str,
    at: datetime,
    action: str,
    subject: tuple[str, str],
    data: Mapping[str, str | int | bool | None] | None = None,
) -> AuditEntry:
    """Return the entry for what an actor did to a subject (type, id)."""
    return AuditEntry(
        id=entry_id,
        at=at,
        actor_kind=_kind(actor),
        actor_id=actor.id,
        action=action,
        subject_type=subject[0],
        subject_id=subject[1],
        address=actor.address,
        request_id=actor.request_id,
        data=data or {},
    )


def _kind(actor: Actor) -> str:
    if actor.key_id:
        return "api_key"
    # A command on the machine itself has no session and comes from no address. Who logs in, or has
    # forgotten a password, has no session yet.
    return "user" if actor.session_id or actor.address or actor.request_id else "local"
