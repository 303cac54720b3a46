# ruff: noqa
# The examples of the rules in statements.yml; `semgrep scan --test` reads them, nothing runs them.


async def find(connection, name):
    # ruleid: sql-from-variables
    text(f"SELECT * FROM bots WHERE name = '{name}'")
    # ruleid: sql-from-variables
    text("SELECT * FROM bots WHERE name = '{}'".format(name))
    # ruleid: sql-from-variables
    text("SELECT * FROM bots WHERE name = '%s'" % name)
    # ruleid: sql-from-variables
    text("SELECT * FROM bots WHERE name = " + name)
    # ruleid: sql-from-variables
    await connection.execute(f"SET LOCAL statement_timeout = {name}")
    # ok: sql-from-variables
    text(f"SELECT {_COLUMNS} FROM bots WHERE name = :name")
    # ok: sql-from-variables
    await connection.execute(_FIND, {"name": name})


# ruleid: statement-without-tenant
_ALL = text("SELECT id FROM bots WHERE name = :name")
# ruleid: statement-without-tenant
_FOUND = select(documents).where(documents.c.id == bindparam("id"))
# ruleid: statement-without-tenant
_DROP = delete(messages).where(messages.c.id == bindparam("id"))
# ok: statement-without-tenant
_OWN = text("SELECT id FROM bots WHERE tenant_id = :tenant_id AND name = :name")
# ok: statement-without-tenant
_FIND = select(bots).where(bots.c.tenant_id == bindparam("tenant_id"))
# ok: statement-without-tenant
_USERS = select(users).where(users.c.id == bindparam("id"))
