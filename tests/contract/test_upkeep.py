"""Every persistence technology keeps the contracts of keeping house."""

from application.testing.housekeeping import HousekeepingContract
from application.testing.index_census import IndexCensusContract
from application.testing.upkeep import UpkeepContract


class TestUpkeep(UpkeepContract):
    """The fixture `backend` stands in conftest.py."""


class TestHousekeeping(HousekeepingContract):
    """The fixture `backend` stands in conftest.py."""


class TestIndexCensus(IndexCensusContract):
    """The fixture `backend` stands in conftest.py."""
