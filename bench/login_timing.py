"""Whether a log-in's time tells something of an account: known or not, disabled, and so on."""

import asyncio
import random
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._figures import Figure, show
from bench._server import ChatSphere, chatsphere
from sqlalchemy import text

from adapters.postgres.database import make_pool
from adapters.postgres.roles import SYSTEM_ROLE
from entrypoints.runtime import Database
from entrypoints.settings import Settings

BENCH = "log-in timing"
WRONG = "a wrong but long passphrase"
PASSWORD = "a rather long phrase for timing"
UNKNOWN = "unknown"
SPREAD_AT_MOST = 0.05  # of the median of unknown accounts; noise alone gives some percent
_CHANGES = {"disabled": "disabled = true", "no password": "password_hash = NULL"}
FREELY = "1000000/minute"


async def measure(quick: bool = False) -> list[Figure]:
    """Log in with a wrong password to accounts of each kind in turn; return medians in ms.

    The kinds take turns in changing order, so that what else the machine does falls on all alike.
    """
    rounds = 30 if quick else 100
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        data = Path(folder) / "data"
        limits = {
            "RATE_LIMIT_LOGIN": FREELY,
            "RATE_LIMIT_LOGIN_IP": FREELY,
            "RATE_LIMIT_IP": FREELY,
        }
        async with chatsphere(data, **limits) as server:
            kinds = await _accounts(server)
            await _change(data)
            times: dict[str, list[float]] = {kind: [] for kind in kinds}
            for turn in range(-3, rounds):  # the first warm up
                for kind, email in random.sample(list(kinds.items()), len(kinds)):
                    took = await _log_in(server, email)
                    if turn >= 0:
                        times[kind].append(took * 1e3)
    medians = {kind: statistics.median(found) for kind, found in times.items()}
    # Of the same turn: what slows the machine down for a while is then on both sides.
    beside = {
        kind: statistics.median(
            own - other for own, other in zip(found, times[UNKNOWN], strict=True)
        )
        for kind, found in times.items()
    }
    return [
        *(Figure(BENCH, f"wrong password, {kind}", value, "ms") for kind, value in medians.items()),
        *(
            Figure(
                BENCH,
                f"|{kind} - unknown| / unknown",
                abs(difference) / medians[UNKNOWN],
                "",
                SPREAD_AT_MOST,
            )
            for kind, difference in beside.items()
            if kind != UNKNOWN
        ),
    ]


async def _accounts(server: ChatSphere) -> dict[str, str]:
    """Make an account of each kind; return their addresses."""
    kinds = {UNKNOWN: "nobody@example.com"}
    for kind in ("known", "second factor", *_CHANGES):
        kinds[kind] = f"{kind.replace(' ', '-')}@example.com"
        body = {"email": kinds[kind], "password": PASSWORD, "full_name": "Timed"}
        made = await server.call("POST", "/auth/register", json=body)
        if kind == "second factor":
            await _turn_on(server, made["access_token"])
    return kinds


async def _change(data: Path) -> None:
    """Do to some accounts what no route does."""
    database = Database(Settings(_env_file=None, data_dir=data))
    pool = make_pool(await asyncio.to_thread(database.start), role=SYSTEM_ROLE)
    try:
        async with pool.begin(None) as connection:
            for kind, change in _CHANGES.items():
                statement = text(f"UPDATE users SET {change} WHERE email = :email")
                await connection.execute(
                    statement, {"email": f"{kind.replace(' ', '-')}@example.com"}
                )
    finally:
        await pool.dispose()
        await asyncio.to_thread(database.stop)  # the service goes on using it


async def _turn_on(server: ChatSphere, token: str) -> None:
    from base64 import b32decode

    from cryptography.hazmat.primitives.hashes import SHA1
    from cryptography.hazmat.primitives.twofactor.totp import TOTP

    bearer = {"Authorization": f"Bearer {token}"}
    secret = (await server.call("POST", "/me/totp", headers=bearer))["secret"]
    code = TOTP(b32decode(secret), 6, SHA1(), 30).generate(time.time()).decode()
    await server.call("POST", "/me/totp/confirm", json={"code": code}, headers=bearer)


async def _log_in(server: ChatSphere, email: str) -> float:
    """Return the seconds until the refusal."""
    began = time.perf_counter()
    body = {"email": email, "password": WRONG}
    async with server.session.post(f"{server.api}/auth/login", json=body) as response:
        await response.read()
        assert response.status == 401, response.status
    return time.perf_counter() - began


if __name__ == "__main__":
    show(asyncio.run(measure()))
