"""What the account trusts beside the system's authorities"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name, kind in (
        ("trust_ca", sa.Text()),
        ("trust_fingerprint", sa.String(length=64)),
        ("trust_pinned", sa.Text()),
    ):
        op.add_column("account", sa.Column(name, kind, nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("trust_pinned", "trust_fingerprint", "trust_ca"):
        op.drop_column("account", name)
