"""What gunicorn and the flask command start from."""

import gc
import os

gc.disable()

from sysmail import create_app  # noqa: E402
from sysmail.config import ConfigError  # noqa: E402
from sysmail.migrating import ensure_unless_damaged  # noqa: E402
from sysmail.vault import KeyTrouble  # noqa: E402

os.umask(0o077)
try:
    app = create_app()
    ensure_unless_damaged(app)
except (ConfigError, KeyTrouble) as error:
    raise SystemExit(f"Sysmail cannot start: {error}") from error
gc.enable()
gc.freeze()
