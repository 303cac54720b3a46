"""The shapes of workspaces, members and invitations."""

from typing import Annotated, Literal

from pydantic import Field

from entrypoints.api.schemas import Input, Output, Secret, Text

Role = Literal["owner", "admin", "editor", "viewer"]
InvitableRole = Literal["admin", "editor", "viewer"]
Name = Annotated[Text, Field(max_length=1000, examples=["Analytical Engines"])]
InvitationToken = Annotated[
    Secret, Field(max_length=200, description="What follows `#invitation=` in the link.")
]


class WorkspaceInput(Input):
    """A workspace's name."""

    name: Name


class WorkspacePatch(Input):
    """What of a workspace is to change (JSON Merge Patch)."""

    name: Name = ""
    default_model: Annotated[
        Text | None,
        Field(
            max_length=200,
            description="What bots answer with that name no model; null: the installation's default.",
            examples=["openai/gpt-5-mini"],
        ),
    ] = None


class OwnWorkspace(Output):
    """A workspace with one's own role in it."""

    id: str
    name: str
    plan: str
    default_model: Annotated[
        str | None, Field(description="What bots answer with that name no model.")
    ]
    role: Role
    created_at: str
    deleted_at: Annotated[str | None, Field(description="Null: it is in use.")]
    erase_after: Annotated[
        str | None, Field(description="Until then an owner can restore what is deleted.")
    ]


class Membership(Output):
    """A member's role."""

    user_id: str
    role: Role


class Member(Output):
    """A member as the others see them."""

    user_id: str
    role: Role
    email: str
    full_name: str
    joined_at: str


class MemberPatch(Input):
    """Another role. Owners give any; admins all but `owner`, and to owners none."""

    role: Role


class Transfer(Input):
    """Who becomes the owner."""

    user_id: Annotated[Text, Field(max_length=100, description="Id of a member.")]


class InvitationInput(Input):
    """Whom to invite, and as what."""

    email: Annotated[Text, Field(max_length=320, examples=["grace@example.com"])]
    role: InvitableRole


class Invitation(Output):
    """An invitation that nobody accepted yet."""

    id: str
    email: str
    role: InvitableRole
    invited_by: Annotated[str | None, Field(description="Id of who made it.")]
    created_at: str
    expires_at: str


class NewInvitation(Invitation):
    """An invitation, with its link for once: it is stored nowhere."""

    link: Annotated[
        str,
        Field(
            description="For the invited person alone.",
            examples=["https://chat.example.com/#invitation=…"],
        ),
    ]


class InvitationSecret(Input):
    """The token of an invitation."""

    token: InvitationToken


class InvitationOffer(Output):
    """What an invitation is good for."""

    workspace_name: str
    email: str
    role: InvitableRole
    expires_at: str
