"""Damage of a database's file, of the kinds that SQLite notices in different places."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Final

PAGE: Final = 4096


def damaged(path: Path) -> None:
    """Damage its pages."""
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    path.write_bytes(content)


def spoilt(path: Path, table: str = "audit") -> None:
    """Put a page that is none where the table begins."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        page = db.execute("select rootpage from sqlite_master where name = ?", [table]).fetchone()[0]
    content = bytearray(path.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
    path.write_bytes(content)


def nameless(path: Path) -> None:
    """Put bytes that are no text into the schema."""
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE sessions (", b"CREATE T\xffBLE sessions ("))
