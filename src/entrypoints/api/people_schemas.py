"""The shapes of accounts: registering, logging in, one's own profile and sessions."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from entrypoints.api.schemas import Input, Output, Secret, Text, User, Workspace

Email = Annotated[Text, Field(max_length=320, examples=["ada@example.com"])]
Password = Annotated[Secret, Field(max_length=1024, examples=["correct horse battery"])]
Token = Annotated[Secret, Field(min_length=1, max_length=200)]
Code = Annotated[Secret, Field(min_length=1, max_length=40, examples=["123456"])]
RecoveryCode = Annotated[Secret, Field(min_length=1, max_length=40)]


def secret(given: SecretStr | None) -> str | None:
    """Return what was given."""
    return given.get_secret_value() if given is not None else None


class Register(Input):
    """A new account."""

    email: Email
    password: Password
    full_name: Annotated[Text, Field(max_length=1000, examples=["Ada Lovelace"])]


class Login(Input):
    """An e-mail address and a password."""

    email: Email
    password: Password


class SecondFactorLogin(Input):
    """The `challenge` of a log-in (absent: from the cookie), and one of the codes."""

    challenge: Token | None = None
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


class Refresh(Input):
    """A refresh token; absent where the browser sends it as a cookie."""

    refresh_token: Annotated[Secret | None, Field(max_length=200)] = None


class EmailOnly(Input):
    """An e-mail address."""

    email: Email


class TokenOnly(Input):
    """What follows the = in the link of a mail."""

    token: Token


class PasswordReset(Input):
    """What follows `#reset_password=` in the link, and the new password."""

    token: Token
    password: Password


class PasswordChange(Input):
    """The password as it is (absent: the account has none), and as it shall be."""

    current_password: Password | None = None
    new_password: Password


class ProfilePatch(Input):
    """What a person may change of the own profile.

    Another address takes `current_password`, and counts once the mail that goes to it is answered.
    """

    full_name: Annotated[Text | None, Field(max_length=1000, examples=["Ada King"])] = None
    email: Email | None = None
    current_password: Password | None = None


class AccountRemoval(Input):
    """The password; absent: the account has none."""

    password: Password | None = None


class FactorCode(Input):
    """The code that the authenticator shows."""

    code: Code


class FactorRemoval(Input):
    """The password (absent: the account has none), and one of the codes."""

    password: Password | None = None
    code: Code | None = None
    recovery_code: RecoveryCode | None = None


class Profile(User):
    """One's own account."""

    email_verified: bool
    second_factor: Annotated[bool, Field(description="Whether logging in takes a code too.")]
    instance_admin: bool


class AccessToken(Output):
    """The access token alone: in cookie mode the refresh token is in the cookie."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.")]


class Tokens(AccessToken):
    """Both tokens; the refresh token is good once."""

    refresh_token: str


class BrowserSession(AccessToken):
    """The access token with whose it is: what logging in gives in cookie mode."""

    user: Profile
    workspace: Annotated[Workspace | None, Field(description="The first one; null: in none.")]


class Session(BrowserSession, Tokens):
    """Both tokens with whose they are."""


class VerificationSent(Output):
    """The account can be used once the mail that was sent is answered."""

    status: Literal["verification_sent"]


class Me(Output):
    """One's own profile and workspaces."""

    user: Profile
    workspaces: list[Workspace]


class OwnSession(Output):
    """A log-in on one device."""

    id: str
    current: Annotated[bool, Field(description="Whether it is the one that asks.")]
    address: Annotated[str, Field(description="IP address of the last refresh.")]
    user_agent: str
    created_at: str
    last_used_at: str
    expires_at: str


class Enrolment(Output):
    """What an authenticator is told; shown this once."""

    secret: Annotated[str, Field(description="Base32, to be typed.")]
    otpauth_url: Annotated[str, Field(description="To be shown as a QR code.")]


class RecoveryCodes(Output):
    """Each is good once, in the place of a code; shown this once."""

    recovery_codes: list[str]


class SignOn(Output):
    """Whether one can log in with a provider, and what it is called."""

    enabled: bool
    name: str
