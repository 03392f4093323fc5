"""A scripted server for each test that wants one."""

from collections.abc import Iterator

import pytest

from tests.support.smtpd import ScriptedSmtp


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp() as server:
        yield server
