"""`session-bot audit`: the whole audit, as CSV or JSON, or its verification, from a file that is only read.

It works beside a running bot and without one, and needs no setting but SESSION_BOT_DATABASE.
"""

import csv
import dataclasses
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

from bot.cli._exit_codes import ExitCode
from bot.cli.database._database import Unreadable, database_address, opened_for_reading
from bot.process import scrub
from bot.text import counted, csv_cell, plain
from storage import Connection, audit
from storage import names as known_names
from storage.address import ServerAddress
from storage.audit import Line
from storage.verification import Verified, has_no_hashes_yet, verify

_NAMES: Final = tuple(field.name for field in dataclasses.fields(Line))
_NAMED: Final = ("channel_name", "actor_name")
_HASH: Final = re.compile("[0-9a-f]{64}")


def export(environ: Mapping[str, str], cwd: Path, form: str, to: TextIO) -> int:
    """Write all lines of the audit to `to`, oldest first, as `csv` or `json`; return the exit code, 0 or 2."""
    try:
        with opened_for_reading(database_address(environ, cwd)) as db:
            (_csv if form == "csv" else _json)(db, to)
    except Unreadable as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - a person starts this at a terminal
        return ExitCode.nothing_done
    return 0


def verify_audit(environ: Mapping[str, str], cwd: Path, head: str | None, to: TextIO) -> int:
    """Verify the chain of the audit, and that a head kept elsewhere is in it; return the exit code, 0, 1 or 2."""
    try:
        found = _verified(database_address(environ, cwd), head)
    except Unreadable as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - a person starts this at a terminal
        return ExitCode.nothing_done
    to.write("\n".join(_result(found, is_head_given=head is not None)) + "\n")
    return ExitCode.problem if found.problems else 0


def _verified(path: Path | ServerAddress, head: str | None) -> Verified:
    kept = None if head is None else head.strip().lower()
    if kept is not None and not _HASH.fullmatch(kept):
        msg = "--head takes a hash as an earlier --verify has printed it: 64 digits, 0-9 and a-f."
        raise Unreadable(msg)
    with opened_for_reading(path) as db:
        if has_no_hashes_yet(db):
            raise Unreadable(f"The audit of {path} has no hashes yet: the next start of the bot makes them.")
        db.execute("begin")  # all that is read is of one moment
        return verify(db, None if kept is None else bytes.fromhex(kept))


def _result(found: Verified, *, is_head_given: bool) -> Iterator[str]:
    if found.problems:
        yield from found.problems
        if found.untold:
            yield f"And more such lines: {found.untold:,}."
        yield f"The audit is not as it was written: {counted(found.lines, 'line')} read."
    else:
        yield f"The audit is as it was written: {counted(found.lines, 'line')}, each follows from the one before."
        if found.kept is not None:
            yield f"The hash that you kept is that of line {found.kept}; {found.last - found.kept:,} came after it."
    if found.head is None:
        return
    yield f"Head: {found.head.hex()} (line {found.last})"
    if not found.problems and not is_head_given:
        yield "Keep it elsewhere: with --head it shows later whether lines were cut off or rewritten since."


def _csv(db: Connection, to: TextIO) -> None:
    """Write a header and a row for each line."""
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow((*_NAMES, *_NAMED))
    for _, values in _lines(db):
        writer.writerow([csv_cell(each) if isinstance(each, str) else each for each in values.values()])


def _json(db: Connection, to: TextIO) -> None:
    """Write one array, one object per line; `kept` are its words byte for byte, for those who verify the hashes."""
    before = "[\n"
    for line, values in _lines(db):
        to.write(before + json.dumps(values | {"kept": _kept(line)}))
        before = ",\n"
    to.write("[]\n" if before == "[\n" else "\n]\n")


def _lines(db: Connection) -> Iterator[tuple[Line, dict[str, Any]]]:
    """Yield each line with its fields as they are shown; names stand beside ids, as far as they are known."""
    names = known_names.of_all(db)
    for line in audit.every(db):
        values = {name: getattr(line, name) for name in _NAMES}
        values |= {name: value.hex() for name, value in values.items() if isinstance(value, bytes)}
        at = line.at.isoformat(timespec="microseconds")
        values |= {"at": at, "words": None if line.words is None else scrub(plain(line.words))}
        yield line, values | dict(zip(_NAMED, (names.get(line.channel), names.get(line.actor)), strict=True))


def _kept(line: Line) -> str | None:
    """Return the words as they are hashed; None where something in them looks like a secret."""
    return line.words if line.words is not None and scrub(line.words) == line.words else None
