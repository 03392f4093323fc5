"""How many connections an account uses after its server asked for fewer mails"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("account_health", sa.Column("slowed_to", sa.Integer(), nullable=True))
    op.add_column(
        "account_health",
        sa.Column("slowed_at", sysmail.db.UtcTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    op.drop_column("account_health", "slowed_at")
    op.drop_column("account_health", "slowed_to")
