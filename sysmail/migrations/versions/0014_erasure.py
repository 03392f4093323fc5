"""Leaving: who was erased, addresses that bounce, and how the installation's mails look"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0014"
down_revision = "0013"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sysmail.db.UtcTime(timezone=True)
_TO_ME = "because IN ('mentioned', 'creator', 'editor', 'commenter')"
_SHOWN = f"(skip IS NULL OR (skip IN ('switched_off', 'kind_off') AND {_TO_ME}))"
_SHOWN_TOO = (
    f"(skip IS NULL OR skip = 'bouncing' OR (skip IN ('switched_off', 'kind_off') AND {_TO_ME}))"
)


def upgrade() -> None:
    op.add_column("person", sa.Column("refused_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("bouncing_since", _TIME, nullable=True))
    op.add_column("person", sa.Column("erased_at", _TIME, nullable=True))
    _partial_index("ix_person_refused", "person", ["id"], "refused_on IS NOT NULL")
    _bell(_SHOWN_TOO)
    op.create_table(
        "erasure",
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("known", sa.Text(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("position", _ID, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "mail_design",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("portal", sa.String(length=60), nullable=False),
        sa.Column("footer", sa.String(length=500), nullable=False),
        sa.Column("names_actor", sa.Boolean(), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_design")),
    )


def downgrade() -> None:
    op.drop_table("mail_design")
    op.drop_table("erasure")
    _bell(_SHOWN)
    op.drop_index("ix_person_refused", "person")
    for name in ("erased_at", "bouncing_since", "refused_on"):
        op.drop_column("person", name)


def _bell(where: str) -> None:
    op.drop_index("ix_notification_bell", "notification")
    _partial_index("ix_notification_bell", "notification", ["person_id", "read_at", "id"], where)


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
