"""What every store of API keys promises."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.unit_of_work import UnitOfWork
from application.queries.page import PageRequest
from application.testing.backend import (
    Backend,
    add_tenant,
    add_user,
    add_workspace,
    in_unit,
    outcome,
)
from application.testing.contract import Contract
from domain.accounts import Actor, MemberRole, Membership, User
from domain.api_keys import ApiKey, hash_secret, make_secret
from domain.errors import NotFound


async def _add_key(
    backend: Backend, user: User, tenant_id: str, hours: float | None = None
) -> tuple[ApiKey, str]:
    """Store a key that expires in `hours` from now, past or to come; return it with its secret."""
    now, secret = backend.clock.now(), make_secret(backend.clock.new_secret())
    key = ApiKey.make(
        backend.clock.new_id("key"),
        tenant_id,
        user.id,
        secret,
        now,
        name="Import",
        scopes=["chat", "bots:read"],
    )
    key.expires_at = None if hours is None else now + timedelta(hours=hours)
    await in_unit(backend, tenant_id, lambda uow: uow.api_keys.add(key))
    return key, secret


async def _member(backend: Backend, role: MemberRole = MemberRole.ADMIN) -> tuple[User, str]:
    user = await add_user(backend)
    return user, (await add_workspace(backend, user, role=role)).id


def _holder(key: ApiKey) -> Actor:
    """Return who came with the key's secret of now."""
    return Actor(
        key.created_by,
        key.tenant_id,
        MemberRole.ADMIN,
        key_id=key.id,
        secret_hash=key.secret_hash,
    )


def _changing(
    key_id: str, change: Callable[[ApiKey], None]
) -> Callable[[UnitOfWork], Awaitable[ApiKey]]:
    async def work(uow: UnitOfWork) -> ApiKey:
        key = await uow.api_keys.get(key_id, lock=True)
        change(key)
        await uow.api_keys.save(key)
        return key

    return work


class ApiKeysContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_key_is_read_as_it_was_written(self, backend: Backend) -> None:
        user, tenant = await _member(backend)
        for hours in (None, 1):
            key, _ = await _add_key(backend, user, tenant, hours)
            assert await in_unit(backend, tenant, lambda uow: uow.api_keys.get(key.id)) == key  # noqa: B023
            assert await backend.api_key_queries.get(tenant, key.id) == key

    async def test_another_tenants_key_is_not_there(self, backend: Backend) -> None:
        user, tenant = await _member(backend)
        stranger = await add_tenant(backend)
        key, _ = await _add_key(backend, user, tenant)
        queries = backend.api_key_queries
        assert await outcome(queries.get(stranger, key.id)) is NotFound
        assert (await queries.list(stranger, PageRequest())).items == []
        getting = in_unit(backend, stranger, lambda uow: uow.api_keys.get(key.id))
        assert await outcome(getting) is NotFound

    async def test_keys_come_newest_first_and_in_pages(self, backend: Backend) -> None:
        user, tenant = await _member(backend)
        keys = [(await _add_key(backend, user, tenant))[0].id for _ in range(3)]
        expected = sorted(keys, reverse=True)
        first = await backend.api_key_queries.list(tenant, PageRequest(2))
        assert [key.id for key in first.items] == expected[:2]
        rest = await backend.api_key_queries.list(tenant, PageRequest(2, first.next_after))
        assert ([key.id for key in rest.items], rest.next_after) == (expected[2:], None)

    async def test_changes_are_kept_and_counted(self, backend: Backend) -> None:
        user, tenant = await _member(backend)
        key, _ = await _add_key(backend, user, tenant)
        now = backend.clock.now()

        def change(key: ApiKey) -> None:
            key.rename("Nightly import")
            key.rotate(user.id, make_secret("z" * 43), now, timedelta(hours=1))

        changed = await in_unit(backend, tenant, _changing(key.id, change))
        assert await backend.api_key_queries.get(tenant, key.id) == changed
        assert (changed.version, changed.previous_hash) == (key.version + 1, key.secret_hash)

    async def test_a_key_acts_as_its_maker_within_its_scopes(self, backend: Backend) -> None:
        user, tenant = await _member(backend, MemberRole.EDITOR)
        key, secret = await _add_key(backend, user, tenant, 1)
        actor = await backend.identity_queries.key_actor(hash_secret(secret))
        assert actor == Actor(
            user.id,
            tenant,
            MemberRole.EDITOR,
            key_id=key.id,
            scopes=frozenset({"chat", "bots:read"}),
            secret_hash=key.secret_hash,
        )
        assert await backend.identity_queries.still(actor) == actor

    async def test_an_unknown_or_expired_key_is_nobody(self, backend: Backend) -> None:
        user, tenant = await _member(backend)
        _, secret = await _add_key(backend, user, tenant, -1)
        look_up = backend.identity_queries.key_actor
        assert await look_up(hash_secret(secret)) is None
        assert await look_up(hash_secret("csk_")) is None

    async def test_a_key_that_expires_or_whose_maker_is_disabled_is_worth_nothing_from_then(
        self, backend: Backend
    ) -> None:
        user, tenant = await _member(backend)
        _, secret = await _add_key(backend, user, tenant)
        actor = await backend.identity_queries.key_actor(hash_secret(secret))
        assert actor is not None
        async with backend.identities.open() as identities:
            user.disabled = True
            await identities.users.save(user)
        assert await backend.identity_queries.key_actor(hash_secret(secret)) is None
        assert await backend.identity_queries.still(actor) is None
        expired, _ = await _add_key(backend, *(await _member(backend)), -1)
        assert await backend.identity_queries.still(_holder(expired)) is None

    async def test_a_key_follows_its_makers_role_membership_and_workspace(
        self, backend: Backend
    ) -> None:
        user, tenant = await _member(backend)
        _, secret = await _add_key(backend, user, tenant)

        async def role() -> MemberRole | None:
            actor = await backend.identity_queries.key_actor(hash_secret(secret))
            return actor.role if actor else None

        async with backend.identities.open() as identities:
            await identities.workspaces.save_member(Membership(tenant, user.id, MemberRole.VIEWER))
        assert await role() is MemberRole.VIEWER
        async with backend.identities.open() as identities:
            workspace = await identities.workspaces.get(tenant, lock=True)
            assert workspace is not None
            deleted = replace(workspace, deleted_at=backend.clock.now())
            deleted = await identities.workspaces.save(deleted)
        assert await role() is None
        async with backend.identities.open() as identities:
            await identities.workspaces.save(replace(deleted, deleted_at=None))
        assert await role() is MemberRole.VIEWER
        async with backend.identities.open() as identities:
            await identities.workspaces.remove_member(tenant, user.id)
        assert await role() is None

    async def test_who_leaves_and_comes_back_does_not_get_the_old_keys_back(
        self, backend: Backend
    ) -> None:
        user, tenant = await _member(backend)
        _, secret = await _add_key(backend, user, tenant)
        later = backend.clock.now() + timedelta(seconds=1)
        again = Membership(tenant, user.id, MemberRole.OWNER)
        async with backend.identities.open() as identities:
            await identities.workspaces.remove_member(tenant, user.id)
            await identities.workspaces.add_member(again, later)
        assert await backend.identity_queries.key_actor(hash_secret(secret)) is None

    async def test_a_revoked_key_is_gone_at_once(self, backend: Backend) -> None:
        user, tenant = await _member(backend)
        key, secret = await _add_key(backend, user, tenant)
        kept, other = await _add_key(backend, user, tenant)
        actor = await backend.identity_queries.key_actor(hash_secret(secret))
        assert actor is not None
        now = backend.clock.now()
        await in_unit(backend, tenant, _changing(key.id, lambda key: key.revoke(now)))
        assert await backend.identity_queries.key_actor(hash_secret(secret)) is None
        assert await backend.identity_queries.still(actor) is None
        assert await outcome(backend.api_key_queries.get(tenant, key.id)) is NotFound
        page = await backend.api_key_queries.list(tenant, PageRequest())
        assert [key.id for key in page.items] == [kept.id]
        assert await backend.identity_queries.key_actor(hash_secret(other)) is not None

    @pytest.mark.parametrize(("grace", "lives"), [(3600, True), (0, False), (-3600, False)])
    async def test_after_a_rotation_the_secret_before_lives_for_the_grace_time(
        self, backend: Backend, grace: float, lives: bool
    ) -> None:
        user, tenant = await _member(backend)
        key, old = await _add_key(backend, user, tenant)
        new, now = make_secret(backend.clock.new_secret()), backend.clock.now()
        seconds = timedelta(seconds=grace)  # below zero: its end has passed
        holder = _holder(key)
        change = _changing(key.id, lambda key: key.rotate(user.id, new, now, seconds))
        await in_unit(backend, tenant, change)
        look_up = backend.identity_queries.key_actor
        assert (await backend.identity_queries.still(holder) is not None) is lives
        assert (await look_up(hash_secret(old)) is not None) is lives
        assert await look_up(hash_secret(new)) is not None

    async def test_a_use_is_recorded_unless_one_stands_there_that_is_hardly_earlier(
        self, backend: Backend
    ) -> None:
        user, tenant = await _member(backend)
        first, second = [(await _add_key(backend, user, tenant))[0].id for _ in range(2)]
        start = backend.clock.now()

        async def used(seconds: float, *keys: str) -> list[object]:
            moment = start + timedelta(seconds=seconds)
            await backend.api_key_uses.record(dict.fromkeys(keys, moment))
            queries = backend.api_key_queries
            return [(await queries.get(tenant, key)).last_used_at for key in (first, second)]

        unknown = backend.clock.new_id("key")
        assert await used(0, first, unknown) == [start, None]
        assert await used(59, first) == [start, None]
        later = start + timedelta(seconds=61)
        assert await used(61, first, second) == [later, later]
        assert await used(-100, first) == [later, later]
        changed = await in_unit(backend, tenant, _changing(first, lambda key: key.rename("Other")))
        assert changed.last_used_at == later
