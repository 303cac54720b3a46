"""Requests that may be sent twice and are done once."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.unit_of_work import UnitOfWork
from domain.accounts import Actor


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The client's key with the fingerprint (hash of method, path and body) of its request."""

    key: str
    fingerprint: str


async def made_before(
    uow: UnitOfWork, actor: Actor, key: IdempotencyKey | None
) -> list[str] | None:
    """Claim the key in this unit, or return the ids of what the same request made before.

    Raises IdempotencyConflict.
    """
    if key is None:
        return None
    return await uow.idempotency.claim(actor.id, key.key, key.fingerprint)


async def remember(
    uow: UnitOfWork, actor: Actor, key: IdempotencyKey | None, made: Sequence[str]
) -> None:
    """Record what the request made, in the same transaction."""
    if key is not None:
        await uow.idempotency.made(actor.id, key.key, made)
