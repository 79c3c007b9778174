"""From a typed id to the session, or to an answer that helps."""

from typing import Any

from bot.ports import Context, NoSuchSession, Right, SessionRef, session_name
from storage import Connection, sessions
from storage.records import Session

_SHOWN = 5


def typed_refs(arguments: Any) -> tuple[SessionRef, ...]:
    """Give the ids that a command's arguments name, as they were typed; none for what is read only in part."""
    named = getattr(arguments, "ids", None) or (getattr(arguments, "id", None),)
    return tuple(each for each in named if isinstance(each, SessionRef))


def find_session(db: Connection, ref: SessionRef, team: str) -> Session | None:
    """Find the session of this workspace that an id means, whoever may see it: `sessions.id_of` says which."""
    found = sessions.id_of(db, team, ref.number, of_platform=ref.of_platform)
    return None if found is None else sessions.get(db, found)


async def session_for(on: Context, ref: SessionRef) -> Session:
    """Find the session that is meant, if the asker may see it from here and do to it what the verb does.

    Raises NoSuchSession with the open sessions of this channel; a session that may not be seen gets the very
    same answer as one that does not exist. Raises Denied when it may be seen, and not that.
    """
    store, policy, request = on.services.store, on.services.policy, on.request
    session = await store.read(lambda db: find_session(db, ref, request.team))
    if session is not None and await policy.sees(request, session):
        await policy.allow_session(request, on.right, session)
        return session
    # on a line of its own, of which the record keeps the first: what is open here is not told there
    raise NoSuchSession(f"No session {ref} that you can see, so nothing was done.\n{await _open(on)}")


async def _open(on: Context) -> str:
    """Name the newest open sessions of this channel; where there is none, as at a terminal, of all channels."""
    request, policy = on.request, on.services.policy
    where = " in this channel" if request.channel else ""
    found = await on.services.store.read(
        lambda db: sessions.find(db, request.team, channel=request.channel or None, limit=_SHOWN),
    )
    shown = [each for each in found if await policy.sees(request, each) and await policy.may(request, Right.look, each)]
    if not shown:
        return f"No session is open{where}."
    newest = ", the newest" if len(found) == _SHOWN else ""
    return f"Open{where}{newest}: {', '.join(session_name(each) for each in shown)}."
