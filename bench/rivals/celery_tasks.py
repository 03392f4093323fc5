"""Celery with Redis: each mail is a task. Worker: celery -A celery_tasks worker.

    python bench/rivals/celery_tasks.py TASK.json

queues the mails and prints when it began (monotonic seconds); BROKER names the Redis.
"""

import json
import os
import sys
import time
from pathlib import Path

from celery import Celery
from plain_mail import send

app = Celery("celery_tasks", broker=os.environ["BROKER"])
app.conf.update(task_ignore_result=True, task_acks_late=True)


@app.task(name="deliver")
def deliver(port: int, sender: str, address: str, subject: str, text: str, html: str) -> None:
    send(port, sender, address, subject, text, html)


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    words = (task["subject"], task["text"], task["html"])
    began = time.monotonic()
    for address in task["addresses"]:
        deliver.delay(task["port"], task["sender"], address, *words)
    print(json.dumps({"began": began}))


if __name__ == "__main__":
    main()
