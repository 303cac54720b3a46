"""Every error of the product has a status, and a code that means one thing."""

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterator

import pytest

import adapters
import application
import domain
import entrypoints
from application.ports.chat_model import ModelRefused, ModelUnavailable
from application.ports.embedder import EmbedderUnavailable
from application.ports.vector_index import VectorIndexUnavailable
from domain.errors import ChatSphereError, DependencyUnavailable, InvalidInput
from entrypoints.api.problems import STATUS, status_of


def _import_all() -> None:
    for package in (domain, application, adapters, entrypoints):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("application.testing"):
                importlib.import_module(module.name)


def _kinds(kind: type[ChatSphereError] = ChatSphereError) -> Iterator[type[ChatSphereError]]:
    """Yield the error and all that derive from it in our packages."""
    if kind.__module__.split(".")[0] in ("domain", "application", "adapters", "entrypoints"):
        yield kind
    for child in kind.__subclasses__():
        yield from _kinds(child)


@pytest.fixture(scope="module")
def kinds() -> list[type[ChatSphereError]]:
    """Every error class in the code base."""
    _import_all()
    return list(dict.fromkeys(_kinds()))


def test_each_error_has_a_code_of_its_own_and_a_message(
    kinds: list[type[ChatSphereError]],
) -> None:
    by_code = defaultdict(list)
    for kind in kinds:
        if "code" in vars(kind):  # else it is a kind of another that answers as that does
            by_code[kind.code].append(kind.__name__)
        assert (kind.__doc__ or "").strip(), kind
    assert {code: names for code, names in by_code.items() if len(names) > 1} == {}
    assert all(code.replace("_", "").isalnum() and code.islower() for code in by_code)


def test_the_first_class_that_fits_is_the_closest_one() -> None:
    listed = [kind for kind, _ in STATUS]
    for place, kind in enumerate(listed):
        assert not any(issubclass(kind, earlier) for earlier in listed[:place]), kind


# What never leaves an endpoint: it ends a job, a start-up or a stream instead.
_INSIDE = {
    "AnswerTooLong", "ChatSphereError", "FetchRefused", "LeaseLost", "SchemaTooNew", "SpaceMismatch",
    "StoreMismatch", "UnreadableDocument",
}  # fmt: skip
_ELSEWHERE = (
    "entrypoints.cli", "entrypoints.backups", "entrypoints.worker",
    "adapters.embedded_postgres", "adapters.pg_dump",
)  # fmt: skip


def test_no_error_that_an_endpoint_can_meet_is_an_internal_one(
    kinds: list[type[ChatSphereError]],
) -> None:
    internal = {
        kind.__name__
        for kind in kinds
        if next(status for known, status in STATUS if issubclass(kind, known)) == 500
        and not kind.__module__.startswith(_ELSEWHERE)
    }
    assert internal <= _INSIDE


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("No.", code="model_not_configured"), 422),
        (DependencyUnavailable(code="overloaded"), 503),
        (ModelUnavailable(), 503),
        (ModelRefused(code="model_blocked"), 502),
        (EmbedderUnavailable(), 503),
        (VectorIndexUnavailable(), 503),
        (ChatSphereError(), 500),
    ],
)
def test_an_error_keeps_its_status_whatever_its_code(error: ChatSphereError, status: int) -> None:
    assert status_of(error) == status
