"""Finds the LangChain object that a setting names, at its first use and in a thread."""

import asyncio
from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import Generic, TypeVar

from adapters.langchain._secrets import Redactor
from application.ports.plugins import NotConfigured

T = TypeVar("T")


class Lazy(Generic[T]):
    """A part that is made when it is first asked for, in a thread: importing LangChain takes a second.

    Whoever asks meanwhile waits for the same one; what failed is tried again by the next.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._making: asyncio.Future[T] | None = None

    async def get(self) -> T:
        """Return the part. Raises what making it raises."""
        if self._making is None:
            self._making = asyncio.ensure_future(asyncio.to_thread(self._make))
            self._making.add_done_callback(self._forget_failure)
        return await asyncio.shield(self._making)

    def _forget_failure(self, making: "asyncio.Future[T]") -> None:
        if making.cancelled() or making.exception() is not None:
            self._making = None


def check_path(path: str, setting: str) -> None:
    """Raise NotConfigured where `path` is not of the form `package.module:attribute`."""
    module, _, attribute = path.partition(":")
    names = [*module.split("."), *attribute.split(".")]
    if not all(name.isidentifier() for name in names):
        raise NotConfigured(f"{setting} must be of the form package.module:attribute.")


def part_at(path: str, setting: str, kind: Callable[[], type[T]]) -> Callable[[], T]:
    """Return what imports the object at `path`, or calls the factory there.

    `kind` tells what it must be. What is returned raises NotConfigured with a sentence.
    """

    def make() -> T:
        expected = kind()
        found = _imported(path, setting)
        if callable(found) and not isinstance(found, expected):
            try:
                found = found()
            except Exception as error:  # whatever somebody else's factory raises
                raise NotConfigured(f"{setting}: {path} failed: {_told(error)}") from None
        if not isinstance(found, expected):
            raise NotConfigured(
                f"{setting}: {path} is a {type(found).__name__}, not a {expected.__name__}, "
                "nor a function without arguments that returns one."
            )
        return found

    return make


def _imported(path: str, setting: str) -> object:
    module_name, _, attribute = path.partition(":")
    try:
        module = import_module(module_name)
    except Exception as error:  # whatever somebody else's module raises
        raise NotConfigured(
            f"{setting}: the module {module_name} cannot be imported: {_told(error)}"
        ) from None
    try:
        return attrgetter(attribute)(module)
    except AttributeError:
        raise NotConfigured(f"{setting}: {module_name} has no {attribute}.") from None


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {Redactor()(str(error))}".rstrip(": ")


def without_tracing(make: Callable[[], T]) -> Callable[[], T]:
    """Return what makes the part and sees to it that LangChain reports to nobody.

    Prompts hold the passages of tenants: LangSmith's tracing stays off, whatever LANGSMITH_TRACING and
    its like say. Raises NotConfigured where the environment asks for the tracing of old, which
    LangChain itself refuses.
    """

    def make_untraced() -> T:
        part = make()
        switch_tracing_off()
        return part

    return make_untraced


def switch_tracing_off() -> None:
    """Switch LangSmith's tracing off for this process. Raises NotConfigured, see `without_tracing`."""
    import langsmith
    from langchain_core.callbacks import AsyncCallbackManager

    langsmith.configure(enabled=False)
    try:
        AsyncCallbackManager.configure()  # as each call does: it imports the rest, too
    except RuntimeError:
        raise NotConfigured(
            "LangChain takes no call while LANGCHAIN_TRACING or LANGCHAIN_HANDLER is set: unset them."
        ) from None
