"""The in-memory catalog resolves the models it is given."""

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.model_catalog import InMemoryModelCatalog
from domain.errors import InvalidInput


def test_a_name_or_the_default_leads_to_its_provider() -> None:
    one, other = InMemoryChatModel(), InMemoryChatModel()
    catalog = InMemoryModelCatalog({"extractive": one, "openai": other}, "extractive/default")
    assert catalog.resolve(None) == (one, "extractive/default")
    assert catalog.resolve("openai/gpt-5/mini") == (other, "openai/gpt-5/mini")


@pytest.mark.parametrize("name", ["gemini/x", "extractive", "extractive/", "/default", ""])
def test_a_model_that_is_not_configured_is_refused(name: str) -> None:
    catalog = InMemoryModelCatalog({"extractive": InMemoryChatModel()}, "extractive/default")
    with pytest.raises(InvalidInput) as raised:
        catalog.resolve(name)
    assert raised.value.code == "model_not_configured"
