"""Direct messages: in the place of messages that a channel refuses, to the people concerned, once, and updated.

The bot may be removed from a channel, or the channel archived, while sessions of it run. Replies of
the thread then go to the starter and to the person who asked. The message itself stays due, as
the bot may be invited again.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.stops import session_standing
from bot.text import calls, channel, code, emphasis, first_line
from storage import Connection, alarms, commands, messages, sessions
from storage.message import Kind, Message
from storage.records import Session, State

_PERSON: Final = re.compile(r"[UW][A-Z0-9]+")
"""Somebody in Slack: the bot itself, and a user at a terminal, have no direct messages."""


def replace_message(db: Connection, message: Message, *, now: datetime) -> None:
    """Record direct messages in the place of this message to each person concerned, unless they exist.

    A card has no news, except that its session ended by itself (every other end has a reply), or that
    it stands nowhere any more while its session goes on.
    """
    session = None if message.session is None else sessions.get(db, message.session)
    latest = messages.get(db, message.id) or message
    body = latest.body if message.kind is not Kind.card else _end(session) or _missing_card(session, latest)
    if body is None or message.direct_of is not None or messages.has_direct(db, message.id):
        return
    if latest.kind is Kind.reply and latest.ts is not None and body.get("buttons"):
        return  # its words were read there; what changed since are its buttons, and an old alarm is no news
    place = message.channel if session is None else session.channel
    for person in _concerned(db, message, body, session):
        buttons = bool(body.get("buttons")) and session is not None and _may_stop_from_afar(session, person)
        text = body.get("instead") or body["text"]
        messages.add_direct(db, message, person, {"text": text, "place": place, "buttons": buttons}, now=now)


def replace_thread(db: Connection, session_id: int, *, now: datetime) -> None:
    """Record direct messages in the place of a thread's unposted ones: its card is given up."""
    for reply in messages.unposted(db, session_id):
        replace_message(db, reply, now=now)


def addressed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the reason why it comes as a direct message: in front, but for an alarm, whose first line is its fact."""
    why, text = f"I cannot post in {channel(body['place'])}, so this comes to you", str(body["text"])
    if not body.get("buttons"):
        return {"text": f"{emphasis(f'{why}:')}\n{text}"}
    fact, details = first_line(text)
    return {"text": f"{fact}\n{emphasis(f'{why}.')}\n{details}"}


def _end(session: Session | None) -> Mapping[str, Any] | None:
    if session is None or session.stop is not None or not session.ended_normally:
        return None
    return {"text": session_standing(session)}


def _may_stop_from_afar(session: Session, person: str) -> bool:
    """Return whether a button works in their messages: only its starter may see a private channel's session there."""
    return person == session.starter or not (session.channel_private or session.channel_shared)


def _missing_card(session: Session | None, card: Message) -> Mapping[str, Any] | None:
    """Return the text about a session without a card; a start that waits for its first card responds itself."""
    if session is None or card.ts is not None or session.seems_over or session.state is State.starting:
        return None
    says = f"{session_standing(session)} It has no card there any more."
    return {"text": f"{says} {code(f'status {session.id}')} and {code(f'stop {session.id}')} work from any channel."}


def _concerned(db: Connection, message: Message, body: Mapping[str, Any], session: Session | None) -> list[str]:
    """Return the starters and the actor: of the command, else of the stop; and the people mentioned.

    The messages of a private channel go to nobody who did nothing there.
    """
    about = _alarmed_sessions(db, message, body) if session is None else [session]
    command = None if message.command is None else commands.get(db, message.command)
    people = [*(each.starter for each in about), None if command is None else command.actor]
    if command is None and session is not None and session.stop is not None:
        people.append(session.stop.by)
    if not any(each.channel_private or each.channel_shared for each in about):
        people += [each.letters for each in calls(str(body.get("text", "")))]
    return [each for each in dict.fromkeys(people) if each is not None and _PERSON.fullmatch(each)]


def _alarmed_sessions(db: Connection, message: Message, body: Mapping[str, Any]) -> list[Session]:
    """Return the sessions for which a grouped message calls somebody."""
    told = [*alarms.sessions_in(db, message.id), *body.get("again", ())]
    return [found for each in told if (found := sessions.get(db, each)) is not None]
