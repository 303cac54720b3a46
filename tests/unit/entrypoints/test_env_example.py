"""`.env.example` lists every setting, as the code has it."""

import re
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from entrypoints.settings import Settings

FILE = Path(__file__).parents[3] / ".env.example"
ENTRY = re.compile(r"(?P<about>(?:^# .*\n)+)^#CHATSPHERE_(?P<name>[A-Z_]+)=(?P<value>.*)$", re.M)


def listed() -> dict[str, tuple[str, str]]:
    """Return each setting's description and default, as the file has them."""
    found = ENTRY.finditer(FILE.read_text(encoding="utf-8"))
    return {
        entry["name"].lower(): (" ".join(entry["about"].replace("# ", "").split()), entry["value"])
        for entry in found
    }


def written(field: FieldInfo) -> str:
    """Return a default as one writes it into the file; empty where it is computed or absent."""
    if field.default in {None, PydanticUndefined}:
        return ""
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def test_the_example_lists_every_setting_with_its_description_and_default() -> None:
    expected = {
        name: (" ".join((field.description or "").split()), written(field))
        for name, field in Settings.model_fields.items()
    }
    assert listed() == expected


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_example_sets_nothing() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
