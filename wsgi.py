"""What gunicorn and the flask command start from."""

import gc

gc.disable()

from sysmail import create_app  # noqa: E402

app = create_app()
gc.enable()
gc.freeze()
