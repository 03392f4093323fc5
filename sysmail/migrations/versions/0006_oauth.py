"""The account's OAuth log-in, and what was granted for it"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import sysmail.db

revision = "0006"
down_revision = "0005"

_TEXTS = {
    "oauth_provider": 10,
    "oauth_grant": 20,
    "tenant": 100,
    "authorize_url": 500,
    "token_url": 500,
    "oauth_scope": 500,
    "client_id": 500,
    "client_secret_changed_by": 200,
}
_UTC = sysmail.db.UtcTime(timezone=True)
_OTHERS: dict[str, Any] = {
    "client_secret_sealed": sa.Text(),
    "client_secret_changed_at": _UTC,
    "client_secret_expires_on": sa.Date(),
}


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column("login_method", sa.String(length=10), nullable=False, server_default="password"),
    )
    for name, length in _TEXTS.items():
        text = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column("account", text)
    for name, kind in _OTHERS.items():
        op.add_column("account", sa.Column(name, kind, nullable=True))
    op.create_table(
        "account_authorization",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("refresh_token_sealed", sa.Text(), nullable=True),
        sa.Column("consented_at", _UTC, nullable=True),
        sa.Column("consented_by", sa.String(length=200), nullable=False),
        sa.Column("access_token_sealed", sa.Text(), nullable=True),
        sa.Column("access_token_expires_at", _UTC, nullable=True),
        sa.Column("fetched_at", _UTC, nullable=True),
        sa.Column("trouble", sa.String(length=40), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", _UTC, nullable=True),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", _UTC, nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_account_authorization_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_authorization")),
    )


def downgrade() -> None:
    op.drop_table("account_authorization")
    for name in (*_OTHERS, *_TEXTS, "login_method"):
        op.drop_column("account", name)
