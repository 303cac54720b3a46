"""Fixtures of the unit tests."""

import pytest

from unit.installation import Installation


@pytest.fixture
def installation() -> Installation:
    """A fresh installation in memory."""
    return Installation()
