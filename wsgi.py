"""What gunicorn and the flask command start from."""

import gc

gc.disable()

from sysmail import create_app  # noqa: E402
from sysmail.migrating import ensure_unless_damaged  # noqa: E402

app = create_app()
ensure_unless_damaged(app)
gc.enable()
gc.freeze()
