"""What becomes of what Slack refuses: kept with Slack's word, given up, said otherwise, or wanted again if deleted."""

from datetime import datetime

from bot.slack.api import NOT_IN_CHANNEL, CodeMeaning, code_meaning
from bot.slack.outbox import _direct as direct
from bot.text import TERMINAL
from storage import Connection, messages, sessions
from storage.message import Kind, Message
from storage.records import Session, State


def comes_back(message: Message, word: str) -> bool:
    """Whether a refused message is tried again: a card and what is posted already have a truth that goes on changing.

    Of the others what somebody may mend is kept; a person who takes no direct messages stays as they are.
    """
    means = code_meaning(word)
    if means is CodeMeaning.deleted:
        return False
    if message.ts is not None or message.kind is Kind.card:
        return True
    return means is CodeMeaning.mendable and (message.direct_of is None or word not in NOT_IN_CHANNEL)


def keep(db: Connection, message: Message, word: str, now: datetime) -> None:
    """Keep a refused message wanted; what waits for a card that does not stand goes to whom it concerns directly."""
    if message.ts is not None or message.kind is Kind.card:
        messages.refused(db, message.id, word)
    if message.kind is Kind.card and message.ts is None and message.session is not None:
        direct.want_all(db, message.session, now=now)


def give_up(db: Connection, message: Message, word: str, now: datetime) -> None:
    """Record Slack's word; what was deleted is wanted again, with its thread, as long as it has something to say.

    Several messages of one thread may learn of the deletion at once: only the first posts the card anew.
    """
    if message.session is None:
        _give_up_summary(db, message, word)
        return
    card, session = messages.card_of(db, message.session), sessions.get(db, message.session)
    if card is None or session is None:
        raise AssertionError(message.id)
    if code_meaning(word) is CodeMeaning.deleted:
        _deleted(db, message, card, session, word)
        return
    messages.given_up(db, message, word)
    if message.kind is Kind.card and message.ts is None:
        direct.want_all(db, message.session, now=now)
        messages.give_up_replies(db, message.session, f"no card: {word}")


def say_directly(db: Connection, message: Message, *, now: datetime) -> None:
    """Post to those it concerns what would stand under a card or a summary that its channel does not take."""
    direct.want(db, message, now=now)
    messages.given_up(db, message, "no card" if message.under is None else "no summary")


def unseen(db: Connection, message: Message, word: str) -> str | None:
    """Say, for the log, that a session goes on of which nobody in Slack can see anything; None where that is not so.

    Whoever starts in Slack waits for the card, and without it nothing is started; a terminal does not wait.
    """
    session = None if message.session is None else sessions.get(db, message.session)
    if message.kind is not Kind.card or message.ts is not None or session is None or session.is_over:
        return None
    if session.state is State.starting and not session.starter.startswith(TERMINAL):
        return None
    return (
        f"{session.name} {session.rule} ({session.state}) has no card: Slack takes none in {message.channel} ({word})"
        f" for now. At a terminal `session-bot status {session.id}` shows the session, and"
        f" `session-bot stop {session.id}` asks it to end"
    )


def _deleted(db: Connection, message: Message, card: Message, session: Session, word: str) -> None:
    """Want again what somebody deleted, or the card on which it hangs, as long as it has something to say."""
    if message.kind is Kind.reply and message.ts is not None and (message.body or {}).get("buttons"):
        messages.given_up(db, message, word)  # it was read; posted anew for its buttons it would alarm again
    elif message.kind is Kind.reply and message.ts is not None:
        messages.post_anew(db, message.id)
    elif message.kind is Kind.reply:
        if card.ts == message.thread_ts:
            messages.post_anew(db, card.id)
    elif card.ts == message.ts and not session.state.is_over:
        messages.post_anew(db, card.id)
    elif card.ts == message.ts:
        messages.given_up(db, card, word)  # a reply that is still to come brings it back


def _give_up_summary(db: Connection, message: Message, word: str) -> None:
    """Record Slack's word on a summary, or what stands under it; a summary that was deleted is wanted again."""
    if code_meaning(word) is CodeMeaning.deleted and message.kind is Kind.summary and message.ts is not None:
        messages.post_anew(db, message.id)
    else:
        messages.given_up(db, message, word)
