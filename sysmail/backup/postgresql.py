"""PostgreSQL: dumps by its own programs, and a load that is one transaction."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL

from sysmail.backup.files import new_private_file
from sysmail.words import _

MAGIC = b"PGDMP"
# While the rest of the restore is still under way no worker may take what the dump holds: held
# is a mark that no claim takes, and an event that seems expanded, a summary that seems posted, is
# left alone. A dump older than summaries has none.
_GUARD = """
SET search_path = public;
UPDATE delivery SET held = true WHERE state IN ('queued', 'sending', 'uncertain');
UPDATE event SET expanded_at = 'epoch' WHERE expanded_at IS NULL;
DELETE FROM worker;
DO $$ BEGIN
  IF to_regclass('summary') IS NOT NULL THEN
    UPDATE summary SET posted_at = 'epoch' WHERE posted_at IS NULL;
  END IF;
END $$;
"""

# Functions carry the program's name; tables are named one by one, since others may share a schema.
_DROPS = """
SET lock_timeout = '30s';
SET client_min_messages = warning;
DO $$ DECLARE ours regprocedure; BEGIN
  FOR ours IN SELECT oid FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND starts_with(proname, 'sysmail_')
  LOOP EXECUTE 'DROP FUNCTION ' || ours || ' CASCADE'; END LOOP;
END $$;
"""


@dataclass(eq=False)
class ProgramFailed(Exception):
    """pg_dump, pg_restore or psql refused in these words; without words it is missing."""

    program: str
    words: str = ""


def told(failed: ProgramFailed) -> str:
    """What failed, as a sentence for people."""
    if not failed.words:
        return _(
            "%(program)s is missing: install PostgreSQL's client programs "
            "(on Debian: apt-get install postgresql-client).",
            program=failed.program,
        )
    return _("%(program)s refused: %(words)s", program=failed.program, words=failed.words)


def dump(url: URL, target: Path) -> None:
    """A dump of one moment in pg_dump's own format (0600). Raises ProgramFailed and OSError."""
    with new_private_file(target):
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}",
             f"--dbname={_address(url)}", password=url.password)  # fmt: skip


def schema_of(file: Path) -> str | None:
    """The schema in a dump; None where it is not one of ours. Raises ProgramFailed."""
    said = _run(
        *("pg_restore", "--data-only", "--table=alembic_version", "--file=-", str(file)),
    )
    found = re.search(r"^COPY .*alembic_version.*\n(\w+)$", said, re.MULTILINE)
    return found[1] if found else None


def load(url: URL, file: Path, tables: Iterable[str], workshop: Path) -> None:
    """Replaces `tables` by those of the dump, deliveries held, in one transaction.

    `workshop` is a private folder with room for the dump as SQL. Raises ProgramFailed and
    OSError; then nothing is changed.
    """
    with TemporaryDirectory(prefix=".restore-", dir=workshop) as folder:
        drops, rebuild, guard = (Path(folder) / name for name in ("drops", "rebuild", "guard"))
        drops.write_text(
            _DROPS + "".join(f'DROP TABLE IF EXISTS "{name}" CASCADE;\n' for name in tables)
        )
        _run("pg_restore", "--no-owner", "--no-privileges", f"--file={rebuild}", str(file))
        guard.write_text(_GUARD)
        _run("psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1",
             *(f"--file={script}" for script in (drops, rebuild, guard)),
             f"--dbname={_address(url)}", password=url.password)  # fmt: skip


def _address(url: URL) -> str:
    """Without the password, which would stand in the list of processes."""
    return url._replace(drivername="postgresql", password=None).render_as_string()


def _run(program: str, *arguments: str, password: object = None) -> str:
    if shutil.which(program) is None:
        raise ProgramFailed(program)
    environ = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    done = subprocess.run(  # noqa: S603
        [program, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"status {done.returncode}"]
        wrong = [line for line in words if "ERROR" in line or "error:" in line]
        raise ProgramFailed(program, (wrong or words)[0])
    return done.stdout
