"""The scenario's word about a stop: that it took it up, or that it did not although what it announces was read.

It is told once, in the stop's reply; of many, in their summary. It makes nothing ended: that is the history's word.
"""

from collections.abc import Iterable
from datetime import datetime

from bot.ports import Services
from bot.stops import check_of, taken_words, untaken_lines, untaken_words
from bot.text import BOT, strong
from bot.watch._last_words import is_ending
from bot.watch._pieces import write_in_pieces
from bot.watch._seen_rounds import SeenRounds
from storage import Connection, messages, sessions, stops
from storage.message import Message
from storage.records import Session


async def report_taken(services: Services, changed: Iterable[Session]) -> None:
    """Write into the reply of each stop that its scenario took up when it said so."""
    taken = [each.id for each in changed if each.stop is not None and each.stop.taken_at is not None]
    behind = await services.store.read(lambda db: [each for each in taken if _is_behind(db, each)]) if taken else []
    await write_in_pieces(services.store, behind, _write_taken)


async def report_untaken(services: Services, announced: Iterable[Session], rounds: SeenRounds) -> None:
    """Record the stops that were not taken up although two whole rounds were read since, and what to do then."""
    at, now = services.clock.at, services.clock.now()
    untaken = [
        each.id
        for each in announced
        if _is_awaited(each, services)
        and each.stop is not None
        and each.stop.delivered_at is not None
        and rounds.two_since(each.application_id, at(each.stop.delivered_at))
    ]
    await write_in_pieces(
        services.store,
        untaken,
        lambda db, each: _record_untaken(db, each, services, now),
        services.changes.publish,
    )


def _is_awaited(session: Session, services: Services) -> bool:
    """Return whether a session that announces itself would have said that it took up its stop: it was not silent."""
    stop = session.stop
    if stop is None or not stop.may_have_arrived or stop.taken_at is not None or stop.untaken_at is not None:
        return False
    is_over = session.seems_over or is_ending(session, services.clock)
    return session.silent_at is None and not is_over


def _record_untaken(db: Connection, session_id: int, services: Services, now: datetime) -> Session | None:
    session = sessions.get(db, session_id)
    if session is None or session.stop is None or not _is_awaited(session, services):
        return None
    says = untaken_words(session.stop)
    changed = stops.record_untaken(db, session, by=BOT, event=says, now=now)
    said = _reply(db, session)
    if changed is not None and said is not None and said.body is not None:
        check = check_of(db, session, services.rules.stop_request(session.rule_id))
        lines = [str(said.body["text"]), strong(says), *untaken_lines(session, services, check)]
        messages.amend(db, said.id, {**said.body, "text": "\n".join(lines)})
    return changed


def _is_behind(db: Connection, session_id: int) -> bool:
    session = sessions.get(db, session_id)
    said = None if session is None else _reply(db, session)
    return said is not None and not (said.body or {}).get("taken")


def _write_taken(db: Connection, session_id: int) -> None:
    session = sessions.get(db, session_id)
    said = None if session is None else _reply(db, session)
    if session is None or session.stop is None or said is None or said.body is None or said.body.get("taken"):
        return
    text = f"{said.body['text']}\n{strong(taken_words(session.stop))}"
    messages.amend(db, said.id, {**said.body, "text": text, "taken": True})


def _reply(db: Connection, session: Session) -> Message | None:
    """Return the reply to the present stop of a session; one of many has none."""
    command = None if session.stop is None else session.stop.command
    return None if command is None else messages.reply_of(db, command, session.id)
