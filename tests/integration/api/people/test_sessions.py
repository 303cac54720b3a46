"""Sessions and the second factor over HTTP."""

from integration.api.client import PASSWORD, Client, Reply
from integration.api.people.authenticator import code


async def log_in(client: Client, email: str, **headers: str) -> Reply:
    body = {"email": email, "password": PASSWORD}
    return await client.post("/auth/login", body, headers=headers)


async def test_own_sessions_are_listed_and_ended(ada: Client, eve: Client, anyone: Client) -> None:
    other = (await log_in(anyone, ada.account["user"]["email"], **{"User-Agent": "Phone/1"})).json
    bearer = {"Authorization": f"Bearer {other['access_token']}"}
    listed = (await ada.get("/auth/sessions")).json
    assert listed["data"][0]["user_agent"] == "Phone/1"
    assert [s["current"] for s in listed["data"]] == [False, True]
    assert listed["data"][0]["address"] == "127.0.0.1"
    page = (await ada.get("/auth/sessions?limit=1")).json
    assert page["has_more"]
    rest = (await ada.get(f"/auth/sessions?limit=1&cursor={page['next_cursor']}")).json
    assert [s["id"] for s in rest["data"]] == [listed["data"][1]["id"]]
    elsewhere = listed["data"][0]["id"]
    for client in (eve, anyone):
        status = (404, "not_found") if client is eve else (401, "unauthenticated")
        assert (await client.delete(f"/auth/sessions/{elsewhere}")).problem == status
    assert (await anyone.get("/me", headers=bearer)).status == 200
    assert (await ada.delete(f"/auth/sessions/{elsewhere}")).status == 204
    assert (await anyone.get("/me", headers=bearer)).problem == (401, "unauthenticated")
    for gone in (elsewhere, "ses_nonsense", f"ses_{'0' * 26}"):
        assert (await ada.delete(f"/auth/sessions/{gone}")).problem == (404, "not_found")


async def test_all_other_sessions_end_at_once(ada: Client, anyone: Client) -> None:
    other = (await log_in(anyone, ada.account["user"]["email"])).json
    assert (await ada.delete("/auth/sessions")).status == 204
    bearer = {"Authorization": f"Bearer {other['access_token']}"}
    assert (await anyone.get("/me", headers=bearer)).problem == (401, "unauthenticated")
    assert [s["current"] for s in (await ada.get("/auth/sessions")).json["data"]] == [True]


async def test_a_lost_answer_to_a_refresh_is_given_again_by_the_idempotency_key(
    ada: Client, anyone: Client
) -> None:
    body = {"refresh_token": ada.account["refresh_token"]}
    key = {"Idempotency-Key": "once-4711"}
    first = await anyone.post("/auth/refresh", body, headers=key)
    again = await anyone.post("/auth/refresh", body, headers=key)
    assert first.json["refresh_token"] == again.json["refresh_token"]
    thief = await anyone.post("/auth/refresh", body, headers={"Idempotency-Key": "a-guess"})
    assert thief.problem == (401, "unauthenticated")
    newest = {"refresh_token": again.json["refresh_token"]}
    assert (await anyone.post("/auth/refresh", newest)).problem == (401, "unauthenticated")


async def test_a_second_factor_is_asked_for_at_log_in(ada: Client, anyone: Client) -> None:
    email = ada.account["user"]["email"]
    begun = (await ada.post("/me/totp")).json
    assert begun["otpauth_url"].startswith("otpauth://totp/")
    secret = begun["secret"]
    wrong = await ada.post("/me/totp/confirm", {"code": "000000"})
    assert wrong.problem == (422, "wrong_code")
    codes = (await ada.post("/me/totp/confirm", {"code": code(secret, -1)})).json["recovery_codes"]
    assert len(codes) == 10
    assert (await ada.get("/me")).json["user"]["second_factor"] is True
    assert (await ada.post("/me/totp")).problem == (409, "conflict")

    half = await log_in(anyone, email)
    assert half.problem == (401, "second_factor_required")
    assert "Set-Cookie" not in half.headers
    challenge = half.json["challenge"]
    path = "/auth/login/second_factor"
    bad = await anyone.post(path, {"challenge": challenge, "code": "000000"})
    assert bad.problem == (401, "wrong_code")
    made = await anyone.post(path, {"challenge": challenge, "code": code(secret)})
    assert made.json["user"]["id"] == ada.account["user"]["id"]
    assert "chatsphere_refresh=" in made.headers["Set-Cookie"]
    used = await anyone.post(path, {"challenge": challenge, "code": code(secret, 1)})
    assert used.problem == (401, "unauthenticated")

    challenge = (await log_in(anyone, email)).json["challenge"]
    by_recovery = await anyone.post(path, {"challenge": challenge, "recovery_code": codes[0]})
    assert by_recovery.status == 200
    body = {"password": PASSWORD, "recovery_code": codes[0]}
    assert (await ada.delete("/me/totp", json=body)).problem == (422, "wrong_code")
    body["recovery_code"] = codes[1]
    assert (await ada.delete("/me/totp", json=body)).status == 204
    assert (await log_in(anyone, email)).status == 200


async def test_a_second_step_without_a_challenge_or_code_is_refused(anyone: Client) -> None:
    path = "/auth/login/second_factor"
    assert (await anyone.post(path, {"code": "123456"})).problem == (401, "unauthenticated")
    reply = await anyone.post(path, {"challenge": "made up", "code": "123456"})
    assert reply.problem == (401, "unauthenticated")
