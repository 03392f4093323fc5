"""The failure history: incidents are found by an index, days are totalled, retries are rows"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0007"
down_revision = "0006"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TROUBLED: dict[str, Any] = {
    "sqlite_where": sa.text("trouble_at IS NOT NULL"),
    "postgresql_where": sa.text("trouble_at IS NOT NULL"),
}
_UNCERTAIN: dict[str, Any] = {
    "sqlite_where": sa.text("outcome = 'uncertain'"),
    "postgresql_where": sa.text("outcome = 'uncertain'"),
}


def upgrade() -> None:
    _indexes()
    op.create_table(
        "history_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_days", sa.Integer(), nullable=False),
        sa.Column("counted_to", _ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_setting")),
    )
    op.create_table(
        "history_day",
        sa.Column("day", sa.Date(), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("accepted", "troubled", "sent", "failed", "withdrawn", "uncertain_tries")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_history_day")),
    )
    op.create_table(
        "resend",
        sa.Column("id", _ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_at", sysmail.db.UtcTime(timezone=True), nullable=False),
        sa.Column("ended_at", sysmail.db.UtcTime(timezone=True), nullable=True),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("chosen", sa.JSON(), nullable=True),
        sa.Column("drop_before", sysmail.db.UtcTime(timezone=True), nullable=True),
        sa.Column("at_trouble", sysmail.db.UtcTime(timezone=True), nullable=True),
        sa.Column("at_delivery", _ID, nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("expected", "resent", "dropped", "passed_over")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resend")),
    )
    op.create_index("ix_resend_state", "resend", ["state"])


def _indexes() -> None:
    op.drop_index("ix_delivery_trouble", "delivery")
    listed = ["trouble_at", "id", "state", "cause", "kind"]
    folded = ["state", "cause", "trouble_at", "id"]
    op.create_index("ix_delivery_trouble", "delivery", listed, **_TROUBLED)
    op.create_index("ix_delivery_incident", "delivery", folded, **_TROUBLED)
    op.create_index("ix_attempt_uncertain", "attempt", ["delivery_id"], **_UNCERTAIN)


def downgrade() -> None:
    op.drop_table("resend")
    op.drop_table("history_day")
    op.drop_table("history_setting")
    op.drop_index("ix_attempt_uncertain", "attempt")
    op.drop_index("ix_delivery_incident", "delivery")
    op.drop_index("ix_delivery_trouble", "delivery")
    op.create_index("ix_delivery_trouble", "delivery", ["trouble_at", "id"], **_TROUBLED)
