"""SandboxedParser: real files through the fork server, limits, deaths and their codes."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
import uvloop

from adapters.parsers.document_parser import ParserLimits, SandboxedParser
from application.ports.document_parser import UnreadableDocument
from data.documents.made import FOLDER, PICTURE, docx, lines, paragraph, pdf
from domain.documents import ExtractedText, Section

# Nesting that HTML parsers walk again and again: seconds of work in a few hundred kilobytes.
SLOW = b"<html><body>" + b"<div>" * 200_000 + b"end"


_OTHERS: set[int] = set()  # fork servers that other tests' applications keep for a while


@pytest.fixture(autouse=True)
def only_our_servers() -> None:
    _OTHERS.clear()
    _OTHERS.update(server.pid for server in servers())


@pytest.fixture
async def parser() -> AsyncIterator[SandboxedParser]:
    parser = SandboxedParser()
    yield parser
    await parser.aclose()


async def parse(parser: SandboxedParser, data: bytes, folder: Path, name: str) -> ExtractedText:
    path = folder / "upload"
    path.write_bytes(data)
    return await parser.parse(path, filename=name, media_type="")


async def refusal(
    parser: SandboxedParser, data: bytes, folder: Path, name: str
) -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as raised:
        await parse(parser, data, folder, name)
    return raised.value


async def until(condition: Callable[[], object]) -> None:
    """Wait until another process has got that far: nothing but looking tells us."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def is_alive(process: psutil.Process) -> bool:
    """Tell a process that works from one that has ended, reaped or not."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def servers() -> list[psutil.Process]:
    """Return the fork servers that this process has started since the test began."""
    return [
        process
        for process in psutil.Process().children()
        if process.pid not in _OTHERS
        and is_alive(process)
        and "_forkserver" in " ".join(process.cmdline())
    ]


def readers() -> list[psutil.Process]:
    """Return the children that read documents right now."""
    return [child for server in servers() for child in server.children()]


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(FOLDER.iterdir()) if "_" in p.stem and p.is_file()],
    ids=lambda p: p.name,
)
async def test_every_sample_is_read_or_refused_with_a_reason(
    parser: SandboxedParser, path: Path
) -> None:
    reading = parser.parse(path, filename=path.name, media_type="")
    if "password" in path.name or path.suffix == ".msg":
        with pytest.raises(UnreadableDocument) as raised:
            await reading
        assert raised.value.code in ("password_protected", "unsupported_media_type")
    else:
        read = await reading
        assert len(read.text) > 20
        assert read.sections[0].start == 0


async def test_text_map_language_and_title_come_back(
    parser: SandboxedParser, tmp_path: Path
) -> None:
    source = "# Grüße\n\nDas ist ein Text und er ist auf Deutsch, wie man an den Wörtern sieht.\n"
    read = await parse(parser, source.encode(), tmp_path, "a.md")
    assert read == ExtractedText(source, (Section(0, None, ("Grüße",)),), "de", "Grüße")


async def test_the_main_content_of_a_page_is_read_without_its_navigation(
    parser: SandboxedParser,
) -> None:
    path = FOLDER / "html_blog_post.html"
    read = await parser.parse(path, filename=path.name, media_type="text/html")
    assert read.text.startswith("Does Model and Inference Parameter Matter in LLM Applications?")
    assert "Skip to main content" not in read.text
    assert [section.heading_path[-1] for section in read.sections[1:3]] == [
        "Experiment Setup",
        "Experiment Results",
    ]


async def test_many_documents_at_once_do_not_mix(parser: SandboxedParser, tmp_path: Path) -> None:
    async def one(number: int) -> bool:
        folder = tmp_path / str(number)
        folder.mkdir()
        text = f"document {number}\n" * (number + 1) * 50
        return (await parse(parser, text.encode(), folder, "a.txt")).text == text

    assert all(await asyncio.gather(*map(one, range(20))))


@pytest.mark.parametrize(
    ("limits", "name", "data", "code"),
    [
        (ParserLimits(wall_seconds=0.4), "a.html", SLOW, "parse_timeout"),
        (ParserLimits(cpu_seconds=1), "a.html", SLOW, "parse_timeout"),
        (ParserLimits(memory_mb=64), "a.txt", b"x" * 50_000_000, "parse_memory"),
        (
            ParserLimits(memory_mb=64),
            "a.docx",
            docx(paragraph("abc") * 400_000),
            "parse_memory",
        ),
        (ParserLimits(max_text_chars=1000), "a.txt", b"x" * 1001, "text_too_large"),
        (ParserLimits(), "a.txt", b" \n", "empty_document"),
        (ParserLimits(), "a.pdf", pdf([PICTURE]), "no_text_layer"),
        (ParserLimits(), "a.pdf", pdf([lines("text")])[:300], "corrupt_document"),
    ],
)
async def test_each_limit_has_its_code_and_the_next_document_is_unaffected(
    limits: ParserLimits, name: str, data: bytes, code: str, tmp_path: Path
) -> None:
    parser = SandboxedParser(limits)
    error = await refusal(parser, data, tmp_path, name)
    assert error.code == code
    assert error.detail[0].isupper()
    assert error.detail.endswith(".")
    assert (await parse(parser, b"fine", tmp_path, "a.txt")).text == "fine"
    await parser.aclose()


@pytest.mark.parametrize(
    ("ended_by", "code"),
    [(signal.SIGSEGV, "parser_crashed"), (signal.SIGKILL, "parse_memory")],
)
async def test_a_reader_that_dies_is_an_unreadable_document(
    parser: SandboxedParser, tmp_path: Path, ended_by: signal.Signals, code: str
) -> None:
    reading = asyncio.create_task(refusal(parser, SLOW, tmp_path, "a.html"))
    await until(readers)
    readers()[0].send_signal(ended_by)
    assert (await reading).code == code
    assert (await parse(parser, b"fine", tmp_path, "a.txt")).text == "fine"


async def test_cancelling_ends_the_reader(parser: SandboxedParser, tmp_path: Path) -> None:
    reading = asyncio.create_task(refusal(parser, SLOW, tmp_path, "a.html"))
    await until(readers)
    (reader,) = readers()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(lambda: not reader.is_running())
    assert (await parse(parser, b"fine", tmp_path, "a.txt")).text == "fine"


async def test_a_document_survives_the_death_of_the_fork_server(
    parser: SandboxedParser, tmp_path: Path
) -> None:
    await parse(parser, b"fine", tmp_path, "a.txt")
    rows = b"name,value\n" + b"a,1\n" * 200_000
    reading = asyncio.create_task(parse(parser, rows, tmp_path, "a.csv"))
    await until(readers)
    (first,) = servers()
    first.kill()
    assert (await reading).text.count("name: a | value: 1") == 200_000
    assert [server.pid for server in servers()] != [first.pid]


def test_a_killed_fork_server_is_replaced_on_the_production_event_loop_too(tmp_path: Path) -> None:
    async def scenario() -> str:
        parser = SandboxedParser(ParserLimits(wall_seconds=5))
        reading = asyncio.create_task(parse(parser, SLOW, tmp_path, "a.html"))
        await until(readers)
        (server,) = servers()
        server.kill()
        reading.cancel()
        await asyncio.wait([reading])
        text = (await parse(parser, b"fine", tmp_path, "a.txt")).text
        await parser.aclose()
        return text

    assert uvloop.run(scenario()) == "fine"


async def test_a_fork_server_without_work_ends_and_starts_again(tmp_path: Path) -> None:
    parser = SandboxedParser(ParserLimits(idle_seconds=0.1))
    await parse(parser, b"one", tmp_path, "a.txt")
    await until(lambda: not servers())
    assert (await parse(parser, b"two", tmp_path, "a.txt")).text == "two"
    await parser.aclose()
    assert servers() == []


_PROGRAM = """
import asyncio, pathlib, sys
from adapters.parsers.document_parser import SandboxedParser
async def main():
    parser = SandboxedParser()
    path = pathlib.Path(sys.argv[1])
    await parser.parse(path, filename="a.pdf", media_type="")
    vendors = {"lxml", "pypdfium2", "selectolax", "trafilatura", "python_calamine", "striprtf"}
    print(sorted(vendors & set(sys.modules)), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_no_parser_is_imported_here_and_the_server_does_not_outlive_us(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf([lines("Some text on a page that is long enough")]))
    source = Path(sys.modules["adapters.parsers"].__path__[0]).parents[1]
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _PROGRAM,
        str(path),
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": str(source)},
    )
    assert program.stdout is not None
    assert await program.stdout.readline() == b"[]\n"
    (server,) = psutil.Process(program.pid).children()
    program.kill()
    await program.wait()
    await until(lambda: not is_alive(server))
