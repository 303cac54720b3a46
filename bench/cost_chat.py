"""What a RAG chat of 200 tokens costs beside a bare aiohttp relay of the same stand-in model."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from bench._figures import Figure, median, show
from bench._processes import seconds
from bench._server import ChatSphere, chatsphere, knowledge, model_settings, program

from adapters.embedded_postgres import EmbeddedPostgres

BENCH = "RAG chat of 200 tokens"
TIMES, PLUS_MS = 3.0, 5.0
_SSE = {"Accept": "text/event-stream"}
_QUESTIONS = ("Which teams did he play for?", "When was the album released?", "Who built the ship?")


async def measure(quick: bool = False) -> list[Figure]:
    """Alternate between the relay, SSE and JSON; return CPU milliseconds a chat, by part."""
    chats, rounds = (15, 3) if quick else (40, 5)
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        data_dir = Path(folder) / "data"
        with program("standin") as (model, _), program("relay", model) as (relay, relay_pid):
            async with chatsphere(data_dir, **model_settings(model)) as server:
                bot_id = await server.make_bot()
                await server.ingest(bot_id, knowledge())
                with Statements(data_dir) as statements:
                    return await _compared(
                        server, bot_id, f"{relay}/chat", relay_pid, chats, rounds, statements
                    )


class Statements:
    """Counts statements and commits, by PostgreSQL's log and statistics."""

    def __init__(self, data_dir: Path) -> None:
        self._log = data_dir / "postgres.log"
        self._server = EmbeddedPostgres(data_dir)

    def __enter__(self) -> "Statements":
        self._connection = psycopg.connect(self._server.start(), autocommit=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._server.stop()

    def log(self, on: bool) -> None:
        """Write every statement to the log, or no more."""
        self._connection.execute(f"ALTER SYSTEM SET log_statement = '{'all' if on else 'none'}'")
        self._connection.execute("SELECT pg_reload_conf()")

    def written(self) -> int:
        """Return how many statements the log holds."""
        text = self._log.read_text("utf-8", "replace")
        return text.count("LOG:  execute ") + text.count("LOG:  statement: ")


async def _compared(
    server: ChatSphere,
    bot_id: str,
    relay: str,
    relay_pid: int,
    chats: int,
    rounds: int,
    statements: Statements,
) -> list[Figure]:
    bare: list[float] = []
    used: dict[str, list[tuple[float, float]]] = {"SSE": [], "JSON": []}
    for turn in range(-1, rounds):  # the first warms up
        before = seconds(relay_pid)
        for _ in range(chats * 3):  # it is cheap: more of them against the clock's 10 ms ticks
            await _relayed(server, relay)
        relayed = (seconds(relay_pid) - before) * 1e3 / (chats * 3)
        for kind, costs in used.items():
            start = server.cpu()
            for number in range(chats):
                await chat(server, bot_id, number, stream=kind == "SSE")
            spent = server.cpu() - start
            if turn >= 0:
                costs.append((spent["api"] * 1e3 / chats, spent["postgres"] * 1e3 / chats))
        if turn >= 0:
            bare.append(relayed)
    return _figures(bare, used) + await _statements(server, bot_id, statements)


def _figures(bare: list[float], used: dict[str, list[tuple[float, float]]]) -> list[Figure]:
    figures = [Figure(BENCH, "aiohttp relay", median(bare), "CPU ms")]
    for kind, costs in used.items():
        beyond = [api - PLUS_MS for api, _ in costs]
        ratios = [own / relayed for own, relayed in zip(beyond, bare, strict=True)]
        figures += [
            Figure(BENCH, f"{kind}: API process", median([api for api, _ in costs]), "CPU ms"),
            Figure(BENCH, f"{kind}: PostgreSQL", median([pg for _, pg in costs]), "CPU ms"),
            Figure(
                BENCH, f"{kind}: (API process - {PLUS_MS:g} ms) / relay", median(ratios), "x", TIMES
            ),
        ]
    return figures


async def _statements(server: ChatSphere, bot_id: str, statements: Statements) -> list[Figure]:
    chats = 10
    statements.log(True)
    await asyncio.sleep(0.5)
    written = statements.written()
    for number in range(chats):
        await chat(server, bot_id, number, stream=True)
    written = statements.written() - written
    statements.log(False)
    return [Figure(BENCH, "SSE: SQL statements", written / chats, "a chat")]


async def chat(server: ChatSphere, bot_id: str, number: int, *, stream: bool) -> None:
    """Ask once and read the whole answer."""
    body = {"message": f"{_QUESTIONS[number % len(_QUESTIONS)]} ({number})"}
    url, headers = f"{server.api}/bots/{bot_id}/chat", _SSE if stream else {}
    async with server.session.post(url, json=body, headers=headers) as response:
        answer = await response.read()
        assert response.status == 200, answer[:500]
        assert b"word199" in answer, answer[-500:]


async def _relayed(server: ChatSphere, url: str) -> None:
    turns = [{"role": "user", "content": _QUESTIONS[0]}]
    body = {"model": "stand-in", "messages": turns, "stream": True}
    async with server.session.post(url, json=body) as response:
        assert b"word199" in await response.read()


if __name__ == "__main__":
    show(asyncio.run(measure()))
