"""Changes of sessions, compare-and-set: a condition on the present row, and a new version of it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from storage.connection import Connection
from storage.records import Session
from storage.rows import session_of, to_column

_STOP_MOMENTS: Final = ("stop_asked_at", "stop_delivered_at")


def change(
    db: Connection,
    session_id: int,
    changes: dict[str, Any],
    condition: str = "1 = 1",
    values: dict[str, Any] | None = None,
) -> Session | None:
    """Change columns of a session that fulfils the condition, as a new version of it; None where it does not."""
    rows = db.query(
        f"update sessions set {_assignments(changes)} where id = :id and ({condition}) returning *",
        {"id": session_id, **(values or {}), **_to_columns(changes)},
    )
    return next(map(session_of, rows), None)


def change_each(
    db: Connection,
    own: str,
    each: Mapping[int, str],
    changes: dict[str, Any],
    *,
    condition: str,
    values: dict[str, Any],
) -> dict[int, Session]:
    """Change several sessions as `change` does, in one statement; return the changed ones by their ids.

    The column `own` gets the value of each session by its id, and the others the same in all.
    """
    rows = db.query(
        f"update sessions set {_assignments(changes)}, {own} = wanted.value from json_each(:wanted) as wanted"
        f" where sessions.id = cast(wanted.key as integer) and ({condition}) returning *",
        {"wanted": json.dumps(each), **values, **_to_columns(changes)},
    )
    return {session.id: session for session in map(session_of, rows)}


def _assignments(changes: Mapping[str, Any]) -> str:
    assigned = ["version = version + 1", *(f"{name} = :{name}" for name in changes)]
    if any(changes.get(name) is not None for name in _STOP_MOMENTS):
        assigned.append("stop_version = version + 1")
    return ", ".join(assigned)


def _to_columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_column(value) for name, value in changes.items()}
