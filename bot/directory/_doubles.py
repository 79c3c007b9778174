"""The word in the thread of a session without a number, when sessions from elsewhere could be it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.ports import Reply, session_name
from bot.text import cut
from storage import Connection, history, messages, sessions
from storage.records import HistorySays, Session

_SHOWN: Final = 10
_KEPT: Final = 100
_DOUBLES: Final = "doubles"
"""The member of the reply's body with the ids of those sessions."""


def report_double(db: Connection, session_id: int, arrived: Session, *, now: datetime) -> None:
    """Record in a session's thread that `arrived` could be it: one reply, to which further ones are added."""
    session = sessions.get(db, session_id)
    if session is None:
        return
    last = messages.last_reply(db, session.id)  # One writer: the last one stays the last
    told = [] if last is None or last.body is None else list(last.body.get(_DOUBLES, []))
    doubles = [*told, arrived.id][-_KEPT:]
    body = {**Reply(text=_text(db, session, doubles)).body(), _DOUBLES: doubles}
    if told and last is not None:
        messages.amend(db, last.id, body)
    else:
        messages.add_reply(db, session.id, session.channel, body, command=None, now=now)
    history.record_answer(db, session.id, HistorySays.several, asked=session.version, now=now)


def _text(db: Connection, session: Session, doubles: Sequence[int]) -> str:
    found = [each for double in doubles[:_SHOWN] if (each := sessions.get(db, double)) is not None]
    names = ", ".join(f"{session_name(each)} (h{each.history_id})" for each in found)
    more = f" and {len(doubles) - _SHOWN} more" if len(doubles) > _SHOWN else ""
    return (
        f"Sessions of {cut(session.rule, 150)} that announced themselves could be {session.name}: {names}{more}. "
        "Nothing tells which one it is, if any. Each can be stopped under its own number."
    )
