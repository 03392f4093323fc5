"""What a test asks of the machine: there, or a skip that says how to install it."""

from __future__ import annotations

import glob
import os
import shutil
from typing import NoReturn

import pytest

_SYSTEM_FOLDERS = "/usr/sbin:/sbin"


def need(command: str, package: str) -> str:
    """The path of a program, by name or by a pattern such as /usr/lib/postgresql/*/bin/initdb.

    Where it is missing the test is skipped; with CI=true it fails.
    """
    found = _find(command)
    if found is None:
        lacking(f"{command} is missing: on Debian, apt-get install {package}")
    return found


def need_root(reason: str) -> None:
    """Skips, or with CI=true fails, where the suite does not run as root."""
    if os.geteuid() != 0:
        lacking(f"{reason}: run the suite as root")


def lacking(reason: str) -> NoReturn:
    """Ends the test: skipped, or failed with CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _find(command: str) -> str | None:
    if "/" in command:
        return max(glob.glob(command), default=None)
    return shutil.which(command, path=f"{os.environ.get('PATH', '')}:{_SYSTEM_FOLDERS}")
