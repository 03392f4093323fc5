"""Two verifiers that are not ours: dkimpy in this process, opendkim as a program."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import dkim

from tests.support.needs import need


def dkimpy_accepts(data: bytes, records: Mapping[str, str], which: int = 0) -> bool:
    """Whether dkimpy verifies one signature of the message, counted from the top."""

    def answer(name: bytes, timeout: int = 5) -> bytes | None:
        return records.get(name.decode().removesuffix("."), "").encode() or None

    try:
        return bool(dkim.DKIM(data).verify(which, dnsfunc=answer))
    except dkim.ValidationError:
        return False


def opendkim_says(data: bytes, records: Mapping[str, str], folder: Path) -> list[str]:
    """`rsa-sha256 pass`, …: what opendkim makes of each signature, from the top."""
    program = need("opendkim", "opendkim")
    mail, dns, settings = folder / "mail.eml", folder / "dns", folder / "opendkim.conf"
    mail.write_bytes(data)
    dns.write_text("".join(f"{name} {value}\n" for name, value in records.items()))
    settings.write_text(f"Mode v\nTestDNSData file:{dns}\n")
    ran = subprocess.run(
        [program, "-x", str(settings), "-t", str(mail), "-vvv"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = re.findall(r"dkim=(\w+) .*?header\.a=([\w-]+)", ran.stdout + ran.stderr, re.DOTALL)
    return [f"{algorithm} {result}" for result, algorithm in found]
