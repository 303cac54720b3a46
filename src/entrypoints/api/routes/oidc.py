"""Log in with an identity provider: by way of the browser's address bar."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Cookie, Query, Request, Response

from application.ports.identity_provider import ProviderRefused
from application.services.logins import CHALLENGE_LIFETIME
from application.use_cases.oidc_login import LIFETIME
from domain.errors import ChatSphereError
from entrypoints.api import people_schemas as shapes
from entrypoints.api.cookies import AUTH_PATH, CHALLENGE, DeviceDep, set_cookie
from entrypoints.api.deps import ContainerDep, json_response
from entrypoints.api.routes.sessions import give_refresh_token

router = APIRouter(tags=["Accounts"])
COOKIE = "chatsphere_oidc"
_PATH = f"{AUTH_PATH}/oidc"
Parameter = Annotated[str | None, Query(max_length=4096)]


@router.get("/auth/oidc", response_model=shapes.SignOn)
async def oidc(container: ContainerDep) -> Response:
    """Tell whether there is a provider to log in with."""
    provider = container.identity_provider()
    name = provider.name if provider is not None else ""
    return json_response({"enabled": provider is not None, "name": name})


@router.get(
    "/auth/oidc/login",
    status_code=302,
    response_class=Response,
    responses={302: {"description": "To the provider."}, 404: {}, 422: {}},
)
async def oidc_login(
    request: Request,
    container: ContainerDep,
    device: DeviceDep,
    return_to: Annotated[
        str, Query(max_length=500, description="A path of this site to come back to.")
    ] = "/",
) -> Response:
    """Go to the provider."""
    departure = await container.begin_oidc_login()(return_to, device)
    response = _redirect(departure.url)
    # Lax: the provider sends the browser back to us, and the cookie must come along.
    seconds = LIFETIME.total_seconds()
    set_cookie(
        request, response, COOKIE, departure.browser_secret, seconds, path=_PATH, samesite="lax"
    )
    return response


@router.get(
    "/auth/oidc/callback",
    status_code=302,
    response_class=Response,
    responses={302: {"description": "Back."}, 401: {}, 403: {}, 404: {}, 409: {}, 422: {}},
)
async def oidc_callback(
    request: Request,
    container: ContainerDep,
    device: DeviceDep,
    code: Parameter = None,
    state: Parameter = None,
    chatsphere_oidc: Annotated[str | None, Cookie(max_length=200)] = None,
) -> Response:
    """Come back from the provider: the session is in the cookie, no token in an address.

    With a second factor the challenge is in a cookie, and the address ends in `#second_factor`.
    A browser that is refused goes back to `/#oidc_error=<code of the problem>`.
    """
    try:
        if not code or not state or not chatsphere_oidc:
            raise ProviderRefused(
                "The provider did not vouch for you, or this browser keeps no cookies."
            )
        back = await container.finish_oidc_login()(code, state, chatsphere_oidc, device)
    except ChatSphereError as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _redirect(f"/#oidc_error={error.code}")  # the page says it in words
    if back.made is not None:
        response = _redirect(back.return_to)
        give_refresh_token(request, response, back.made.tokens.refresh_token)
    else:
        response = _redirect(f"{back.return_to}#second_factor")
        seconds = CHALLENGE_LIFETIME.total_seconds()
        set_cookie(request, response, CHALLENGE, back.challenge or "", seconds)
    response.delete_cookie(COOKIE, path=_PATH)
    return response


def _redirect(url: str) -> Response:
    """Send the browser on; letters beyond ASCII are written as an address has them."""
    location = quote(url, safe="/:?&=#%+,;@!$'()*[]~-._")
    return Response(status_code=302, headers={"Location": location, "Cache-Control": "no-store"})
