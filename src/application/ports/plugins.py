"""Port: how an adapter makes itself known, so that a setting can name it.

A package offers adapters by entry points of these groups; each leads to a `Plugin`. The name of the
entry point is the one that settings use. Source: Python packaging, entry points specification.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from application.ports.chat_model import ChatModel, Deadlines
from domain.errors import InvalidInput
from domain.urls import UrlRules

T = TypeVar("T")
PartT = TypeVar("PartT")
OptionsT = TypeVar("OptionsT")


class Group(StrEnum):
    """The groups of entry points: what can be swapped, and by which port."""

    CHAT_MODELS = "chatsphere.chat_models"  # ChatModel
    EMBEDDERS = "chatsphere.embedders"  # Embedder
    VECTOR_INDEXES = "chatsphere.vector_indexes"  # VectorIndex
    RERANKERS = "chatsphere.rerankers"  # Reranker
    BLOB_STORES = "chatsphere.blob_stores"  # BlobStore; the name is the scheme of BLOB_URL
    CACHES = "chatsphere.caches"  # Cache
    RATE_LIMITERS = "chatsphere.rate_limiters"  # RateLimiter
    EVENT_TRANSPORTS = "chatsphere.event_transports"  # Notifier


class NotConfigured(InvalidInput):
    """What the adapter needs is not set; the message names the settings."""

    code = "adapter_not_configured"


def option(
    description: str, *, default: object = MISSING, secret: bool = False, own: bool = False
) -> Any:
    """Return a field of an options class: the setting CHATSPHERE_<FIELD>.

    Without a default it is required. A `secret` is never shown. What is `own` a workspace may set for
    itself; its other fields are then the installation's, and of those that are `own` none is.
    """
    told = {"description": description, "secret": secret, "own": own}
    if default is MISSING:
        return field(repr=not secret, metadata=told)
    return field(default=default, repr=not secret, metadata=told)


@dataclass(frozen=True, slots=True)
class NoOptions:
    """Of an adapter that has nothing to set."""


@dataclass(frozen=True, slots=True)
class Context:
    """What an adapter is given beside its options.

    `data_dir`: where it may keep files, in a folder of its own. `deadlines`: of chat models.
    `url_rules`: where a workspace's own addresses may lead; None where the operator's are used.
    `resources`: other parts, by their class.
    """

    data_dir: Path
    deadlines: Deadlines = field(default_factory=Deadlines)
    url_rules: UrlRules | None = None
    resources: Mapping[type, Callable[[], object]] = field(default_factory=dict)
    _shared: dict[type, object] = field(default_factory=dict)

    def resource(self, kind: type[T]) -> T:
        """Return the part of this class, such as Clock. Raises LookupError where there is none."""
        return cast("T", self.resources[kind]())

    def shared(self, kind: type[T], make: Callable[[], T]) -> T:
        """Return what all adapters of this context share, such as connections; made by the first.

        Who owns the context closes it, if it has `aclose`.
        """
        if kind not in self._shared:
            self._shared[kind] = make()
        return cast("T", self._shared[kind])

    async def aclose(self) -> None:
        """Close what was shared."""
        while self._shared:
            _, part = self._shared.popitem()
            close = getattr(part, "aclose", None)
            if close is not None:
                await close()


@dataclass(frozen=True, slots=True)
class Plugin(Generic[PartT, OptionsT]):
    """An adapter that can be chosen.

    `build` makes it; it must not connect, nor import what is heavy: that is for the first call. Raises
    NotConfigured where the options do not suffice. `options` is a dataclass of `option` fields.
    `modules` must be importable; those that are not come with the `extra` of ours that is named.
    With `retries`, the adapter itself repeats what is safe to repeat, and nobody else does.
    """

    summary: str
    build: Callable[[OptionsT, Context], PartT]
    options: type[OptionsT] = NoOptions  # type: ignore[assignment]  # of those that have none
    modules: Sequence[str] = ()
    extra: str = ""
    retries: bool = False


@dataclass(frozen=True, slots=True)
class ChatModelPlugin(Plugin[ChatModel, OptionsT]):
    """A provider of chat models: models are named `<entry point>/<model>`.

    `default_model` is the name that the provider's own stands for. With `takes_keys`, a workspace may
    bring a key (field `<entry point>_api_key`) and an address (`<entry point>_base_url`). One that
    `is_local` asks nobody and costs nothing: limits and budgets are not for it.
    """

    default_model: Callable[[OptionsT], str] = lambda _: "default"
    takes_keys: bool = False
    is_local: bool = False
