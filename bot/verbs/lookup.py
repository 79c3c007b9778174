"""From a typed id to the session, or to an answer that helps."""

from bot.verbs.errors import NoSuchSession
from bot.verbs.grammar import SessionRef
from bot.verbs.names import called
from bot.verbs.verb import Context, Right
from storage import sessions
from storage.records import Session

_SHOWN = 5


async def session_for(on: Context, ref: SessionRef) -> Session:
    """Find the session that is meant, if the asker may see it from here and do to it what the verb does.

    Raises NoSuchSession with the open sessions of this channel; a session that may not be seen gets the very
    same answer as one that does not exist. Raises Denied when it may be seen, and not that.
    """
    store, policy, request = on.services.store, on.services.policy, on.request
    if ref.of_platform:
        session = await store.read(lambda db: sessions.by_history_id(db, ref.number))
    else:
        session = await store.read(lambda db: sessions.get(db, ref.number))
    if session is not None and session.team == request.team and await policy.sees(request, session):
        await policy.allow_session(request, on.right, session)
        return session
    raise NoSuchSession(f"No session {ref} that you can see, so nothing was done. {await _open_here(on)}")


async def _open_here(on: Context) -> str:
    request = on.request
    found = await on.services.store.read(
        lambda db: sessions.find(db, request.team, channel=request.channel, limit=_SHOWN),
    )
    shown = [each for each in found if await on.services.policy.may(request, Right.look, each)]
    if not shown:
        return "No session is open in this channel."
    return "Open in this channel: " + ", ".join(called(each) for each in shown) + "."
