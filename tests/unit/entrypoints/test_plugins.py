"""Adapters are found by their entry points, told their options, and refused in a sentence."""

import os
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field

from application.ports.plugins import Context, Group, NotConfigured, Plugin, option
from domain.errors import InvalidInput
from entrypoints import plugins as registry
from entrypoints.plugins import Plugins, is_ours
from entrypoints.settings import Settings

MODULE = __name__


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work without the settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("CHATSPHERE_")]:
        monkeypatch.delenv(name)


@dataclass(frozen=True, slots=True)
class Options:
    """Of the sample adapter."""

    sample_key: str = option("Its key.", secret=True, own=True)
    sample_url: str | None = option("Its server.", default=None, own=True)
    sample_size: Annotated[int, Field(ge=1)] = option("How much.", default=3)


sample = Plugin(
    summary="A sample.", build=lambda options, context: (options, context), options=Options
)
needy = Plugin(
    summary="Needs more.", build=lambda *_: None, modules=("no_such_module",), extra="needy"
)
no_plugin = "a text"


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put adapters of this module beside ours."""
    points = {
        name: [EntryPoint(name, f"{MODULE}:{attribute}", Group.CACHES.value)]
        for name, attribute in (
            ("sample", "sample"), ("needy", "needy"), ("wrong", "no_plugin"), ("gone", "nothing"),
        )
    }  # fmt: skip
    points["two"] = [*points["sample"], *points["needy"]]
    found = registry._found.__wrapped__

    def with_ours(group: Group) -> dict[str, list[EntryPoint]]:
        return {**found(group), **(points if group is Group.CACHES else {})}

    monkeypatch.setattr(registry, "_found", with_ours)


def context(tmp_path: Path) -> Context:
    return Context(tmp_path)


def test_options_come_from_the_settings_as_what_they_are(tmp_path: Path) -> None:
    given = {"sample_key": "k", "sample_size": "7", "other": "x"}
    built, told = Plugins(given).build(Group.CACHES, "sample", context(tmp_path))
    assert built == Options("k", None, 7)
    assert told.data_dir == tmp_path
    assert "k" not in repr(built).replace("sample_key", "").split("'")


def test_what_is_a_workspaces_own_is_never_the_installations(tmp_path: Path) -> None:
    plugins = Plugins({"sample_key": "ours", "sample_url": "https://ours", "sample_size": "7"})
    built, _ = plugins.build(Group.CACHES, "sample", context(tmp_path), {"sample_key": "theirs"})
    assert built == Options("theirs", None, 7)


def test_what_is_missing_is_named_with_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured) as raised:
        Plugins({}).build(Group.CACHES, "sample", context(tmp_path))
    assert raised.value.detail == "Not set: CHATSPHERE_SAMPLE_KEY (Its key)."


@pytest.mark.parametrize("size", ["many", "0"])
def test_what_does_not_fit_is_named_and_not_repeated(tmp_path: Path, size: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Plugins({"sample_key": "secret-key", "sample_size": size}).build(
            Group.CACHES, "sample", context(tmp_path)
        )
    assert raised.value.code == "setting_invalid"
    assert raised.value.detail.startswith("CHATSPHERE_SAMPLE_SIZE: ")
    assert "secret-key" not in raised.value.detail


@pytest.mark.parametrize(
    ("name", "code", "told"),
    [
        ("nobody", "adapter_unknown", "memory"),
        ("two", "adapter_ambiguous", "Several packages"),
        ("wrong", "adapter_broken", "not a Plugin"),
        ("gone", "adapter_broken", "nothing"),
        ("needy", "adapter_not_installed", "pip install 'chatsphere[needy]'"),
    ],
)
def test_an_adapter_that_cannot_be_had_is_refused_in_a_sentence(
    tmp_path: Path, name: str, code: str, told: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        Plugins({}).build(Group.CACHES, name, context(tmp_path))
    assert raised.value.code == code
    assert told in raised.value.detail


def test_a_setting_of_no_adapter_is_a_stranger() -> None:
    names = ["sample_key", "sample_sise", "openai_api_key", "openai_api_kye", "nothing"]
    assert list(Plugins({}).strangers(names)) == ["sample_sise", "openai_api_kye", "nothing"]


def test_every_adapter_of_ours_can_be_loaded_and_says_what_it_is() -> None:
    plugins = Plugins({})
    for group in Group:
        for name in filter(lambda each: is_ours(group, each), plugins.names(group)):
            plugin = plugins.load(group, name)
            assert plugin.summary.endswith("."), (group, name)


def test_settings_pass_on_what_adapters_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("CHATSPHERE_SAMPLE_URL=from-file\nCHATSPHERE_SAMPLE_KEY=f\n")
    monkeypatch.setenv("CHATSPHERE_SAMPLE_KEY", "from-environment")
    monkeypatch.setenv("CHATSPHERE_SAMPLE_SIZE", "")
    settings = Settings(sample_more="named", port=1)
    assert {name: settings.given[name] for name in settings.strangers()} == {
        "sample_key": "from-environment",
        "sample_more": "named",
        "sample_url": "from-file",
    }
    assert "from-environment" not in repr(settings)
