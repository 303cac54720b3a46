"""Which adapter is meant by a name on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from application.ports.plugins import ChatModelPlugin, Group
from domain.errors import InvalidInput
from entrypoints.adapter_table import short
from entrypoints.plugins import Plugins


@dataclass(frozen=True, slots=True)
class Target:
    """An adapter; `model`: the name of a chat model with its provider's, as settings have it."""

    group: Group
    name: str
    model: str = ""

    @property
    def asked(self) -> str:
        """The chat model's name as its provider knows it."""
        return self.model.partition("/")[2]

    def __str__(self) -> str:
        return f"{short(self.group)}/{self.model or self.name}"


def find(plugins: Plugins, told: str, group: str | None = None) -> Target:
    """Return what `NAME`, `GROUP/NAME` or, of chat models, `NAME/MODEL` stands for.

    Raises InvalidInput: `group_unknown`, `adapter_unknown`, `adapter_of_several_groups`, and what
    loading it and reading its settings raise.
    """
    first, slash, rest = told.partition("/")
    if group is None and slash and first in {short(each) for each in Group}:
        group, told = first, rest
    name, slash, model = told.partition("/")
    among = list(Group) if group is None else [_group(group)]
    if slash:
        among = [each for each in among if each is Group.CHAT_MODELS]
    having = [each for each in among if name in plugins.names(each)]
    if len(having) > 1:
        ways = ", ".join(f"{short(each)}/{name}" for each in having)
        raise InvalidInput(
            f"Adapters of several groups are called {name!r}: say which, {ways}.",
            code="adapter_of_several_groups",
        )
    if not having:
        raise InvalidInput(_unknown(told, among), code="adapter_unknown")
    [found] = having
    plugin: Any = plugins.load(found, name)
    options = plugins.options(plugin)
    if not isinstance(plugin, ChatModelPlugin):
        return Target(found, name)
    return Target(found, name, f"{name}/{model or plugin.default_model(options)}")


def _group(told: str) -> Group:
    for group in Group:
        if told in (group.value, short(group)):
            return group
    known = ", ".join(short(group) for group in Group)
    raise InvalidInput(f"There is no group {told[:60]!r}: {known}.", code="group_unknown")


def _unknown(told: str, among: Sequence[Group]) -> str:
    where = f" among the {short(among[0]).replace('_', ' ')}" if len(among) == 1 else ""
    return f"There is no adapter {told[:60]!r}{where}: `chatsphere adapters list` shows those there are."
