"""Writes the audit log's entries from use cases."""

from collections.abc import Mapping

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork
from domain.accounts import Actor
from domain.audit import Action, entry_of


async def audit(
    uow: UnitOfWork,
    clock: Clock,
    actor: Actor,
    action: Action,
    subject: tuple[str, str],
    data: Mapping[str, str | int | bool | None] | None = None,
) -> None:
    """Record, as the last step of a unit of work, what the actor did to the subject (type, id)."""
    entry = entry_of(actor, clock.new_id("aud"), clock.now(), action, subject, data)
    await uow.audit.record(entry)
