"""How alembic connects: to the URL it is handed, in one transaction with a lock time-out."""

import os

from alembic import context
from sqlalchemy import create_engine, pool, text

conninfo = context.config.attributes.get("conninfo") or os.environ["CHATSPHERE_DATABASE_URL"]
engine = create_engine(
    conninfo.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool
)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        connection.execute(text("SET LOCAL lock_timeout = '30s'"))
        context.run_migrations()
