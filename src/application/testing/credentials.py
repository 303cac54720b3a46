"""What every store of provider credentials promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.testing.backend import Backend, add_tenant, in_unit, rolled_back
from application.testing.contract import Contract
from domain.credentials import StoredCredentials
from domain.errors import NotFound


def make_credentials(
    backend: Backend, tenant_id: str, provider: str = "openai"
) -> StoredCredentials:
    """Return credentials that are not stored yet."""
    now = backend.clock.now()
    return StoredCredentials(
        tenant_id=tenant_id,
        provider=provider,
        shown={"base_url": "https://models.example.org/v1"},
        sealed=f"v1.key.nonce.{tenant_id}",
        key_id="key",
        hint="…abcd",
        updated_by=backend.clock.new_id("usr"),
        created_at=now,
        updated_at=now,
    )


async def add_credentials(
    backend: Backend, tenant_id: str, provider: str = "openai"
) -> StoredCredentials:
    """Store credentials."""
    made = make_credentials(backend, tenant_id, provider)
    async with backend.units.open(tenant_id) as unit:
        await unit.credentials.save(made)
    return made


class CredentialsContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_credentials_come_back_as_they_were_saved(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        one = await add_credentials(backend, tenant)
        other = await add_credentials(backend, tenant, "another")
        assert await backend.credential_queries.list(tenant) == [other, one]
        assert await in_unit(backend, tenant, lambda u: u.credentials.list()) == [other, one]
        locked = await in_unit(backend, tenant, lambda u: u.credentials.list(lock=True))
        assert locked == [other, one]

    async def test_a_second_key_of_a_provider_takes_the_place_of_the_first(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        first = await add_credentials(backend, tenant)
        later = first.created_at + timedelta(days=1)
        second = replace(
            first,
            shown={},
            sealed="v1.newer.nonce.text",
            key_id="newer",
            hint="…",
            updated_by=backend.clock.new_id("usr"),
            created_at=later,
            updated_at=later,
        )
        await in_unit(backend, tenant, lambda u: u.credentials.save(second))
        stored = replace(second, created_at=first.created_at)
        assert await backend.credential_queries.list(tenant) == [stored]

    async def test_what_is_removed_is_gone_and_what_is_not_there_is_not_found(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        await add_credentials(backend, tenant)
        await in_unit(backend, tenant, lambda u: u.credentials.remove("openai"))
        assert await backend.credential_queries.list(tenant) == []
        with pytest.raises(NotFound):
            await in_unit(backend, tenant, lambda u: u.credentials.remove("openai"))

    async def test_each_workspace_sees_its_own_alone(self, backend: Backend) -> None:
        one, other = await add_tenant(backend), await add_tenant(backend)
        mine = await add_credentials(backend, one)
        assert await backend.credential_queries.list(other) == []
        with pytest.raises(NotFound):
            await in_unit(backend, other, lambda u: u.credentials.remove("openai"))
        theirs = await add_credentials(backend, other)
        assert await backend.credential_queries.list(one) == [mine]
        assert await backend.credential_queries.list(other) == [theirs]

    async def test_a_change_is_seen_with_the_commit_and_not_without(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        async with rolled_back(backend.units.open(tenant)) as unit:
            await unit.credentials.save(make_credentials(backend, tenant))
            assert len(await unit.credentials.list()) == 1
            assert await backend.credential_queries.list(tenant) == []
        assert await backend.credential_queries.list(tenant) == []

    async def test_all_workspaces_are_listed_page_by_page(self, backend: Backend) -> None:
        made = [await add_tenant(backend) for _ in range(3)]
        found: list[str] = []
        while page := await backend.workspaces.ids(found[-1] if found else None, limit=2):
            assert len(page) <= 2
            found += page
        assert found == sorted(found)
        assert set(made) <= set(found)

    async def test_a_workspace_may_have_a_model_of_its_own(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        assert await in_unit(backend, tenant, lambda unit: unit.credentials.default_model()) is None
        async with backend.identities.open() as identities:
            workspace = await identities.workspaces.get(tenant, lock=True)
            assert workspace is not None
            await identities.workspaces.save(replace(workspace, default_model="openai/own"))
        found = await in_unit(backend, tenant, lambda unit: unit.credentials.default_model())
        assert found == "openai/own"
        assert await in_unit(backend, other, lambda unit: unit.credentials.default_model()) is None
