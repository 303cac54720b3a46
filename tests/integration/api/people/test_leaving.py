"""Leaving for good, over HTTP."""

from domain.accounts import MemberRole, Membership
from integration.api.client import PASSWORD, Client


async def test_an_account_is_removed_by_its_password(ada: Client, anyone: Client) -> None:
    user = ada.account["user"]
    wrong = await ada.delete("/me", json={"password": "a wrong password"})
    assert wrong.problem == (422, "wrong_password")
    stale = await ada.delete("/me", json={"password": PASSWORD}, headers={"If-Match": '"v99"'})
    assert stale.problem == (412, "precondition_failed")
    assert (await ada.delete("/me", json={"password": PASSWORD})).status == 204
    assert (await ada.get("/me")).problem == (401, "unauthenticated")
    body = {"email": user["email"], "password": PASSWORD}
    assert (await anyone.post("/auth/login", body)).problem == (401, "unauthenticated")
    again = await anyone.post("/auth/register", {**body, "full_name": "Ada"})
    assert again.status == 201
    assert again.json["user"]["id"] != user["id"]


async def test_the_only_owner_stays_while_others_work_there(ada: Client, eve: Client) -> None:
    container, place = ada.service.container, ada.account["workspace"]["id"]
    async with container.identities().open() as identities:
        member = Membership(place, eve.account["user"]["id"], MemberRole.EDITOR)
        await identities.workspaces.add_member(member, container.clock().now())
    refused = await ada.delete("/me", json={"password": PASSWORD})
    assert refused.problem == (409, "sole_owner")
    assert ada.account["workspace"]["name"] in refused.json["detail"]
    assert (await eve.delete("/me", json={"password": PASSWORD})).status == 204
    assert (await ada.delete("/me", json={"password": PASSWORD})).status == 204
