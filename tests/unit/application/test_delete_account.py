"""Leaving for good."""

import pytest

from domain.accounts import MemberRole, Membership
from domain.errors import Conflict, InvalidInput, PreconditionFailed, Unauthenticated
from domain.jobs import JobKind
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, PASSWORD, People, refused


@pytest.fixture
def people(installation: Installation) -> People:
    return People(installation)


async def join(people: People, email: str, workspace_id: str, role: MemberRole) -> str:
    """Let a new person join a workspace; return the id."""
    user, _ = await people.create(email, PASSWORD, "Somebody")
    async with people.units.open() as identities:
        membership = Membership(workspace_id, user.id, role)
        await identities.workspaces.add_member(membership, people.clock.now())
    return user.id


async def test_an_account_goes_with_everything_that_is_its_own(people: People) -> None:
    ada = await people.ada()
    assert ada.workspace is not None
    await people.forgot(EMAIL, HOME)
    token = await people.token("reset_password")
    await people.delete(await people.actor(ada), PASSWORD)
    tables = people.installation.state.accounts
    assert ada.user.id not in tables.users
    assert tables.memberships == {}
    assert await people.found(ada.tokens.access_token) is None
    await refused(people.log_in(EMAIL, PASSWORD, HOME))
    with pytest.raises(Exception, match="not valid"):
        await people.reset(token, PASSWORD, HOME)
    assert tables.workspaces[ada.workspace.id].deleted_at is not None
    [job] = [row.job for row in people.installation.state.jobs.values()]
    assert (job.kind, job.subject_id) == (JobKind.ERASE_WORKSPACE, ada.workspace.id)
    kinds = {
        (e.subject_type, e.finished_at is not None)
        for e in people.installation.state.receipts.values()
    }
    assert kinds == {("workspace", False), ("user", True)}
    assert "deleted" in (await people.subjects())[-1]
    await people.register(EMAIL, PASSWORD, "Ada again", HOME)  # the address is free again


async def test_the_only_owner_does_not_leave_others_alone(people: People) -> None:
    ada = await people.ada()
    assert ada.workspace is not None
    await join(people, "eve@example.org", ada.workspace.id, MemberRole.ADMIN)
    actor = await people.actor(ada)
    with pytest.raises(Conflict) as caught:
        await people.delete(actor, PASSWORD)
    assert caught.value.code == "sole_owner"
    assert "Ada Lovelace's workspace" in caught.value.detail
    assert await people.found(ada.tokens.access_token) is not None


async def test_with_another_owner_one_may_go_and_the_workspace_stays(people: People) -> None:
    ada = await people.ada()
    assert ada.workspace is not None
    other = await join(people, "eve@example.org", ada.workspace.id, MemberRole.OWNER)
    await people.delete(await people.actor(ada), PASSWORD)
    async with people.units.open() as identities:
        places = [w.id for w, _ in await identities.workspaces.of_user(other)]
    assert ada.workspace.id in places


async def test_it_takes_the_password_and_the_version_that_was_seen(people: People) -> None:
    actor = await people.actor(await people.ada())
    for password in (None, "a wrong password"):
        with pytest.raises(InvalidInput):
            await people.delete(actor, password)
    with pytest.raises(PreconditionFailed):
        await people.delete(actor, PASSWORD, 99)
    await people.delete(actor, PASSWORD, (await people.user()).version)
    with pytest.raises(Unauthenticated):
        await people.delete(actor, PASSWORD)


async def test_others_are_not_touched(people: People) -> None:
    ada = await people.ada()
    eve = await people.register("eve@example.org", PASSWORD, "Eve", ABROAD)
    assert eve is not None
    await people.delete(await people.actor(eve), PASSWORD)
    await people.refresh(ada.tokens.refresh_token)
    assert (await people.user()).id == ada.user.id
