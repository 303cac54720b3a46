"""Bulk writing by COPY, in the transaction of a SQLAlchemy connection."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection as DriverConnection
from psycopg import sql
from sqlalchemy.ext.asyncio import AsyncConnection


async def copy_rows(
    connection: AsyncConnection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Write rows; the driver adapts the values as it does for parameters."""
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if not isinstance(driver, DriverConnection):
        raise TypeError("COPY needs the psycopg driver")
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    cursor: Any = driver.cursor()
    async with cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)
