"""Passwords and addresses over HTTP, with mails that come by SMTP."""

from integration.api.client import PASSWORD, Client, Reply
from integration.api.service import Service
from standins.smtp_server import SmtpServer

NEW = "quite another passphrase"


async def log_in(client: Client, email: str, password: str) -> Reply:
    return await client.post("/auth/login", {"email": email, "password": password})


async def token(service: Service, server: SmtpServer, purpose: str, to: str) -> str:
    """Return the token of the newest mail with such a link."""
    await service.container.postman().delivered()
    texts = [taken.message.get_content() for taken in server.mails if taken.recipients == (to,)]
    links = [text for text in texts if f"https://chat.example/#{purpose}=" in text]
    return str(links[-1].split(f"#{purpose}=")[1].split()[0])


async def test_a_forgotten_password_is_set_anew_by_mail(
    ada: Client, anyone: Client, service: Service, mail_server: SmtpServer
) -> None:
    email = ada.account["user"]["email"]
    known = await anyone.post("/auth/password/forgot", {"email": email.upper()})
    unknown = await anyone.post("/auth/password/forgot", {"email": "nobody@example.com"})
    assert (known.status, known.body) == (unknown.status, unknown.body) == (202, b"")
    secret = await token(service, mail_server, "reset_password", email)
    assert {taken.recipients for taken in mail_server.mails} == {(email,)}
    weak = await anyone.post("/auth/password/reset", {"token": secret, "password": email})
    assert weak.problem == (422, "invalid_request")
    done = await anyone.post("/auth/password/reset", {"token": secret, "password": NEW})
    assert done.status == 202
    again = await anyone.post("/auth/password/reset", {"token": secret, "password": NEW})
    assert again.problem == (400, "invalid_token")
    assert (await ada.get("/me")).problem == (401, "unauthenticated")
    assert (await log_in(anyone, email, PASSWORD)).problem == (401, "unauthenticated")
    assert (await log_in(anyone, email, NEW)).json["user"]["email_verified"] is True


async def test_a_link_leads_to_the_configured_address_whatever_the_host_header_says(
    ada: Client, anyone: Client, service: Service, mail_server: SmtpServer
) -> None:
    email = ada.account["user"]["email"]
    port = service.port
    headers = {"X-Forwarded-Host": "evil.example", "Host": f"127.0.0.1:{port}"}
    await anyone.post("/auth/password/forgot", {"email": email}, headers=headers)
    await service.container.postman().delivered()
    text = mail_server.mails[-1].message.get_content()
    assert "https://chat.example/#reset_password=" in text
    assert "evil" not in text


async def test_a_mail_server_that_refuses_changes_no_answer(
    ada: Client, anyone: Client, mail_server: SmtpServer
) -> None:
    mail_server.refuse["MAIL"] = "451 later"
    email = ada.account["user"]["email"]
    assert (await anyone.post("/auth/password/forgot", {"email": email})).status == 202


async def test_another_password_keeps_this_session_and_ends_the_others(
    ada: Client, anyone: Client
) -> None:
    email = ada.account["user"]["email"]
    other = (await log_in(anyone, email, PASSWORD)).json
    wrong = await ada.put("/me/password", {"current_password": "wrong", "new_password": NEW})
    assert wrong.problem == (422, "wrong_password")
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert (await ada.put("/me/password", body)).status == 204
    assert (await ada.get("/me")).status == 200
    bearer = {"Authorization": f"Bearer {other['access_token']}"}
    assert (await anyone.get("/me", headers=bearer)).problem == (401, "unauthenticated")


async def test_an_address_changes_once_its_mail_is_answered(
    ada: Client, anyone: Client, service: Service, mail_server: SmtpServer
) -> None:
    old = ada.account["user"]["email"]
    new = f"new-{old}"
    refused = await ada.patch("/me", {"email": new})
    assert refused.problem == (422, "invalid_request")
    assert refused.json["errors"][0]["pointer"] == "/current_password"
    asked = await ada.patch("/me", {"email": new, "current_password": PASSWORD})
    assert asked.json["email"] == old
    secret = await token(service, mail_server, "verify_email", new)
    assert (await anyone.post("/auth/email/verify", {"token": secret})).status == 202
    again = await anyone.post("/auth/email/verify", {"token": secret})
    assert again.problem == (400, "invalid_token")
    me = (await ada.get("/me")).json["user"]
    assert (me["email"], me["email_verified"]) == (new, True)
    assert (await log_in(anyone, new, PASSWORD)).status == 200


async def test_an_address_is_confirmed_on_demand(
    ada: Client, anyone: Client, service: Service, mail_server: SmtpServer
) -> None:
    email = ada.account["user"]["email"]
    assert (await ada.get("/me")).json["user"]["email_verified"] is False
    assert (await anyone.post("/auth/email/verification", {"email": email})).status == 202
    secret = await token(service, mail_server, "verify_email", email)
    await anyone.post("/auth/email/verify", {"token": secret})
    assert (await ada.get("/me")).json["user"]["email_verified"] is True
