"""The contract kit of vector indexes fails indexes that are broken, and for the right reason."""

import inspect

import pytest

from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.vector_index import (
    VectorIndex,
)
from application.testing.vector_index import VectorIndexContract
from unit.broken_indexes import (
    BlindWhileWriting,
    CountsAll,
    CutNames,
    Distances,
    DotProducts,
    EarlyEnd,
    EndlessDeletes,
    FarthestFound,
    FilteredDistances,
    FilteredTooLate,
    FirstOfEqual,
    FirstStays,
    FirstThousand,
    HalfCosines,
    HalfWritten,
    HeldLock,
    KnownOnly,
    LeakyDeletes,
    LeakyDocuments,
    LeakyFilters,
    LeakyNames,
    LeakyReads,
    LeakyRevisions,
    LongPages,
    LostDeletes,
    LostDocumentDeletes,
    LostUpdates,
    OneTooMany,
    Patient,
    Raw,
    RevisionsAsText,
    SaysUnavailable,
    SkippingPages,
    SwappedOrder,
    Tombstones,
    Unfiltered,
)


class Kit(VectorIndexContract):
    """The kit with short vectors, so that it is quick."""

    dimensions = 16
    patience_s = 0.03


class TestTheHealthyIndex(Kit):
    @pytest.fixture
    def index(self) -> VectorIndex:
        return InMemoryVectorIndex()


BROKEN = [
    (LeakyReads, "test_namespaces_do_not_see_each_other"),
    (LeakyDeletes, "test_namespaces_do_not_see_each_other"),
    (LeakyFilters, "test_namespaces_do_not_see_each_other"),
    (LeakyDocuments, "test_namespaces_do_not_see_each_other"),
    (LeakyRevisions, "test_namespaces_do_not_see_each_other"),
    (LeakyNames, "test_a_tenants_namespaces_are_found"),
    (LostDeletes, "test_deleted_chunks_are_gone"),
    (LostDocumentDeletes, "test_a_deleted_document_is_gone"),
    (CutNames, "test_a_document_of_nearly_the_same_id_is_another"),
    (RevisionsAsText, "test_a_kept_revision_stays_and_so_do_later_ones"),
    (SwappedOrder, "test_the_nearest_come_first"),
    (FarthestFound, "test_the_nearest_of_many_are_found"),
    (Distances, "test_the_nearest_come_first"),
    (FilteredDistances, "test_a_filter_keeps_to_its_documents"),
    (Tombstones, "test_deleted_chunks_are_gone"),
    (HalfCosines, "test_the_nearest_come_first"),
    (Unfiltered, "test_a_filter_keeps_to_its_documents"),
    (FilteredTooLate, "test_a_filter_finds_the_few_among_many"),
    (FirstStays, "test_the_same_id_again_replaces"),
    (FirstThousand, "test_a_large_batch_is_written_found_and_deleted_whole"),
    (HalfWritten, "test_vectors_of_another_length_are_refused"),
    (LostUpdates, "test_concurrent_writers_lose_nothing"),
    (HeldLock, "test_a_cancelled_call_stops_nobody_else"),
    (CountsAll, "test_a_deleted_document_is_gone"),
    (LongPages, "test_every_vector_is_on_one_page"),
    (SkippingPages, "test_pages_go_on_after_what_was_deleted_meanwhile"),
    (DotProducts, "test_the_score_is_the_cosine_whatever_the_lengths"),
    (OneTooMany, "test_no_more_than_the_limit_is_found"),
    (KnownOnly, "test_an_unknown_namespace_is_empty"),
    (FirstOfEqual, "test_the_last_of_equal_ids_in_one_call_stays"),
    (EndlessDeletes, "test_a_deleted_namespace_can_be_used_again"),
    (EarlyEnd, "test_a_deleted_namespace_can_be_used_again"),
    (BlindWhileWriting, "test_readers_are_not_disturbed_by_writers"),
    (Raw, "test_a_store_that_cannot_be_reached_is_unavailable"),
    (Patient, "test_a_store_that_never_answers_is_unavailable_in_time"),
    (SaysUnavailable, "test_a_refused_key_is_no_outage_of_the_store"),
    (SaysUnavailable, "test_too_many_requests_are_no_outage_of_the_store"),
]


@pytest.mark.parametrize(("broken", "noticed_by"), BROKEN)
async def test_the_kit_notices_a_broken_index(broken: type[VectorIndex], noticed_by: str) -> None:
    test = getattr(Kit(), noticed_by)
    with pytest.raises((AssertionError, LookupError, ValueError, TimeoutError)):
        await test(broken())


def test_every_test_of_the_kit_can_be_run_with_an_index_alone() -> None:
    tests = inspect.getmembers(Kit, inspect.iscoroutinefunction)
    wants = {name: list(inspect.signature(test).parameters)[1:] for name, test in tests}
    asked = {tuple(one) for name, one in wants.items() if name.startswith("test_")}
    assert asked == {(one,) for one in ("index", "unreachable", "silent", "declining", "limiting")}


def test_a_broken_index_is_there_for_every_test_of_the_kit() -> None:
    tests = {name for name in dir(Kit) if name.startswith("test_")}
    assert tests == {noticed_by for _, noticed_by in BROKEN}
