"""The courier alone: ready bytes over one kept connection, with all it does around each dot.

    python bench/carry.py TASK.json

It asks whether the lease holds, and writes to the journal before each dot and after each reply.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path

from sysmail.account import External
from sysmail.mime import Built
from sysmail.outbox.courier import Courier, Job
from sysmail.outbox.journal import Journal
from sysmail.smtp import Accepted, Encryption, Endpoint


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    data = given["content"].encode()
    way = External(Endpoint("127.0.0.1", given["port"], Encryption.PLAIN, private=True))
    sha256 = hashlib.sha256(data).hexdigest()
    jobs = [
        Job(number, "token", way, 1, "", Built(given["sender"], address, data, sha256, False))
        for number, address in enumerate(given["addresses"])
    ]
    with tempfile.TemporaryDirectory(prefix="sysmail-carry-") as folder:
        courier = Courier(1, lambda: True, Journal(Path(folder), "bench"))
        began = time.monotonic()
        courier.carry(jobs)
        accepted = 0
        while courier.in_flight:
            accepted += sum(isinstance(r.outcome, Accepted) for r in courier.collect(1))
        seconds = time.monotonic() - began
        courier.close()
    assert accepted == len(jobs), f"{accepted} of {len(jobs)} were accepted"
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
