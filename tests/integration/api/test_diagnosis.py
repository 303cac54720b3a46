"""Why a document waits, failed or is ready, over HTTP; and calling its work off."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from application.services.ingestion import document_job
from application.services.stuck import requeue_stuck
from domain.jobs import JobKind
from integration.api.client import Client

HARBOUR = "The harbour opens at seven in the morning and closes at nine in the evening."


async def diagnosis(client: Client, document: str) -> Any:
    reply = await client.get(f"/documents/{document}/diagnosis")
    assert reply.status == 200, reply
    told = reply.json
    assert told["summary"] == told["reasons"][0]["detail"]
    return told


def codes(told: Any) -> list[str]:
    return [reason["code"] for reason in told["reasons"]]


async def put_off(client: Client, document: str, *, with_job: bool = True) -> None:
    """Let the document wait for a job that is due in an hour, or for one that there is not."""
    container = client.service.container
    async with container.units().open(client.account["workspace"]["id"]) as uow:
        found = await uow.documents.get(document, lock=True)
        found.requeue(container.clock().now())
        await uow.documents.save(found)
        if with_job:
            job = document_job(found, JobKind.INGEST, container.clock())
            await uow.jobs.enqueue(replace(job, run_at=job.run_at + timedelta(hours=1)))


async def test_a_ready_document_has_nothing_to_wait_for(ada: Client) -> None:
    document = await ada.text(await ada.bot(), HARBOUR)
    told = await diagnosis(ada, document)
    assert (told["document_id"], told["status"], told["stage"]) == (document, "ready", "done")
    assert codes(told) == ["ready"]
    assert (told["queue"], told["worker"], told["last_error"]) == (None, None, None)
    assert told["attempts"] == {"errors": 0, "losses": 0, "outages": 0}


async def test_a_failed_document_says_why_and_what_to_do(ada: Client) -> None:
    uploaded = await ada.upload(await ada.bot(), ("junk.bin", bytes(range(256)) * 40))
    await ada.settled(uploaded.json["id"])
    told = await diagnosis(ada, uploaded.json["id"])
    assert codes(told) == ["unsupported_media_type", "what_to_do"]
    assert told["last_error"]["detail"] == told["summary"]


async def test_a_waiting_document_says_for_what_and_can_be_cancelled_and_taken_in_again(
    ada: Client,
) -> None:
    bot = await ada.bot()
    document = await ada.text(bot, HARBOUR)
    await put_off(ada, document)
    told = await diagnosis(ada, document)
    assert codes(told) == ["not_yet", "previous_content_answers"]
    assert told["queue"]["position"] is None
    assert told["queue"]["next_try_at"] > told["queue"]["waiting_since"]
    cancelled = await ada.post(f"/documents/{document}/cancel")
    assert cancelled.status == 200
    assert (cancelled.json["status"], cancelled.json["error"]["code"]) == ("failed", "cancelled")
    assert codes(await diagnosis(ada, document)) == [
        "cancelled",
        "previous_content_answers",
        "what_to_do",
    ]
    events = await ada.stream("GET", f"/documents/{document}/events")
    assert events[-1].type == "document.failed"
    found = await ada.post(f"/bots/{bot}/search", {"query": "When does the harbour open?"})
    assert found.json["data"], "the content from before answers on"
    assert (await ada.post(f"/documents/{document}/reprocess")).status == 202
    assert (await ada.settled(document))["status"] == "ready"


async def test_what_is_settled_cannot_be_cancelled(ada: Client) -> None:
    document = await ada.text(await ada.bot(), HARBOUR)
    refused = await ada.post(f"/documents/{document}/cancel")
    assert refused.problem == (409, "already_settled")


async def test_a_document_whose_job_got_lost_says_so_and_is_mended(ada: Client) -> None:
    document = await ada.text(await ada.bot(), HARBOUR)
    await put_off(ada, document, with_job=False)
    assert codes(await diagnosis(ada, document))[0] == "job_missing"
    container = ada.service.container
    async with container.units().open(ada.account["workspace"]["id"]) as uow:
        assert await requeue_stuck(uow, container.clock()) == 1
    assert (await ada.settled(document))["status"] == "ready"


async def test_others_are_told_nothing(ada: Client, eve: Client) -> None:
    document = await ada.text(await ada.bot(), HARBOUR)
    await put_off(ada, document)
    assert (await eve.get(f"/documents/{document}/diagnosis")).problem == (404, "not_found")
    assert (await eve.post(f"/documents/{document}/cancel")).problem == (404, "not_found")
    assert codes(await diagnosis(ada, document))[0] == "not_yet"
