"""API keys: made, renamed, rotated and revoked by the admins of a workspace."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.services.audit import audit
from application.services.etag import require_version
from application.services.idempotency import IdempotencyKey, made_before, remember
from domain.accounts import Actor
from domain.api_keys import ApiKey, make_secret


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key with its secret, which is nowhere else; None where the request was a repetition."""

    key: ApiKey
    secret: str | None


class CreateApiKey:
    """Make a key that acts as the one who makes it."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self,
        actor: Actor,
        name: str,
        scopes: Collection[str],
        expires_at: datetime | None = None,
        idempotency: IdempotencyKey | None = None,
    ) -> MadeKey:
        """Raises InvalidInput and IdempotencyConflict; a repetition gives the key without its secret."""
        clock = self._clock
        secret = make_secret(clock.new_secret())
        key = ApiKey.make(
            clock.new_id("key"),
            actor.tenant_id,
            actor.user_id,
            secret,
            clock.now(),
            name=name,
            scopes=scopes,
            expires_at=expires_at,
        )
        async with self._units.open(actor.tenant_id) as uow:
            before = await made_before(uow, actor, idempotency)
            if before:
                return MadeKey(await uow.api_keys.get(before[0]), None)
            await uow.api_keys.add(key)
            await remember(uow, actor, idempotency, [key.id])
            told = {"name": key.name, "scopes": " ".join(key.scopes)}
            await audit(uow, clock, actor, "api_key.created", ("api_key", key.id), told)
        return MadeKey(key, secret)


class RenameApiKey:
    """Call a key something else."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self, actor: Actor, key_id: str, name: str, expected_version: int | None
    ) -> ApiKey:
        """Raises NotFound, InvalidInput and PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            key = await uow.api_keys.get(key_id, lock=True)
            require_version(key.version, expected_version)
            key.rename(name)
            await uow.api_keys.save(key)
            told = {"name": key.name}
            await audit(uow, self._clock, actor, "api_key.renamed", ("api_key", key_id), told)
        return key


class RotateApiKey:
    """Give a key a new secret; the one before stays good for a while."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, key_id: str, grace: timedelta) -> MadeKey:
        """Raises NotFound, and Forbidden where somebody else made the key."""
        secret = make_secret(self._clock.new_secret())
        async with self._units.open(actor.tenant_id) as uow:
            key = await uow.api_keys.get(key_id, lock=True)
            key.rotate(actor.user_id, secret, self._clock.now(), grace)
            await uow.api_keys.save(key)
            told = {"grace_seconds": int(grace.total_seconds())}
            await audit(uow, self._clock, actor, "api_key.rotated", ("api_key", key_id), told)
        return MadeKey(key, secret)


class RevokeApiKey:
    """End a key at once."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, key_id: str, expected_version: int | None) -> None:
        """Raises NotFound and PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            key = await uow.api_keys.get(key_id, lock=True)
            require_version(key.version, expected_version)
            key.revoke(self._clock.now())
            await uow.api_keys.save(key)
            await audit(uow, self._clock, actor, "api_key.revoked", ("api_key", key_id))
