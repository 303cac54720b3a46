"""What every embedding cache promises: equal content is embedded once, spaces never mix."""

from collections.abc import Mapping
from hashlib import sha256

from application.ports.embedder import Vector
from application.testing.backend import Backend, add_tenant, in_unit
from application.testing.contract import Contract
from application.testing.samples import add_bot, add_document, ingest

SPACE = "minilm-384"
# Numbers that single precision holds exactly.
VECTOR, OTHER = [0.5, -0.25, 1.0], [0.0, 2.0, -1.5]


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _plain(vectors: Mapping[str, Vector]) -> dict[str, list[float]]:
    return {content_hash: list(vector) for content_hash, vector in vectors.items()}


class EmbeddingCacheContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_known_vectors_come_back_and_unknown_ones_are_left_out(
        self, backend: Backend
    ) -> None:
        tenant, cache = await add_tenant(backend), backend.embedding_cache
        known, unknown = _hash("known"), _hash("unknown")
        await cache.put(tenant, SPACE, {known: VECTOR, _hash("third"): OTHER})
        assert _plain(await cache.get(tenant, SPACE, [known, unknown])) == {known: VECTOR}
        assert _plain(await cache.get(tenant, SPACE, [])) == {}

    async def test_what_is_known_stays(self, backend: Backend) -> None:
        tenant, cache, key = await add_tenant(backend), backend.embedding_cache, _hash("a")
        await cache.put(tenant, SPACE, {key: VECTOR})
        await cache.put(tenant, SPACE, {key: OTHER, _hash("b"): OTHER})
        await cache.put(tenant, SPACE, {})
        found = _plain(await cache.get(tenant, SPACE, [key, _hash("b")]))
        assert found == {key: VECTOR, _hash("b"): OTHER}

    async def test_spaces_and_tenants_never_mix(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        cache, key = backend.embedding_cache, _hash("a")
        await cache.put(tenant, SPACE, {key: VECTOR})
        assert _plain(await cache.get(other, SPACE, [key])) == {}
        assert _plain(await cache.get(tenant, "gemini-768", [key])) == {}

    async def test_forgetting_spares_what_a_chunk_of_the_tenant_still_has(
        self, backend: Backend
    ) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        cache, used, unused = backend.embedding_cache, _hash("used"), _hash("unused")
        document = await add_document(backend, await add_bot(backend, tenant))
        await ingest(backend, document, ["used"])
        for owner in (tenant, other):
            await cache.put(owner, SPACE, {used: VECTOR, unused: VECTOR})
            await cache.put(owner, "gemini-768", {unused: VECTOR})
        await cache.forget_unused(tenant, [used, unused])
        assert set(await cache.get(tenant, SPACE, [used, unused])) == {used}
        assert set(await cache.get(tenant, "gemini-768", [unused])) == set()
        assert set(await cache.get(other, SPACE, [used, unused])) == {used, unused}

    async def test_hashes_come_page_by_page_and_what_goes_is_counted(
        self, backend: Backend
    ) -> None:
        tenant, cache = await add_tenant(backend), backend.embedding_cache
        hashes = sorted(_hash(each) for each in "abcde")
        await cache.put(tenant, SPACE, dict.fromkeys(hashes, VECTOR))
        await cache.put(tenant, "gemini-768", {hashes[0]: VECTOR})
        assert await cache.hashes(await add_tenant(backend), None, 3) == []
        first = await cache.hashes(tenant, None, 3)
        assert [*first, *await cache.hashes(tenant, first[-1], 3)] == hashes
        assert await cache.hashes(tenant, hashes[-1], 3) == []
        assert await cache.forget_unused(tenant, hashes[:2]) == 3
        assert await cache.forget_unused(tenant, hashes[:2]) == 0

    async def test_only_the_hashes_named_are_forgotten(self, backend: Backend) -> None:
        tenant, cache = await add_tenant(backend), backend.embedding_cache
        await cache.put(tenant, SPACE, {_hash("a"): VECTOR, _hash("b"): VECTOR})
        await cache.forget_unused(tenant, [_hash("a")])
        assert set(await cache.get(tenant, SPACE, [_hash("a"), _hash("b")])) == {_hash("b")}

    async def test_a_deleted_document_keeps_nothing_alive_before_it_is_erased(
        self, backend: Backend
    ) -> None:
        tenant, cache = await add_tenant(backend), backend.embedding_cache
        bot = await add_bot(backend, tenant)
        gone, stays = await add_document(backend, bot), await add_document(backend, bot)
        await ingest(backend, gone, ["a", "shared"])
        await ingest(backend, stays, ["shared"])
        hashes = [_hash("a"), _hash("shared")]
        await cache.put(tenant, SPACE, dict.fromkeys(hashes, VECTOR))
        await in_unit(backend, tenant, lambda u: u.documents.delete(gone.id))
        await cache.forget_unused(tenant, hashes)
        assert set(await cache.get(tenant, SPACE, hashes)) == {_hash("shared")}

    async def test_an_erased_document_keeps_nothing_alive(self, backend: Backend) -> None:
        tenant, cache = await add_tenant(backend), backend.embedding_cache
        document = await add_document(backend, await add_bot(backend, tenant))
        await ingest(backend, document, ["a", "b", "a"])
        await cache.put(tenant, SPACE, {_hash("a"): VECTOR})
        async with backend.units.open(tenant) as unit:
            await unit.documents.delete(document.id)
            hashes = await unit.chunks.hashes(document.id)
            await unit.documents.erase(document.id)
        assert sorted(hashes) == sorted([_hash("a"), _hash("b")])
        await cache.forget_unused(tenant, hashes)
        assert await cache.get(tenant, SPACE, hashes) == {}
        assert await in_unit(backend, tenant, lambda u: u.chunks.hashes(document.id)) == []
