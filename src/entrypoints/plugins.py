"""The registry of adapters: found by entry point, given their options, built. What nobody names is not
imported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import cache
from importlib.metadata import EntryPoint, EntryPoints, entry_points
from importlib.util import find_spec
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from application.ports.plugins import ChatModelPlugin, Context, Group, NotConfigured, Plugin
from domain.errors import InvalidInput

PREFIX = "CHATSPHERE_"
OURS = "chatsphere"  # the distribution of the adapters that come with this


class Plugins:
    """What can be chosen, and the options that are set for it.

    `given` are the settings as text, by lower-case name without the prefix.
    """

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def names(self, group: Group) -> list[str]:
        """Return the adapters of a group that are installed, ours or others'."""
        return sorted(_found(group))

    def load(self, group: Group, name: str) -> Plugin[Any, Any]:
        """Return an adapter's plugin; its vendor's packages are not imported yet.

        Raises InvalidInput: `adapter_unknown`, `adapter_ambiguous` (two packages call one so),
        `adapter_not_installed` (what it needs is not), `adapter_broken` (it cannot be imported).
        """
        point = _one(group, name, self.names(group))
        try:
            plugin = point.load()
        except Exception as error:  # whatever somebody else's module raises
            raise InvalidInput(
                f"The adapter {name!r} cannot be loaded ({point.value}): {error}",
                code="adapter_broken",
            ) from error
        expected = ChatModelPlugin if group is Group.CHAT_MODELS else Plugin
        if not isinstance(plugin, expected):
            raise InvalidInput(
                f"The adapter {name!r} is not a {expected.__name__} ({point.value}).",
                code="adapter_broken",
            )
        return plugin

    def build(
        self, group: Group, name: str, context: Context, own: Mapping[str, str] | None = None
    ) -> Any:
        """Return the part. With `own`, the options of that kind come from there alone.

        Raises what `load` and `options` raise.
        """
        plugin = self.load(group, name)
        missing = [module for module in plugin.modules if not is_installed(module)]
        if missing:
            raise InvalidInput(
                f"The adapter {name!r} needs the package {missing[0]!r}: "
                f"pip install 'chatsphere[{plugin.extra}]'"
                if plugin.extra
                else f"The adapter {name!r} needs the package {missing[0]!r}: install it.",
                code="adapter_not_installed",
            )
        return plugin.build(self.options(plugin, own), context)

    def options(self, plugin: Plugin[Any, Any], own: Mapping[str, str] | None = None) -> Any:
        """Return the adapter's options out of the settings.

        Raises NotConfigured for what is missing, InvalidInput (`setting_invalid`) for what does not fit;
        neither repeats a value.
        """
        values = {}
        for each in fields(plugin.options):
            source = own if own is not None and each.metadata.get("own") else self._given
            if each.name in source:
                values[each.name] = source[each.name]
        missing = [each for each in fields(plugin.options) if _is_missing(each, values)]
        if missing:
            told = ", ".join(f"{variable(each.name)} ({_about(each)})" for each in missing)
            raise NotConfigured(f"Not set: {told}.")
        try:
            return TypeAdapter(plugin.options).validate_python(values)
        except ValidationError as error:
            [first, *_] = error.errors(include_input=False, include_url=False)
            name = variable(str(first["loc"][0]) if first["loc"] else "?")
            raise InvalidInput(f"{name}: {first['msg']}.", code="setting_invalid") from None

    def strangers(self, names: Sequence[str]) -> Iterator[str]:
        """Yield those of these settings (lower case, without the prefix) that no adapter has."""
        for name in names:
            if not any(name in _option_names(plugin) for plugin in self._namesakes(name)):
                yield name

    def own_options(self) -> list[str]:
        """Return the options of all adapters that come with ChatSphere, as names of settings."""
        ours = ((g, name) for g in Group for name in self.names(g) if is_ours(g, name))
        return sorted({name for one in ours for name in _option_names(self.load(*one))})

    def _namesakes(self, setting: str) -> Iterator[Plugin[Any, Any]]:
        """Yield the adapters whose name begins the setting's."""
        for group in Group:
            for name in self.names(group):
                if setting.startswith(f"{name.lower().replace('-', '_')}_"):
                    yield self.load(group, name)


def is_ours(group: Group, name: str) -> bool:
    """Tell whether an adapter comes with ChatSphere."""
    return any(point.dist and point.dist.name == OURS for point in _found(group).get(name, ()))


def packages(group: Group, name: str) -> list[str]:
    """Return which packages bring an adapter, each with its version."""
    dists = [point.dist for point in _found(group).get(name, ())]
    return sorted(f"{dist.name} {dist.version}" if dist else "?" for dist in dists)


def is_installed(module: str) -> bool:
    """Tell whether a module could be imported, without doing so."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # the package around it is not there
        return False


def variable(name: str) -> str:
    """Return the variable that sets an option."""
    return PREFIX + name.upper()


@cache
def _points() -> EntryPoints:
    """Return the entry points of all packages; to look through them takes some ten milliseconds."""
    return cast(
        "EntryPoints", entry_points()
    )  # in Python 3.11 something that can be asked the same


@cache
def _found(group: Group) -> dict[str, list[EntryPoint]]:
    found: dict[str, list[EntryPoint]] = {}
    for point in _points().select(group=group.value):
        known = found.setdefault(point.name, [])
        if all(point.value != other.value for other in known):  # a package may be listed twice
            known.append(point)
    return found


def _one(group: Group, name: str, known: Sequence[str]) -> EntryPoint:
    points = _found(group).get(name, [])
    if not points:
        kind = group.value.rpartition(".")[2].replace("_", " ")
        raise InvalidInput(
            f"There is no adapter {name[:60]!r} among the {kind}; installed are "
            f"{', '.join(known) or 'none'}.",
            code="adapter_unknown",
        )
    if len(points) > 1:
        packages = ", ".join(sorted(point.dist.name if point.dist else "?" for point in points))
        raise InvalidInput(
            f"Several packages bring an adapter {name!r}: {packages}. Uninstall all but one.",
            code="adapter_ambiguous",
        )
    return points[0]


def _is_missing(each: "Field[Any]", values: Mapping[str, str]) -> bool:
    return each.name not in values and each.default is MISSING and each.default_factory is MISSING


def _about(each: "Field[Any]") -> str:
    return str(each.metadata.get("description", "")).rstrip(".")


def _option_names(plugin: Plugin[Any, Any]) -> set[str]:
    return {each.name for each in fields(plugin.options)}
