"""What gunicorn and the flask command start from."""

import gc
import os
import sys

gc.disable()

from sysmail import create_app  # noqa: E402
from sysmail.config import ConfigError  # noqa: E402
from sysmail.migrating import ensure_unless_damaged  # noqa: E402
from sysmail.vault import KeyTrouble  # noqa: E402

os.umask(0o077)
try:
    # The worker shows no pages, and is smaller and sooner up without them.
    app = create_app(with_pages=sys.argv[1:2] != ["worker"])
    ensure_unless_damaged(app)
except (ConfigError, KeyTrouble) as error:
    raise SystemExit(f"Sysmail cannot start: {error}") from error
gc.enable()
gc.freeze()
