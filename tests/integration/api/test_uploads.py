"""Uploads: streamed to the store, all or nothing, under harmless names, and given back as downloads."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import pytest

from integration.api.client import Client, Reply

KIND = {"Content-Type": "multipart/form-data; boundary=edge"}
END = b"--edge--\r\n"


def file(parameter: bytes, content: bytes) -> bytes:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; ' + parameter
    return head + b"\r\nContent-Type: text/plain\r\n\r\n" + content + b"\r\n"


def folder(client: Client) -> Path:
    """Return where the store keeps its files."""
    (found,) = {path.parent for path in client.service.settings.data_dir.rglob(".incoming")}
    return found


def stored(client: Client) -> list[Path]:
    """Return the files of a person's workspace, and those that are on their way."""
    tenant = client.account["workspace"]["id"]
    places = (folder(client) / tenant, folder(client) / ".incoming")
    return [path for place in places for path in place.rglob("*") if path.is_file()]


async def send(client: Client, bot: str, body: bytes | AsyncIterator[bytes]) -> Reply:
    data = io.BytesIO(body) if isinstance(body, bytes) else body
    return await client.post(f"/bots/{bot}/documents", data=data, headers=KIND)


THREE = (
    file(b'filename="a.txt"', b"The first.")
    + file(b'filename="b.txt"', b"The second.")
    + file(b'filename="c.txt"', b"The third.")
    + END
)


async def test_several_files_are_taken_in_their_order(ada: Client) -> None:
    bot = await ada.bot()
    reply = await send(ada, bot, THREE)
    assert reply.status == 202
    assert [document["title"] for document in reply.json] == ["a.txt", "b.txt", "c.txt"]
    again = await send(ada, bot, THREE)
    assert again.status == 200
    assert [one["id"] for one in again.json] == [one["id"] for one in reply.json]
    assert len(stored(ada)) == 3


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (THREE.removesuffix(END), (400, "invalid_request")),
        (THREE[:-30], (400, "invalid_request")),
        (THREE.replace(b"The third.", b"x" * ((1 << 20) + 1)), (413, "payload_too_large")),
        (THREE.replace(b'name="file"; filename="c.txt"', b""), (400, "invalid_request")),
    ],
)
async def test_a_form_whose_third_file_breaks_leaves_nothing(
    ada: Client, body: bytes, problem: tuple[int, str]
) -> None:
    await ada.text(await ada.bot(), "Something to make the folders.")
    before, bot = stored(ada), await ada.bot()
    assert (await send(ada, bot, body)).problem == problem
    assert (await ada.get(f"/bots/{bot}/documents")).json["data"] == []
    assert stored(ada) == before


async def test_new_content_that_breaks_off_leaves_the_old(ada: Client) -> None:
    document = await ada.text(await ada.bot(), "Old words.")
    before = stored(ada)
    for body in (THREE[:40], file(b'filename="a"', b"x"), THREE, END):
        reply = await ada.put(f"/documents/{document}/content", data=body, headers=KIND)
        assert reply.problem[0] in (400, 422)
    assert stored(ada) == before
    assert (await ada.get(f"/documents/{document}")).json["revision"] == 1


async def test_a_file_gets_to_the_store_while_it_is_sent(ada: Client) -> None:
    await ada.text(await ada.bot(), "Something to make the folders.")
    before, bot, on_the_way = set(stored(ada)), await ada.bot(), set[Path]()

    async def body() -> AsyncIterator[bytes]:
        yield file(b'filename="slow.txt"', b"words " * 1000).removesuffix(b"\r\n")
        async with asyncio.timeout(10):
            while not on_the_way:
                on_the_way.update(set(stored(ada)) - before)
                await asyncio.sleep(0.01)
        yield b"\r\n" + END

    assert (await send(ada, bot, body())).status == 202
    assert all(path.parent.name == ".incoming" for path in on_the_way)
    assert not any(path.exists() for path in on_the_way)


@pytest.mark.parametrize(
    ("parameter", "kept"),
    [
        (b'filename="a\x00b.txt"', "ab.txt"),
        (b'filename="..%2f..%2fetc%2fpasswd"', "%2f..%2fetc%2fpasswd"),
        (b'filename="/etc/../../root/.ssh/authorized_keys"', "authorized_keys"),
        (b'filename="\xe2\x80\xaetxt.exe"', "txt.exe"),
        (b'filename="a%0d%0aSet-Cookie: x=y.txt"', "a%0d%0aSet-Cookie: x=y.txt"),
        (b"filename=\"plain.txt\"; filename*=UTF-8''evil%00.html", "plain.txt"),
        (b'filename="COM1.txt"', "COM1.txt"),
        (b'filename="a.txt:stream"', "a.txt:stream"),
        (b'filename="\xff\xfe.txt"', "ÿþ.txt"),
        (b'filename=". . ."', "document"),
        (b'filename=""', "document"),
        (b'filename="' + b"n" * 3000 + b'.txt"', "n" * 251 + ".txt"),
    ],
)
async def test_a_hostile_name_stays_a_name(ada: Client, parameter: bytes, kept: str) -> None:
    bot = await ada.bot()
    reply = await send(ada, bot, file(parameter, b"Some words of " + parameter[:40]) + END)
    assert reply.status == 202, reply
    assert (reply.json["filename"], reply.json["title"]) == (kept, kept)
    original = await ada.get(f"/documents/{reply.json['id']}/content")
    disposition = original.headers["Content-Disposition"]
    assert disposition.isascii()
    assert not set(disposition.removeprefix("attachment; filename*=UTF-8''")) & set(" \"\\/;\r\n'")
    assert unquote(disposition.partition("''")[2]) == kept
    assert all(path.name.isalnum() for path in stored(ada))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.svg", "image/svg+xml"),
        ("a.html", "text/html"),
        ("a.pdf", "application/pdf"),
        ("a.xml", "text/xml"),
    ],
)
async def test_no_original_is_shown_by_a_browser(ada: Client, name: str, media_type: str) -> None:
    content = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>words</svg>"
    body = file(b'filename="%s"' % name.encode(), content).replace(
        b"text/plain", media_type.encode()
    )
    reply = await send(ada, await ada.bot(), body + END)
    original = await ada.get(f"/documents/{reply.json['id']}/content")
    assert original.body == content
    assert original.headers["Content-Type"] == "application/octet-stream"
    assert original.headers["Content-Disposition"].startswith("attachment;")
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert original.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
