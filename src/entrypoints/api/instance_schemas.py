"""What an installation is, and which models its bots can be given."""

from typing import Annotated, Literal

from pydantic import Field

from entrypoints.api.people_schemas import SignOn
from entrypoints.api.schemas import Output


class FileType(Output):
    """A kind of file that is read."""

    suffix: Annotated[str, Field(examples=[".pdf"])]
    media_type: Annotated[str, Field(examples=["application/pdf"])]


class Instance(Output):
    """This installation, as anyone may know it."""

    name: str
    version: str
    registration: Annotated[
        Literal["open", "closed"],
        Field(description="`closed`: only who was invited makes an account with a password."),
    ]
    email_verification: Annotated[
        bool, Field(description="Whether nobody logs in before the address is confirmed.")
    ]
    oidc: SignOn
    max_upload_bytes: Annotated[int, Field(description="The largest file that is taken.")]
    media_types: Annotated[
        list[FileType],
        Field(
            description="Files that are read, by suffix. Any other text, such as source code, is read "
            "as plain text: what a file is, its bytes say."
        ),
    ]


class ModelChoice(Output):
    """A model that a bot can be given."""

    id: Annotated[
        str,
        Field(
            description="For `llm_model` and `fallback_models`. Another model of a configured provider "
            "is written likewise, `provider/model`.",
            examples=["openai/gpt-5-mini"],
        ),
    ]
    provider: str
    name: Annotated[str, Field(description="As the provider calls it.")]
    configured: Annotated[bool, Field(description="Whether it can be had now.")]
    provided_by: Annotated[
        Literal["installation", "workspace"] | None,
        Field(description="By whose settings or key; null: the provider still needs a key."),
    ]
    local: Annotated[bool, Field(description="It asks nobody, and costs nothing.")]
    default: Annotated[bool, Field(description="What bots answer with that name no model.")]
    capabilities: Annotated[
        list[Literal["provider_turn", "schema", "stop", "thinking", "tools"]],
        Field(description="What the provider's models can do beyond text; empty while unknown."),
    ]


class ModelChoices(Output):
    """The default model first, then by provider."""

    data: list[ModelChoice]
