"""Keeping SQLite, which has no figures to judge by, from an index that serves badly."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class Unindexed(GenericFunction[str]):
    """A column whose own indexes SQLite is to leave alone."""

    inherit_cache = True


@compiles(Unindexed, "sqlite")
def _with_a_plus(element: Any, compiler: Any, **options: Any) -> str:
    """SQLite's documentation: a unary + keeps a term from choosing an index."""
    return "+" + str(compiler.process(element.clauses.clauses[0], **options))


@compiles(Unindexed)
def _as_it_is(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses.clauses[0], **options))
