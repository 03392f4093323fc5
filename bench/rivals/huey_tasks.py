"""Huey with SQLite: each mail is a task. Worker: huey_consumer huey_tasks.huey -w 4.

    python bench/rivals/huey_tasks.py TASK.json

queues the mails and prints when it began (monotonic seconds); BROKER names the database file.
"""

import json
import os
import sys
import time
from pathlib import Path

from huey import SqliteHuey
from plain_mail import send

huey = SqliteHuey(filename=os.environ["BROKER"], fsync=True, results=False)


@huey.task()
def deliver(port: int, sender: str, address: str, subject: str, text: str, html: str) -> None:
    send(port, sender, address, subject, text, html)


def main() -> None:
    from huey_tasks import deliver as queued

    task = json.loads(Path(sys.argv[1]).read_text())
    words = (task["subject"], task["text"], task["html"])
    began = time.monotonic()
    for address in task["addresses"]:
        queued(task["port"], task["sender"], address, *words)
    print(json.dumps({"began": began}))


if __name__ == "__main__":
    main()
