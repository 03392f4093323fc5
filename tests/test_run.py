"""`make run` as a person meets it: one address, clean ends, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
from pathlib import Path

from tests.support.ports import free_port
from tests.support.processes import Sysmail, is_alive, running, wait_for


def worker_ids(sysmail: Sysmail) -> set[str]:
    state = json.loads(sysmail.flask("queue", "--json"))
    return {worker["id"] for worker in state["workers"]}


def test_the_first_start_prints_the_set_up_link_and_ctrl_c_leaves_no_process(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "instance") as sysmail:
        link = sysmail.said(r"(http://\S+/setup\?token=\S+)")
        assert link.startswith(sysmail.url)
        token = sysmail.folder / "setup-token"
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert token.read_text().strip() in link
        family = wait_for(lambda: p if len(p := sysmail.descendants()) >= 4 else None)
        assert sysmail.end(signal.SIGINT) == 0
        wait_for(lambda: not any(map(is_alive, family)), 5, "an end of all processes")


def test_a_taken_port_ends_it_with_one_sentence_and_status_1(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        sysmail = Sysmail(tmp_path / "instance", other.getsockname()[1])
        assert sysmail.process.wait(20) == 1
    [line] = sysmail.log.read_text().splitlines()
    assert "cannot be used" in line
    assert "SYSMAIL_BIND" in line


def test_a_wrong_setting_ends_it_with_one_sentence_and_status_1(tmp_path: Path) -> None:
    sysmail = Sysmail(tmp_path / "instance", free_port(), RETRY_SCHEDULE="soon")
    assert sysmail.process.wait(20) == 1
    [line] = sysmail.log.read_text().splitlines()
    assert "SYSMAIL_RETRY_SCHEDULE" in line


def test_a_child_that_is_killed_is_started_again(tmp_path: Path) -> None:
    with running(tmp_path / "instance") as sysmail:
        old = wait_for(lambda: worker_ids(sysmail), what="a worker")
        before = sysmail.descendants()[1:]
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not any(map(is_alive, before)))
        sysmail.await_page()
        wait_for(lambda: worker_ids(sysmail).isdisjoint(old), what="a new worker alone")
        assert len(worker_ids(sysmail)) == 1


def test_a_killed_parent_takes_everything_along_and_the_next_start_works_at_once(
    tmp_path: Path,
) -> None:
    with running(tmp_path / "instance") as sysmail:
        family = wait_for(lambda: p if len(p := sysmail.descendants()) >= 4 else None)
        sysmail.process.kill()
        sysmail.process.wait()
        wait_for(lambda: not any(map(is_alive, family)), 6, "an end within 5 s")
        port = int(sysmail.url.rpartition(":")[2])
        again = Sysmail(sysmail.folder, port)
        again.await_page()
        assert again.end() == 0


def test_the_demo_shows_how_to_sign_in_and_keeps_its_mail(tmp_path: Path) -> None:
    with running(tmp_path / "unused", "--demo") as sysmail:
        assert sysmail.said(r"the password of all three is (\S+)")
        assert not (tmp_path / "unused").exists()
        assert sysmail.end() == 0
