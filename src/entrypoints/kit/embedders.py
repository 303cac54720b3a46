"""The contract of an embedder, on the one that is set up here."""

import pytest

from application.ports.embedder import Embedder
from application.testing.embedder import EmbedderContract
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedEmbedder


class TestEmbedder(EmbedderContract):
    """It writes nothing."""

    @pytest.fixture
    def embedder(self, subject: Subject) -> Embedder:
        return WatchedEmbedder(subject)
