"""Readers of pages and sitemaps keep their contract."""

import pytest

from adapters.memory.site_reader import InMemorySiteReader
from adapters.web.site_reader import ScanningSiteReader
from application.testing.site_reader import SiteReaderContract


class TestInMemorySiteReader(SiteReaderContract):
    @pytest.fixture
    def reader(self) -> InMemorySiteReader:
        return InMemorySiteReader()


class TestScanningSiteReader(SiteReaderContract):
    @pytest.fixture
    def reader(self) -> ScanningSiteReader:
        return ScanningSiteReader()
