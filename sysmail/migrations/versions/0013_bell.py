"""The bell: what was read, and when; how many each event told, and how"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0013"
down_revision = "0012"

_SHOWN = (
    "(skip IS NULL OR (skip IN ('switched_off', 'kind_off')"
    " AND because IN ('mentioned', 'creator', 'editor', 'commenter')))"
)
_LOST = "state IN ('failed', 'withdrawn')"
_DROPPED = "dropped IS NOT NULL"


def upgrade() -> None:
    time = sysmail.db.UtcTime(timezone=True)
    op.add_column("notification", sa.Column("read_at", time, nullable=True))
    _partial_index("ix_notification_bell", "notification", ["person_id", "read_at", "id"], _SHOWN)
    op.drop_index("ix_notification_person_id", "notification")
    op.create_index("ix_notification_person", "notification", ["person_id", "id"])
    op.drop_index("ix_notification_dropped", "notification")
    _partial_index("ix_notification_dropped", "notification", ["event_id"], _DROPPED)
    op.drop_index("ix_delivery_event_id", "delivery")
    op.create_index("ix_delivery_event", "delivery", ["event_id", "person_id"])
    _partial_index("ix_delivery_lost", "delivery", ["event_id"], _LOST)
    op.drop_index("ix_event_record_id", "event")
    op.create_index("ix_event_subject", "event", ["record_id", "comment_id"])
    for name in ("mailed", "summarised"):
        op.add_column("event", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE event SET mailed = (SELECT count(*) FROM notification"
        " WHERE notification.event_id = event.id AND notification.skip IS NULL)"
    )


def downgrade() -> None:
    for name in ("summarised", "mailed"):
        op.drop_column("event", name)
    op.drop_index("ix_event_subject", "event")
    op.create_index("ix_event_record_id", "event", ["record_id"])
    op.drop_index("ix_delivery_lost", "delivery")
    op.drop_index("ix_delivery_event", "delivery")
    op.create_index("ix_delivery_event_id", "delivery", ["event_id"])
    op.drop_index("ix_notification_dropped", "notification")
    _partial_index("ix_notification_dropped", "notification", ["id"], _DROPPED)
    op.drop_index("ix_notification_person", "notification")
    op.create_index("ix_notification_person_id", "notification", ["person_id"])
    op.drop_index("ix_notification_bell", "notification")
    op.drop_column("notification", "read_at")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
