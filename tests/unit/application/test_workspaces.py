"""Teams over fakes: what mails are sent, what is written down, and what an older request may do."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.credentials import InMemoryCredentialQueries
from adapters.memory.mailer import InMemoryMailer
from adapters.memory.workspaces import InMemoryWorkspaceQueries
from application.queries.page import PageRequest
from application.services.mails import Mails
from application.services.postman import Postman
from application.use_cases.invitations import (
    AcceptInvitation,
    Invited,
    InviteMember,
    LookUpInvitation,
    RevokeInvitation,
)
from application.use_cases.members import ChangeMemberRole, RemoveMember, TransferOwnership
from application.use_cases.workspaces import CreateWorkspace, DeleteWorkspace, UpdateWorkspace
from domain.accounts import Actor, MemberRole, User
from domain.errors import Forbidden, InvalidInput, NotFound, QuotaExceeded
from domain.plans import Quota
from unit.installation import Installation

OWNER, ADMIN, EDITOR, VIEWER = MemberRole
DAY = 86_400.0
GRACE = timedelta(days=7)


class Teams:
    """The use cases of workspaces; `ada` owns one."""

    def __init__(self, installation: Installation) -> None:
        self.state, self.clock = installation.state, installation.clock
        units, clock = installation.identities, installation.clock
        self.units = units
        self.mailer = InMemoryMailer()
        self.postman = Postman(self.mailer, retry_seconds=())
        self.create = CreateWorkspace(units, clock)
        credentials = InMemoryCredentialQueries(self.state)
        self.update = UpdateWorkspace(units, credentials, installation.models, clock)
        self.delete = DeleteWorkspace(units, clock, GRACE)
        self.change = ChangeMemberRole(units, clock)
        self.remove = RemoveMember(units, clock)
        self.transfer = TransferOwnership(units, clock)
        mails = Mails("https://chat.example.org")
        self._invite = InviteMember(units, self.postman, mails, clock)
        self.revoke = RevokeInvitation(units, clock)
        self.look_up = LookUpInvitation(units, clock)
        self._accept = AcceptInvitation(units, clock)
        self.queries = InMemoryWorkspaceQueries(self.state)

    async def person(self, name: str) -> Actor:
        user_id = self.clock.new_id("usr")
        user = User(user_id, f"{name}@example.org", name, None, self.clock.now())
        async with self.units.open() as identities:
            await identities.users.add(user)
        return Actor(user_id, "", VIEWER)

    async def ada(self) -> Actor:
        ada = await self.person("ada")
        made = await self.create(ada, "Engines")
        return replace(ada, tenant_id=made.id, role=OWNER)

    async def invite(self, actor: Actor, name: str, role: MemberRole = VIEWER) -> Invited:
        return await self._invite(actor, f" {name.upper()}@Example.org", role)

    async def accept(self, actor: Actor, invited: Invited) -> MemberRole:
        token = invited.link.partition("=")[2]
        return (await self._accept(actor, token))[1]

    async def join(self, owner: Actor, name: str, role: MemberRole) -> Actor:
        """Let a new person in."""
        person = await self.person(name)
        await self.accept(person, await self.invite(owner, name, role))
        return replace(person, tenant_id=owner.tenant_id, role=role)

    async def roles(self, owner: Actor) -> dict[str, MemberRole]:
        found = await self.queries.members(owner.tenant_id, PageRequest(100))
        return {m.membership.user_id: m.membership.role for m in found.items}

    def history(self, owner: Actor) -> list[str]:
        return [link.entry.action for link in self.state.audit[owner.tenant_id]]


@pytest.fixture
def teams(installation: Installation) -> Teams:
    return Teams(installation)


async def test_an_invitation_goes_by_mail_with_its_secret_in_the_fragment_only(
    teams: Teams,
) -> None:
    ada = await teams.ada()
    invited = await teams.invite(ada, "eve")
    await teams.postman.delivered()
    (mail,) = teams.mailer.sent
    assert mail.to == "eve@example.org"
    assert "Engines" in mail.text
    assert invited.link in mail.text
    assert invited.link.startswith("https://chat.example.org/#invitation=")
    token = invited.link.partition("=")[2]
    assert token not in repr(teams.state.accounts.invitations)


async def test_a_mail_server_that_is_out_changes_nothing(teams: Teams) -> None:
    ada, eve = await teams.ada(), await teams.person("eve")
    teams.mailer.out = True
    invited = await teams.invite(ada, "eve")
    await teams.postman.delivered()
    assert teams.mailer.sent == []
    assert await teams.accept(eve, invited) is VIEWER


async def test_an_invitation_that_is_refused_sends_no_mail(teams: Teams) -> None:
    ada = await teams.ada()
    admin = await teams.join(ada, "eve", ADMIN)
    viewer = await teams.join(ada, "joe", VIEWER)
    await teams.postman.delivered()
    teams.mailer.sent.clear()
    for actor, role in ((admin, OWNER), (viewer, VIEWER)):
        with pytest.raises(Forbidden):
            await teams.invite(actor, "max", role)
    with pytest.raises(InvalidInput):
        await teams.invite(ada, "max@")
    await teams.postman.delivered()
    assert teams.mailer.sent == []


async def test_an_expired_invitation_is_unknown(teams: Teams) -> None:
    ada, eve = await teams.ada(), await teams.person("eve")
    invited = await teams.invite(ada, "eve")
    token = invited.link.partition("=")[2]
    teams.clock.advance(7 * DAY - 1)
    assert (await teams.look_up(token))[1].email == "eve@example.org"
    teams.clock.advance(1)
    with pytest.raises(NotFound):
        await teams.look_up(token)
    with pytest.raises(NotFound):
        await teams.accept(eve, invited)
    assert await teams.accept(eve, await teams.invite(ada, "eve")) is VIEWER


async def test_nobody_joins_a_deleted_workspace(teams: Teams) -> None:
    ada, eve = await teams.ada(), await teams.person("eve")
    invited = await teams.invite(ada, "eve")
    await teams.delete(ada, None)
    with pytest.raises(NotFound):
        await teams.look_up(invited.link.partition("=")[2])
    with pytest.raises(NotFound):
        await teams.accept(eve, invited)


async def test_a_member_who_accepts_keeps_the_role_and_uses_the_invitation_up(
    teams: Teams,
) -> None:
    ada = await teams.ada()
    invited = await teams.invite(ada, "eve", EDITOR)
    eve = await teams.person("eve")
    key = (ada.tenant_id, eve.user_id)
    admin = replace(next(iter(teams.state.accounts.memberships.values())), user_id=key[1])
    teams.state.accounts.memberships[key] = replace(admin, role=ADMIN)
    assert await teams.accept(eve, invited) is ADMIN
    assert (await teams.queries.invitations(ada.tenant_id, PageRequest(9))).items == []


async def test_there_are_no_more_members_than_the_plan_has_seats(teams: Teams) -> None:
    ada, eve = await teams.ada(), await teams.person("eve")
    early = await teams.invite(ada, "eve")
    free = teams.state.accounts.plans["free"]
    teams.state.accounts.plans["free"] = replace(free, limits={**free.limits, Quota.MEMBERS: 1})
    with pytest.raises(QuotaExceeded):
        await teams.invite(ada, "joe")
    with pytest.raises(QuotaExceeded):
        await teams.accept(eve, early)
    assert await teams.roles(ada) == {ada.user_id: OWNER}


@pytest.mark.parametrize("how", ["removed", "left", "demoted", "transferred"])
async def test_open_invitations_end_with_the_right_to_invite(teams: Teams, how: str) -> None:
    ada = await teams.ada()
    admin = await teams.join(ada, "eve", ADMIN)
    invited = await teams.invite(admin, "joe", ADMIN)
    kept = await teams.invite(ada, "max")
    match how:
        case "removed":
            await teams.remove(ada, admin.user_id, None)
        case "left":
            await teams.remove(admin, admin.user_id, None)
        case "demoted":
            await teams.change(ada, admin.user_id, EDITOR, None)
        case "transferred":
            await teams.transfer(ada, admin.user_id)
    left = (await teams.queries.invitations(ada.tenant_id, PageRequest(9))).items
    still = {invited.invitation.id} if how == "transferred" else set()
    assert {each.id for each in left} == {kept.invitation.id} | still


async def test_a_request_that_began_with_an_older_role_has_the_rights_of_now(
    teams: Teams,
) -> None:
    ada = await teams.ada()
    admin = await teams.join(ada, "eve", ADMIN)
    viewer = await teams.join(ada, "joe", VIEWER)
    await teams.change(ada, admin.user_id, EDITOR, None)
    for call in (
        teams.change(admin, viewer.user_id, ADMIN, None),
        teams.remove(admin, viewer.user_id, None),
        teams.invite(admin, "max"),
    ):
        with pytest.raises(Forbidden):
            await call
    await teams.remove(ada, admin.user_id, None)
    for call in (
        teams.change(admin, viewer.user_id, ADMIN, None),
        teams.remove(admin, admin.user_id, None),
        teams.invite(admin, "max"),
        teams.update(admin, {"name": "Mine"}, None),
    ):
        with pytest.raises(NotFound):
            await call
    await teams.transfer(ada, viewer.user_id)
    for last in (teams.delete(ada, None), teams.transfer(ada, viewer.user_id)):
        with pytest.raises(Forbidden):
            await last


async def test_the_history_tells_who_came_and_went(teams: Teams) -> None:
    ada = await teams.ada()
    eve = await teams.join(ada, "eve", VIEWER)
    await teams.change(ada, eve.user_id, ADMIN, None)
    await teams.transfer(ada, eve.user_id)
    await teams.remove(eve, ada.user_id, None)
    invited = await teams.invite(eve, "joe")
    await teams.revoke(eve, invited.invitation.id)
    await teams.update(eve, {"name": "Other"}, None)
    await teams.delete(eve, None)
    assert teams.history(ada) == [
        "workspace.created", "invitation.made", "member.joined", "member.role_changed",
        "ownership.transferred", "member.removed", "invitation.made", "invitation.revoked",
        "workspace.renamed", "workspace.deleted",
    ]  # fmt: skip


async def test_a_workspace_chooses_the_model_of_its_bots(teams: Teams) -> None:
    ada = await teams.ada()
    saved, _ = await teams.update(ada, {"default_model": "fake/two"}, None)
    assert (saved.name, saved.default_model) == ("Engines", "fake/two")
    with pytest.raises(InvalidInput) as raised:
        await teams.update(ada, {"default_model": "nobody/two"}, None)
    assert raised.value.pointer == "/default_model"
    assert raised.value.code == "model_not_configured"
    saved, _ = await teams.update(ada, {"default_model": None}, None)
    assert saved.default_model is None
    assert teams.history(ada)[-2:] == ["workspace.model_chosen"] * 2
