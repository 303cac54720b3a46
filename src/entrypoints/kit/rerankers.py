"""The contract of a reranker, on the one that is set up here."""

import pytest

from application.ports.reranker import Reranker
from application.testing.reranker import RerankerContract
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedReranker

_OUTAGES = "a real service cannot be made to fail here"


class TestReranker(RerankerContract, not_for={"test_an_outage_has_one_name_and_passes": _OUTAGES}):
    """It writes nothing."""

    @pytest.fixture
    def reranker(self, subject: Subject) -> Reranker:
        return WatchedReranker(subject)
