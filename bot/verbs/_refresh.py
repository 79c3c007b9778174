"""refresh: ask the history, and the session's announcement, now, and repaint its card."""

from dataclasses import dataclass

from bot.ports import Context, Intent, Outcome, Right, SessionId, SessionRef, Verb
from bot.stops import session_standing
from bot.text import code, moment
from bot.verbs._lookup import session_for
from storage import messages
from storage.records import State


@dataclass(frozen=True)
class Refresh(Intent):
    """The session."""

    id: SessionRef


async def run(refresh: Refresh, context: Context) -> Outcome:
    """Return the session's state, and the steps to know it better."""
    services = context.services
    session = await session_for(context, refresh.id)
    stands = f"As of {moment(services.clock.now(), seconds=True)}: {session_standing(session)}"
    await services.board.repaint(session.id)
    if session.state.is_final:
        return Outcome(says=stands, session=session.id)
    if session.state is State.starting:
        return Outcome(says=f"{stands} The platform has not answered yet.", session=session.id)
    services.changes.look_at(session.id)
    services.announced.look_up(session)
    services.wake_watch()
    card = await services.store.read(lambda db: messages.card_of(db, session.id))
    where = "appears on the card" if card is not None else f"is shown by {code(f'status {session.id}')}"
    says = f"{stands} The history is being asked now; what it says {where}."
    return Outcome(says=says, session=session.id)


VERB = Verb(
    name="refresh",
    takes=Refresh,
    arguments=(SessionId(),),
    summary="Ask the history about a session now, and paint its card anew.",
    details=f"Example: {code('refresh 7')}.",
    right=Right.look,
    run=run,
)
