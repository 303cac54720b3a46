"""`.env.example` lists every setting, as the code has it."""

import re
from dataclasses import MISSING, fields
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from application.ports.plugins import Group
from entrypoints.plugins import Plugins, is_ours
from entrypoints.settings import Settings

FILE = Path(__file__).parents[3] / ".env.example"
ENTRY = re.compile(r"(?P<about>(?:^# .*\n)+)^#CHATSPHERE_(?P<name>[A-Z0-9_]+)=(?P<value>.*)$", re.M)


def listed() -> dict[str, tuple[str, str]]:
    """Return each setting's description and default, as the file has them."""
    found = ENTRY.finditer(FILE.read_text(encoding="utf-8"))
    return {
        entry["name"].lower(): (" ".join(entry["about"].replace("# ", "").split()), entry["value"])
        for entry in found
    }


def written(field: FieldInfo) -> str:
    """Return a default as one writes it into the file; empty where it is computed or absent."""
    return "" if field.default is PydanticUndefined else plain(field.default)


def plain(default: object) -> str:
    """Return a default as it is written; empty where there is none."""
    if default in {None, MISSING}:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def options() -> dict[str, tuple[str, str]]:
    """Return what our adapters can be told beside."""
    plugins = Plugins({})
    return {
        each.name: (each.metadata["description"], plain(each.default))
        for group in Group
        for name in plugins.names(group)
        if is_ours(group, name)
        for each in fields(plugins.load(group, name).options)
        if each.name not in Settings.model_fields
    }


def test_the_example_lists_every_setting_with_its_description_and_default() -> None:
    expected = {
        name: (" ".join((field.description or "").split()), written(field))
        for name, field in Settings.model_fields.items()
    }
    assert listed() == expected | options()


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_example_sets_nothing() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
