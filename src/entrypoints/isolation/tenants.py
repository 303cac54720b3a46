"""Tenants to try with: each owns one thing of every kind, and everything carries a word of its own."""

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from entrypoints.isolation.client import CheckFailed, Client
from entrypoints.isolation.contract import Contract, Operation

V1 = "/api/v1"
_VOLATILE = frozenset({"request_id", "last_used_at", "timings"})
_READY_SECONDS = 120.0
_LOOKS = 20
_LOOK_SECONDS = 0.5


@dataclass
class Tenant:
    """A workspace with something of every kind; `word` stands in all that it stores."""

    word: str
    email: str
    headers: dict[str, str]
    ids: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def key(self, name: str) -> dict[str, str]:
        """Return the headers that present one of its API keys."""
        return {"Authorization": f"Bearer {self.secrets[name]}"}


async def register(client: Client, word: str, role: str) -> Tenant:
    """Make an account."""
    email = f"{role}-{word}@example.com"
    password = secrets.token_urlsafe(24)
    body = {"email": email, "password": password, "full_name": f"{role} {word}"}
    made = await client.need("POST", f"{V1}/auth/register", body=body)
    tenant = Tenant(word, email, {"Authorization": f"Bearer {made['access_token']}"})
    tenant.ids |= {"usr": made["user"]["id"], "ws": made["workspace"]["id"]}
    tenant.secrets["password"] = password
    return tenant


async def furnish(client: Client, tenant: Tenant, scopes: list[str], model: str | None) -> None:
    """Give the tenant something of every kind. Raises CheckFailed."""

    async def post(path: str, body: Any) -> Any:
        return await client.need("POST", V1 + path, tenant.headers, body)

    configuration = {"llm_model": model} if model else {}
    bot = await post("/bots", {"name": f"Bot {tenant.word}", "configuration": configuration})
    ids = tenant.ids
    ids["bot"] = bot["id"]
    await post(f"/bots/{ids['bot']}/versions", None)
    text = f"The opening hours of {tenant.word} are nine to five on every working day."
    document = await post(f"/bots/{ids['bot']}/documents", {"title": tenant.word, "text": text})
    ids["doc"] = document["id"]
    await _ready(client, tenant)
    question = f"What are the opening hours of {tenant.word}?"
    chat = await post(f"/bots/{ids['bot']}/chat", {"message": question})
    ids |= {"conv": chat["conversation_id"], "msg": chat["message"]["id"]}
    said = {"rating": "down", "comment": f"{tenant.word} opens at ten."}
    path = f"{V1}/messages/{ids['msg']}/feedback"
    await client.need("PUT", path, tenant.headers, said)
    await _credentials(client, tenant, scopes)
    invited = {"email": f"invited-{tenant.word}@example.com", "role": "viewer"}
    ids["inv"] = (await post(f"/workspaces/{ids['ws']}/invitations", invited))["id"]
    crawl = {"url": f"https://{tenant.word}.example.com/"}
    ids["crawl"] = (await post(f"/bots/{ids['bot']}/crawls", crawl))["id"]
    await post(f"/crawls/{ids['crawl']}/stop", None)  # else a worker changes it in the meantime


async def _credentials(client: Client, tenant: Tenant, scopes: list[str]) -> None:
    headers = tenant.headers
    for name in ("good", "revoked"):
        body = {"name": f"{name} {tenant.word}", "scopes": scopes}
        made = await client.need("POST", f"{V1}/api_keys", headers, body)
        tenant.secrets[name] = made["secret"]
        if name == "good":
            tenant.ids["key"] = made["id"]
        else:
            await client.need("DELETE", f"{V1}/api_keys/{made['id']}", headers)
    sessions = await client.need("GET", f"{V1}/auth/sessions", headers)
    tenant.ids["ses"] = sessions["data"][0]["id"]


async def _ready(client: Client, tenant: Tenant) -> None:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while True:
                path = f"{V1}/documents/{tenant.ids['doc']}"
                found = await client.need("GET", path, tenant.headers)
                if found["status"] in ("ready", "failed"):
                    return
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        raise CheckFailed("The document is not ready in time: does a worker run?") from error


async def add_viewer(client: Client, tenant: Tenant, word: str) -> Tenant:
    """Return an account that is a viewer in the tenant's workspace, and acts there."""
    viewer = await register(client, word, "viewer")
    path = f"{V1}/workspaces/{tenant.ids['ws']}/invitations"
    body = {"email": viewer.email, "role": "viewer"}
    invitation = await client.need("POST", path, tenant.headers, body)
    token = invitation["link"].rpartition("=")[2]
    await client.need("POST", f"{V1}/invitations/accept", viewer.headers, {"token": token})
    viewer.headers["X-Workspace-Id"] = tenant.ids["ws"]
    return viewer


async def leave(client: Client, account: Tenant) -> None:
    """Delete an account, and with it the workspaces that it alone is in."""
    body = {"password": account.secrets["password"]}
    await client.need("DELETE", f"{V1}/me", account.headers, body)


async def snapshot(client: Client, contract: Contract, tenant: Tenant) -> dict[str, Any]:
    """Return what every GET of the tenant answers, without what changes by itself."""
    answers = {}
    for operation in contract.operations:
        path = path_of(operation, tenant.ids)
        if operation.method != "GET" or operation.least == "public" or path is None:
            continue
        if path.endswith(("/export", "/sweeps")):
            continue  # an export is itself recorded, and workers sweep when it is time
        reply = await client.send("GET", path, tenant.headers)
        answers[path] = (reply.status, settled(reply.text))
    return answers


async def at_rest(client: Client, contract: Contract, tenant: Tenant) -> dict[str, Any]:
    """Return a snapshot that is like the one before: workers have ended what they had begun.

    Raises CheckFailed.
    """
    last = await snapshot(client, contract, tenant)
    for _ in range(_LOOKS):
        before, last = last, await snapshot(client, contract, tenant)
        if last == before:
            return last
        await asyncio.sleep(_LOOK_SECONDS)
    moving = [path for path, answer in last.items() if before[path] != answer]
    raise CheckFailed(f"This goes on changing by itself: {', '.join(moving)}")


def path_of(operation: Operation, ids: Mapping[str, str]) -> str | None:
    """Return the operation's path with ids in it; None where it needs what `ids` does not have."""
    path = operation.path
    for position in operation.positions:
        if position.where == "path":
            if position.kind not in ids:
                return None
            path = path.replace(f"{{{position.steps[0]}}}", ids[position.kind])
    for name, value in (("number", "1"), ("provider", "openai"), ("plan_id", "free")):
        path = path.replace(f"{{{name}}}", value)
    return None if "{" in path else path


def settled(text: str) -> Any:
    """Return a body without what differs from one request to the next."""
    try:
        return _settled(json.loads(text))
    except ValueError:
        return text


def _settled(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _settled(v) for k, v in value.items() if k not in _VOLATILE}
    return [_settled(item) for item in value] if isinstance(value, list) else value
