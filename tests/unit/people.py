"""The use cases of people over one installation in memory, and the steps their tests share."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest

from adapters.memory.mailer import InMemoryMailer
from adapters.memory.rate_limiter import InMemoryRateLimiter
from adapters.memory.secret_box import InMemorySecretBox
from adapters.memory.security import InMemoryPasswordHasher, InMemoryTokenSigner
from adapters.memory.totp import InMemoryTotp
from application.ports.rate_limiter import Limit
from application.services.address_change import AddressChange
from application.services.factors import FactorCheck
from application.services.logins import LoggedIn, Reception, SessionKeeper
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.reauthentication import Reauthentication
from application.services.registration import AccountMaker, Admission
from application.services.security_log import SecurityLog
from application.services.throttle import Throttle
from application.services.verification import Verification
from application.use_cases.accounts import CreateUser, GetProfile, RegisterUser, UpdateProfile
from application.use_cases.delete_account import DeleteAccount
from application.use_cases.emails import SendVerification, VerifyEmail
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
from domain.accounts import Actor, Device, User
from domain.errors import Forbidden, SecondFactorRequired, Unauthenticated
from domain.second_factor import STEP_SECONDS
from unit.installation import Installation

EMAIL, PASSWORD = "Ada@Example.org", "a long pass phrase"  # pragma: allowlist secret
OTHER_PASSWORD = "quite another phrase"  # pragma: allowlist secret
HOME = Device("192.0.2.1", "Browser/1")
ABROAD = Device("198.51.100.7", "Other/2")


class People:
    """`verified_only`: addresses must be confirmed; `login` attempts in 15 minutes."""

    def __init__(
        self,
        installation: Installation,
        *,
        verified_only: bool = False,
        is_open: bool = True,
        login: int = 10,
    ) -> None:
        units, clock = installation.identities, installation.clock
        self.installation, self.clock, self.units = installation, clock, units
        self.mailer = InMemoryMailer()
        self.postman = Postman(self.mailer)
        self.hasher, self.signer = InMemoryPasswordHasher(), InMemoryTokenSigner(clock)
        self.totp, self.box = InMemoryTotp(), InMemorySecretBox()
        self.throttle = throttle = Throttle(
            InMemoryRateLimiter(clock), Limit("login", login, 900), Limit("ip", 10_000, 60)
        )
        mails, log = Mails("https://chat.example"), SecurityLog(clock)
        keeper = SessionKeeper(self.signer, clock)
        self.reception = Reception(units, keeper, log, clock, verified_only=verified_only)
        again = Reauthentication(units, self.hasher, throttle, clock)
        self.verification = verification = Verification(mails, clock)
        self.maker = maker = AccountMaker(log, clock)
        check = FactorCheck(self.totp, self.box, clock)
        mailing = (mails, self.postman, log)
        self.register = RegisterUser(
            units,
            self.hasher,
            Admission(units, clock, is_open=is_open),
            maker,
            self.reception,
            throttle,
            verification,
            mails,
            self.postman,
        )
        self.create = CreateUser(units, self.hasher, maker)
        self.log_in = LogIn(units, self.hasher, self.reception, throttle, log)
        self.refresh = RefreshSession(units, keeper, throttle, self.box, log, clock)
        self.log_out = LogOut(units, clock)
        self.end_session = EndSession(units, log, clock)
        self.end_others = EndOtherSessions(units, log, clock)
        self.profile = GetProfile(units)
        change = AddressChange(units, again, verification, mails, self.postman)
        self.update = UpdateProfile(units, change)
        self.change_password = ChangePassword(units, self.hasher, again, *mailing, clock)
        self.forgot = AskForReset(units, throttle, *mailing, clock)
        self.reset = ResetPassword(units, self.hasher, throttle, *mailing, clock)
        self.verify = VerifyEmail(units, throttle, *mailing, clock)
        self.send_verification = SendVerification(units, throttle, verification, self.postman)
        self.delete = DeleteAccount(units, again, *mailing, clock, timedelta(days=7))
        self.begin_totp = BeginTotp(units, self.totp, self.box)
        self.confirm_totp = ConfirmTotp(units, check, self.totp, throttle, *mailing, clock)
        self.remove_totp = RemoveTotp(units, check, again, throttle, *mailing)
        self.drop_totp = DropTotp(units, *mailing, clock)
        self.second_step = LogInWithSecondFactor(units, check, self.reception, throttle, log, clock)

    async def ada(self) -> LoggedIn:
        """Register Ada from home."""
        made = await self.register(EMAIL, PASSWORD, "Ada  Lovelace ", HOME)
        assert made is not None
        return made

    async def actor(self, made: LoggedIn) -> Actor:
        """Return who this log-in's access token stands for at the edge."""
        found = await self.found(made.tokens.access_token)
        assert found is not None
        return found

    async def found(self, access_token: str) -> Actor | None:
        claims = self.signer.read(access_token)
        queries = self.installation.identity_queries
        return await queries.actor(claims.user_id, claims.session_id, None)

    async def change_email(self, actor: Actor, email: str, password: str | None) -> None:
        await self.update(actor, None, email=email, password=password)

    async def user(self, email: str = "ada@example.org") -> User:
        async with self.units.open() as identities:
            user = await identities.users.by_email(email)
        assert user is not None
        return user

    async def change(self, **fields: object) -> None:
        """Change Ada's row."""
        user = await self.user()
        for name, value in fields.items():
            setattr(user, name, value)
        async with self.units.open() as identities:
            await identities.users.save(user)

    async def token(self, purpose: str) -> str:
        """Return the token of the newest mail with such a link."""
        await self.postman.delivered()
        texts = [mail.text for mail in self.mailer.sent if f"#{purpose}=" in mail.text]
        return texts[-1].split(f"#{purpose}=")[1].split()[0]

    async def subjects(self) -> list[str]:
        await self.postman.delivered()
        return [mail.subject for mail in self.mailer.sent]

    def code(self, secret: str, steps: int = 0) -> str:
        """Return the code that an authenticator shows now, or so many steps on."""
        now = int(self.clock.now().timestamp()) // STEP_SECONDS
        return self.totp.code(secret, now + steps)

    async def with_factor(self, made: LoggedIn) -> tuple[str, list[str]]:
        """Turn the second factor on; return its secret and the recovery codes."""
        actor = await self.actor(made)
        secret = (await self.begin_totp(actor)).secret
        codes = await self.confirm_totp(actor, self.code(secret))
        self.clock.advance(STEP_SECONDS)
        return secret, codes

    async def challenge(self, password: str = PASSWORD) -> str:
        """Log in with the password, and return the challenge."""
        with pytest.raises(SecondFactorRequired) as caught:
            await self.log_in(EMAIL, password, HOME)
        return caught.value.challenge


async def refused(call: Awaitable[object]) -> str:
    """Return what a refusal says."""
    with pytest.raises((Unauthenticated, Forbidden)) as caught:
        await call
    return f"{caught.value.code}: {caught.value.detail}"
