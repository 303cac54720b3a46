"""Workspaces: who is in them, as what, and that rights follow at once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from integration.api.client import API, Client, Contract, Reply
from integration.api.estates import absent
from integration.api.service import Service

FORBIDDEN, ABSENT = (403, "forbidden"), (404, "not_found")


@pytest.fixture
async def grace(service: Service, contract: Contract) -> AsyncIterator[Client]:
    """Somebody with a workspace of her own, too."""
    async with Client(service, contract) as client:
        yield await client.register()


def home(client: Client) -> str:
    """Return the id of the workspace that came with the account."""
    return str(client.account["workspace"]["id"])


def user_id(client: Client) -> str:
    return str(client.account["user"]["id"])


def place(client: Client) -> str:
    return f"/workspaces/{home(client)}"


def member(owner: Client, client: Client) -> str:
    """Return the path of a member of the owner's workspace."""
    return f"{place(owner)}/members/{user_id(client)}"


async def invite(owner: Client, client: Client, role: str = "viewer") -> Reply:
    email = client.account["user"]["email"]
    return await owner.post(f"{place(owner)}/invitations", {"email": email, "role": role})


def token_of(invited: Reply) -> str:
    return str(invited.json["link"].partition("#invitation=")[2])


async def join(owner: Client, client: Client, role: str) -> Reply:
    """Let somebody into the owner's workspace."""
    invited = await invite(owner, client, role)
    assert invited.status == 201, invited
    joined = await client.post("/invitations/accept", {"token": token_of(invited)})
    assert joined.status == 200, joined
    return joined


async def roles(owner: Client) -> dict[str, str]:
    found = (await owner.get(f"{place(owner)}/members")).json["data"]
    return {each["user_id"]: each["role"] for each in found}


async def test_a_workspace_is_made_renamed_and_listed(ada: Client) -> None:
    made = await ada.post("/workspaces", {"name": "  Analytical   Engines "})
    assert (made.status, made.json["name"]) == (201, "Analytical Engines")
    assert (made.json["role"], made.json["plan"]) == ("owner", "free")
    path = made.headers["Location"].removeprefix(API)
    again = await ada.get(path)
    assert (again.json, again.headers["ETag"]) == (made.json, made.headers["ETag"])
    old = {"If-Match": made.headers["ETag"]}
    renamed = await ada.patch(path, {"name": "Difference"}, headers=old)
    assert (renamed.status, renamed.json["name"]) == (200, "Difference")
    late = await ada.patch(path, {"name": "Other"}, headers=old)
    assert late.problem == (412, "precondition_failed")
    assert (await ada.delete(path, headers=old)).problem == (412, "precondition_failed")
    found = (await ada.get("/workspaces")).json
    assert [each["id"] for each in found["data"]] == [home(ada), made.json["id"]]
    page = (await ada.get("/workspaces?limit=1")).json
    assert page["has_more"]
    rest = (await ada.get(f"/workspaces?limit=1&cursor={page['next_cursor']}")).json
    assert [each["id"] for each in rest["data"]] == [made.json["id"]]


@pytest.mark.parametrize("field", ["id", "plan", "role", "owner_id", "tenant_id", "deleted_at"])
async def test_nothing_but_the_name_is_taken(ada: Client, field: str) -> None:
    body = {"name": "Mine", field: "enterprise"}
    assert (await ada.post("/workspaces", body)).problem == (422, "invalid_request")
    assert (await ada.patch(place(ada), body)).problem == (422, "invalid_request")


async def test_an_invited_person_joins_by_the_link(
    ada: Client, eve: Client, anyone: Client
) -> None:
    invited = await invite(ada, eve, "editor")
    assert invited.status == 201
    token = token_of(invited)
    assert len(token) >= 43
    offer = await anyone.post("/invitations/lookup", {"token": token})
    assert offer.json == {
        "workspace_name": ada.account["workspace"]["name"],
        "email": eve.account["user"]["email"],
        "role": "editor",
        "expires_at": invited.json["expires_at"],
    }
    listed = (await ada.get(f"{place(ada)}/invitations")).json["data"]
    assert listed == [{k: v for k, v in invited.json.items() if k != "link"}]
    assert (await eve.get(place(ada))).problem == ABSENT
    joined = await eve.post("/invitations/accept", {"token": token})
    assert (joined.json["id"], joined.json["role"]) == (home(ada), "editor")
    assert await roles(ada) == {user_id(ada): "owner", user_id(eve): "editor"}
    assert (await ada.get(f"{place(ada)}/invitations")).json["data"] == []
    assert (await anyone.post("/invitations/lookup", {"token": token})).problem == ABSENT
    again = await eve.post("/invitations/accept", {"token": token})
    assert again.json == joined.json
    assert (await invite(ada, eve)).problem == (409, "already_member")


async def test_an_invitation_is_of_no_use_to_another_account(
    ada: Client, eve: Client, grace: Client
) -> None:
    token = token_of(await invite(ada, eve))
    refused = await grace.post("/invitations/accept", {"token": token})
    assert refused.problem == (403, "invitation_for_another_address")
    assert user_id(grace) not in await roles(ada)
    assert (await eve.post("/invitations/accept", {"token": token})).status == 200


async def test_a_renewed_or_revoked_link_is_worth_nothing(
    ada: Client, eve: Client, anyone: Client
) -> None:
    first = await invite(ada, eve, "viewer")
    second = await invite(ada, eve, "admin")
    assert second.json["id"] == first.json["id"]
    found = await anyone.post("/invitations/lookup", {"token": token_of(first)})
    assert found.problem == ABSENT
    offer = await anyone.post("/invitations/lookup", {"token": token_of(second)})
    assert offer.json["role"] == "admin"
    path = f"{place(ada)}/invitations/{second.json['id']}"
    assert (await eve.delete(path)).problem == ABSENT
    assert (await ada.delete(path)).status == 204
    assert (await ada.delete(path)).problem == ABSENT
    for token in (token_of(first), token_of(second), "nonsense"):
        refused = await eve.post("/invitations/accept", {"token": token})
        assert refused.problem == ABSENT
    assert await roles(ada) == {user_id(ada): "owner"}


async def test_nobody_is_invited_as_owner_and_who_was_removed_stays_out(
    ada: Client, eve: Client
) -> None:
    assert (await invite(ada, eve, "owner")).problem == (422, "invalid_request")
    invited = await invite(ada, eve)
    token = {"token": token_of(invited)}
    assert (await eve.post("/invitations/accept", token)).status == 200
    assert (await ada.delete(member(ada, eve))).status == 204
    assert (await eve.post("/invitations/accept", token)).problem == ABSENT


async def test_accepting_twice_at_once_makes_one_member(ada: Client, eve: Client) -> None:
    token = {"token": token_of(await invite(ada, eve))}
    replies = await asyncio.gather(*(eve.post("/invitations/accept", token) for _ in range(5)))
    assert [reply.status for reply in replies] == [200] * 5
    assert len(await roles(ada)) == 2


async def test_accepting_against_revoking_leaves_a_member_or_none(ada: Client, eve: Client) -> None:
    for _ in range(5):
        invited = await invite(ada, eve)
        accepted, revoked = await asyncio.gather(
            eve.post("/invitations/accept", {"token": token_of(invited)}),
            ada.delete(f"{place(ada)}/invitations/{invited.json['id']}"),
        )
        assert sorted((accepted.status, revoked.status)) in ([200, 404], [204, 404])
        is_in = user_id(eve) in await roles(ada)
        assert is_in is (accepted.status == 200)
        if is_in:
            await ada.delete(member(ada, eve))


async def test_one_person_has_other_rights_in_another_workspace(ada: Client, eve: Client) -> None:
    await join(ada, eve, "viewer")
    there = {"X-Workspace-Id": home(ada)}
    body = {"name": "A bot"}
    assert (await eve.post("/bots", body)).status == 201
    assert (await eve.post("/bots", body, headers=there)).problem == FORBIDDEN
    assert (await eve.get("/bots", headers=there)).json["data"] == []
    assert len((await eve.get("/bots")).json["data"]) == 1
    # A path names its workspace itself, whatever the header says.
    for headers in ({}, there, {"X-Workspace-Id": home(eve)}):
        assert (await eve.patch(place(eve), body, headers=headers)).status == 200
        assert (await eve.patch(place(ada), body, headers=headers)).problem == FORBIDDEN
        assert (await eve.get(place(ada), headers=headers)).json["role"] == "viewer"
    assert (await eve.get(f"{place(ada)}/members")).status == 200


async def test_a_changed_role_and_a_removal_hold_from_the_next_request_on(
    ada: Client, eve: Client
) -> None:
    await join(ada, eve, "editor")
    there = {"X-Workspace-Id": home(ada)}
    assert (await eve.post("/bots", {"name": "A bot"}, headers=there)).status == 201
    demoted = await ada.patch(member(ada, eve), {"role": "viewer"})
    assert demoted.json == {"user_id": user_id(eve), "role": "viewer"}
    assert (await eve.post("/bots", {"name": "A bot"}, headers=there)).problem == FORBIDDEN
    assert (await eve.get("/bots", headers=there)).status == 200
    stale = {"If-Match": '"v1"'}
    late = await ada.delete(member(ada, eve), headers=stale)
    assert late.problem == (412, "precondition_failed")
    assert (await ada.delete(member(ada, eve))).status == 204
    assert (await eve.get("/bots", headers=there)).problem == ABSENT
    assert (await eve.get(place(ada))).problem == ABSENT
    assert (await eve.get("/bots")).status == 200


async def test_viewers_and_editors_manage_nobody(ada: Client, eve: Client, grace: Client) -> None:
    await join(ada, grace, "viewer")
    for role in ("viewer", "editor"):
        await join(ada, eve, role)
        calls: list[tuple[str, str, Any]] = [
            ("PATCH", place(ada), {"name": "Mine"}),
            ("PATCH", member(ada, eve), {"role": "admin"}),
            ("PATCH", member(ada, grace), {"role": "admin"}),
            ("DELETE", member(ada, grace), None),
            ("DELETE", f"{place(ada)}/members/{absent(user_id(grace))}", None),
            ("POST", f"{place(ada)}/transfer", {"user_id": user_id(eve)}),
            ("GET", f"{place(ada)}/invitations", None),
            ("POST", f"{place(ada)}/invitations", {"email": "x@example.com", "role": "viewer"}),
            ("DELETE", place(ada), None),
        ]
        for method, path, body in calls:
            options = {} if body is None else {"json": body}
            reply = await eve.request(method, path, **options)
            assert reply.problem == FORBIDDEN, (role, method, path)
        assert (await eve.delete(member(ada, eve))).status == 204, "everyone may leave"


async def test_admins_manage_all_but_owners(ada: Client, eve: Client, grace: Client) -> None:
    await join(ada, eve, "admin")
    await join(ada, grace, "viewer")
    for role in ("editor", "admin", "viewer"):
        assert (await eve.patch(member(ada, grace), {"role": role})).status == 200
    for path, body in (
        (member(ada, grace), {"role": "owner"}),
        (member(ada, eve), {"role": "owner"}),
        (member(ada, ada), {"role": "viewer"}),
    ):
        assert (await eve.patch(path, body)).problem == FORBIDDEN
    assert (await eve.delete(member(ada, ada))).problem == FORBIDDEN
    assert (
        await eve.post(f"{place(ada)}/transfer", {"user_id": user_id(eve)})
    ).problem == FORBIDDEN
    assert (await eve.delete(place(ada))).problem == FORBIDDEN
    assert (await eve.delete(member(ada, grace))).status == 204
    assert await roles(ada) == {user_id(ada): "owner", user_id(eve): "admin"}


async def test_who_is_no_member_is_not_there_whoever_it_is(ada: Client, eve: Client) -> None:
    nobody = f"{place(ada)}/members/{absent(user_id(eve))}"
    for call in (
        lambda path: ada.patch(path, {"role": "editor"}),
        ada.delete,
        lambda path: ada.post(f"{place(ada)}/transfer", {"user_id": path.rpartition("/")[2]}),
    ):
        theirs, none = await call(member(ada, eve)), await call(nobody)
        assert theirs.problem == none.problem == ABSENT
        assert theirs.json["detail"] == none.json["detail"]
    assert (await ada.post(f"{place(ada)}/transfer", {"user_id": "usr_x"})).problem == ABSENT


async def test_the_last_owner_stays(ada: Client, eve: Client) -> None:
    last = (409, "last_owner")
    await join(ada, eve, "admin")
    assert (await ada.delete(member(ada, ada))).problem == last
    assert (await ada.patch(member(ada, ada), {"role": "admin"})).problem == last
    assert (await ada.patch(member(ada, eve), {"role": "owner"})).status == 200
    assert (await ada.delete(member(ada, ada))).status == 204
    assert (await eve.delete(member(ada, eve))).problem == last


async def test_of_two_owners_who_demote_each_other_at_once_one_stays(
    ada: Client, eve: Client
) -> None:
    await join(ada, eve, "admin")
    for _ in range(5):
        await ada.patch(member(ada, eve), {"role": "owner"})
        await asyncio.gather(
            ada.patch(member(ada, ada), {"role": "admin"}),
            eve.patch(member(ada, eve), {"role": "admin"}),
        )
        standing = await roles(ada)
        assert sorted(standing.values()) == ["admin", "owner"]
        if standing[user_id(ada)] == "admin":
            assert (await eve.patch(member(ada, ada), {"role": "owner"})).status == 200


async def test_the_ownership_is_handed_over(ada: Client, eve: Client) -> None:
    await join(ada, eve, "viewer")
    own = await ada.post(f"{place(ada)}/transfer", {"user_id": user_id(ada)})
    assert own.problem == (422, "invalid_request")
    assert (await ada.post(f"{place(ada)}/transfer", {"user_id": user_id(eve)})).status == 204
    assert await roles(ada) == {user_id(ada): "admin", user_id(eve): "owner"}
    again = await ada.post(f"{place(ada)}/transfer", {"user_id": user_id(eve)})
    assert again.problem == FORBIDDEN
