"""How alembic connects: to the URL it is handed, a transaction for each migration, with a lock time-out."""

import os

from alembic import context
from sqlalchemy import create_engine, pool, text

conninfo = context.config.attributes.get("conninfo") or os.environ["CHATSPHERE_DATABASE_URL"]
engine = create_engine(
    conninfo.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=pool.NullPool
)
with engine.connect() as connection:
    connection.execute(text("SET lock_timeout = '30s'"))  # for each of the transactions to come
    connection.commit()
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
