"""Accounts over HTTP: register, log in, refresh, log out."""

import asyncio

from dependency_injector import providers

from domain.access import Least, rule_of
from integration.api.client import PASSWORD, Client, Reply


async def log_in(client: Client, email: str, password: str = PASSWORD) -> Reply:
    return await client.post("/auth/login", {"email": email, "password": password})


async def test_a_new_account_owns_a_workspace_and_can_work_at_once(ada: Client) -> None:
    assert ada.account["token_type"] == "bearer"
    assert 0 < ada.account["expires_in"] <= 900
    assert ada.account["workspace"]["role"] == "owner"
    me = await ada.get("/me")
    assert me.json["user"] == ada.account["user"]
    assert [one["id"] for one in me.json["workspaces"]] == [ada.account["workspace"]["id"]]


async def test_an_address_is_taken_once_whatever_its_case(ada: Client, anyone: Client) -> None:
    body = {
        "email": ada.account["user"]["email"].upper(),
        "password": PASSWORD,
        "full_name": "Somebody else",
    }
    assert (await anyone.post("/auth/register", body)).problem == (409, "conflict")


async def test_a_password_is_judged_by_length_and_a_blocklist(anyone: Client) -> None:
    for password in ("short", "passwordpassword", "x" * 129, "aaaaaaaaaaaaaaaaaaa"):
        body = {"email": "new@example.com", "password": password, "full_name": "N"}
        reply = await anyone.post("/auth/register", body)
        assert reply.problem == (422, "invalid_request")
        assert reply.json["errors"][0]["pointer"] == "/password"
        assert password not in reply.body.decode()


async def test_a_log_in_does_not_tell_an_unknown_account_from_a_wrong_password(
    ada: Client, anyone: Client
) -> None:
    wrong = await log_in(anyone, ada.account["user"]["email"], "a wrong long passphrase")
    unknown = await log_in(anyone, "nobody@example.com", "a wrong long passphrase")
    assert wrong.problem == unknown.problem == (401, "unauthenticated")
    private = {"request_id"}
    assert {k: v for k, v in wrong.json.items() if k not in private} == {
        k: v for k, v in unknown.json.items() if k not in private
    }
    assert (await log_in(anyone, ada.account["user"]["email"])).status == 200


async def test_the_refresh_cookie_is_out_of_reach_of_scripts_and_other_sites(
    ada: Client, anyone: Client
) -> None:
    reply = await log_in(anyone, ada.account["user"]["email"])
    cookie = reply.headers["Set-Cookie"]
    assert cookie.startswith(f"chatsphere_refresh={reply.json['refresh_token']};")
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/api/v1/auth"} <= flags
    cookies = {"Cookie": f"chatsphere_refresh={reply.json['refresh_token']}"}
    refreshed = await anyone.post("/auth/refresh", headers=cookies)
    assert refreshed.status == 200
    assert refreshed.json["refresh_token"] in refreshed.headers["Set-Cookie"]


async def test_the_refresh_cookie_is_secure_where_people_come_by_https(
    ada: Client, anyone: Client
) -> None:
    email, container = ada.account["user"]["email"], ada.service.container
    assert "secure" not in (await log_in(anyone, email)).headers["Set-Cookie"].lower()
    public = ada.service.settings.model_copy(update={"public_url": "https://chat.example.org"})
    with container.settings.override(providers.Object(public)):
        assert "; secure" in (await log_in(anyone, email)).headers["Set-Cookie"].lower()


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_whole_family(
    ada: Client, anyone: Client
) -> None:
    first = ada.account["refresh_token"]
    second = (await anyone.post("/auth/refresh", {"refresh_token": first})).json
    assert second["refresh_token"] != first
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await anyone.get("/me", headers=bearer)).status == 200
    again = await anyone.post("/auth/refresh", {"refresh_token": first})
    assert again.problem == (401, "unauthenticated")
    newest = await anyone.post("/auth/refresh", {"refresh_token": second["refresh_token"]})
    assert newest.problem == (401, "unauthenticated")
    assert (await anyone.get("/me", headers=bearer)).problem == (401, "unauthenticated")


async def test_logging_out_ends_access_at_once_and_leaves_other_sessions(
    ada: Client, anyone: Client
) -> None:
    other = (await log_in(anyone, ada.account["user"]["email"])).json
    out = await ada.post("/auth/logout")
    assert out.status == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await ada.get("/me")).problem == (401, "unauthenticated")
    refresh = await anyone.post("/auth/refresh", {"refresh_token": ada.account["refresh_token"]})
    assert refresh.problem == (401, "unauthenticated")
    bearer = {"Authorization": f"Bearer {other['access_token']}"}
    assert (await anyone.get("/me", headers=bearer)).status == 200


async def test_without_a_token_nothing_private_is_served(anyone: Client, contract: object) -> None:
    asked = 0
    for path, methods in contract.document["paths"].items():  # type: ignore[attr-defined]
        for method in methods:
            if rule_of(f"{method.upper()} {path}").least is Least.PUBLIC:
                continue
            for header in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eA=="}):
                reply = await anyone.request(
                    method.upper(), path.replace("{", "").replace("}", ""), headers=header
                )
                assert reply.problem == (401, "unauthenticated"), (method, path)
                assert reply.headers["WWW-Authenticate"] == "Bearer"
                asked += 1
    assert asked > 60


async def test_a_name_is_changed_against_the_version_that_was_read(ada: Client) -> None:
    tag = (await ada.get("/me")).headers["ETag"]
    changed = await ada.patch("/me", {"full_name": " Ada  King "}, headers={"If-Match": tag})
    assert changed.json["full_name"].split() == ["Ada", "King"]
    assert changed.headers["ETag"] != tag
    stale = await ada.patch("/me", {"full_name": "Ada"}, headers={"If-Match": tag})
    assert stale.problem == (412, "precondition_failed")


async def test_a_workspace_of_others_cannot_be_named(ada: Client, eve: Client) -> None:
    own = ada.account["workspace"]["id"]
    assert (await ada.get("/bots", headers={"X-Workspace-Id": own})).status == 200
    for other in (eve.account["workspace"]["id"], "ws_nonsense", "é", "x" * 2000):
        reply = await ada.get("/bots", headers={"X-Workspace-Id": other})
        assert reply.problem == (404, "not_found")


async def test_a_change_of_name_keeps_what_is_changed_at_the_same_time(ada: Client) -> None:
    units, user_id = ada.service.container.identities(), ada.account["user"]["id"]
    async with units.open() as identities:
        user = await identities.users.get(user_id, lock=True)
        assert user is not None
        renaming = asyncio.create_task(ada.patch("/me", {"full_name": "Augusta"}))
        await asyncio.sleep(0.3)  # by now it waits for us
        user.disabled = True
        await identities.users.save(user)
    assert (await renaming).status == 200
    async with units.open() as identities:
        user = await identities.users.get(user_id)
    assert user is not None
    assert (user.full_name, user.disabled) == ("Augusta", True)
