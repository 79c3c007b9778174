"""What a message shows now: read with the session that it is about, then painted from both."""

from collections.abc import Mapping
from typing import Any

from bot.slack.outbox import _direct as direct
from bot.slack.outbox import _names as naming
from bot.slack.render import BlockKit, render_bulk_alarm, render_card, render_reply
from storage import Connection, messages, sessions
from storage.message import Kind, Message
from storage.records import Session


def shown(db: Connection, message_id: int) -> tuple[Message, Session | None, BlockKit]:
    """Read a message, then the session that it paints or whose buttons it carries; paint it from both.

    In this order, so that a version belongs to what is painted, or to what was there just before.
    """
    now = messages.get(db, message_id)
    if now is None:
        raise AssertionError(message_id)
    paints = now.kind is Kind.card or bool((now.body or {}).get("buttons"))
    session = sessions.get(db, now.session) if paints and now.session is not None else None
    return now, session, _painted(db, now, session)


def _painted(db: Connection, message: Message, session: Session | None) -> BlockKit:
    """Paint a message: `text` and `blocks` for chat.postMessage and chat.update."""
    if message.kind is Kind.card:
        if session is None:
            raise AssertionError(message.id)
        card: BlockKit = naming.named_throughout(db, render_card(session))
        return card
    body = message.body or {"text": ""}
    if message.direct_of is not None:
        body = direct.addressed(body)
    text = naming.named(db, str(body["text"]))  # before it is cut into what fits
    if body.get("again"):
        return render_bulk_alarm(text, body["again"])
    return render_reply({**body, "text": text}, session, elsewhere=message.direct_of is not None)


def to_post(message: Message, payload: BlockKit) -> Mapping[str, Any]:
    """Return what is said of a message that is not in Slack yet: where, under what, and what it looks like."""
    arguments: dict[str, Any] = {"channel": message.channel, **payload}
    arguments["metadata"] = {"event_type": "session_bot", "event_payload": {"message": message.id}}
    if message.kind is Kind.reply and message.direct_of is None:
        arguments["thread_ts"] = message.thread_ts
        arguments["reply_broadcast"] = bool(message.body and message.body.get("broadcast"))
    return arguments
