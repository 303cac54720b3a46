"""What keeps a server from starting, and what does not."""

import logging
from pathlib import Path

import pytest
from dependency_injector import providers

from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.vector_index import (
    RATE_LIMITED,
    VectorIndexDeclined,
    VectorIndexMismatch,
    VectorIndexUnavailable,
)
from domain.errors import ChatSphereError, InvalidInput, StorageFull
from entrypoints.container import Container
from entrypoints.serve import _check
from entrypoints.settings import Settings


class Failing(InMemoryVectorIndex):
    """Cannot be prepared."""

    def __init__(self, error: ChatSphereError) -> None:
        super().__init__()
        self._error = error

    async def prepare(self) -> None:
        raise self._error


def container(tmp_path: Path, error: ChatSphereError | None = None, **settings: str) -> Container:
    async def fits() -> None:
        pass

    given = Settings(_env_file=None, data_dir=tmp_path, **settings)
    made = Container(settings=given, conninfo="postgresql://nobody@127.0.0.1:1/nowhere")
    made.check_indexes.override(providers.Object(fits))
    index = Failing(error) if error else InMemoryVectorIndex()
    made.vector_index.override(providers.Object(index))
    return made


@pytest.mark.parametrize(
    "passing",
    [VectorIndexUnavailable(), StorageFull(), VectorIndexDeclined("429", code=RATE_LIMITED)],
)
async def test_a_server_starts_where_the_vector_store_will_be_back(
    tmp_path: Path, passing: ChatSphereError
) -> None:
    await _check(container(tmp_path, passing))


@pytest.mark.parametrize("lasting", [VectorIndexMismatch("other length"), VectorIndexDeclined()])
async def test_a_server_does_not_start_where_a_setting_has_to_be_changed(
    tmp_path: Path, lasting: ChatSphereError
) -> None:
    with pytest.raises(VectorIndexDeclined):
        await _check(container(tmp_path, lasting))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"chat_model": "opnai"}, "CHATSPHERE_CHAT_MODEL=opnai"),
        ({"reranker": "nobody"}, "rerankers"),
        ({"rate_limiter": "redis"}, "CHATSPHERE_REDIS_URL"),
        ({"blob_url": "ftp://host/files"}, "blob stores"),
    ],
)
async def test_a_server_does_not_start_with_an_adapter_that_is_not_there(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        await _check(container(tmp_path, **settings))
    assert told in raised.value.detail


async def test_what_may_be_meant_so_is_only_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        await _check(container(tmp_path, chat_model="gemini", gemini_api_kye="key"))
    assert "CHATSPHERE_CHAT_MODEL=gemini" in caplog.text
    assert "CHATSPHERE_GEMINI_API_KYE is no setting" in caplog.text
