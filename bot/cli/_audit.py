"""`session-bot audit`: the whole audit, as CSV or JSON, read from the database file without touching it.

It works beside a running bot and without one, and needs no setting but SESSION_BOT_DATABASE.
"""

import contextlib
import csv
import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from bot.cli._exit_codes import ExitCode
from bot.config import PathKind, closed_path_words, is_closed, path_kind, resolve_path
from bot.process import scrub
from bot.text import csv_cell, plain
from storage import Connection, audit
from storage import names as known_names
from storage.audit import Line
from storage.errors import StorageUnavailable
from storage.inspection import is_ours
from storage.opening import read_only

_NAMES: Final = tuple(field.name for field in dataclasses.fields(Line))
_NAMED: Final = ("channel_name", "actor_name")


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with the file, as its sentence does
    """The database cannot be read; the text is one sentence."""


def export(environ: Mapping[str, str], cwd: Path, form: str, to: TextIO) -> int:
    """Write all lines of the audit to `to`, oldest first, as `csv` or `json`; return the exit code, 0 or 2."""
    path = resolve_path(cwd, environ.get("SESSION_BOT_DATABASE", "").strip() or "session-bot.db")
    try:
        with _opened(path) as db:
            (_csv if form == "csv" else _json)(db, to)
    except (Unreadable, StorageUnavailable) as problem:
        why = str(problem) if isinstance(problem, Unreadable) else f"{path} cannot be read: {problem}."
        print(why, file=sys.stderr)  # noqa: T201 - a person starts this at a terminal
        return ExitCode.nothing_done
    return 0


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Connection]:
    """Open the file for reading only; raises Unreadable for a file that is no database of this bot."""
    if is_closed(path):
        raise Unreadable(closed_path_words(path))
    if path_kind(path) is not PathKind.file:
        raise Unreadable(f"There is no database {path}: SESSION_BOT_DATABASE says where it is.")
    with read_only(path) as db:
        if not is_ours(db):
            raise Unreadable(f"{path} is a database, but not one of this bot.")
        yield db


def _csv(db: Connection, to: TextIO) -> None:
    """Write a header and a row for each line."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow((*_NAMES, *_NAMED))
    for values in _lines(db):
        writer.writerow([csv_cell(each) if isinstance(each, str) else each for each in values.values()])


def _json(db: Connection, to: TextIO) -> None:
    """Write one array, one object per line."""
    before = "[\n"
    for values in _lines(db):
        to.write(before + json.dumps(values))
        before = ",\n"
    to.write("[]\n" if before == "[\n" else "\n]\n")


def _lines(db: Connection) -> Iterator[dict[str, Any]]:
    """Yield the fields of each line; names stand beside ids, as far as they are known."""
    names = known_names.of_all(db)
    for line in audit.every(db):
        values = {name: getattr(line, name) for name in _NAMES}
        values |= {"at": line.at.isoformat(), "words": None if line.words is None else scrub(plain(line.words))}
        yield values | dict(zip(_NAMED, (names.get(line.channel), names.get(line.actor)), strict=True))
