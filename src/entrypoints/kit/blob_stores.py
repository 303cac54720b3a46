"""The contract of a blob store, on the one that is set up here."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from application.ports.blob_store import BlobStore
from application.testing.blob_store import TENANT, BlobStoreContract
from entrypoints.adapter_probe import close_part
from entrypoints.kit.subject import Subject

_TENANTS = (TENANT, f"{TENANT}2")


@pytest.fixture(scope="session")
async def emptied(subject: Subject) -> AsyncIterator[BlobStore]:
    """The store, which holds nothing in the end, even where a test was called off while it cleaned up."""
    try:
        yield subject.part
    finally:
        await _empty(subject.part)


class TestBlobStore(BlobStoreContract):
    """In a folder or under a prefix made for the check; what is left is what a list tells."""

    @pytest.fixture
    async def store(self, emptied: BlobStore) -> AsyncIterator[BlobStore]:
        try:
            yield emptied
        finally:
            await _empty(emptied)

    @pytest.fixture
    def stored(self, subject: Subject) -> Iterator[Callable[[], int]]:
        async def count() -> int:
            store: BlobStore = subject.again()
            try:
                return sum([1 for tenant in _TENANTS async for _ in store.list(tenant)])
            finally:
                await close_part(store)

        with ThreadPoolExecutor(1) as thread:  # a loop of its own, for the tests count in the midst
            yield lambda: thread.submit(asyncio.run, count()).result()


async def _empty(store: BlobStore) -> None:
    for tenant in _TENANTS:
        await store.delete_all(tenant)
