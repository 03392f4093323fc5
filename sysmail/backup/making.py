"""Making a backup while everything runs."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Engine

from sysmail.backup import postgresql, sqlite
from sysmail.backup.outcome import BackedUp, Refused
from sysmail.words import _


def back_up(engine: Engine, file: Path) -> BackedUp | Refused:
    """Writes a new file (0600) with the whole database as it is at one moment.

    Captured mail and keys are not in it. A file that is there already stays as it is.
    """
    if not file.parent.is_dir():
        return Refused(_("There is no folder %(folder)s.", folder=file.parent))
    try:
        copy(engine, file)
    except FileExistsError:
        return Refused(_("%(file)s exists already, and is left as it is.", file=file))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        return Refused(_("%(file)s cannot be written: %(reason)s.", file=file, reason=reason))
    except sqlite3.Error:
        return Refused(_("The database could not be copied: is the disk full, or damaged?"))
    except postgresql.ProgramFailed as error:
        return Refused(postgresql.told(error))
    return BackedUp(file, file.stat().st_size)


def copy(engine: Engine, file: Path) -> None:
    """The whole database in one new file. Raises OSError, sqlite3.Error and ProgramFailed."""
    if engine.dialect.name == "sqlite":
        sqlite.copy_database(Path(engine.url.database or ""), file)
    else:
        postgresql.dump(engine.url, file)
