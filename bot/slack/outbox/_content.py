"""The contents of a message now: read with its session, then rendered from both."""

from collections.abc import Mapping
from typing import Any

from bot.slack.outbox import _names as naming
from bot.slack.outbox._direct import addressed
from bot.slack.render import BlockKit, render_bulk_alarm, render_card, render_reply
from bot.stops import CardNote
from storage import Connection, messages, sessions
from storage.message import Kind, Message
from storage.records import Session


def shown(db: Connection, message_id: int, card_note: CardNote) -> tuple[Message, Session | None, BlockKit]:
    """Return a message, its session, and the rendering of both, read in this order.

    In this order, so that the version belongs to the rendered contents, or to older ones.
    """
    now = messages.get(db, message_id)
    if now is None:
        raise AssertionError(message_id)
    shows_session = now.kind is Kind.card or bool((now.body or {}).get("buttons"))
    session = sessions.get(db, now.session) if shows_session and now.session is not None else None
    return now, session, _render(db, now, session, card_note)


def _render(db: Connection, message: Message, session: Session | None, card_note: CardNote) -> BlockKit:
    """Return the rendering of a message: `text` and `blocks` for chat.postMessage and chat.update."""
    name_of = naming.name_of(db)
    if message.kind is Kind.card:
        if session is None:
            raise AssertionError(message.id)
        return render_card(session, name_of, card_note(db, session))
    body = message.body or {"text": ""}
    if message.direct_of is not None:
        body = addressed(body)
    if body.get("again"):
        return render_bulk_alarm(str(body["text"]), body["again"], name_of)
    return render_reply(body, session, elsewhere=message.direct_of is not None, name_of=name_of)


def to_post(message: Message, payload: BlockKit) -> Mapping[str, Any]:
    """Return the arguments of a new post: its channel, its thread, its contents."""
    arguments: dict[str, Any] = {"channel": message.channel, **payload}
    arguments["metadata"] = {"event_type": "session_bot", "event_payload": {"message": message.id}}
    if message.kind is Kind.reply and message.direct_of is None:
        arguments["thread_ts"] = message.thread_ts
        arguments["reply_broadcast"] = bool(message.body and message.body.get("broadcast"))
    return arguments
