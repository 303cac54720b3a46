"""Cookie mode: a browser keeps the refresh token where no script can read it."""

from typing import Annotated, Literal

from fastapi import Depends, Header, Request

from domain.errors import Forbidden
from entrypoints.api.deps import ContainerDep
from entrypoints.api.origins import is_by_browser, is_welcome


async def _cookie_mode(
    request: Request,
    container: ContainerDep,
    x_auth_mode: Annotated[
        Literal["cookie"] | None,
        Header(
            description="For pages of this site: the refresh token comes as an HttpOnly cookie "
            "and is left out of the body."
        ),
    ] = None,
) -> bool:
    """Tell whether the refresh token goes into a cookie only. Raises Forbidden for other origins."""
    if x_auth_mode is None:
        return False
    if not is_welcome(request, container.settings()):
        raise Forbidden("This page is of another origin: it cannot log in by this site's cookie.")
    return True


CookieModeDep = Annotated[bool, Depends(_cookie_mode)]


def check_cookie(request: Request, cookie_mode: bool) -> None:
    """Let the cookie that came along count. Raises Forbidden.

    A browser sends it by itself, whoever made it ask. The header is what only a page of ours can add:
    no form can, and a script of another origin has to ask first (CORS). A program without the marks of
    a browser wrote the cookie itself, so it knows the token.
    """
    if is_by_browser(request) and not cookie_mode:
        raise Forbidden("A browser's cookie counts with the header `X-Auth-Mode: cookie` only.")
