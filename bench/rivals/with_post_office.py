"""django-post_office: queues mails in SQLite and sends them, as it comes or tuned.

    python bench/rivals/with_post_office.py TASK.json

Prints the seconds from the first mail queued to the last one sent. As it comes: `mail.send` for
each person, then `send_queued_mail`, nothing set but the mail server. Tuned: `send_many` (one
bulk insert), one batch for all, no log rows, WAL, and the number of threads that was fastest.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django
from django.conf import settings

TUNED = {"BATCH_SIZE": 5_000, "THREADS_PER_PROCESS": 1, "LOG_LEVEL": 0}


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    with tempfile.TemporaryDirectory(prefix="sysmail-rival-") as folder:
        _configure(Path(folder), task)
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        began = time.monotonic()
        _queue(task)
        call_command("send_queued_mail", verbosity=0, log_level=0 if task["tuned"] else 2)
        seconds = time.monotonic() - began
        _check(task["messages"])
    print(json.dumps({"seconds": seconds}))


def _configure(folder: Path, task: dict[str, Any]) -> None:
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(folder / "rival.db"),
    }
    if task["tuned"]:
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        database["OPTIONS"] = {"init_command": pragmas, "transaction_mode": "IMMEDIATE"}
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "post_office"],
        DATABASES={"default": database},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=task["port"],
        POST_OFFICE=TUNED if task["tuned"] else {},
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    )
    django.setup()


def _queue(task: dict[str, Any]) -> None:
    from post_office import mail

    mails = [
        {
            "recipients": address,
            "sender": task["sender"],
            "subject": task["subject"],
            "message": task["text"],
            "html_message": task["html"],
        }
        for address in task["addresses"]
    ]
    if task["tuned"]:
        mail.send_many(mails)
        return
    for one in mails:
        mail.send(**one)


def _check(messages: int) -> None:
    from post_office.models import STATUS, Email

    sent = Email.objects.filter(status=STATUS.sent).count()
    if sent != messages:
        sys.exit(f"only {sent} of {messages} were sent")


if __name__ == "__main__":
    main()
