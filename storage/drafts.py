"""Drafts as rows: contents of buttons that Slack must not carry, sealed, for one person and for a while."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from storage.connection import Connection
from storage.rows import marks, to_column

MOST: Final = 10_000
"""The number of drafts that are kept; of more a tenth goes, those first that would end first."""

MOST_OF_ONE: Final = 500
"""The number that is kept of one person's, so that nobody's push out those of others."""

LONGEST: Final = timedelta(hours=1)
"""No draft is good for longer: one that is said to be was made by a clock that was set back since."""

_AT_ONCE: Final = 100
"""The number of drafts that one statement removes, of those past their time and of one person's."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The sealed content of an actor's button, from `made_at` on, at the latest until `expires_at`."""

    id: str
    actor: str
    sealed: bytes = field(repr=False)
    made_at: datetime
    expires_at: datetime


def keep(db: Connection, drafts: Sequence[Draft], *, now: datetime) -> None:
    """Record the drafts of one person, in one statement; remove what is past its time, and what is too many.

    Recorded once more they are as they were.
    """
    if not drafts:
        return
    _remove_expired(db, now)
    _make_room(db)
    values = [
        (each.id, each.actor, each.sealed, to_column(each.made_at), to_column(each.expires_at)) for each in drafts
    ]
    db.execute(
        "insert into drafts (id, actor, sealed, made_at, expires_at) values"
        f" {', '.join(f'({marks(row)})' for row in values)} on conflict (id) do nothing",
        [value for row in values for value in row],
    )
    db.execute(
        "delete from drafts where id in"
        " (select id from drafts where actor = ? order by made_at desc, id limit ? offset ?)",
        [drafts[0].actor, _AT_ONCE, MOST_OF_ONE],
    )


def get(db: Connection, draft_id: str) -> Draft | None:
    """Return the draft with this id, also one past its time; None when there is none."""
    sql = "select id, actor, sealed, made_at, expires_at from drafts where id = ?"
    row = db.execute(sql, [to_column(draft_id)]).fetchone()
    if row is None:
        return None
    return Draft(
        id=row[0],
        actor=row[1],
        sealed=bytes(row[2]),
        made_at=datetime.fromisoformat(row[3]),
        expires_at=datetime.fromisoformat(row[4]),
    )


def forget(db: Connection, before: datetime) -> None:
    """Remove every draft that was made before this moment."""
    db.execute("delete from drafts where made_at < ?", [to_column(before)])


def remove_all(db: Connection) -> None:
    """Remove every draft: the buttons of an earlier state of the database must not act on this one."""
    db.execute("delete from drafts")


def _remove_expired(db: Connection, now: datetime) -> None:
    """Remove some of those past their time, and of those that a clock made which was set back since."""
    for which, moment in (("<=", now), (">", now + 2 * LONGEST)):
        sql = f"delete from drafts where id in (select id from drafts where expires_at {which} ? limit ?)"
        db.execute(sql, [to_column(moment), _AT_ONCE])


def _make_room(db: Connection) -> None:
    """Remove a tenth of too many: so this is seldom needed."""
    if db.execute("select 1 from drafts limit 1 offset ?", [MOST]).fetchone() is not None:
        sql = "delete from drafts where id in (select id from drafts order by expires_at limit ?)"
        db.execute(sql, [MOST // 10])
