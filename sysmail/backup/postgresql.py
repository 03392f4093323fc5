"""PostgreSQL: dumps by its own programs, and a load that is one transaction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from sysmail.words import _

MAGIC = b"PGDMP"
# While the rest of the restore is still under way no worker may take what the dump holds: held
# is a mark that no claim takes, and an event that seems expanded is left alone.
_GUARD = """
UPDATE delivery SET held = true WHERE state IN ('queued', 'sending', 'uncertain');
UPDATE event SET expanded_at = 'epoch' WHERE expanded_at IS NULL;
DELETE FROM worker;
"""


class ProgramFailed(RuntimeError):
    """pg_dump, pg_restore or psql is missing or refused; the text is a sentence for people."""


def dump(url: URL, target: Path) -> None:
    """A dump of one moment in pg_dump's own format (0600). Raises ProgramFailed and OSError."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}",
             f"--dbname={_address(url)}", password=url.password)  # fmt: skip
    except BaseException:
        target.unlink()
        raise


def schema_of(file: Path) -> str | None:
    """The schema in a dump; None where it is not one of ours. Raises ProgramFailed."""
    said = _run(
        *("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file)),
    )
    found = re.search(r"^COPY .*alembic_version.*\n(\w+)$", said, re.MULTILINE)
    return found[1] if found else None


def load(url: URL, file: Path, tables: Iterable[str]) -> None:
    """Replaces `tables` by those of the dump, deliveries held, in one transaction.

    Raises ProgramFailed; then nothing is changed.
    """
    with TemporaryDirectory(prefix="sysmail-restore-") as folder:
        script = Path(folder) / "restore.sql"
        rebuild = _run("pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file))
        drops = "".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in tables)
        back = "SET search_path = public;\n"
        script.write_text(f"SET lock_timeout = '30s';\n{drops}{rebuild}\n{back}{_GUARD}")
        _run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
             f"--file={script}", f"--dbname={_address(url)}", password=url.password)  # fmt: skip


def _address(url: URL) -> str:
    """Without the password, which would stand in the list of processes."""
    return url._replace(drivername="postgresql", password=None).render_as_string()


def _run(program: str, *arguments: str, password: object = None) -> str:
    if shutil.which(program) is None:
        raise ProgramFailed(
            _("%(program)s is missing: install PostgreSQL's client programs "
              "(on Debian: apt-get install postgresql-client).", program=program)
        )  # fmt: skip
    environ = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603
        [program, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[0]
        raise ProgramFailed(_("%(program)s refused: %(words)s", program=program, words=last))
    return done.stdout
