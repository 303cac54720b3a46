"""Use cases of API keys and socket tickets, and how uses of keys are noted."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from adapters.memory.api_keys import InMemoryApiKeyQueries
from adapters.memory.clock import FakeClock
from application.ports.api_keys import ApiKeyUses
from application.queries.page import PageRequest
from application.services.idempotency import IdempotencyKey
from application.services.key_uses import KeyUses
from application.use_cases.api_keys import CreateApiKey, RenameApiKey, RevokeApiKey, RotateApiKey
from application.use_cases.socket_tickets import IssueTicket, RedeemTicket
from domain.accounts import Actor, MemberRole, Membership, Session, User, Workspace
from domain.api_keys import hash_secret
from domain.errors import (
    DependencyUnavailable,
    Forbidden,
    IdempotencyConflict,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
)
from unit.installation import Installation


@pytest.fixture
async def here() -> Installation:
    """An installation whose actor is a member with a session."""
    made = Installation()
    now = made.clock.now()
    made.actor = Actor("usr_1", "ws_1", MemberRole.ADMIN, "ses_1")
    async with made.identities.open() as identities:
        await identities.users.add(User("usr_1", "ada@example.org", "Ada", "hash", now))
        await identities.workspaces.add(
            Workspace("ws_1", "W", "free", now), Membership("ws_1", "usr_1", MemberRole.ADMIN)
        )
        await identities.sessions.add(Session("ses_1", "usr_1", now, now + timedelta(days=30)))
    return made


async def listed(here: Installation) -> list[str]:
    page = await InMemoryApiKeyQueries(here.state).list("ws_1", PageRequest())
    return [key.id for key in page.items]


async def test_a_new_key_works_and_its_secret_is_not_stored(here: Installation) -> None:
    made = await CreateApiKey(here.units, here.clock)(here.actor, "Import", ["chat"])
    assert made.secret is not None
    actor = await here.identity_queries.key_actor(hash_secret(made.secret))
    assert actor is not None
    assert (actor.user_id, actor.key_id) == ("usr_1", made.key.id)
    assert actor.scopes == frozenset({"chat"})
    assert made.secret not in repr(here.tables)


async def test_a_repetition_gives_the_same_key_without_the_secret(here: Installation) -> None:
    create = CreateApiKey(here.units, here.clock)
    first = await create(here.actor, "Import", ["chat"], None, IdempotencyKey("k", "print"))
    again = await create(here.actor, "Import", ["chat"], None, IdempotencyKey("k", "print"))
    assert (again.key, again.secret) == (first.key, None)
    assert await listed(here) == [first.key.id]
    with pytest.raises(IdempotencyConflict):
        await create(here.actor, "Other", ["chat"], None, IdempotencyKey("k", "other"))


async def test_a_repetition_after_the_key_was_revoked_finds_none(here: Installation) -> None:
    create = CreateApiKey(here.units, here.clock)
    made = await create(here.actor, "Import", ["chat"], None, IdempotencyKey("k", "print"))
    await RevokeApiKey(here.units, here.clock)(here.actor, made.key.id, None)
    with pytest.raises(NotFound):
        await create(here.actor, "Import", ["chat"], None, IdempotencyKey("k", "print"))


async def test_a_change_of_another_version_is_refused(here: Installation) -> None:
    key = (await CreateApiKey(here.units, here.clock)(here.actor, "Import", ["chat"])).key
    renamed = await RenameApiKey(here.units, here.clock)(here.actor, key.id, "Export", key.version)
    assert (renamed.name, renamed.version) == ("Export", 2)
    with pytest.raises(PreconditionFailed):
        await RenameApiKey(here.units, here.clock)(here.actor, key.id, "Other", 1)
    with pytest.raises(PreconditionFailed):
        await RevokeApiKey(here.units, here.clock)(here.actor, key.id, 1)
    assert await listed(here) == [key.id]


async def test_a_rotated_key_has_a_new_secret_and_the_old_one_runs_out(here: Installation) -> None:
    made = await CreateApiKey(here.units, here.clock)(here.actor, "Import", ["chat"])
    rotate = RotateApiKey(here.units, here.clock)
    rotated = await rotate(here.actor, made.key.id, timedelta(seconds=60))
    assert made.secret is not None
    assert rotated.secret not in (None, made.secret)
    look_up = here.identity_queries.key_actor
    assert await look_up(hash_secret(made.secret)) is not None
    here.clock.advance(60)
    assert await look_up(hash_secret(made.secret)) is None
    with pytest.raises(Forbidden):
        await rotate(replace(here.actor, user_id="usr_2"), made.key.id, timedelta(0))
    assert await look_up(hash_secret(str(rotated.secret))) is not None


async def test_what_is_done_to_keys_stands_in_the_audit_log_without_a_secret(
    here: Installation,
) -> None:
    made = await CreateApiKey(here.units, here.clock)(here.actor, "Import", ["chat"])
    await RenameApiKey(here.units, here.clock)(here.actor, made.key.id, "Export", None)
    rotated = await RotateApiKey(here.units, here.clock)(here.actor, made.key.id, timedelta(0))
    await RevokeApiKey(here.units, here.clock)(here.actor, made.key.id, None)
    links = here.state.audit["ws_1"]
    actions = [link.entry.action for link in links]
    assert actions == [f"api_key.{done}" for done in ("created", "renamed", "rotated", "revoked")]
    assert {(link.entry.actor_id, link.entry.subject_id) for link in links} == {
        ("usr_1", made.key.id)
    }
    for secret in (made.secret, rotated.secret):
        assert str(secret)[4:] not in repr(links)


async def test_keys_of_another_workspace_are_not_there(here: Installation) -> None:
    key = (await CreateApiKey(here.units, here.clock)(here.actor, "Import", ["chat"])).key
    for change in (
        RenameApiKey(here.units, here.clock)(here.stranger, key.id, "Mine", None),
        RotateApiKey(here.units, here.clock)(here.stranger, key.id, timedelta(0)),
        RevokeApiKey(here.units, here.clock)(here.stranger, key.id, None),
    ):
        with pytest.raises(NotFound):
            await change
    assert await listed(here) == [key.id]


async def _ticket(here: Installation, actor: Actor) -> str:
    return await IssueTicket(here.identities, here.clock)(actor)


async def _redeemed(here: Installation, ticket: str) -> Actor:
    return await RedeemTicket(here.identities, here.identity_queries, here.clock)(ticket)


async def test_a_ticket_stands_once_for_whom_it_was_given_to(here: Installation) -> None:
    ticket = await _ticket(here, here.actor)
    assert ticket not in repr(here.state.accounts)
    assert await _redeemed(here, ticket) == here.actor
    with pytest.raises(Unauthenticated):
        await _redeemed(here, ticket)


async def test_a_ticket_of_a_key_has_its_scopes(here: Installation) -> None:
    made = await CreateApiKey(here.units, here.clock)(here.actor, "Import", ["chat"])
    actor = await here.identity_queries.key_actor(hash_secret(str(made.secret)))
    assert actor is not None
    assert await _redeemed(here, await _ticket(here, actor)) == actor


async def test_of_many_who_bring_a_ticket_one_gets_in(here: Installation) -> None:
    ticket = await _ticket(here, here.actor)
    calls = (_redeemed(here, ticket) for _ in range(5))
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(result, Actor) for result in results) == 1


async def test_a_ticket_runs_out_after_30_seconds(here: Installation) -> None:
    late, early = await _ticket(here, here.actor), await _ticket(here, here.actor)
    here.clock.advance(29)
    assert await _redeemed(here, early) == here.actor
    here.clock.advance(1)
    with pytest.raises(Unauthenticated):
        await _redeemed(here, late)


async def test_a_ticket_is_worth_what_the_credential_is_worth_now(here: Installation) -> None:
    ticket = await _ticket(here, here.actor)
    async with here.identities.open() as identities:
        await identities.sessions.revoke("ses_1", here.clock.now())
    with pytest.raises(Unauthenticated):
        await _redeemed(here, ticket)


@pytest.mark.parametrize("ticket", ["", "x", "csk_x", "é"])
async def test_what_is_no_ticket_lets_nobody_in(here: Installation, ticket: str) -> None:
    with pytest.raises(Unauthenticated):
        await _redeemed(here, ticket)


class Ledger(ApiKeyUses):
    """Keeps what is written, as slowly as the test lets it."""

    def __init__(self) -> None:
        self.written: list[dict[str, datetime]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.error: Exception | None = None

    async def record(self, used: Mapping[str, datetime]) -> None:
        await self.free.wait()
        if self.error is not None:
            raise self.error
        self.written.append(dict(used))


async def test_a_key_in_use_is_written_once_a_minute() -> None:
    ledger, clock = Ledger(), FakeClock()
    uses = KeyUses(ledger, clock)
    for _ in range(61):
        for _ in range(10):
            uses.note("key_1")
        await uses.aclose()
        clock.advance(1)
    assert [list(used) for used in ledger.written] == [["key_1"], ["key_1"]]


async def test_no_request_waits_for_the_writing_and_those_meanwhile_go_together() -> None:
    ledger, clock = Ledger(), FakeClock()
    uses = KeyUses(ledger, clock)
    ledger.free.clear()
    uses.note("key_0")
    await asyncio.sleep(0)
    for number in range(1, 100):
        uses.note(f"key_{number}")
    assert ledger.written == []
    ledger.free.set()
    await uses.aclose()
    assert [len(used) for used in ledger.written] == [1, 99]


@pytest.mark.parametrize("error", [DependencyUnavailable(), ValueError("unforeseen")])
async def test_what_could_not_be_written_stops_nothing(error: Exception) -> None:
    ledger, clock = Ledger(), FakeClock()
    uses = KeyUses(ledger, clock)
    ledger.error = error
    uses.note("key_1")
    await uses.aclose()
    ledger.error = None
    uses.note("key_2")
    await uses.aclose()
    assert [list(used) for used in ledger.written] == [["key_2"]]
