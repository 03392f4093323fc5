"""When mail comes, in which language and by whose clock; defaults; apps and records apart"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _when() -> list[sa.Column[Any]]:
    return [
        sa.Column("frequency", sa.String(length=10), nullable=True),
        sa.Column("daily_at", sa.String(length=5), nullable=True),
        sa.Column("weekdays", sa.Integer(), nullable=True),
        sa.Column("mentions_at_once", sa.Boolean(), nullable=True),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("unread_only", sa.Boolean(), nullable=True),
    ]


def upgrade() -> None:
    for column in _when():
        op.add_column("preference", column)
    op.create_table(
        "preference_default",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("receive", sa.String(length=10), nullable=False),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        *_when(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preference_default")),
    )
    _create_modes("app")
    _create_modes("record")


def _create_modes(thing: str) -> None:
    table, column = f"{thing}_choice", f"{thing}_id"
    op.create_table(
        table,
        sa.Column("person_id", _ID, nullable=False),
        sa.Column(column, _ID, nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f(f"fk_{table}_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            [column], [f"{thing}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", column, name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)


def downgrade() -> None:
    op.drop_table("record_choice")
    op.drop_table("app_choice")
    op.drop_table("preference_default")
    for column in reversed(_when()):
        op.drop_column("preference", column.name)
