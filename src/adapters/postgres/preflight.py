"""What stands in the way of a migration: read before an upgrade, nothing is changed."""

from dataclasses import dataclass

import psycopg

from adapters.postgres.migrate import current_revision, require_known, revisions
from adapters.postgres.roles import SYSTEM_ROLE

LONG_SECONDS = 60

# What has been open for long keeps its locks until its end; a prepared one, until somebody ends it.
_LONG = """
SELECT format('process %%s of %%s since %%s s', pid, coalesce(usename, '?'),
  extract(epoch FROM now() - xact_start)::int)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
AND xact_start < now() - interval '1 s' * %s AND backend_type = 'client backend'
UNION ALL
SELECT format('prepared transaction %%s', gid) FROM pg_prepared_xacts
WHERE database = current_database()
"""
_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0
"""
_ANSWERS = "SELECT count(*) FROM messages WHERE status IN ('pending', 'streaming')"
_JOBS = "SELECT count(*) FROM jobs"
# What could have been begun a while ago, and who is there to begin it.
_QUEUE = """
SELECT
  (SELECT count(*) FROM jobs WHERE run_at < now() - interval '30 s'
    AND (lease_until IS NULL OR lease_until < now() - interval '30 s')),
  (SELECT count(*) FROM workers WHERE seen_at > now() - interval '15 s')
"""


@dataclass(frozen=True, slots=True)
class Obstacles:
    """The state of a database before an upgrade.

    Arguments: `version` is the server's number, such as 180006; `size` the database's in bytes;
    `pending` the migrations to come; `long` a line for each transaction open for over a minute;
    `waiting` how many sessions wait for a lock; `answers` and `jobs` what is not done yet.
    """

    version: int
    size: int
    pending: list[str]
    long: list[str]
    waiting: int
    answers: int
    jobs: int


def obstacles(conninfo: str) -> Obstacles:
    """Look at a database. Raises SchemaTooNew, and psycopg.Error where it does not answer."""
    current = current_revision(conninfo)
    require_known(current)
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        size = _number(connection, "SELECT pg_database_size(current_database())")
        long = [str(row[0]) for row in connection.execute(_LONG, [LONG_SECONDS])]
        waiting = _number(connection, _WAITING)
        answers = jobs = 0
        if current is not None and current >= "0003":  # the first with roles
            connection.execute(f"SET ROLE {SYSTEM_ROLE}")  # sees all tenants' work
            answers, jobs = _number(connection, _ANSWERS), _number(connection, _JOBS)
        return Obstacles(
            version=connection.info.server_version,
            size=size,
            pending=[name for name in revisions() if current is None or name > current],
            long=long,
            waiting=waiting,
            answers=answers,
            jobs=jobs,
        )


def queue(conninfo: str) -> tuple[int, int]:
    """Return how many jobs have waited for half a minute though they are due, and how many workers
    live. The schema must be the newest. Raises psycopg.Error."""
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        connection.execute(f"SET ROLE {SYSTEM_ROLE}")
        waiting, workers = connection.execute(_QUEUE).fetchone() or (0, 0)
    return int(waiting), int(workers)


def _number(connection: "psycopg.Connection[tuple[object, ...]]", query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    return 0 if row is None else int(str(row[0]))
