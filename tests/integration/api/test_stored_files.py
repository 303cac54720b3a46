"""Files as they are stored and given back: odd media types, and bytes that are gone."""

import pytest

from integration.api.client import Client


def _form(content_type: bytes) -> bytes:
    return (
        b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: " + content_type + b"\r\n\r\nThe ferry leaves at noon.\r\n--edge--\r\n"
    )


@pytest.mark.parametrize("content_type", [b"text/\x00plain", b"text/" + b"x" * 2000])
async def test_a_part_with_an_odd_media_type_is_taken(ada: Client, content_type: bytes) -> None:
    reply = await ada.request(
        "POST",
        f"/bots/{await ada.bot()}/documents",
        data=_form(content_type),
        headers={"Content-Type": "multipart/form-data; boundary=edge"},
    )
    assert reply.status == 202


async def test_an_empty_file_is_given_back(ada: Client) -> None:
    uploaded = await ada.upload(await ada.bot(), ("empty.txt", b""))
    reply = await ada.get(f"/documents/{uploaded.json['id']}/content")
    assert (reply.status, reply.body) == (200, b"")


async def test_content_whose_bytes_are_gone_is_not_found(ada: Client) -> None:
    document = await ada.text(await ada.bot(), "The ferry leaves at noon.")
    queries = ada.service.container.document_queries()
    stored = await queries.get(ada.account["workspace"]["id"], document)
    await ada.service.container.blobs().delete(stored.source.blob_key)
    reply = await ada.get(f"/documents/{document}/content")
    assert reply.problem == (404, "not_found")
