"""Cookie mode over HTTP: the refresh token of a browser's page is where no script reads it."""

from collections.abc import Mapping

import pytest

from integration.api.client import PASSWORD, Client, Reply

MODE = {"X-Auth-Mode": "cookie"}
COOKIE = "chatsphere_refresh"


def cookie_of(reply: Reply) -> str:
    """Return the refresh token that the browser was given."""
    name, _, value = reply.headers["Set-Cookie"].partition(";")[0].partition("=")
    assert name == COOKIE
    return value


async def log_in(client: Client, email: str, headers: Mapping[str, str] = MODE) -> Reply:
    return await client.post("/auth/login", {"email": email, "password": PASSWORD}, headers=headers)


async def refresh(client: Client, token: str, **more: str) -> Reply:
    headers = {"Cookie": f"{COOKIE}={token}", **{k.replace("_", "-"): v for k, v in more.items()}}
    return await client.post("/auth/refresh", headers=headers)


async def test_registering_and_logging_in_give_the_refresh_token_to_the_cookie_alone(
    anyone: Client,
) -> None:
    email = "in-a-cookie@example.com"
    body = {"email": email, "password": PASSWORD, "full_name": "Ada"}
    registered = await anyone.post("/auth/register", body, headers=MODE)
    assert registered.status == 201
    for reply in (registered, await log_in(anyone, email)):
        assert "refresh_token" not in reply.json
        assert cookie_of(reply) not in reply.body.decode()
        flags = {part.strip().lower() for part in reply.headers["Set-Cookie"].split(";")[1:]}
        month = f"max-age={30 * 24 * 3600}"
        assert {"httponly", "samesite=strict", "path=/api/v1/auth", month} <= flags
        bearer = {"Authorization": f"Bearer {reply.json['access_token']}"}
        assert (await anyone.get("/me", headers=bearer)).json["user"]["email"] == email


async def test_a_refresh_without_a_body_turns_the_cookie_over(ada: Client, anyone: Client) -> None:
    first = cookie_of(await log_in(anyone, ada.account["user"]["email"]))
    turned = await refresh(anyone, first, Origin=ada.service.url, **MODE)
    assert turned.status == 200
    assert set(turned.json) == {"access_token", "token_type", "expires_in"}
    second = cookie_of(turned)
    assert second != first
    bearer = {"Authorization": f"Bearer {turned.json['access_token']}"}
    assert (await anyone.get("/me", headers=bearer)).status == 200

    reused = await refresh(anyone, first, **MODE)
    assert reused.problem == (401, "unauthenticated")
    assert (await refresh(anyone, second, **MODE)).problem == (401, "unauthenticated")
    assert (await anyone.get("/me", headers=bearer)).problem == (401, "unauthenticated")


async def test_a_lost_answer_is_given_again_to_the_same_key(ada: Client, anyone: Client) -> None:
    first = cookie_of(await log_in(anyone, ada.account["user"]["email"]))
    again = {**MODE, "Idempotency-Key": "a-tab"}
    replies = [await refresh(anyone, first, **again) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 200]
    assert cookie_of(replies[0]) == cookie_of(replies[1])


async def test_logging_out_takes_the_cookie_away(ada: Client, anyone: Client) -> None:
    session = await log_in(anyone, ada.account["user"]["email"])
    bearer = {"Authorization": f"Bearer {session.json['access_token']}"}
    out = await anyone.post("/auth/logout", headers=bearer)
    assert cookie_of(out).strip('"') == ""
    flags = out.headers["Set-Cookie"].lower()
    assert "max-age=0" in flags
    assert "path=/api/v1/auth" in flags
    assert (await refresh(anyone, cookie_of(session), **MODE)).problem == (401, "unauthenticated")


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]


@pytest.mark.parametrize("marks", FOREIGN)
async def test_a_page_of_another_origin_neither_logs_in_nor_turns_the_cookie_over(
    ada: Client, anyone: Client, marks: dict[str, str]
) -> None:
    email, token = ada.account["user"]["email"], ada.account["refresh_token"]
    assert (await log_in(anyone, email, {**MODE, **marks})).problem == (403, "forbidden")
    for headers in (marks, {**MODE, **marks}):
        refused = await refresh(anyone, token, **headers)
        assert refused.problem == (403, "forbidden")
        assert "Set-Cookie" not in refused.headers
    assert (await refresh(anyone, token, **MODE)).status == 200  # it was not used up


async def test_a_browser_says_by_a_header_that_no_form_can_send_that_it_means_the_cookie(
    ada: Client, anyone: Client
) -> None:
    token = ada.account["refresh_token"]
    for marks in ({"Origin": ada.service.url}, {"Sec-Fetch-Site": "same-origin"}):
        assert (await refresh(anyone, token, **marks)).problem == (403, "forbidden")
    own = {"Origin": ada.service.url, "Sec-Fetch-Site": "same-origin"}
    assert (await refresh(anyone, token, **own, **MODE)).status == 200


async def test_another_mode_is_refused_by_name(ada: Client, anyone: Client) -> None:
    reply = await log_in(anyone, ada.account["user"]["email"], {"X-Auth-Mode": "local-storage"})
    assert reply.problem == (422, "invalid_request")
    assert reply.json["errors"][0]["pointer"] == "/header/x-auth-mode"
