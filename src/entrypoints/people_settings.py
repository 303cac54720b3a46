"""Settings of people's accounts: mail, confirmed addresses, and logging in elsewhere."""

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class PeopleSettings(BaseSettings):
    """The part of the settings that accounts work by."""

    model_config = SettingsConfigDict(env_prefix="CHATSPHERE_", frozen=True)

    smtp_url: Annotated[
        SecretStr | None,
        Field(
            description="Mail server: smtp://host:587 (STARTTLS) or smtps://host:465, with "
            "`user:password@` before the host where it wants a login; absent: mails are "
            "printed to the terminal, in production to nowhere."
        ),
    ] = None
    mail_from: Annotated[str, Field(description="Sender of mails.")] = (
        "ChatSphere <chatsphere@localhost>"
    )
    registration: Annotated[
        Literal["open", "closed"],
        Field(
            description="`closed`: nobody makes an account with a password who was not invited. "
            "`chatsphere create-user` and the provider of OIDC_ISSUER still make them."
        ),
    ] = "open"
    email_verification: Annotated[
        Literal["off", "required"],
        Field(description="`required`: nobody logs in before the e-mail address is confirmed."),
    ] = "off"
    oidc_issuer: Annotated[
        str | None,
        Field(
            description="An OpenID Connect provider to log in with, such as "
            "https://accounts.google.com; absent: passwords only."
        ),
    ] = None
    oidc_client_id: Annotated[
        str | None, Field(description="What the provider calls this installation.")
    ] = None
    oidc_client_secret: Annotated[
        SecretStr | None, Field(description="And by what it knows it; a public client has none.")
    ] = None
    oidc_name: Annotated[str, Field(description="The provider's name, as people know it.")] = (
        "single sign-on"
    )

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from adapters.smtp.mailer import SmtpServer

            SmtpServer.parse(value.get_secret_value())
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _is_issuer(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not (parts.scheme == "https" or plain) or not parts.hostname or parts.query:
            raise ValueError("write the provider's https address, without ? and #")
        return value

    @model_validator(mode="after")
    def _names_the_client(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("OIDC_ISSUER needs OIDC_CLIENT_ID: what the provider calls this")
        return self

    @property
    def registration_open(self) -> bool:
        """Whether anybody may make an account."""
        return self.registration == "open"

    @property
    def verified_only(self) -> bool:
        """Whether addresses must be confirmed."""
        return self.email_verification == "required"
