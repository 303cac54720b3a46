"""The fault harness: an installation of real processes, broken from outside, and asked afterwards.

    async def test_nothing_is_lost(...) -> None:
        report = Report("F2", seed())                    # CHATSPHERE_FAULT_SEED overrides
        async with Installation(report) as site:         # PostgreSQL (fsync on) and a model stand-in
            api = await site.api("a")                    # `chatsphere serve`, a process of its own
            await site.worker("w")                       # `chatsphere worker`
            owner = await site.owner()                   # somebody who signed up; retries by itself
            bot = await owner.bot()
            document = await owner.upload(bot, "A text.")
            if await site.strike(api, "kill"):           # counts it, and whether work was in flight
                await api.start()                        # same name, same port, same data
            report.violations += await truth.wrong_ready(site.postgres)
        report.check(least_hits=1)                       # fails on violations and on too few hits

`Installation(env=...)` gives settings to every process (names without `CHATSPHERE_`); `api` and
`worker` take settings of their own, `mutant="no_fence"` (see faults/mutants.py) to plant a bug into
one process, and `postgres_url`/`env` to put a proxy between. `Process` has `url`, `pid`, `alive`,
`kill()`, `pause()`, `resume()`, `terminate()`, `start()`, `rss_bytes()`, `log()`. `site.postgres` has
`sql()`, `kill9()`, `start()`. `site.model` is the OpenAI stand-in (tests/standins), in the test's own
event loop: `site.model.default = Script(...)`.

`full()` tells whether CHATSPHERE_FAULTS=full asks for the whole measure (`make faults`) or for the
short form that `make test` runs. Nothing survives the block, nor the test process.
"""

from faults.harness.client import Owner, Reply, Unreachable
from faults.harness.installation import Installation
from faults.harness.postgres import Postgres
from faults.harness.process import Process
from faults.harness.report import Report, full, only_in_full, scaled, seed

__all__ = [
    "Installation",
    "Owner",
    "Postgres",
    "Process",
    "Reply",
    "Report",
    "Unreachable",
    "full",
    "only_in_full",
    "scaled",
    "seed",
]
