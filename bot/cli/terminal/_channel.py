"""The channel of a command at a terminal: named by its id, never guessed.

Slack, which alone knows its channels, is not asked here. An id is checked by its form, and by whether
anything ever came from that channel.
"""

from typing import Final

from bot.config import CHANNEL_ID
from bot.ports import Intent, Offer, Response
from bot.text import channel, code
from bot.verbs import AllSessions, List, Start, Stop

_WHICH: Final = f"A terminal is in no channel: name with {code('--channel')} the one"


def problem(intent: Intent | None, named: str | None) -> str | None:
    """Return the problem with the named channel, or with a missing one; None if there is none."""
    if named is not None and not CHANNEL_ID.fullmatch(named):
        return f"{code('--channel')} must be a channel's id, like C0123456789. {nothing_done(intent)}".rstrip()
    if named is not None:
        return None
    if isinstance(intent, Stop) and isinstance(intent.which, AllSessions) and not intent.which.everywhere:
        return f"{_WHICH} whose sessions are to stop, or type {code('channel=all')} for all. {nothing_done(intent)}"
    if isinstance(intent, List) and not intent.everywhere:
        return f"{_WHICH} whose sessions are to be listed, or type {code('channel=all')} for all of them."
    if isinstance(intent, Start):
        return f"{_WHICH} where the session's card is to stand. {nothing_done(intent)}"
    return None


def unfamiliar(named: str, start: Start, *, again: bool) -> Response:
    """Return the question before a start in an unknown channel: a card that Slack refuses never comes."""
    says = (
        f"Nothing has come from {channel(named)} yet, and the bot has posted nothing there. If the id is mistyped, or "
        "the bot not invited, no card comes, and nobody sees the session in Slack. Nothing was started yet."
    )
    offer = Offer(label=f"Start it in {named}", intent=start, again=again, confirmed=True)
    return Response(text=says, offers=(offer,))


def nothing_done(intent: Intent | None) -> str:
    """Return the sentence that nothing was done."""
    if isinstance(intent, Start):
        return "Nothing was started."
    return "Nothing was stopped." if isinstance(intent, Stop) else ""
