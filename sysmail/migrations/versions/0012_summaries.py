"""One mail for many notifications: what waits for it, and what it told"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0012"
down_revision = "0011"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sysmail.db.UtcTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "summary",
        sa.Column("id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("delivery_id", _ID, nullable=True),
        sa.Column("posted_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summary")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_summary_delivery_id")),
    )
    _partial_index("ix_summary_open", "summary", ["person_id"], "posted_at IS NULL", unique=True)
    _partial_index("ix_summary_due", "summary", ["due_at", "id"], "posted_at IS NULL")
    op.add_column("notification", sa.Column("summary_id", _ID, nullable=True))
    op.add_column("notification", sa.Column("dropped", sa.String(length=20), nullable=True))
    waiting = "summary_id IS NOT NULL AND dropped IS NULL"
    _partial_index("ix_notification_item", "notification", ["summary_id", "id"], waiting)
    _partial_index("ix_notification_dropped", "notification", ["id"], "dropped IS NOT NULL")
    op.add_column("delivery", sa.Column("notices", sa.Integer(), nullable=True))
    _partial_index("ix_delivery_notices", "delivery", ["state", "notices"], "notices IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_delivery_notices", "delivery")
    op.drop_column("delivery", "notices")
    op.drop_index("ix_notification_dropped", "notification")
    op.drop_index("ix_notification_item", "notification")
    op.drop_column("notification", "dropped")
    op.drop_column("notification", "summary_id")
    op.drop_table("summary")


def _partial_index(
    name: str, table: str, columns: list[str], where: str, unique: bool = False
) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )
