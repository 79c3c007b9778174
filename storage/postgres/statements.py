"""The statements that only PostgreSQL has: its steps, its triggers, and the audit as bytes.

Those of SQLite stand by the same names in `storage.sqlite.statements`; `storage.inspection` takes the right ones.
"""

import re
from typing import Final

from storage.connection import Connection
from storage.postgres.schema import STEPS

_BYTES: Final = frozenset({"salt", "words_hash", "hash"})
_BODY: Final = re.compile(r"create function (\w+)\([^$]*?\$\$(.*?)\$\$", re.DOTALL)
_TRIGGER: Final = re.compile(r"(create trigger (\w+)[^;]*?execute function (\w+)[^;]*);", re.DOTALL)
_SCRIPT: Final = "".join(each.script for each in STEPS)
_BODIES: Final = dict(_BODY.findall(_SCRIPT))
_TRIGGERS: Final = {name: (function, made) for made, name, function in _TRIGGER.findall(_SCRIPT)}
_OF_AUDIT: Final = "audit_"
"""How the names of the triggers begin by which what happens has its line, and that line stays."""


def is_ours(db: Connection) -> bool:
    """Return whether it is a database of this program, of any version."""
    return _has_table(db, "schema_steps")


def why_not(db: Connection) -> str | None:
    """Return why this version cannot run on it, as the end of a sentence; None if it can."""
    known = {each.name for each in STEPS}
    rows = db.execute("select name from schema_steps where readable = 0").fetchall()
    if any(name not in known for (name,) in rows):
        return "was written by a newer version of this bot; run that version."
    return None


def steps_left(db: Connection) -> int:
    """Return the number of pending steps of the schema; none is made."""
    made = {name for (name,) in db.execute("select name from schema_steps").fetchall()} if is_ours(db) else set()
    return len({each.name for each in STEPS} - made)


def missing_triggers(db: Connection) -> frozenset[str]:
    """Return the missing triggers, and those that are switched off."""
    return frozenset(_TRIGGERS) - {name for name, *_ in _triggers(db)}


def foreign_triggers(db: Connection) -> frozenset[str]:
    """Return the triggers on the bot's tables that this version does not make, or not so; rules, of which it has none.

    Of those of the audit the conditions count, too: by one that is never true what happens has no line.
    """
    others = {name for name, *found in _triggers(db) if not _is_made(name, *found)}
    return frozenset(others | {f"{name} (a rule)" for name in _rules(db)})


def _is_made(name: str, function: str, body: str, text: str) -> bool:
    """Return whether this version makes a trigger of this name, which runs this function with this body."""
    of, made = _TRIGGERS.get(name, ("", ""))
    if name.startswith(_OF_AUDIT) and _plain(text) != _plain(made):
        return False
    return of == function and _BODIES.get(function) == body


def _plain(text: str) -> str:
    """Return what makes a trigger, as it is in the script and as the server writes it again."""
    return re.sub(r"[\s()']+|::text", "", text.lower())


def damage(db: Connection) -> str | None:
    """Return None: the server looks after its pages itself."""
    del db
    return None


def audit_columns(db: Connection) -> frozenset[str]:
    """Return the columns of the audit, none where its table is not there."""
    rows = db.execute(
        "select attname from pg_attribute where attrelid = to_regclass('audit') and attnum > 0 and not attisdropped"
    )
    return frozenset(name for (name,) in rows.fetchall())


def last_written(db: Connection, table: str) -> int:
    """Return the largest number that a row of this table ever had, 0 for none; of others than the audit, a bound."""
    if table == "audit":
        row = db.execute("select last from audit_head").fetchone()
        return 0 if row is None else int(row[0])
    row = db.execute("select coalesce(pg_sequence_last_value(pg_get_serial_sequence(?, 'id')::regclass), 0)", [table])
    return int(row.fetchone()[0])


def as_bytes(column: str) -> str:
    """Return a column of the audit as bytes."""
    return column if column in _BYTES else f"convert_to({column}::text, 'utf8')"


_OURS: Final = "relnamespace = (select relnamespace from pg_class where oid = to_regclass('audit'))"


def _triggers(db: Connection) -> list[tuple[str, str, str, str]]:
    """Return the triggers that are on, with the name and the body of their functions, and all that makes them."""
    return list(
        db.execute(
            "select tgname::text, proname::text, prosrc, pg_get_triggerdef(pg_trigger.oid, true)"
            " from pg_trigger join pg_proc on pg_proc.oid = tgfoid join pg_class on pg_class.oid = tgrelid"
            f" where not tgisinternal and tgenabled in ('O', 'A') and {_OURS}"
        ).fetchall()
    )


def _rules(db: Connection) -> list[str]:
    """Return the rules on tables, by which a statement does something else, or nothing."""
    rules = "select rulename::text from pg_rewrite join pg_class on pg_class.oid = ev_class where relkind = 'r'"
    return [name for (name,) in db.execute(f"{rules} and {_OURS}")]


def _has_table(db: Connection, name: str) -> bool:
    return db.execute("select to_regclass(?)", [name]).fetchone()[0] is not None
