"""F11: documents that break their readers stand among good ones, one to ten."""

import asyncio
import os
import random
from collections.abc import Callable

import pytest

from data.documents.made import FOLDER, docx, lines, paragraph, pdf
from faults.harness import Installation, Owner, Report, full, scaled, seed, truth
from faults.library import Kept, content_of, marker_of, misfound

pytestmark = pytest.mark.timeout(1800 if full() else 120)
POISON: dict[str, Callable[[], bytes]] = {
    "crash.txt": lambda: b"TRAP crash",
    "hang.txt": lambda: b"TRAP hang",
    "cut.docx": lambda: docx(paragraph("A report."))[:-200],
    "eat.txt": lambda: b"TRAP eat",
    "locked.pdf": (FOLDER / "pdf_password_protected.pdf").read_bytes,
    "spin.txt": lambda: b"TRAP spin",
    "laughs.docx": lambda: docx(paragraph("&a;"), f"<!DOCTYPE a [<!ENTITY a '{'x' * 10**6}'>]>"),
    "deep.docx": lambda: docx("<a>" * 300_000),
    "garbage.pdf": lambda: b"%PDF-1.7\n" + os.urandom(20_000),
    "empty.txt": lambda: b"   \n",
    "locked.xlsx": (FOLDER / "xlsx_password_protected.xlsx").read_bytes,
    "program.bin": lambda: b"\x7fELF" + bytes(range(256)) * 8,
}
GOOD: list[Callable[[str], tuple[str, bytes]]] = [
    lambda text: ("good.txt", text.encode()),
    lambda text: ("good.docx", docx(paragraph(text))),
    lambda text: ("good.pdf", pdf([lines(*text.split(". "))])),
    lambda text: ("good.md", f"# Title\n\n{text}".encode()),
]


async def give(
    owner: Owner, bot: str, poison: list[tuple[str, bytes]], chance: random.Random
) -> tuple[list[Kept], dict[str, str]]:
    """Upload ten good documents with each bad one, mixed; return both, the bad ones by id."""
    good: list[Kept] = []
    bad: dict[str, str] = {}
    for name, content in poison:
        place = chance.randrange(10)
        for turn in range(10):
            if turn == place:
                bad[await owner.upload_file(bot, name, content)] = name
            number = len(good)
            filename, data = GOOD[number % len(GOOD)](content_of(number, 1, 1))
            document = await owner.upload_file(bot, filename, data)
            good.append(Kept(number, document, markers=[marker_of(number, 1)]))
    return good, bad


async def judge(
    site: Installation,
    owner: Owner,
    bot: str,
    good: list[Kept],
    bad: dict[str, str],
    seconds: float,
) -> None:
    """Good ones are ready and found, bad ones failed, each with a reason."""
    wrong, codes = site.report.violations, set()
    documents = dict.fromkeys((kept.id for kept in good), "good") | bad
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for document, name in documents.items():
        left = max(1.0, begun + seconds - loop.time())
        try:
            found = await owner.settled(document, left)
        except TimeoutError:
            wrong.append(f"stuck: {name} {document}")
            continue
        if name == "good":
            if found["status"] != "ready":
                wrong.append(f"a good document failed: {found['error']}")
        elif found["status"] != "failed" or not found["error"]["code"]:
            wrong.append(f"{name} is {found['status']}: {found['error']}")
        else:
            codes.add(found["error"]["code"])
    site.report.healed(loop.time() - begun)
    wrong += await truth.wrong_ready(site.postgres)
    for kept in good:
        wrong += await misfound(owner, bot, kept)
    site.report.notes |= {"good": len(good), "codes": "/".join(sorted(codes))}


async def run(report: Report, poison: list[tuple[str, bytes]], mutant: str, seconds: float) -> None:
    """Mix, wait, judge; the workers have to live through it."""
    async with Installation(report) as site:
        worker = site.make("worker", "worker", mutant=mutant)
        await site.start(site.make("api", "serve"), worker)
        deadly = any(name == "worker.txt" for name, _ in poison)
        owner = await site.owner()
        bot = await owner.bot()
        first = worker.pid
        site.supervise()
        good, bad = await give(owner, bot, poison, random.Random(report.seed))
        await judge(site, owner, bot, good, bad, seconds)
        for _ in bad:
            report.fault(hit=True)
        await site.all_ready()
        if worker.pid != first and not deadly:
            report.violations.append(f"the worker died:\n{worker.log()}")


async def test_poison_fails_with_a_reason_and_good_documents_get_ready() -> None:
    report = Report("F11 poison", seed())
    kinds = list(POISON.items())
    if full():
        kinds = kinds * 3 + [("worker.txt", lambda: b"TRAP worker")]
    poison = [  # the same bytes would be the same document
        (name, made() + b" " * turn) for turn, (name, made) in enumerate(kinds[: scaled(3, 99)])
    ]
    await run(report, poison, "trapped_parsers", scaled(60, 600))
    report.check(least_hits=len(poison))


async def test_a_build_that_takes_poison_for_an_outage_is_caught() -> None:
    report = Report("F11 unconfined_parsers", seed())
    poison = [("crash.txt", b"TRAP crash")]
    await run(report, poison, "unconfined_parsers", 6.0)
    report.check_caught("crash.txt")
