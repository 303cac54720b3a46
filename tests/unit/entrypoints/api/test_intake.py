"""Files of a form go to the store as they come; a form that is refused leaves nothing there."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from adapters.memory.blob_store import InMemoryBlobStore
from application.use_cases.documents import NewContent
from domain.errors import InvalidInput, PayloadTooLarge
from entrypoints.api.forms import FileBegun, FileEnded, files_of
from entrypoints.api.intake import take_files

KIND = "multipart/form-data; boundary=edge"


def part(name: str, content: bytes, headers: str = "") -> bytes:
    return (
        f"--edge\r\nContent-Disposition: form-data; {name}\r\n{headers}\r\n".encode()
        + content
        + b"\r\n"
    )


def file(filename: str, content: bytes) -> bytes:
    return part(f'name="file"; filename="{filename}"', content)


async def chunks(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def read(*pieces: bytes, kind: str = KIND) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    async for event in files_of(kind, chunks(*pieces)):
        if isinstance(event, FileBegun):
            found.append((event.filename, b""))
        elif not isinstance(event, FileEnded):
            found[-1] = (found[-1][0], found[-1][1] + event)
    return found


class Taker:
    """Stores what it is given, as the use case does."""

    def __init__(self, max_bytes: int = 1000) -> None:
        self.blobs = InMemoryBlobStore()
        self.taken: list[str] = []
        self.seen = 0
        self.max_bytes = max_bytes
        self.refused = ""

    async def __call__(self, place: int, content: NewContent) -> int:
        async def counted() -> AsyncIterator[bytes]:
            async for block in content.data:
                self.seen += len(block)
                yield block

        blob = await self.blobs.put("ws", counted(), max_bytes=self.max_bytes)
        if content.filename == self.refused:
            await self.blobs.delete(blob.key)
            raise InvalidInput("Not this one.")
        self.taken.append(content.filename)
        return place


async def take(taker: Taker, *pieces: bytes, most: int = 100) -> list[int]:
    return await take_files(files_of(KIND, chunks(*pieces)), taker, most=most)


THREE = file("a", b"one") + file("b", b"two") + file("c", b"three") + b"--edge--\r\n"


@given(st.sets(st.integers(1, len(THREE) - 1)))
async def test_a_form_reads_the_same_however_it_is_cut(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(THREE)]
    pieces = [THREE[a:b] for a, b in pairwise(edges)]
    assert await read(*pieces) == [("a", b"one"), ("b", b"two"), ("c", b"three")]


async def test_bytes_get_to_the_store_before_the_next_ones_are_read() -> None:
    taker, seen = Taker(100_000), list[int]()

    async def body() -> AsyncIterator[bytes]:
        yield file("big", b"").removesuffix(b"\r\n")
        for _ in range(50):
            yield b"x" * 1000
            await asyncio.sleep(0)
            seen.append(taker.seen)
        yield b"\r\n--edge--\r\n"

    await take_files(files_of(KIND, body()), taker, most=1)
    behind = [1000 * (number + 1) - count for number, count in enumerate(seen)]
    assert max(behind) <= 6_000
    assert [len(content) for content in taker.blobs.blobs.values()] == [50_000]


async def test_all_files_are_taken_in_their_order() -> None:
    taker = Taker()
    assert await take(taker, THREE) == [0, 1, 2]
    assert taker.taken == ["a", "b", "c"]
    assert sorted(taker.blobs.blobs.values()) == [b"one", b"three", b"two"]


@pytest.mark.parametrize(
    "body",
    [
        THREE.removesuffix(b"--edge--\r\n"),
        THREE[: THREE.index(b"three") + 2],
        THREE[: THREE.index(b"three")],
        THREE.replace(b"--edge--", b"--edge-x"),
        THREE.replace(b"\r\n\r\nthree", b"\r\nbroken header\r\n\r\nthree"),
        THREE.replace(b'filename="c"', b'filename="c"\r\nX: ' + b"y" * 10_000),
        THREE.replace(b'filename="c"', b'filename="c"' + b"\r\nX: y" * 20),
        THREE.replace(b'name="file"; filename="c"', b'filename="c"'),
        file("a", b"x") * 101 + b"--edge--\r\n",
        file("a", b"x") + part('name="f"', b"v") * 21 + b"--edge--\r\n",
        file("a", b"x") + part('name="other"; filename="o"', b"v") * 100 + b"--edge--\r\n",
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_broken_form_leaves_nothing_whichever_file_it_breaks_in(
    body: bytes, size: int
) -> None:
    taker = Taker()
    with pytest.raises(HTTPException) as raised:
        await take(taker, *(body[at : at + size] for at in range(0, len(body), size)))
    assert raised.value.status_code == 400
    assert (taker.taken, taker.blobs.blobs) == ([], {})


@pytest.mark.parametrize("size", [1, 1000])
async def test_a_file_that_is_too_large_leaves_nothing_of_the_form(size: int) -> None:
    taker = Taker(max_bytes=4)
    with pytest.raises(PayloadTooLarge):
        await take(taker, *(THREE[at : at + size] for at in range(0, len(THREE), size)))
    assert (taker.taken, taker.blobs.blobs) == ([], {})


async def test_a_file_refused_in_a_whole_form_leaves_those_before_it_and_none_after() -> None:
    taker = Taker()
    taker.refused = "b"
    with pytest.raises(InvalidInput):
        await take(taker, THREE)
    assert (taker.taken, list(taker.blobs.blobs.values())) == (["a"], [b"one"])


async def test_a_client_that_goes_away_leaves_nothing() -> None:
    taker, waiting = Taker(), asyncio.Event()
    others = asyncio.all_tasks()  # the loop is that of the session, and fixtures run on it too

    async def body() -> AsyncIterator[bytes]:
        yield file("a", b"one") + file("b", b"two")
        waiting.set()
        await asyncio.Event().wait()

    taking = asyncio.create_task(take_files(files_of(KIND, body()), taker, most=9))
    await waiting.wait()
    taking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await taking
    assert (taker.taken, taker.blobs.blobs) == ([], {})
    assert asyncio.all_tasks() <= others


async def test_a_slow_store_holds_the_form_up() -> None:
    read_on = asyncio.Event()
    sent = 0

    async def slow(_: int, content: NewContent) -> int:
        await read_on.wait()
        return sum([len(block) async for block in content.data])

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        yield file("a", b"").removesuffix(b"\r\n")
        for _ in range(100):
            sent += 1
            yield b"x" * 10
        yield b"\r\n--edge--\r\n"

    taking = asyncio.create_task(take_files(files_of(KIND, body()), slow, most=1))
    for _ in range(300):
        await asyncio.sleep(0)
    assert sent <= 6
    read_on.set()
    assert await taking == [1000]


async def test_only_files_of_the_field_are_taken() -> None:
    body = part('name="title"', b"T") + part('name="other"; filename="o"', b"v") + THREE
    assert [name for name, _ in await read(body)] == ["a", "b", "c"]
    with pytest.raises(InvalidInput, match="at least one"):
        await take(Taker(), part('name="title"', b"T") + b"--edge--\r\n")
    taker = Taker()
    with pytest.raises(InvalidInput, match="exactly one"):
        await take(taker, THREE, most=1)
    assert taker.blobs.blobs == {}


@pytest.mark.parametrize(
    ("parameter", "filename"),
    [
        ('filename="../../etc/passwd"', "../../etc/passwd"),
        ('filename="a\\"b.txt"', 'a"b.txt'),
        ('filename="C:\\dir\\x.txt"', "x.txt"),
        ("filename=\"plain.txt\"; filename*=UTF-8''evil%00.html", "plain.txt"),
        ('filename="é\u202e.txt"', "é\u202e.txt"),
        ('filename=""', ""),
    ],
)
async def test_names_come_as_the_client_gave_them(parameter: str, filename: str) -> None:
    body = part(f'name="file"; {parameter}', b"x") + b"--edge--\r\n"
    assert await read(body) == [(filename, b"x")]
    only_extended = part("name=\"file\"; filename*=UTF-8''a.txt", b"x") + b"--edge--\r\n"
    assert await read(only_extended) == []  # RFC 7578 forbids it, so it names no file


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=", f"{KIND}{'x' * 300}"]
)
async def test_a_form_needs_a_boundary(kind: str) -> None:
    with pytest.raises(HTTPException):
        await read(THREE, kind=kind)
