"""Which test mails arrived, by the word of whoever holds them"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "arrival",
        sa.Column("delivery_id", _ID, autoincrement=False, nullable=False),
        sa.Column("received_at", sysmail.db.UtcTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
            name=op.f("fk_arrival_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_arrival")),
    )


def downgrade() -> None:
    op.drop_table("arrival")
