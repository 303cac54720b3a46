"""A workspace's own keys for providers: given, replaced and taken away; never read back."""

import json
from collections.abc import Mapping

from application.ports.clock import Clock
from application.ports.model_catalog import ModelCatalog
from application.ports.secret_box import SecretBox
from application.ports.unit_of_work import UnitsOfWork
from application.services.audit import audit
from domain.accounts import Actor
from domain.credentials import Credentials, StoredCredentials, sealing_context
from domain.urls import UrlRules


class SetCredentials:
    """Seal a key and keep it in the place of the one before; the next answer uses it."""

    def __init__(
        self,
        units: UnitsOfWork,
        models: ModelCatalog,
        box: SecretBox,
        clock: Clock,
        rules: UrlRules,
    ) -> None:
        self._units = units
        self._models = models
        self._box = box
        self._clock = clock
        self._rules = rules

    async def __call__(
        self, actor: Actor, provider: str, values: Mapping[str, str | None]
    ) -> StoredCredentials:
        """Raises NotFound (no such provider) and InvalidInput."""
        takes = self._models.own_fields(provider)
        given = Credentials.of(provider, values, self._rules, takes)
        now = self._clock.now()
        sealed = self._box.seal(
            json.dumps(dict(given.values)), sealing_context(actor.tenant_id, provider)
        )
        stored = StoredCredentials(
            tenant_id=actor.tenant_id,
            provider=provider,
            shown=given.shown,
            sealed=sealed,
            key_id=self._box.key_id_of(sealed),
            hint=given.hint,
            updated_by=actor.user_id,
            created_at=now,
            updated_at=now,
        )
        async with self._units.open(actor.tenant_id) as uow:
            await uow.credentials.save(stored)
            subject, told = ("provider", provider), {"base_url": given.shown.get("base_url")}
            await audit(uow, self._clock, actor, "provider_credentials.set", subject, told)
        return stored


class RemoveCredentials:
    """Forget a workspace's key; its bots go back to the installation's, where there is one."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, provider: str) -> None:
        """Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            await uow.credentials.remove(provider)
            subject = ("provider", provider)
            await audit(uow, self._clock, actor, "provider_credentials.removed", subject)
