"""The composition root builds every part for every choice, and imports nothing heavy before."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from dependency_injector import providers

from application.ports.blob_store import BlobStore
from application.ports.chat_model import ChatModel
from application.ports.clock import Clock
from application.ports.conversations import AbandonedAnswers
from application.ports.document_parser import DocumentParser
from application.ports.embedder import Embedder
from application.ports.embedding_cache import EmbeddingCache
from application.ports.event_log import EventLog
from application.ports.identity import IdentityUnits
from application.ports.job_queue import JobQueue
from application.ports.keyword_index import KeywordIndex
from application.ports.model_catalog import ModelCatalog
from application.ports.security import PasswordHasher, TokenSigner
from application.ports.text_analyzer import TextAnalyzer
from application.ports.unit_of_work import UnitsOfWork
from application.ports.vector_index import VectorIndex
from application.queries.bots import BotQueries
from application.queries.conversations import ConversationQueries
from application.queries.documents import DocumentQueries
from application.queries.identity import IdentityQueries
from domain.errors import InvalidInput
from entrypoints.container import Container, close
from entrypoints.settings import Settings

CONNINFO = "postgresql://nobody@127.0.0.1:1/nowhere"
PORTS: Mapping[str, type] = {
    "abandoned_answers": AbandonedAnswers,
    "analyzer": TextAnalyzer,
    "blobs": BlobStore,
    "bot_queries": BotQueries,
    "clock": Clock,
    "conversation_queries": ConversationQueries,
    "document_queries": DocumentQueries,
    "embedder": Embedder,
    "embedding_cache": EmbeddingCache,
    "event_log": EventLog,
    "hasher": PasswordHasher,
    "identities": IdentityUnits,
    "identity_queries": IdentityQueries,
    "job_queue": JobQueue,
    "keyword_index": KeywordIndex,
    "models": ModelCatalog,
    "parser": DocumentParser,
    "signer": TokenSigner,
    "units": UnitsOfWork,
    "vector_index": VectorIndex,
}
PROFILES: Mapping[str, dict[str, object]] = {
    "embedded": {},
    "database": {"database_url": CONNINFO},
    "embedder-openai": {"embedder": "openai", "openai_base_url": "http://127.0.0.1:1/v1"},
    "chat-openai": {"chat_model": "openai", "openai_api_key": "key"},
    "vectors-in-memory": {"vector_index": "memory"},
}
HEAVY = "onnxruntime numpy trafilatura lxml pypdfium2 aiohttp tokenizers onnx".split()


@pytest.fixture(params=list(PROFILES))
def container(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Container:
    """A container of each profile in turn, where there is no .env."""
    monkeypatch.chdir(tmp_path)
    settings = Settings(
        data_dir=tmp_path,
        model_dir=tmp_path / "models",
        **PROFILES[request.param],  # type: ignore[arg-type]  # fields by name
    )
    return Container(settings=settings, conninfo=CONNINFO)


async def test_every_part_can_be_built_and_is_of_its_port(container: Container) -> None:
    for name, provider in container.providers.items():
        built = provider()
        assert isinstance(built, PORTS.get(name, object)), name
        if isinstance(provider, providers.Singleton):
            assert provider() is built, name
    await close(container)


async def test_the_chosen_adapters_are_the_ones_that_are_built(container: Container) -> None:
    settings = container.settings()
    openai = settings.embedder == "openai"
    memory = settings.vector_index == "memory"
    assert container.embedder().space.partition("/")[0] == (
        "openai" if openai else "minilm-l6-v2-int8"
    )
    assert container.vector_index().kind == ("memory" if memory else "pgvector")
    model, name = container.models().resolve(None, [])
    assert isinstance(model, ChatModel)
    if settings.chat_model == "openai":
        assert repr(model) == "OpenAIChatModel(api.openai.com)"
        assert name == "openai/gpt-5-mini"
    else:
        assert name == "extractive/default"
    await close(container)


async def test_building_writes_nothing_but_the_secrets(
    container: Container, tmp_path: Path
) -> None:
    for provider in container.providers.values():
        provider()
    written = sorted(os.listdir(tmp_path))  # noqa: PTH208  # it does not wait
    assert written == ["encryption.key", "secret.key"]
    await close(container)


@pytest.mark.parametrize(
    ("name", "code"),
    [("openai/any", "model_not_configured"), ("other/any", "model_not_configured")],
)
async def test_a_model_that_is_not_configured_is_refused(
    tmp_path: Path, name: str, code: str
) -> None:
    container = Container(settings=Settings(data_dir=tmp_path), conninfo=CONNINFO)
    with pytest.raises(InvalidInput) as caught:
        container.models().resolve(name, [])
    assert caught.value.code == code


async def test_a_part_that_fails_to_close_keeps_no_other_from_closing(tmp_path: Path) -> None:
    container = Container(settings=Settings(data_dir=tmp_path), conninfo=CONNINFO)
    closed: list[str] = []

    class Part:
        def __init__(self, name: str) -> None:
            self._name = name

        async def aclose(self) -> None:
            closed.append(self._name)
            if self._name == "parser":
                raise RuntimeError("stuck")

        stop = dispose = aclose

    names = ["notifier", "parser", "embedder", "models", "vector_index", "event_log", "pool"]
    for name in names:
        getattr(container, name).override(providers.Object(Part(name)))
    with pytest.raises(RuntimeError, match="stuck"):
        await close(container)
    assert closed == names


def test_starting_imports_nothing_heavy() -> None:
    """What is not chosen, or not needed yet, costs no time at the start."""
    program = (
        "import sys\n"
        "import entrypoints.serve, entrypoints.container\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[3] / "src")},
    )
    assert done.stdout.strip() == "[]"
