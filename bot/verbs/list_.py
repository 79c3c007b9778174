"""list: the sessions of this channel, newest first, each open one with its Stop button."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.mrkdwn import link, person
from bot.verbs.board import Row
from bot.verbs.grammar import Choice
from bot.verbs.names import has_started, in_words, rule
from bot.verbs.times import ago
from bot.verbs.verb import Context, Outcome, Right, Verb
from storage import messages, sessions
from storage.records import OPEN, OVER, Message, Session, State

SHOWN: Final = 20

_STATES: Final[dict[str, Iterable[State]]] = {"open": OPEN, "ended": OVER, "any": tuple(State)}


@dataclass(frozen=True)
class List:
    """Which sessions: `open`, `ended` or `any`."""

    state: str


async def run(listing: List, on: Context) -> Outcome:
    """Read the sessions of this channel and give a row for each."""
    request = on.request
    states = _STATES[listing.state]
    found = await on.services.store.read(
        lambda db: sessions.find(db, request.team, states=states, channel=request.channel, limit=SHOWN + 1),
    )
    if not found:
        return Outcome(says=_none(listing.state))
    shown = found[:SHOWN]
    cards = await on.services.store.read(lambda db: {each.id: messages.card_of(db, each.id) for each in shown})
    rows = tuple(_row(each, cards[each.id], on) for each in shown)
    more = "" if len(found) == len(shown) else f" These are the newest {SHOWN}; there are more."
    word = {"open": "open", "ended": "over", "any": "known"}[listing.state]
    return Outcome(says=f"{_counted(len(shown))} {word} in this channel.{more}", rows=rows)


def _none(state: str) -> str:
    if state == "open":
        return "No session is open in this channel. `list state=ended` shows those that are over."
    return "No session in this channel is " + ("over." if state == "ended" else "known.")


def _counted(number: int) -> str:
    return "1 session is" if number == 1 else f"{number} sessions are"


def _row(session: Session, card: Message | None, on: Context) -> Row:
    now = on.services.clock.now()
    address = on.services.board.link(card)
    name = link(address, session.name) if address else session.name
    began = "started" if has_started(session) else "asked for"
    when = ago(session.started_at or session.created_at, now)
    text = f"*{name}* {rule(session)} – *{in_words(session)}*, {began} {when} by {person(session.starter)}"
    can_stop = not session.is_over and (session.has_url or session.state is State.starting)
    return Row(text=text, stoppable=session if can_stop else None)


VERB = Verb(
    name="list",
    takes=List,
    arguments=(Choice("state", ("open", "ended", "any")),),
    summary="Show this channel's sessions.",
    details="Only you see the answer. Example: `list state=any`.",
    right=Right.look,
    run=run,
)
