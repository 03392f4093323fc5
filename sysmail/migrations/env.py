"""What Alembic runs: the schema of every model, on the application's own engine."""

from alembic import context
from flask import current_app

from sysmail.db import Base, db


def run() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if current_app:
    run()
