"""Pinecone's names say which namespace they are of, and nothing else can be read into them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pinecone._names import name_of, namespace_of, tenant_prefix
from application.ports.vector_index import Namespace

ids = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
namespaces = st.builds(Namespace, ids, ids, ids)


@given(namespaces)
def test_a_name_leads_back_to_its_namespace(namespace: Namespace) -> None:
    assert namespace_of(name_of(namespace)) == namespace


@given(namespaces)
def test_a_name_can_stand_in_a_url_as_it_is(namespace: Namespace) -> None:
    assert set(name_of(namespace)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~"
    )


@given(namespaces, ids)
def test_a_tenants_prefix_is_that_of_its_own_names_alone(namespace: Namespace, other: str) -> None:
    of_other = name_of(namespace).startswith(tenant_prefix(other))
    assert of_other == (other == namespace.tenant_id)


@pytest.mark.parametrize(
    "name", ["", "__default__", "a.b", "a.b.c.d", "a..c", "a.b.~7", "a.b.c ", "a.b.~61", "a.b.~FF"]
)
def test_a_name_of_others_is_no_namespace(name: str) -> None:
    assert namespace_of(name) is None


@pytest.mark.parametrize(
    "namespace", [Namespace("", "b", "g"), Namespace("t", "b", ""), Namespace("t" * 600, "b", "g")]
)
def test_ids_that_make_no_name_are_refused(namespace: Namespace) -> None:
    with pytest.raises(ValueError, match="1 to 512 characters"):
        name_of(namespace)
