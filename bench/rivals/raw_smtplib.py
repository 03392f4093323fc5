"""The floor: smtplib with ready bytes, each connection in a thread of its own and kept.

    python bench/rivals/raw_smtplib.py TASK.json

Prints the seconds from the first MAIL to the last reply; the connections are open before.
"""

import json
import smtplib
import sys
import threading
import time
from pathlib import Path
from typing import Any


def main() -> None:
    task = json.loads(Path(sys.argv[1]).read_text())
    count = task["connections"]
    content = task["content"].encode()
    connections = [smtplib.SMTP("127.0.0.1", task["port"]) for _ in range(count)]
    for connection in connections:
        connection.ehlo()
    senders = [
        threading.Thread(target=_send, args=(connection, task, content, part, count))
        for part, connection in enumerate(connections)
    ]
    began = time.monotonic()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    print(json.dumps({"seconds": time.monotonic() - began}))


def _send(
    connection: smtplib.SMTP, task: dict[str, Any], content: bytes, part: int, count: int
) -> None:
    for address in task["addresses"][part::count]:
        connection.sendmail(task["sender"], [address], content)


if __name__ == "__main__":
    main()
