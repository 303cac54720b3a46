"""Putting the composition root together from parts that stand in files of their own."""

from collections.abc import Callable
from typing import TypeVar

from dependency_injector import containers, providers

C = TypeVar("C", bound=type[containers.DeclarativeContainer])


def assembled(*parts: type[containers.DeclarativeContainer]) -> Callable[[C], C]:
    """Copy the providers of each part, in turn, into the decorated container, which inherits them.

    Where a part names something that the container has by then (of its own, or of a part before),
    the copy uses the container's: so parts declare as dependencies what they do not make. The
    library's own `containers.copy` is no help: it copies the container's providers as well, and
    then the parts use others than the container gives out.
    """

    def decorate(container: C) -> C:
        for part in parts:
            own = dict(container.cls_providers)
            memo = {id(p): own[name] for name, p in part.providers.items() if name in own}
            for name, provider in providers.deepcopy(part.providers, memo).items():
                if name not in own:
                    setattr(container, name, provider)
        return container

    return decorate
