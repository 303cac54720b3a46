"""Bulk writing by COPY, in the transaction of a SQLAlchemy connection."""

from collections.abc import Iterable, Sequence

from psycopg import sql

from adapters._psycopg import Connection


async def copy_rows(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
) -> None:
    """Write rows; the driver adapts the values as it does for parameters."""
    await connection.begin()
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    cursor = connection.driver.cursor()
    async with cursor, cursor.copy(statement) as copy:
        for row in rows:
            await copy.write_row(row)
