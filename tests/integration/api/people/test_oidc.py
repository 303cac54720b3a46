"""Logging in with an identity provider, by the way a browser goes."""

import aiohttp
import pytest
from yarl import URL

from integration.api.client import API, PASSWORD, Client, Reply
from integration.api.people.authenticator import code
from standins.oidc_server import PERSON, OidcServer

LOGIN, CALLBACK = f"{API}/auth/oidc/login", f"{API}/auth/oidc/callback"


@pytest.fixture
def provider(oidc_server: OidcServer, request: pytest.FixtureRequest) -> OidcServer:
    """The provider, with a person of this test's own."""
    name = request.node.name
    oidc_server.person = {**PERSON, "sub": name, "email": f"{abs(hash(name))}@example.org"}
    oidc_server.claims, oidc_server.forged = (lambda _: None), None
    return oidc_server


def cookies_of(reply: Reply) -> dict[str, str]:
    pairs = [line.split(";")[0].split("=", 1) for line in reply.headers.getall("Set-Cookie", [])]
    return {name: value for name, value in pairs if value not in ("", '""')}


async def go(client: Client, path: str, cookie: str = "") -> Reply:
    headers = {"Cookie": cookie} if cookie else {}
    return await client.get(path, headers=headers, allow_redirects=False)


async def there(client: Client, return_to: str = "/") -> tuple[str, URL]:
    """Go to the provider and log in; return our cookie and where the browser is sent back."""
    out = await go(client, f"{LOGIN}?return_to={return_to}")
    assert out.status == 302
    secret = cookies_of(out)["chatsphere_oidc"]
    flags = out.headers["Set-Cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "secure" in flags
    async with (
        aiohttp.ClientSession() as session,
        session.get(URL(out.headers["Location"], encoded=True), allow_redirects=False) as response,
    ):
        back = URL(response.headers["Location"])
    assert str(back.with_query(None)) == f"https://chat.example{CALLBACK}"
    return f"chatsphere_oidc={secret}", back


async def come_back(client: Client, cookie: str, back: URL) -> Reply:
    return await go(client, back.raw_path_qs, cookie)


async def test_the_page_can_tell_whether_there_is_a_provider(anyone: Client) -> None:
    told = await anyone.get("/auth/oidc")
    assert told.json == {"enabled": True, "name": "Stand-in ID"}


async def test_a_browser_comes_back_logged_in_with_no_token_in_an_address(
    anyone: Client, provider: OidcServer
) -> None:
    cookie, back = await there(anyone, "/bots%3Fx%3D%C3%A9")
    home = await come_back(anyone, cookie, back)
    assert (home.status, home.headers["Location"]) == (302, "/bots?x=%C3%A9")
    refresh = cookies_of(home)["chatsphere_refresh"]
    assert refresh not in home.headers["Location"]
    tokens = await anyone.post("/auth/refresh", headers={"Cookie": f"chatsphere_refresh={refresh}"})
    bearer = {"Authorization": f"Bearer {tokens.json['access_token']}"}
    me = (await anyone.get("/me", headers=bearer)).json
    assert me["user"]["email"] == provider.person["email"]
    assert me["workspaces"][0]["role"] == "owner"
    replayed = await come_back(anyone, cookie, back)
    assert replayed.problem == (401, "unauthenticated")


async def test_the_state_is_bound_to_the_browser(anyone: Client, provider: OidcServer) -> None:
    _, back = await there(anyone)
    other, _ = await there(anyone)
    for cookie in (other, ""):
        reply = await come_back(anyone, cookie, back)
        assert reply.status == 401
        assert "Set-Cookie" not in reply.headers
    cookie, back = await there(anyone)
    tampered = back.update_query(state=back.query["state"][:-1] + "x")
    assert (await come_back(anyone, cookie, tampered)).problem == (401, "unauthenticated")


@pytest.mark.parametrize("forgery", ["unsigned", "signed_by_stranger", "signed_by_public_key"])
async def test_a_forged_token_logs_nobody_in(
    anyone: Client, provider: OidcServer, forgery: str
) -> None:
    provider.forged = getattr(provider, forgery)
    cookie, back = await there(anyone)
    assert (await come_back(anyone, cookie, back)).problem == (401, "login_refused")


async def test_a_refusal_of_the_provider_is_told(anyone: Client, provider: OidcServer) -> None:
    cookie, back = await there(anyone)
    denied = back.with_query(error="access_denied", state=back.query["state"])
    assert (await come_back(anyone, cookie, denied)).problem == (401, "login_refused")


async def test_a_browser_that_is_refused_is_sent_back_with_the_reason(
    ada: Client, anyone: Client, provider: OidcServer
) -> None:
    provider.person["email"] = ada.account["user"]["email"]
    for refused, reason in ((False, "account_exists"), (True, "login_refused")):
        cookie, back = await there(anyone)
        where = back.with_query(error="access_denied", state="x") if refused else back
        headers = {"Cookie": cookie, "Accept": "text/html,*/*;q=0.8"}
        reply = await anyone.get(where.raw_path_qs, headers=headers, allow_redirects=False)
        assert (reply.status, reply.headers["Location"]) == (302, f"/#oidc_error={reason}")
        assert not cookies_of(reply)


async def test_an_account_that_was_there_before_is_not_taken_over(
    ada: Client, anyone: Client, provider: OidcServer
) -> None:
    provider.person["email"] = ada.account["user"]["email"]
    cookie, back = await there(anyone)
    reply = await come_back(anyone, cookie, back)
    assert reply.problem == (409, "account_exists")
    assert "Set-Cookie" not in reply.headers


async def test_other_sites_are_not_gone_on_to(anyone: Client) -> None:
    for path in ("https://evil.example", "//evil.example", "/%5Cevil.example", "/%09/x", ""):
        reply = await go(anyone, f"{LOGIN}?return_to={path}")
        assert reply.problem == (422, "invalid_request"), path


async def test_who_has_a_second_factor_gets_the_challenge_in_a_cookie(
    ada: Client, anyone: Client, provider: OidcServer
) -> None:
    async with ada.service.container.identities().open() as identities:
        user = await identities.users.get(ada.account["user"]["id"], lock=True)
        assert user is not None
        user.email_verified_at = user.created_at
        await identities.users.save(user)
    provider.person["email"] = user.email
    secret = (await ada.post("/me/totp")).json["secret"]
    await ada.post("/me/totp/confirm", {"code": code(secret, -1)})
    cookie, back = await there(anyone)
    home = await come_back(anyone, cookie, back)
    assert home.headers["Location"] == "/#second_factor"
    assert "chatsphere_refresh" not in cookies_of(home)
    challenge = {"Cookie": f"chatsphere_challenge={cookies_of(home)['chatsphere_challenge']}"}
    path = "/auth/login/second_factor"
    browser = {**challenge, "Origin": "https://chat.example"}
    unsaid = await anyone.post(path, {"code": code(secret)}, headers=browser)
    assert unsaid.problem == (403, "forbidden")
    in_cookie = {**browser, "X-Auth-Mode": "cookie"}
    made = await anyone.post(path, {"code": code(secret)}, headers=in_cookie)
    assert "refresh_token" not in made.json
    assert made.json["user"]["email"] == user.email
    assert made.json["user"]["id"] == ada.account["user"]["id"]
    assert cookies_of(made)["chatsphere_refresh"]
    assert PASSWORD not in str(home)
