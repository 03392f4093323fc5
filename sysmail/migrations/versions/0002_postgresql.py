"""PostgreSQL: writers wake sleeping workers, and the hot tables are vacuumed in time

SQLite needs neither: an idle worker sees every commit, and freed pages are used again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

# sysmail.outbox.listen.SLEEPERS_LOCK: while a worker sleeps it shares this advisory lock.
_RING = """
CREATE FUNCTION sysmail_ring() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_try_advisory_lock(7316227) THEN
    PERFORM pg_advisory_unlock(7316227);
  ELSE
    PERFORM pg_notify('sysmail', '');
  END IF;
  RETURN NULL;
END $$
"""
# An event is told of as late as can be, at its commit; deliveries come thousands a statement.
_TRIGGERS = (
    "CREATE CONSTRAINT TRIGGER ring AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED "
    "FOR EACH ROW EXECUTE FUNCTION sysmail_ring()",
    "CREATE TRIGGER ring AFTER INSERT ON delivery "
    "FOR EACH STATEMENT EXECUTE FUNCTION sysmail_ring()",
)
# Each mail rewrites its delivery twice, so the queue would be read past ever more dead rows
# before autovacuum's default, a fifth of the table, is reached. The last three are single rows
# rewritten all the time, for ever in one page when that has room.
_OFTEN = "autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02"
_GROWS = "autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02"
_SMALL = "fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 100"
_TABLES = {
    "delivery": _OFTEN,
    "event": _OFTEN,
    "notification": _GROWS,
    "attempt": _GROWS,
    "worker": _SMALL,
    "account_health": _SMALL,
    "posted": _SMALL,
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for statement in (_RING, *_TRIGGERS):
        op.execute(statement)
    for table, settings in _TABLES.items():
        op.execute(f"ALTER TABLE {table} SET ({settings})")


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("event", "delivery"):
        op.execute(f"DROP TRIGGER ring ON {table}")
    op.execute("DROP FUNCTION sysmail_ring()")
    for table, settings in _TABLES.items():
        names = ", ".join(setting.partition(" =")[0] for setting in settings.split(", "))
        op.execute(f"ALTER TABLE {table} RESET ({names})")
