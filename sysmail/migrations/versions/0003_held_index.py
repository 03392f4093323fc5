"""Whether anything is held is asked for every page an administrator opens"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index(
        "ix_delivery_held",
        "delivery",
        ["state", "id"],
        sqlite_where=sa.text("held IS 1"),
        postgresql_where=sa.text("held IS true"),
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_held", "delivery")
