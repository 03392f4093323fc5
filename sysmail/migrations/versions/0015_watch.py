"""What the daily look at the account's mail server found"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0015"
down_revision = "0014"

_TIME = sysmail.db.UtcTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "account_watch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("looked_at", _TIME, nullable=True),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("phase", sa.String(length=10), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("certificate_ends_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_watch")),
    )


def downgrade() -> None:
    op.drop_table("account_watch")
