"""Jobs: what pages ask of the worker; on PostgreSQL a new one wakes it"""

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0004"
down_revision = "0003"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("values_sealed", sa.Text(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", sysmail.db.UtcTime(timezone=True), nullable=False),
        sa.Column("started_at", sysmail.db.UtcTime(timezone=True), nullable=True),
        sa.Column("ended_at", sysmail.db.UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_created_at", "job", ["created_at"])
    op.create_index("ix_job_state", "job", ["state"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER ring AFTER INSERT ON job "
            "FOR EACH STATEMENT EXECUTE FUNCTION sysmail_ring()"
        )


def downgrade() -> None:
    op.drop_table("job")
