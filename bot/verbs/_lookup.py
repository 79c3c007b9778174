"""From a typed id to the session, or to an answer that helps; and to the link to its thread."""

from collections.abc import Sequence

from bot.ports import Context, Intent, NoSuchSession, NotNow, Request, Right, Services, SessionRef, Via, session_name
from bot.text import channel, code, link
from bot.verbs._settling import settled_here
from storage import Connection, messages, sessions
from storage.errors import StorageUnavailable
from storage.records import Session

_SHOWN = 5


def typed_refs(intent: Intent | None) -> tuple[SessionRef, ...]:
    """Return the ids that an intent names, as they were typed; none for what could not be read."""
    named = getattr(intent, "ids", None) or (getattr(intent, "id", None),)
    return tuple(each for each in named if isinstance(each, SessionRef))


def find_session(db: Connection, ref: SessionRef, team: str) -> Session | None:
    """Return the session of this workspace with this id, without a check of rights: see `sessions.id_of`."""
    found = sessions.id_of(db, team, ref.number, of_platform=ref.of_platform)
    return None if found is None else sessions.get(db, found)


def find_sessions(db: Connection, refs: Sequence[SessionRef], team: str) -> list[Session | None]:
    """Return what `find_session` returns for each; hundreds of our own numbers are one question."""
    own = sessions.get_each(db, (each.number for each in refs if not each.of_platform))
    ours = (None if each.of_platform else own.get(each.number) for each in refs)
    return [
        found if found is not None and found.team == team else find_session(db, each, team)
        for each, found in zip(refs, ours, strict=True)
    ]


async def session_for(context: Context, ref: SessionRef) -> Session:
    """Return the named session, if the asker may see it from here and use this verb on it.

    Raises NoSuchSession with the open sessions of this channel; a session that may not be seen gets the very
    same answer as one that does not exist. Raises Denied when it may be seen, and not that.
    """
    team = context.request.team
    return await allowed(context, ref, await context.services.store.read(lambda db: find_session(db, ref, team)))


async def allowed(context: Context, ref: SessionRef, session: Session | None) -> Session:
    """Return the session that was found by an id, as `session_for` does; raise what that raises."""
    policy, request = context.services.policy, context.request
    if session is not None and await policy.sees(request, session):
        await policy.allow_session(request, context.right, session)
        return session
    # on a line of its own, of which the record keeps the first: what is open here is not told there
    raise NoSuchSession(f"No session {ref} that you can see, so nothing was done.\n{await _open(context)}")


async def session_here(context: Context, ref: SessionRef, verb: str, done: str) -> Session:
    """Return the session as `session_for` does, of this channel; raise NotNow for another's: nothing was `done`.

    One that belongs to no channel belongs to this one from now on; raises Denied where this person may not act on it.
    """
    session = await session_for(context, ref)
    if not session.channel:
        await context.services.policy.allow_stop_elsewhere(context.request, session)
        return await settled_here(session, context)
    if session.channel != context.request.channel:
        where = f"belongs to {channel(session.channel)}; {code(verb)} works there"
        raise NotNow(f"{session_name(session)} {where}. Nothing was {done}.")
    return session


async def _open(context: Context) -> str:
    """Return the newest open sessions of this channel in words; without any, as at a terminal, of all channels."""
    request, policy = context.request, context.services.policy
    where = " in this channel" if request.channel else ""
    found = await context.services.store.read(
        lambda db: sessions.find(db, request.team, channel=request.channel or None, limit=_SHOWN),
    )
    shown = [each for each in found if await policy.sees(request, each) and await policy.may(request, Right.look, each)]
    if not shown:
        return f"No session is open{where}."
    newest = ", the newest" if len(found) == _SHOWN else ""
    return f"Open{where}{newest}: {', '.join(session_name(each) for each in shown)}."


async def thread_link(session_id: int | None, request: Request, services: Services) -> str:
    """Return the link with a space before it; empty at a terminal, without a card, or where neither can be read."""
    if session_id is None or request.via is Via.terminal:
        return ""
    try:
        card = await services.store.read(lambda db: messages.card_of(db, session_id))
    except StorageUnavailable:
        return ""
    address = services.board.link(card)
    return f" {link(address, 'Thread')}" if address else ""
