"""PostgreSQL's own programs for backups: pg_dump and pg_restore."""
