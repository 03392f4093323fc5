"""The account's name in the greeting, and the server that was last used encrypted"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_ADDED = (("account", "helo_name"), ("account_health", "encrypted_host"))


def upgrade() -> None:
    for table, name in _ADDED:
        kind = sa.String(length=255)
        op.add_column(table, sa.Column(name, kind, nullable=False, server_default=""))
    # What was accepted since the last save was accepted as the account says.
    op.execute(
        "UPDATE account_health SET encrypted_host = last_accepted_host "
        "WHERE last_accepted_at IS NOT NULL AND EXISTS (SELECT 1 FROM account "
        "WHERE mail_server = 'external' AND encryption <> 'plain')"
    )


def downgrade() -> None:
    for table, name in reversed(_ADDED):
        op.drop_column(table, name)
