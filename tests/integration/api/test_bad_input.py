"""Whatever is sent: a problem with its code, never a crash."""

import gc
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from integration.api.client import Client, Contract

ABSENT = "00000000000000000000000000"
HOSTILE_IDS = [
    "x", "bot_", "bot_xyz", f"bot_{ABSENT.upper()}", f"usr_{ABSENT}", "%00", f"bot_{ABSENT[:-1]}%00",
    "a%00b", "%F0%9F%9A%A2", "%FF%FE", "%ED%A0%80", "..%2F..%2Fetc%2Fpasswd", "'%20OR%201=1--", "x" * 4000,
    "%7Bbot_id%7D", "0", "-1", "null", "%20", "%0A",
]  # fmt: skip


async def test_an_id_of_any_other_shape_names_nothing(ada: Client, contract: Contract) -> None:
    tried = 0
    for path, methods in contract.document["paths"].items():
        name = next(
            (n for n in ("bot", "document", "conversation", "message") if n + "_id" in path), ""
        )
        if not name:
            continue
        for method in methods:
            for value in HOSTILE_IDS:
                url = path.replace("{" + name + "_id}", value).replace("{number}", "1")
                body = valid_body(contract, path, method)
                options = {"json": body} if body is not None else {}
                reply = await ada.request(method.upper(), url, **options)
                assert reply.problem == (404, "not_found"), (method, url)
                tried += 1
        if tried > 150 and "number" in path:
            break
    assert tried > 300


def valid_body(contract: Contract, path: str, method: str) -> Any:
    """Return a body that fits, where the operation takes one."""
    operation = contract.document["paths"][path][method]
    if "requestBody" not in operation:
        return None
    required = {
        "message": "m", "content": "c", "query": "q", "text": "t", "name": "n", "title": "t", "rating": "up",
        "url": "https://example.org/",
    }  # fmt: skip
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = contract.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return {name: required[name] for name in schema.get("required", ())}


BODIES = {
    "broken JSON": (b'{"name": ', 400),
    "nothing": (b"", 422),
    "only a comma": (b",", 400),
    "two values": (b"{} {}", 400),
    "not UTF-8": (b'{"name": "\xff\xfe"}', 400),
    "a list": (b"[]", 422),
    "a string": (b'"name"', 422),
    "null": (b"null", 422),
    "a number": (b"1", 422),
    "deep nesting": (b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None),
    "a deep configuration": (b'{"name":"n","configuration":{"tools":' + b"[" * 900 + b"]" * 900 + b"}}", 422),
    "a deep unknown field": (b'{"name":"n","x":' + b'{"a":' * 900 + b"1" + b"}" * 901, 422),
    "NaN": (b'{"name": NaN}', None),
    "NaN as a setting": (b'{"name":"n","configuration":{"temperature": NaN}}', None),
    "infinity as a setting": (b'{"name":"n","configuration":{"temperature": 1e999}}', 422),
    "a huge number": (b'{"name":"n","configuration":{"retriever_k":' + b"9" * 4000 + b"}}", 422),
    "a huger number": (b'{"name":"n","configuration":{"retriever_k":' + b"9" * 9000 + b"}}", None),
    "a NUL": (b'{"name": "a\\u0000b"}', 422),
    "a NUL as a field": (b'{"name": "n", "a\\u0000": 1}', 422),
    "a lone surrogate": (b'{"name": "a\\ud800b"}', 422),
    "a lone surrogate as a field": (b'{"name": "n", "\\udfff": 1}', 422),
    "a lone surrogate as a setting": (b'{"name":"n","configuration":{"\\ud800": 1}}', 422),
    "a lone surrogate inside a setting": (b'{"name":"n","configuration":{"llm_model": "\\ud800"}}', 422),
    "an unhashable choice": (b'{"name":"n","configuration":{"agent_type": {}}}', 422),
    "a name twice": (b'{"name": "a", "name": 5}', 422),
    "a very long field": (b'{"name": "n", "' + b"x" * 100_000 + b'": 1}', 422),
    "a thousand fields": (json.dumps({f"f{n}": n for n in range(1000)}).encode(), 422),
    "a blank name": (b'{"name": " \\n "}', 422),
    "a long name": (b'{"name": "' + b"x" * 999 + b'"}', 422),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
async def test_a_malformed_body_is_refused(ada: Client, kind: str) -> None:
    body, status = BODIES[kind]
    bot = await ada.bot()
    for method, path in (
        ("POST", "/bots"),
        ("PATCH", f"/bots/{bot}"),
        ("POST", f"/bots/{bot}/documents"),
        ("POST", f"/bots/{bot}/search"),
        ("POST", f"/bots/{bot}/chat"),
        ("POST", f"/bots/{bot}/conversations"),
        ("POST", "/auth/login"),
        ("POST", "/auth/register"),
        ("POST", "/auth/refresh"),
        ("PATCH", "/me"),
    ):
        if kind in ("nothing", "null") and path.endswith(("/conversations", "/refresh")):
            continue  # these take no body too
        reply = await ada.request(
            method, path, data=body, headers={"Content-Type": "application/json"}
        )
        assert 400 <= reply.status < 500
        assert reply.problem[1] in ("invalid_json", "invalid_request"), (path, reply)
        assert len(reply.body) < 20_000
        if path == "/bots" and status is not None:
            assert reply.status == status


NULLABLE = {"conversation_id", "version", "parent_id", "refresh_token", "mode"}
TEXTS = [
    ("/auth/register", {"email": "a@b.cd", "password": "p" * 7 + "q1r2s3t4u5v6", "full_name": "N"}),
    ("/auth/login", {"email": "a@b.cd", "password": "some passphrase"}),
    ("/auth/refresh", {"refresh_token": "r"}),
    ("/bots", {"name": "n", "description": "d"}),
    ("/bots/{bot}/documents", {"title": "t", "text": "x"}),
    ("/bots/{bot}/search", {"query": "q", "mode": "hybrid"}),
    ("/bots/{bot}/chat", {"message": "m", "conversation_id": "c", "version": "draft"}),
    ("/bots/{bot}/conversations", {"title": "t"}),
    ("/conversations/{conversation}/messages", {"content": "c", "parent_id": "p"}),
]


@pytest.mark.parametrize(("path", "body"), TEXTS)
async def test_text_that_cannot_be_stored_is_refused_in_every_field(
    ada: Client, path: str, body: dict[str, str]
) -> None:
    bot = await ada.bot()
    conversation = (await ada.post(f"/bots/{bot}/conversations")).json["id"]
    url = path.format(bot=bot, conversation=conversation)
    for field in body:
        for value in ("a\x00b", "a\ud800b", "\udfff", 5, True, None, ["x"], {"x": "y"}, 1e300):
            if value is None and field in NULLABLE:
                continue
            reply = await ada.post(url, {**body, field: value})
            if field in ("password", "refresh_token") and value in ("a\x00b",):
                assert reply.status in (401, 422)
                continue
            assert reply.status in (400, 422), (field, value, reply)
            assert reply.problem[1] in ("invalid_request", "invalid_json")
            if reply.status == 422:
                assert reply.json["errors"][0]["pointer"].startswith(f"/{field}"), reply


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "json", "*/*"],
)
async def test_another_media_type_is_refused(ada: Client, kind: str) -> None:
    bot = await ada.bot()
    for path in ("/bots", f"/bots/{bot}/documents", f"/bots/{bot}/chat", "/auth/login"):
        reply = await ada.post(path, data=b'{"name": "n"}', headers={"Content-Type": kind})
        assert reply.problem == (415, "unsupported_media_type"), path


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_broken_form_is_refused(ada: Client) -> None:
    path = f"/bots/{await ada.bot()}/documents"
    part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nHello'
    cases: list[tuple[str, bytes]] = [
        ("multipart/form-data", part + b"\r\n--B--\r\n"),
        ("multipart/form-data; boundary=", part + b"\r\n--B--\r\n"),
        ("multipart/form-data; boundary=C", part + b"\r\n--B--\r\n"),
        ("multipart/form-data; boundary=" + "B" * 300, part),
        ("multipart/form-data; boundary=B", b""),
        ("multipart/form-data; boundary=B", b"--B--\r\n"),
        ("multipart/form-data; boundary=B", b"junk"),
        ("multipart/form-data; boundary=B", part.replace(b'name="file"', b'name="other"') + b"\r\n--B--\r\n"),
        ("multipart/form-data; boundary=B", part.replace(b'; filename="a.txt"', b"") + b"\r\n--B--\r\n"),
        ("multipart/form-data; boundary=B", b"--B\r\nX: y\r\n\r\nHello\r\n--B--\r\n"),
        ("multipart/form-data; boundary=B", b"--B\r\nX: " + b"y" * 70_000 + b"\r\n\r\nHi\r\n--B--\r\n"),
        ("multipart/mixed; boundary=B", part + b"\r\n--B--\r\n"),
    ]  # fmt: skip
    for kind, body in cases:
        reply = await ada.post(path, data=body, headers={"Content-Type": kind})
        assert reply.problem[0] in (400, 415, 422), (kind, body[:50], reply)
    truncated = await ada.post(
        path, data=part, headers={"Content-Type": "multipart/form-data; boundary=B"}
    )
    assert truncated.problem[0] in (400, 422)
    gc.collect()  # the framework leaves the file of an unended part to the collector
    assert (await ada.get(path)).json["data"] == []


async def test_too_many_files_in_one_form_are_refused(ada: Client) -> None:
    bot = await ada.bot()
    files = [(f"{n}.txt", b"x") for n in range(101)]
    reply = await ada.upload(bot, *files)
    assert reply.problem[0] in (400, 413, 422)
    assert (await ada.get(f"/bots/{bot}/documents")).json["data"] == []


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("a\u202etxt.exe", "atxt.exe"),
        ("x" * 500 + ".txt", "x" * 251 + ".txt"),
        ("🚢 ship.txt", "🚢 ship.txt"),
        ("..", "document"),
        ("CON", "CON"),
        ("<script>.txt", "<script>.txt"),
        ("%2e%2e%2fx.txt", "%2e%2e%2fx.txt"),
    ],
)
async def test_a_hostile_file_name_becomes_a_plain_one(ada: Client, name: str, kept: str) -> None:
    reply = await ada.upload(await ada.bot(), (name, b"Some words."))
    assert reply.status == 202
    assert reply.json["filename"] == reply.json["title"] == kept
    original = await ada.get(f"/documents/{reply.json['id']}/content")
    assert original.body == b"Some words."


async def test_bodies_have_a_limit_with_and_without_a_length(ada: Client) -> None:
    bot = await ada.bot()
    documents = f"/bots/{bot}/documents"
    text = await ada.post(f"/bots/{await ada.bot()}/documents", {"text": "Some words."})
    content = f"/documents/{text.json['id']}/content"
    mebi, more = 1 << 20, 1 << 17
    for path, size, kind in (
        ("/bots", mebi + more, "application/json"),
        (f"/bots/{bot}/chat", mebi + more, "application/json"),
        (documents, 16 * mebi + more, "application/json"),
        (content, 16 * mebi + more, "application/json"),
        (documents, mebi + 2 * more, "multipart/form-data; boundary=B"),
    ):
        for data in (io.BytesIO(b" " * size), in_pieces(size)):
            reply = await ada.request(
                "PUT" if path == content else "POST",
                path,
                data=data,
                headers={"Content-Type": kind},
                expect100=isinstance(data, io.IOBase),
            )
            assert reply.problem == (413, "payload_too_large"), (path, kind)
    by_a_byte = await ada.upload(bot, ("big.txt", io.BytesIO(b"x" * mebi + b"y")))
    assert by_a_byte.problem == (413, "payload_too_large")
    assert (await ada.get(documents)).json["data"] == []
    absent = "/documents/doc_00000000000000000000000000/content"
    long = io.BytesIO(b'{"text": "%s"}' % (b"x" * 2 * mebi))  # as long as a new text may be
    kind = {"Content-Type": "application/json"}
    assert (await ada.put(absent, data=long, headers=kind)).problem == (404, "not_found")
    whole = await ada.upload(bot, ("whole.bin", io.BytesIO(b"\x00" * mebi)))
    assert whole.status == 202


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    """Yield a form that does not tell its length."""
    yield b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    for _ in range(size // 65536):
        yield b" " * 65536
