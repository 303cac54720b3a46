"""What keeps a server from starting, and what does not."""

from types import SimpleNamespace
from typing import Any

import pytest

from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.vector_index import (
    RATE_LIMITED,
    VectorIndexDeclined,
    VectorIndexMismatch,
    VectorIndexUnavailable,
)
from domain.errors import ChatSphereError, StorageFull
from entrypoints.serve import _check


class Failing(InMemoryVectorIndex):
    """Cannot be prepared."""

    def __init__(self, error: ChatSphereError) -> None:
        super().__init__()
        self._error = error

    async def prepare(self) -> None:
        raise self._error


def container(error: ChatSphereError) -> Any:
    async def fits() -> None:
        pass

    return SimpleNamespace(
        blobs=lambda: None,
        rate_limiter=lambda: None,
        reranking=lambda: None,
        check_indexes=lambda: fits,
        vector_index=lambda: Failing(error),
    )


@pytest.mark.parametrize(
    "passing",
    [VectorIndexUnavailable(), StorageFull(), VectorIndexDeclined("429", code=RATE_LIMITED)],
)
async def test_a_server_starts_where_the_vector_store_will_be_back(
    passing: ChatSphereError,
) -> None:
    await _check(container(passing))


@pytest.mark.parametrize("lasting", [VectorIndexMismatch("other length"), VectorIndexDeclined()])
async def test_a_server_does_not_start_where_a_setting_has_to_be_changed(
    lasting: ChatSphereError,
) -> None:
    with pytest.raises(VectorIndexDeclined):
        await _check(container(lasting))
