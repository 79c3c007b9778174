"""The chain of the audit in SQLite: the columns, the triggers, and the functions that these call.

The sixth step of the schema. The hashes are made by a function of ours: a program that does not have it can write no
line, and what it inserts without the triggers has no hash. `storage.chain` defines what is hashed.

salt          16 random bytes, hashed with the words; null: it has no words, or they were forgotten
words_hash    of the words; it stays when they are forgotten
hash          of the line and of the hash before it
forgotten_by  the line, a note, that covers the removal of the words
"""

import os
import sqlite3
from collections.abc import Iterator
from typing import Any, Final

from sqlite_utils import Database

from storage.chain import FIELDS, FORGOTTEN, HASH_BYTES, SALT_BYTES, covers, hash_line, hash_words

CHAIN_COLUMNS: Final = ("salt blob", "words_hash blob", "hash blob", "forgotten_by integer")

FORGOTTEN_COLUMN: Final = "forgotten_at text"
"""When what is personal was removed from a session, see `storage.forgetting`."""

_KEPT: Final = ", ".join(FIELDS)
_AT_ONCE: Final = 5_000

CHAIN: Final = f"""
    create trigger audit_keeps_words before update on audit
    when not coalesce(
        ({", ".join(f"new.{each}" for each in FIELDS)}) is ({", ".join(f"old.{each}" for each in FIELDS)})
        and (
            -- a new line gets its hashes, once
            old.hash is null and new.words is old.words and new.forgotten_by is null
            -- words are forgotten: with the salt, and covered by a note
            or old.hash is new.hash and old.words_hash is new.words_hash
                and old.words is not null and new.words is null and new.salt is null
                and (old.subject, old.became) is not ('note', '{FORGOTTEN}')
                and new.forgotten_by > old.id
                and audit_covers((select words from audit where id = new.forgotten_by
                    and subject = 'note' and became = '{FORGOTTEN}'), old.id)),
        0)
    begin
        select raise(abort, 'the audit is append-only');
    end;

    create trigger audit_chains_lines after insert on audit begin
        select raise(abort, 'the audit is append-only') where exists (select 1 from audit where id > new.id);
        update audit set (salt, words_hash, hash) = (
            with made as materialized (  -- once, and not for each column
                select audit_seal((select hash from audit where id < new.id order by id desc limit 1),
                    {_KEPT}, words) as seal)
            select iif(words is null, null, substr(seal, 1, {SALT_BYTES})),
                iif(words is null, null, substr(seal, {SALT_BYTES + 1}, {HASH_BYTES})),
                substr(seal, {SALT_BYTES + HASH_BYTES + 1})
            from made)
        where id = new.id;
    end;
"""


def add_functions(connection: sqlite3.Connection) -> None:
    """Add the functions that the triggers of the audit call; without them a connection can write no command."""
    connection.create_function("audit_seal", len(FIELDS) + 2, _seal)
    connection.create_function("audit_covers", 2, covers, deterministic=True)


def chain_old_lines(db: Database) -> None:
    """Chain the lines that were there before their hashes were; the triggers must not be there yet."""
    previous: bytes | None = None
    for lines in _old_lines(db):
        made = []
        for line_id, *fields, words in lines:
            sealed = _seal(previous, line_id, *fields, words)
            parts = sealed[:SALT_BYTES], sealed[SALT_BYTES:-HASH_BYTES], sealed[-HASH_BYTES:]
            salt, words_hash, previous = parts
            made.append((salt, words_hash, previous, line_id) if words is not None else (None, None, previous, line_id))
        db.conn.executemany("update audit set salt = ?, words_hash = ?, hash = ? where id = ?", made)


def _old_lines(db: Database) -> Iterator[list[tuple[Any, ...]]]:
    last, columns = 0, ", ".join(f"cast({each} as blob)" for each in (*FIELDS[1:], "words"))
    sql = f"select id, {columns} from audit where id > ? order by id limit ?"
    while lines := db.execute(sql, [last, _AT_ONCE]).fetchall():
        yield lines
        last = lines[-1][0]


def _seal(previous: bytes | None, *line: str | bytes | int | None) -> bytes:
    """Return a line's salt, the hash of its words, and its hash; without words the first two are zeros."""
    *fields, words = (each.encode() if isinstance(each, str) else each for each in line)
    if not isinstance(words, bytes):
        return bytes(SALT_BYTES + HASH_BYTES) + hash_line(previous, fields, None)
    salt = os.urandom(SALT_BYTES)
    words_hash = hash_words(salt, words)
    return b"".join((salt, words_hash, hash_line(previous, fields, words_hash)))
