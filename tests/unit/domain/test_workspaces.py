"""Workspaces: who gives which role to whom, and when there is no way back."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from domain.accounts import MemberRole, Workspace
from domain.errors import Conflict, Forbidden, InvalidInput
from domain.workspaces import (
    Invitation,
    check_change,
    check_leaving,
    check_may_manage,
    check_removal,
    checked_workspace_name,
    deleted,
    in_erasure,
    invited_until,
    is_restorable,
    is_to_be_erased,
    manages_members,
    restored,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEEK = timedelta(days=7)
OWNER, ADMIN, EDITOR, VIEWER = MemberRole
SECOND = timedelta(seconds=1)
WORKSPACE = Workspace("ws_1", "Engines", "free", NOW)
MANAGES = {
    OWNER: {OWNER, ADMIN, EDITOR, VIEWER},
    ADMIN: {ADMIN, EDITOR, VIEWER},
    EDITOR: set[MemberRole](),
    VIEWER: set[MemberRole](),
}


@pytest.mark.parametrize(("by", "role"), list(product(MemberRole, MemberRole)))
def test_owners_manage_everyone_admins_all_but_owners_and_others_nobody(
    by: MemberRole, role: MemberRole
) -> None:
    assert manages_members(by) is bool(MANAGES[by])
    if role in MANAGES[by]:
        check_may_manage(by, role)
        check_removal(by, role, [OWNER, OWNER, by])
    else:
        with pytest.raises(Forbidden):
            check_may_manage(by, role)
        with pytest.raises(Forbidden):
            check_removal(by, role, [OWNER, OWNER, by])


@pytest.mark.parametrize(("by", "now", "then"), list(product(MemberRole, MemberRole, MemberRole)))
def test_a_role_is_changed_by_who_manages_both_the_old_and_the_new(
    by: MemberRole, now: MemberRole, then: MemberRole
) -> None:
    roles = [OWNER, OWNER, by, now]
    if {now, then} <= MANAGES[by]:
        check_change(by, now, then, roles)
    else:
        with pytest.raises(Forbidden):
            check_change(by, now, then, roles)


@pytest.mark.parametrize("then", [ADMIN, EDITOR, VIEWER])
def test_the_last_owner_is_not_demoted(then: MemberRole) -> None:
    with pytest.raises(Conflict) as caught:
        check_change(OWNER, OWNER, then, [OWNER, ADMIN, VIEWER])
    assert caught.value.code == "last_owner"
    check_change(OWNER, OWNER, then, [OWNER, OWNER])


def test_the_last_owner_neither_leaves_nor_is_removed() -> None:
    for check in (
        lambda roles: check_leaving(OWNER, roles),
        lambda roles: check_removal(OWNER, OWNER, roles),
    ):
        with pytest.raises(Conflict) as caught:
            check([OWNER, ADMIN])
        assert caught.value.code == "last_owner"
        check([OWNER, OWNER])


def test_the_last_owner_may_stay_owner() -> None:
    check_change(OWNER, OWNER, OWNER, [OWNER])


@pytest.mark.parametrize("role", [ADMIN, EDITOR, VIEWER])
def test_everyone_else_leaves_as_they_like(role: MemberRole) -> None:
    check_leaving(role, [OWNER, role])


def test_an_invitation_holds_for_seven_days() -> None:
    invitation = Invitation(
        "inv_1", "ws_1", "a@b.org", VIEWER, "hash", "usr_1", NOW, invited_until(NOW)
    )
    assert not invitation.is_expired(NOW + WEEK - SECOND)
    assert invitation.is_expired(NOW + WEEK)


def test_a_deleted_workspace_is_restorable_for_its_grace_and_to_be_erased_after_it() -> None:
    gone = deleted(WORKSPACE, NOW, WEEK)
    assert is_restorable(gone, NOW + WEEK - SECOND)
    assert not is_to_be_erased(gone, NOW + WEEK - SECOND)
    assert not is_restorable(gone, NOW + WEEK)
    assert is_to_be_erased(gone, NOW + WEEK)


def test_a_workspace_in_use_is_neither_restored_nor_erased() -> None:
    for workspace in (WORKSPACE, restored(deleted(WORKSPACE, NOW, WEEK))):
        assert not is_restorable(workspace, NOW)
        assert not is_to_be_erased(workspace, NOW + 100 * WEEK)


def test_whose_erasure_has_begun_is_not_restored_whatever_the_time() -> None:
    gone = in_erasure(deleted(WORKSPACE, NOW, WEEK))
    assert not is_restorable(gone, NOW)
    assert is_to_be_erased(gone, NOW)


def test_a_name_is_one_line_without_outer_spaces() -> None:
    assert checked_workspace_name("  The\r\nEngine \t Room ") == "The Engine Room"


@pytest.mark.parametrize("name", ["", " \n ", "x" * 201, "a\x00b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_workspace_name(name)
    assert caught.value.pointer == "/name"
