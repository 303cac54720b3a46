"""Clients with API keys, further members, and what only the database can bring about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text

from integration.api.client import Client, Contract
from integration.api.service import Service

_JOIN = text(
    "INSERT INTO memberships (tenant_id, user_id, role, created_at) "
    "VALUES (:tenant, :user, :role, now())"
)


async def make_key(client: Client, *scopes: str, **more: Any) -> Any:
    """Make a key and return it with its secret."""
    made = await client.post("/api_keys", {"name": "A key", "scopes": list(scopes), **more})
    assert made.status == 201, made
    return made.json


@asynccontextmanager
async def holder(owner: Client, contract: Contract, secret: str) -> AsyncIterator[Client]:
    """Give a client that comes with a key."""
    async with Client(owner.service, contract) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        yield client


@asynccontextmanager
async def member(owner: Client, contract: Contract, role: str) -> AsyncIterator[Client]:
    """Give a client of somebody who works in the owner's workspace, besides the own one."""
    workspace = owner.account["workspace"]["id"]
    async with Client(owner.service, contract) as client:
        await client.register()
        client.headers["X-Workspace-Id"] = workspace
        values = {"tenant": workspace, "user": client.account["user"]["id"], "role": role}
        await run(owner.service, _JOIN, values)
        yield client


async def run(service: Service, statement: Any, values: dict[str, object]) -> None:
    """Run a statement as the system role."""
    async with service.container.system_pool().begin(None) as connection:
        await connection.execute(statement, values)
