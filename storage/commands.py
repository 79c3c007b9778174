"""Commands as rows: the idempotency of an intent, and the list of work that a crash left unfinished."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from storage.command import Command, CommandState, NewCommand
from storage.connection import Connection
from storage.rows import command_of, marks, to_column

_TWINS: Final = 100
"""The number of commands of one intent that are read: of so many within a window the oldest may be missed."""


_ADMISSION: Final = (
    "insert into commands (key, verb, actor, team, channel, via, digest, state, outcome, accepted_at, called_at,"
    " done_at, owner, session, intent, confirmed) select :key, :verb, :actor, :team, :channel, :via, :digest, :state,"
    " :outcome, :accepted_at, :called_at, :done_at, :owner, :session, :intent, :confirmed"
)
_OF_KEY: Final = "select * from commands where key = :key"
_OF_INTENT: Final = (
    "select * from commands where {whose} channel = :channel and digest = :digest"
    " and state in ('accepted', 'calling', 'done', 'unknown') order by id desc limit :twins"
)


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """The result of an admission.

    `fresh` is False when a command with the same key was there before: then nothing is to be done.
    `twin` is the earlier command of the same intent that is still being done, or was within the double-press
    window: then this one is refused. `named` are the sessions that it names.
    """

    command: Command
    fresh: bool
    twin: Command | None
    named: tuple[int, ...] = ()


def admit(
    db: Connection,
    new: NewCommand,
    *,
    window: timedelta | None,
    by_anyone: bool = False,
    since: Callable[[datetime], float] | None = None,
    refused: str | None = None,
) -> Admitted:
    """Record a command, or find the earlier one of its key.

    `window` is the time after its outcome in which the same person, channel and text count as the same intent, besides
    all the time until then (None: never); `by_anyone` ignores the person. `since` returns the seconds since a moment,
    where the wall clock may have been set meanwhile.
    `refused` is the sentence of a command that could not be parsed: it is final at once.
    """
    alike = _OF_KEY
    if window is not None:
        whose = "" if by_anyone else "actor = :actor and"
        alike = f"{_OF_KEY} union all select * from ({_OF_INTENT.format(whose=whose)}) as recent"
    # One writer: nobody takes the key, or means the same, between the look and the row; nearly always they are one
    for command in _record(db, new, refused, unless=alike):
        return Admitted(command=command, fresh=True, twin=None)
    meant = {"key": new.key, "actor": new.actor, "channel": new.channel, "digest": new.digest, "twins": _TWINS}
    others = [command_of(row) for row in db.query(alike, meant)]
    known = next((each for each in others if each.key == new.key), None)
    if known is not None:
        return Admitted(command=known, fresh=False, twin=None)
    twin = None
    if window is not None and not refused:
        is_twin = _is_within(window, since or _by_the_wall(new.at))
        twin = next(filter(is_twin, others), None)
    [command] = _record(db, new, refused or (f"the same as command {twin.id}" if twin else None), twin=twin)
    if command.session is not None:
        add_sessions(db, command.id, [command.session])
    return Admitted(command=command, fresh=True, twin=twin)


def by_key(db: Connection, key: str) -> Command | None:
    """Return the command with this key, or None."""
    return _first(db, "select * from commands where key = ?", [key])


def with_key_prefix(db: Connection, prefix: str) -> list[Command]:
    """Return the commands whose key begins so, oldest first."""
    sql = "select * from commands where key >= ? and key < ?"
    found = [command_of(row) for row in db.query(sql, [prefix, f"{prefix}\U0010ffff"])]
    return sorted(found, key=lambda each: each.id)


def get(db: Connection, command_id: int) -> Command | None:
    """Return the command with this id, or None."""
    return _first(db, "select * from commands where id = ?", [command_id])


def set_session(db: Connection, command_id: int, session_id: int) -> None:
    """Record the session that the command turned out to concern."""
    db.execute("update commands set session = ? where id = ?", [session_id, command_id])
    add_sessions(db, command_id, [session_id])


def add_sessions(db: Connection, command_id: int, session_ids: Iterable[int]) -> None:
    """Record the sessions that the command names or acts on, in every outcome."""
    if numbers := list(session_ids):
        db.execute(
            "insert into command_sessions (command, session) select cast(? as bigint), cast(value as bigint)"
            " from json_each(?) where 1 = 1 on conflict do nothing",
            [command_id, json.dumps(numbers)],
        )


def sessions_of(db: Connection, command_id: int) -> list[int]:
    """Return the sessions that the command names or acts on."""
    sql = "select session from command_sessions where command = ? order by session"
    return [each for (each,) in db.execute(sql, [command_id]).fetchall()]


def mark_calling(db: Connection, command_id: int, *, now: datetime, owner: str | None = None) -> bool:
    """Record, before the request is sent, that it may be on its way from now on.

    With `owner`, return False where the command is not this owner's any more, or has its outcome: an owner that was cut
    off from the database for long is taken for dead, and its commands are settled by another.
    """
    whose, named = ("", []) if owner is None else (" and owner = ?", [owner])
    cursor = db.execute(
        f"update commands set state = 'calling', called_at = ? where id = ? and state = 'accepted'{whose}",
        [to_column(now), command_id, *named],
    )
    return bool(cursor.rowcount)


def record_sending(db: Connection, command_id: int | None, session_id: int, *, now: datetime, owner: str) -> bool:
    """Record, before a session is sent something, which one, and that it may be on its way from now on.

    Return False, as `mark_calling` does, where it must not be sent.
    """
    if command_id is None:
        return True
    set_session(db, command_id, session_id)
    return mark_calling(db, command_id, now=now, owner=owner)


def finish(db: Connection, command_id: int, state: CommandState, words: str, *, now: datetime) -> bool:
    """Record the outcome, once; return False if it had one already.

    A command that named one session is about that one, also when it was denied or refused.
    """
    named = sessions_of(db, command_id)
    cursor = db.execute(
        "update commands set state = ?, outcome = ?, done_at = ?, session = coalesce(session, ?)"
        " where id = ? and state in ('accepted', 'calling')",
        [state, to_column(words), to_column(now), named[0] if len(named) == 1 else None, command_id],
    )
    return bool(cursor.rowcount)


def refuse_unanswered(db: Connection, key: str, owner: str, words: str, *, now: datetime) -> None:
    """Record that this owner's command was refused, if it is on record, and nothing came of it yet.

    Its commit had no answer, so that its person was told that it could not be recorded.
    """
    known = by_key(db, key)
    if known is not None and known.owner == owner and known.state is CommandState.accepted:
        finish(db, known.id, CommandState.refused, words, now=now)


def unfinished(db: Connection) -> list[Command]:
    """Return the commands without an outcome, oldest first."""
    sql = "select * from commands where state in ('accepted', 'calling') order by id"
    return [command_of(row) for row in db.query(sql)]


def owners_before(db: Connection, command_id: int, session_id: int, owner: str) -> set[str]:
    """Return the other owners with an earlier command of the same verb on this session that has no outcome yet."""
    sql = (
        "select earlier.owner from commands as mine"
        " join commands as earlier on earlier.verb = mine.verb and earlier.id < mine.id"
        " join command_sessions on command_sessions.command = earlier.id and command_sessions.session = ?"
        " where mine.id = ? and earlier.state in ('accepted', 'calling') and earlier.owner <> ?"
    )
    return {each for (each,) in db.execute(sql, [session_id, command_id, owner]).fetchall()}


def done_elsewhere(db: Connection, verb: str, owner: str, *, after: int) -> list[Command]:
    """Return the commands of a verb that other owners have done, of those with a larger number than `after`."""
    sql = "select * from commands where id > ? and verb = ? and state = 'done' and owner <> ? order by id"
    return [command_of(row) for row in db.query(sql, [after, verb, owner])]


def last_number(db: Connection) -> int:
    """Return the largest number of a command, 0 without any."""
    return int(db.execute("select coalesce(max(id), 0) from commands").fetchone()[0])


def take_over(db: Connection, command_ids: Iterable[int], owner: str) -> None:
    """Make this process the owner of a dead owner's commands."""
    for each in command_ids:
        db.execute("update commands set owner = ? where id = ?", [owner, each])


def of_session(db: Connection, session_id: int, *, without: Collection[str] = (), limit: int = 20) -> list[Command]:
    """Return the newest commands that name a session or act on it, except those of some verbs."""
    others = f" and verb not in ({marks(without)})" if without else ""
    sql = (
        "select * from commands where id in (select command from command_sessions where session = ?)"
        f"{others} order by id desc limit ?"
    )
    return [command_of(row) for row in db.query(sql, [session_id, *without, limit])]


def last_via(db: Connection, via: str) -> datetime | None:
    """Return when the last command of this transport came in; None if none ever did."""
    row = db.execute("select accepted_at from commands where via = ? order by id desc limit 1", [via]).fetchone()
    return None if row is None else datetime.fromisoformat(row[0])


def was_seen(db: Connection, actor: str, team: str) -> bool:
    """Return whether this person had a command carried out here before."""
    sql = "select 1 from commands where actor = ? and team = ? and state = 'done' limit 1"
    return bool(db.execute(sql, [actor, team]).fetchone())


def _by_the_wall(now: datetime) -> Callable[[datetime], float]:
    return lambda moment: (now - moment).total_seconds()


def _record(
    db: Connection, new: NewCommand, refusal: str | None, *, twin: Command | None = None, unless: str = ""
) -> list[Command]:
    """Record and return a command, alone; return none where a select of others finds any."""
    state = CommandState.refused if refusal else CommandState.accepted
    final = new.at if state.is_final else None
    values = {
        "key": new.key,
        "verb": new.verb,
        "actor": new.actor,
        "team": new.team,
        "channel": new.channel,
        "via": new.via,
        "digest": new.digest,
        "state": state,
        "outcome": to_column(refusal),
        "accepted_at": to_column(new.at),
        "called_at": None,
        "done_at": to_column(final),
        "owner": new.owner,
        "session": twin.session if twin else None,
        "intent": to_column(new.intent),
        "confirmed": int(new.confirmed),
    }
    condition = f" where not exists ({unless})" if unless else ""
    rows = db.execute(f"{_ADMISSION}{condition} returning id", {**values, "twins": _TWINS}).fetchall()
    read = {"accepted_at": new.at, "done_at": final, "confirmed": new.confirmed}
    return [Command(id=number, **{**values, **read}) for (number,) in rows]


def _is_within(window: timedelta, since: Callable[[datetime], float]) -> Callable[[Command], bool]:
    """Return whether an earlier command is the same intent still.

    One without an outcome is so at any age: its response is still to come. From its outcome on the window runs.
    """
    return lambda earlier: not earlier.done_at or since(earlier.done_at) < window.total_seconds()


def _first(db: Connection, sql: str, values: Iterable[object]) -> Command | None:
    row = next(iter(db.query(sql, list(values))), None)
    return None if row is None else command_of(row)
