"""DKIM keys, and whether an external server's mails are signed here too"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "dkim_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("selector", sa.String(length=63), nullable=False),
        sa.Column("algorithm", sa.String(length=10), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sysmail.db.UtcTime(timezone=True), nullable=False),
        sa.Column("changed_at", sysmail.db.UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dkim_key")),
        sa.UniqueConstraint("selector", name=op.f("uq_dkim_key_selector")),
    )
    op.add_column(
        "account",
        sa.Column("signs_external", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("account", "signs_external")
    op.drop_table("dkim_key")
