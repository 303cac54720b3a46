"""The shapes of provider credentials: what comes in is never sent out."""

from typing import Annotated

from pydantic import Field

from entrypoints.api.schemas import Input, Output, Secret, Text


class CredentialsInput(Input):
    """A workspace's own key for a provider; it takes the place of the one before."""

    api_key: Annotated[
        Secret, Field(max_length=1024, description="Kept encrypted, and never shown again.")
    ]
    base_url: Annotated[
        Text | None,
        Field(
            max_length=4096,
            description="Another server that speaks the provider's interface: https and on the "
            "public internet; absent: the provider's own.",
            examples=["https://models.example.com/v1"],
        ),
    ] = None


class ProviderCredentials(Output):
    """What may be shown of a workspace's own key."""

    provider: Annotated[str, Field(examples=["openai"])]
    hint: Annotated[str, Field(description="The end of the key.", examples=["…x9Ab"])]
    base_url: str | None
    updated_at: str
    updated_by: Annotated[str, Field(description="Id of who gave the key.")]
