"""Cookies with what scripts must not read, and where a request comes from."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response

from domain.accounts import Device
from entrypoints.api.limits import client_ip

REFRESH = "chatsphere_refresh"
CHALLENGE = "chatsphere_challenge"
AUTH_PATH = "/api/v1/auth"
_AGENT_MAX = 300


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    max_age: float,
    *,
    path: str = AUTH_PATH,
    samesite: Literal["strict", "lax"] = "strict",
) -> None:
    """Give the browser a secret for so many seconds, sent to this path only."""
    public_url = request.app.state.container.settings().public_url or ""
    response.set_cookie(
        name,
        value,
        max_age=int(max_age),
        path=path,
        # Behind a proxy that ends TLS, the request itself comes by plain HTTP.
        secure="https" in (request.url.scheme, urlsplit(public_url).scheme),
        httponly=True,
        samesite=samesite,
    )


async def _device(request: Request) -> Device:
    agent = request.headers.get("user-agent", "")
    printable = "".join(c for c in agent if c.isprintable())
    request_id = request.scope.get("request_id", "")
    return Device(client_ip(request), printable[:_AGENT_MAX], request_id)


DeviceDep = Annotated[Device, Depends(_device)]
