"""One's own account: register, profile, password, address."""

from fastapi import APIRouter, Response

from application.services.person_views import profile_view
from application.services.views import workspace_view
from entrypoints.api import people_schemas as shapes
from entrypoints.api.access import ActorDep
from entrypoints.api.cookies import DeviceDep
from entrypoints.api.deps import (
    ContainerDep,
    IfMatchDep,
    etag,
    json_response,
    receipt_header,
)
from entrypoints.api.people_schemas import secret
from entrypoints.api.routes.sessions import AnswerDep

router = APIRouter(tags=["Accounts"])
_ACCEPTED = 202


@router.post(
    "/auth/register",
    status_code=201,
    response_model=shapes.Session | shapes.BrowserSession,
    responses={202: {"model": shapes.VerificationSent}, 403: {}, 409: {}},
)
async def register(
    body: shapes.Register,
    container: ContainerDep,
    device: DeviceDep,
    answer: AnswerDep,
) -> Response:
    """Make an account with a workspace of its own; 202 where the address must be confirmed first."""
    made = await container.register_user()(
        body.email, body.password.get_secret_value(), body.full_name, device
    )
    if made is None:
        return json_response({"status": "verification_sent"}, _ACCEPTED)
    return answer(made, 201)


@router.get("/me", response_model=shapes.Me)
async def me(actor: ActorDep, container: ContainerDep) -> Response:
    """Return one's own profile and workspaces."""
    user, workspaces = await container.get_profile()(actor)
    body = {
        "user": profile_view(user),
        "workspaces": [workspace_view(w, m.role.value) for w, m in workspaces],
    }
    return json_response(body, headers=etag(user.version))


@router.patch("/me", response_model=shapes.Profile)
async def update_me(
    body: shapes.ProfilePatch, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """Change one's own name, or ask for another address, which takes `current_password`.

    A mail goes to the new address. `email` stays the old one, here too, until its link is opened.
    """
    user = await container.update_profile()(
        actor,
        if_match,
        full_name=body.full_name,
        email=body.email,
        password=secret(body.current_password),
    )
    return json_response(profile_view(user), headers=etag(user.version))


@router.delete("/me", status_code=204, responses={409: {}})
async def delete_me(
    body: shapes.AccountRemoval, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """Remove one's own account, and the workspaces that nobody else is in.

    `Erasure-Receipt` names the receipt: `GET /erasures/{id}` shows it.
    """
    receipt = await container.delete_account()(actor, secret(body.password), if_match)
    return Response(status_code=204, headers=receipt_header(receipt))


@router.put("/me/password", status_code=204, responses={409: {}})
async def change_password(
    body: shapes.PasswordChange, actor: ActorDep, container: ContainerDep
) -> Response:
    """Set another password; every other session ends."""
    await container.change_password()(
        actor, secret(body.current_password), body.new_password.get_secret_value()
    )
    return Response(status_code=204)


@router.post("/auth/password/forgot", status_code=202, response_class=Response)
async def forgot_password(
    body: shapes.EmailOnly, container: ContainerDep, device: DeviceDep
) -> Response:
    """Send a link to who forgot the password; nobody learns whether there is an account."""
    await container.ask_for_reset()(body.email, device)
    return Response(status_code=_ACCEPTED)


@router.post("/auth/password/reset", status_code=202, response_class=Response, responses={400: {}})
async def reset_password(
    body: shapes.PasswordReset, container: ContainerDep, device: DeviceDep
) -> Response:
    """Set a new password by the link that was sent; all sessions end."""
    await container.reset_password()(
        body.token.get_secret_value(), body.password.get_secret_value(), device
    )
    return Response(status_code=_ACCEPTED)


@router.post(
    "/auth/email/verify", status_code=202, response_class=Response, responses={400: {}, 409: {}}
)
async def verify_email(
    body: shapes.TokenOnly, container: ContainerDep, device: DeviceDep
) -> Response:
    """Confirm an address by the link of a mail."""
    await container.verify_email()(body.token.get_secret_value(), device)
    return Response(status_code=_ACCEPTED)


@router.post("/auth/email/verification", status_code=202, response_class=Response)
async def send_verification(
    body: shapes.EmailOnly, container: ContainerDep, device: DeviceDep
) -> Response:
    """Send the mail that confirms an account's address again; nobody learns whether there is one."""
    await container.send_verification()(body.email, device)
    return Response(status_code=_ACCEPTED)
