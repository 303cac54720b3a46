"""The part of the composition root that is about people: accounts, sessions, factors, mail."""

from typing import Any

from dependency_injector import containers, providers

from adapters.security.totp import CryptographyTotp
from application.ports.clock import Clock
from application.ports.identity_provider import IdentityProvider
from application.ports.mailer import Mailer
from application.services.address_change import AddressChange
from application.services.factors import FactorCheck
from application.services.logins import Reception, SessionKeeper
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.reauthentication import Reauthentication
from application.services.registration import AccountMaker, Admission
from application.services.security_log import SecurityLog
from application.services.verification import Verification
from application.use_cases.accounts import (
    CreateUser,
    GetProfile,
    GrantInstanceAdmin,
    RegisterUser,
    UpdateProfile,
)
from application.use_cases.delete_account import DeleteAccount
from application.use_cases.emails import SendVerification, VerifyEmail
from application.use_cases.oidc_login import BeginOidcLogin, FinishOidcLogin
from application.use_cases.passwords import AskForReset, ChangePassword, ResetPassword
from application.use_cases.second_factor import (
    BeginTotp,
    ConfirmTotp,
    DropTotp,
    LogInWithSecondFactor,
    RemoveTotp,
)
from application.use_cases.sessions import (
    EndOtherSessions,
    EndSession,
    LogIn,
    LogOut,
    RefreshSession,
)
from entrypoints.settings import Settings

Single = providers.Singleton


def _mailer(settings: Settings) -> Mailer:
    if settings.smtp_url is not None:
        from adapters.smtp.mailer import SmtpMailer

        return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    from adapters.console.mailer import ConsoleMailer

    return ConsoleMailer(shown=settings.environment != "production")


def _identity_provider(settings: Settings, clock: Clock) -> IdentityProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    from adapters.oidc.identity_provider import OidcIdentityProvider

    secret = settings.oidc_client_secret
    return OidcIdentityProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        settings.oidc_name,
        clock,
    )


class PeopleContainer(containers.DeclarativeContainer):
    """Copied into Container, whose parts take the places of the dependencies that are named here."""

    settings: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    system_pool: Any = providers.Dependency()
    identities: Any = providers.Dependency()
    hasher: Any = providers.Dependency()
    signer: Any = providers.Dependency()
    secret_box: Any = providers.Dependency()
    throttle: Any = providers.Dependency()

    mailer = Single(_mailer, settings)
    postman = Single(Postman, mailer)
    mails = Single(Mails, settings.provided.base_url)

    totp = Single(CryptographyTotp)
    security_log = Single(SecurityLog, clock)
    session_keeper = Single(SessionKeeper, signer, clock)
    reception = Single(
        Reception,
        identities,
        session_keeper,
        security_log,
        clock,
        verified_only=settings.provided.verified_only,
    )
    reauthentication = Single(Reauthentication, identities, hasher, throttle, clock)
    verification = Single(Verification, mails, clock)
    account_maker = Single(AccountMaker, security_log, clock, settings.provided.default_plan)
    factor_check = Single(FactorCheck, totp, secret_box, clock)

    admission = Single(Admission, identities, clock, is_open=settings.provided.registration_open)
    register_user = Single(
        RegisterUser,
        identities,
        hasher,
        admission,
        account_maker,
        reception,
        throttle,
        verification,
        mails,
        postman,
    )
    create_user = Single(CreateUser, identities, hasher, account_maker)
    grant_instance_admin = Single(GrantInstanceAdmin, identities, security_log)
    get_profile = Single(GetProfile, identities)
    address_change = Single(
        AddressChange, identities, reauthentication, verification, mails, postman
    )
    update_profile = Single(UpdateProfile, identities, address_change)

    log_in = Single(LogIn, identities, hasher, reception, throttle, security_log)
    refresh_session = Single(
        RefreshSession, identities, session_keeper, throttle, secret_box, security_log, clock
    )
    log_out = Single(LogOut, identities, clock)
    end_session = Single(EndSession, identities, security_log, clock)
    end_other_sessions = Single(EndOtherSessions, identities, security_log, clock)

    identity_provider = Single(_identity_provider, settings, clock)
    _back = settings.provided.oidc_redirect_uri
    begin_oidc_login = Single(BeginOidcLogin, identities, identity_provider, throttle, clock, _back)
    finish_oidc_login = Single(
        FinishOidcLogin,
        identities,
        identity_provider,
        reception,
        account_maker,
        mails,
        postman,
        security_log,
        clock,
        _back,
    )

    _mailing = (mails, postman, security_log)
    change_password = Single(ChangePassword, identities, hasher, reauthentication, *_mailing, clock)
    ask_for_reset = Single(AskForReset, identities, throttle, *_mailing, clock)
    reset_password = Single(ResetPassword, identities, hasher, throttle, *_mailing, clock)
    verify_email = Single(VerifyEmail, identities, throttle, *_mailing, clock)
    send_verification = Single(SendVerification, identities, throttle, verification, postman)

    delete_account = Single(
        DeleteAccount,
        identities,
        reauthentication,
        *_mailing,
        clock,
        settings.provided.workspace_grace,
    )

    begin_totp = Single(BeginTotp, identities, totp, secret_box)
    confirm_totp = Single(ConfirmTotp, identities, factor_check, totp, throttle, *_mailing, clock)
    remove_totp = Single(
        RemoveTotp, identities, factor_check, reauthentication, throttle, *_mailing
    )
    drop_totp = Single(DropTotp, identities, *_mailing, clock)
    log_in_with_second_factor = Single(
        LogInWithSecondFactor, identities, factor_check, reception, throttle, security_log, clock
    )
