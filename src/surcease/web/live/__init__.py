"""Live pages: server-sent events, in one process on SQLite and across processes on PostgreSQL."""
