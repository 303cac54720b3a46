"""The second factor of one's own account."""

from fastapi import APIRouter, Response

from entrypoints.api import people_schemas as shapes
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import ContainerDep, json_response
from entrypoints.api.people_schemas import secret

router = APIRouter(tags=["Accounts"])


@router.post("/me/totp", response_model=shapes.Enrolment, responses={409: {}})
async def begin_totp(actor: ActorDep, container: ContainerDep) -> Response:
    """Get a secret for an authenticator (TOTP); it counts once a code of it was confirmed."""
    made = await container.begin_totp()(actor)
    return json_response({"secret": made.secret, "otpauth_url": made.otpauth_url})


@router.post("/me/totp/confirm", response_model=shapes.RecoveryCodes, responses={409: {}})
async def confirm_totp(
    body: shapes.FactorCode, actor: ActorDep, container: ContainerDep
) -> Response:
    """Turn the second factor on; keep the recovery codes well, they are shown this once."""
    codes = await container.confirm_totp()(actor, body.code.get_secret_value())
    return json_response({"recovery_codes": codes})


@router.delete("/me/totp", status_code=204, responses={409: {}})
async def remove_totp(
    body: shapes.FactorRemoval, actor: ActorDep, container: ContainerDep
) -> Response:
    """Turn the second factor off, by password and a code."""
    await container.remove_totp()(
        actor, secret(body.password), secret(body.code), secret(body.recovery_code)
    )
    return Response(status_code=204)
