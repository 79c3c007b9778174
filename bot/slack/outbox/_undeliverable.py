"""The fate of refused messages: kept with their error code, given up, sent otherwise, or due again if deleted."""

from datetime import datetime

from bot.slack.api import NOT_IN_CHANNEL, CodeMeaning, code_meaning
from bot.slack.outbox._direct import replace_message, replace_thread
from bot.text import TERMINAL
from storage import Connection, messages, sessions
from storage.message import Kind, Message
from storage.records import Session, State


def comes_back(message: Message, error: str) -> bool:
    """Return whether a refused message is retried: cards and posted messages have contents that go on changing.

    Of the others those are kept that somebody may unblock; a person who refuses direct messages stays as they are.
    """
    means = code_meaning(error)
    if means is CodeMeaning.deleted:
        return False
    if message.ts is not None or message.kind is Kind.card:
        return True
    return means is CodeMeaning.mendable and (message.direct_of is None or error not in NOT_IN_CHANNEL)


def keep(db: Connection, message: Message, error: str, now: datetime) -> None:
    """Keep a refused message due; replies that wait for an unposted card become direct messages."""
    if message.ts is not None or message.kind is Kind.card:
        messages.refused(db, message.id, error)
    if message.kind is Kind.card and message.ts is None and message.session is not None:
        replace_thread(db, message.session, now=now)


def give_up(db: Connection, message: Message, error: str, now: datetime) -> None:
    """Record the error code; a deleted message is due again, with its thread, as long as it has news.

    Several messages of one thread may learn of the deletion at once: only the first posts the card anew.
    """
    if message.session is None:
        _give_up_summary(db, message, error)
        return
    card, session = messages.card_of(db, message.session), sessions.get(db, message.session)
    if card is None or session is None:
        raise AssertionError(message.id)
    if code_meaning(error) is CodeMeaning.deleted:
        _deleted(db, message, card, session, error)
        return
    messages.given_up(db, message, error)
    if message.kind is Kind.card and message.ts is None:
        replace_thread(db, message.session, now=now)
        messages.give_up_replies(db, message.session, f"no card: {error}")


def send_directly(db: Connection, message: Message, *, now: datetime) -> None:
    """Record direct messages in the place of a reply whose card or summary its channel refuses."""
    replace_message(db, message, now=now)
    messages.given_up(db, message, "no card" if message.under is None else "no summary")


def unseen(db: Connection, message: Message, error: str) -> str | None:
    """Return the log line for a running session without any message in Slack; None where it has one.

    A start in Slack waits for the card, and without it nothing is started; a terminal does not wait.
    """
    session = None if message.session is None else sessions.get(db, message.session)
    if message.kind is not Kind.card or message.ts is not None or session is None or session.seems_over:
        return None
    if session.state is State.starting and not session.starter.startswith(TERMINAL):
        return None
    return (
        f"{session.name} {session.rule} ({session.state}) has no card: Slack takes none in {message.channel} ({error})"
        f" for now. At a terminal `session-bot status {session.id}` shows the session, and"
        f" `session-bot stop {session.id}` asks it to end"
    )


def _deleted(db: Connection, message: Message, card: Message, session: Session, error: str) -> None:
    """Record a deleted message, or its deleted card, as due again, as long as it has news."""
    if message.kind is Kind.reply and message.ts is not None and (message.body or {}).get("buttons"):
        messages.given_up(db, message, error)  # it was read; posted anew for its buttons it would alarm again
    elif message.kind is Kind.reply and message.ts is not None:
        messages.post_anew(db, message.id)
    elif message.kind is Kind.reply:
        if card.ts == message.thread_ts:
            messages.post_anew(db, card.id)
    elif card.ts == message.ts and not session.state.is_final:
        messages.post_anew(db, card.id)
    elif card.ts == message.ts:
        messages.given_up(db, card, error)  # a reply that is still to come brings it back


def _give_up_summary(db: Connection, message: Message, error: str) -> None:
    """Record the error code of a summary, or of a reply under it; a deleted summary is due again."""
    if code_meaning(error) is CodeMeaning.deleted and message.kind is Kind.summary and message.ts is not None:
        messages.post_anew(db, message.id)
    else:
        messages.given_up(db, message, error)
