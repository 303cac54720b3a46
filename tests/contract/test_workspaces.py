"""Every persistence technology keeps the contracts of workspaces and of erasing them."""

from application.testing.erasures import ErasuresContract
from application.testing.invitations import InvitationsContract
from application.testing.workspaces import WorkspacesContract


class TestWorkspaces(WorkspacesContract):
    """The fixture `backend` stands in conftest.py."""


class TestInvitations(InvitationsContract):
    """The fixture `backend` stands in conftest.py."""


class TestErasures(ErasuresContract):
    """The fixture `backend` stands in conftest.py."""
