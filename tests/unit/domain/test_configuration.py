"""The configuration of a bot: one table, so that schema, defaults and checks say the same."""

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.configuration import Configuration, Json, json_schema
from domain.errors import InvalidInput

PROPERTIES = cast(dict[str, Json], json_schema()["properties"])
_TYPES = {"string": str, "number": int | float, "integer": int, "array": list, "null": type(None)}


def _fits_schema(rule: Json, value: object) -> bool:
    """Judge a value by its JSON Schema alone, as far as our schemas go."""
    given_types = rule["type"]
    names = given_types if isinstance(given_types, list) else [given_types]
    if isinstance(value, bool):
        return "boolean" in names
    if not any(isinstance(value, _TYPES[str(n)]) for n in names if n != "boolean"):
        return False
    if "enum" in rule and value not in cast(list[object], rule["enum"]):
        return False
    if isinstance(value, int | float):
        return cast(float, rule["minimum"]) <= value <= cast(float, rule["maximum"])
    if isinstance(value, str):
        low, high = rule.get("minLength", 0), rule.get("maxLength", 10**9)
        return cast(int, low) <= len(value) <= cast(int, high)
    return not isinstance(value, list) or _fits_list(rule, value)


def _fits_list(rule: Json, values: list[object]) -> bool:
    if len(values) > cast(int, rule["maxItems"]):
        return False
    if rule.get("uniqueItems") and any(v in values[:n] for n, v in enumerate(values)):
        return False
    return all(_fits_schema(cast(Json, rule["items"]), value) for value in values)


_CHOICES = [c for rule in PROPERTIES.values() for c in cast(list[str], rule.get("enum", []))]
_VALUES: st.SearchStrategy[object] = (
    st.none()
    | st.booleans()
    | st.integers(-3, 200)
    | st.floats()
    | st.sampled_from(_CHOICES)
    | st.text(st.characters(exclude_characters="\x00"), max_size=5)
    | st.sampled_from(["x" * 200, "x" * 201, "x" * 20_000, "x" * 20_001])
    | st.just([])
    | st.just([{}])
    | st.lists(st.sampled_from(["a/x", "b/y", "c/z", "", "x" * 201, None]), max_size=4)
    | st.just({})
)


@given(st.sampled_from(sorted(PROPERTIES)), _VALUES)
def test_schema_and_check_agree(name: str, value: object) -> None:
    if _fits_schema(PROPERTIES[name], value):
        assert Configuration.of({name: value}).as_dict()[name] == value
        return
    with pytest.raises(InvalidInput) as caught:
        Configuration.of({name: value})
    assert re.fullmatch(rf"/configuration/{name}(/\d)?", caught.value.pointer)
    assert caught.value.detail


@pytest.mark.parametrize(
    ("names", "pointer"),
    [
        (["a/x", 7], "/configuration/fallback_models/1"),
        (["a/x", "b/y", "a/x"], "/configuration/fallback_models/2"),
        (["", "b/y"], "/configuration/fallback_models/0"),
        (["a/x", "b\x00"], "/configuration/fallback_models/1"),
        (["a/x", "b/y", "c/z", "d/z"], "/configuration/fallback_models"),
        ("a/x", "/configuration/fallback_models"),
    ],
)
def test_each_fallback_model_is_checked_where_it_stands(names: object, pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Configuration.of({"fallback_models": names})
    assert caught.value.pointer == pointer


def test_lists_are_kept_as_they_were_given() -> None:
    made = Configuration.of({"fallback_models": ["a/x", "b/y"]})
    assert hash(made) == hash(Configuration.stored(made.as_dict()))
    assert made == Configuration.stored(made.as_dict()) == made.merged({"temperature": 0.7})
    assert made.as_dict()["fallback_models"] == ["a/x", "b/y"]
    assert made.merged({"fallback_models": None}) == Configuration()


def test_the_defaults_of_the_schema_are_those_of_a_bot() -> None:
    defaults = {name: rule["default"] for name, rule in PROPERTIES.items()}
    assert Configuration.of({}).as_dict() == defaults
    assert Configuration.of(defaults) == Configuration()


def test_every_setting_is_explained_for_forms() -> None:
    assert json_schema()["additionalProperties"] is False
    assert all(rule["title"] and rule["description"] for rule in PROPERTIES.values())


@pytest.mark.parametrize("name", ["unknown", "", "x" * 1000, "a/b"])
def test_an_unknown_setting_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Configuration.of({name: 1})
    assert caught.value.pointer == f"/configuration/{name[:60]}"
    assert "retriever_k" in caught.value.detail


def test_no_setting_holds_a_nul_character() -> None:
    for name in ("system_prompt", "llm_model"):
        with pytest.raises(InvalidInput):
            Configuration.of({name: "a\x00b"})


def test_a_patch_changes_what_it_names_and_null_takes_it_back() -> None:
    before = Configuration.of({"temperature": 0.2, "retriever_k": 9, "llm_model": "openai/x"})
    after = before.merged({"temperature": 1, "retriever_k": None, "llm_model": None})
    assert after == Configuration.of({"temperature": 1})
    assert before.retriever_k == 9
    assert before.merged({}) == before
    with pytest.raises(InvalidInput):
        before.merged({"unknown": 1})
    with pytest.raises(InvalidInput):
        before.merged({"retriever_k": 51})
