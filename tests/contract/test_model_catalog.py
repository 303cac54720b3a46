"""The in-memory catalog resolves the models it is given."""

from datetime import UTC, datetime

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.model_catalog import InMemoryModelCatalog
from domain.credentials import StoredCredentials
from domain.errors import InvalidInput


def test_a_name_or_the_default_leads_to_its_provider() -> None:
    one, other = InMemoryChatModel(), InMemoryChatModel()
    catalog = InMemoryModelCatalog({"extractive": one, "openai": other}, "extractive/default")
    assert catalog.resolve(None, []) == (one, "extractive/default")
    assert catalog.resolve("openai/gpt-5/mini", []) == (other, "openai/gpt-5/mini")


@pytest.mark.parametrize("name", ["gemini/x", "extractive", "extractive/", "/default", ""])
def test_a_model_that_is_not_configured_is_refused(name: str) -> None:
    catalog = InMemoryModelCatalog({"extractive": InMemoryChatModel()}, "extractive/default")
    with pytest.raises(InvalidInput) as raised:
        catalog.resolve(name, [])
    assert raised.value.code == "model_not_configured"


def test_a_workspace_with_a_key_of_its_own_gets_the_model_behind_it() -> None:
    ours, theirs = InMemoryChatModel(), InMemoryChatModel()
    catalog = InMemoryModelCatalog({"openai": ours}, "openai/x", {"sealed": theirs})
    assert catalog.resolve(None, [stored("sealed")]) == (theirs, "openai/x")
    with pytest.raises(InvalidInput):
        catalog.resolve(None, [stored("of nobody")])


def test_the_default_is_offered_first_and_tells_whose_key_it_goes_by() -> None:
    one, theirs = InMemoryChatModel(), InMemoryChatModel()
    catalog = InMemoryModelCatalog({"a": one, "openai": one}, "a/default", {"sealed": theirs})
    found = catalog.choices("openai/x", [stored("sealed")])
    assert [(each.provider, each.name) for each in found] == [
        ("openai", "x"),
        ("a", "default"),
        ("openai", "default"),
    ]
    assert [each.provided_by for each in found] == ["workspace", "installation", "workspace"]
    assert [each.is_default for each in found] == [True, False, False]
    unreadable = catalog.choices(None, [stored("of nobody")])
    assert [each.provided_by for each in unreadable] == ["installation", None]


def stored(sealed: str) -> StoredCredentials:
    """Return stored credentials for openai."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return StoredCredentials("ws_a", "openai", {}, sealed, "key", "…", "usr_a", now, now)
