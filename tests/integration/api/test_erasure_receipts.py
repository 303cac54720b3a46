"""Receipts of what was deleted, and what the sweeps of a workspace found."""

import asyncio
from typing import Any

import pytest

from integration.api.client import WAIT_SECONDS, Client
from integration.api.service import Service
from integration.api.test_workspaces import join


async def finished(client: Client, receipt_id: str) -> Any:
    """Return the receipt once the erasure is done."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found = await client.get(f"/erasures/{receipt_id}")
            assert found.status == 200, found
            if found.json["finished_at"] is not None:
                return found.json
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("what", ["document", "bot"])
async def test_whoever_deletes_gets_a_receipt_that_says_what_went_from_where(
    ada: Client, anyone: Client, what: str
) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, "The library opens at nine.")
    subject = bot if what == "bot" else document
    gone = await ada.delete(f"/{what}s/{subject}")
    assert gone.status == 204, gone
    receipt = await finished(anyone, gone.headers["Erasure-Receipt"])
    assert (receipt["subject_type"], receipt["subject_id"]) == (what, subject)
    assert receipt["requested_at"] <= receipt["finished_at"] == receipt["verified_at"]
    stores = {each["store"]: each for each in receipt["stores"]}
    assert stores.keys() == {"vector_index", "blob_store"}
    assert (stores["vector_index"]["kind"], stores["blob_store"]["kind"]) == (
        "pgvector",
        "local_disk",
    )
    for store in stores.values():
        assert (store["erased"], store["left"]) == (1, 0)
    counts = receipt["counts"]
    assert counts.items() >= {"revisions": 1, "chunks": 1, "blobs": 1}.items()
    if what == "document":
        assert counts["keyword_postings"] > 0
        assert counts["events"] > 1
    again = await ada.delete(f"/{what}s/{subject}")
    assert again.problem == (404, "not_found")
    assert "Erasure-Receipt" not in again.headers


async def test_admins_see_the_sweeps_of_their_workspace_and_of_no_other(
    ada: Client, eve: Client, service: Service
) -> None:
    bot = await ada.bot()
    await ada.text(bot, "The library opens at nine.")
    assert (await ada.get("/sweeps")).json["data"] == []
    tenant = ada.account["workspace"]["id"]
    made = [await service.container.sweep_workspace().now(tenant) for _ in range(3)]
    first = (await ada.get("/sweeps?limit=2")).json
    assert [each["id"] for each in first["data"]] == [made[2].id, made[1].id]
    assert first["data"][0]["clean"] is True
    assert first["data"][0]["counts"]["vectors_looked_at"] == 1
    rest = (await ada.get(f"/sweeps?limit=2&cursor={first['next_cursor']}")).json
    assert [each["id"] for each in rest["data"]] == [made[0].id]
    assert (await eve.get("/sweeps")).json["data"] == []
    await join(ada, eve, "editor")
    refused = await eve.get("/sweeps", headers={"X-Workspace-Id": tenant})
    assert refused.problem == (403, "forbidden")
