"""The question about an ambiguous stop: nothing is stopped, and buttons offer the sessions."""

from collections.abc import Sequence
from typing import Final

from bot.ports import Context, Outcome, Row, SessionRef, ids_anywhere
from bot.process import scrub
from bot.text import code
from bot.verbs._list import List, of_named_rules
from bot.verbs._lookup import find_session
from bot.verbs._rows import rows_of, visible
from storage.command import CommandState
from storage.errors import StorageUnavailable
from storage.listing import ListFilter, listed, rules_of
from storage.records import OPEN, Session

_SHOWN: Final = 10
_LOOKED_AT: Final = 200
_NUMBERS_READ: Final = 50


async def ask_which_session(words: str, context: Context) -> Outcome:
    """Return the open sessions that the words may mean, or all of them, each with its button; nothing is stopped."""
    here = context.request.channel or None
    wanted = ListFilter(team=context.request.team, states=OPEN, channel=here)
    fits = await _seen(await _about(words, wanted, context), context) if words else []
    seen = fits or await _seen(wanted, context)
    where = " in this channel" if here else ""
    if not seen:
        return _asked(f"no session is open{where}.")
    quoted = code(scrub(words), 80)
    if fits:
        return await _listed(f"{quoted} may mean these.", fits, context)
    unknown = f"{quoted} names no session{where}. " if words else "which one? "
    return await _listed(f"{unknown}Open{where}:", seen, context)


async def _about(words: str, wanted: ListFilter, context: Context) -> ListFilter:
    """Return the filter of those that loose words may mean: of a rule with them in its name, or in trouble."""
    known = await context.services.store.read(lambda db: rules_of(db, wanted))
    return of_named_rules(wanted, known, List({"about": words}), context)


async def _seen(wanted: ListFilter, context: Context) -> list[Session]:
    found = await context.services.store.read(lambda db: listed(db, wanted, limit=_LOOKED_AT))
    return [each for each in await visible(found, context) if not each.needs_no_stop]


async def ids_named_in(reason: str, session: Session, context: Context) -> tuple[SessionRef, ...]:
    """Return the other open sessions whose numbers stand in a reason: they may be meant as well."""
    request, numbers = context.request, ids_anywhere(reason)[:_NUMBERS_READ]
    try:
        found = await context.services.store.read(lambda db: [find_session(db, each, request.team) for each in numbers])
    except StorageUnavailable:  # a stop does not wait for what is only a question
        return ()
    others = {each.id: each for each in found if each is not None and not each.needs_no_stop and each.id != session.id}
    return tuple([SessionRef(each.id) for each in others.values() if await context.services.policy.sees(request, each)])


async def _listed(says: str, found: Sequence[Session], context: Context) -> Outcome:
    shown = found[:_SHOWN]
    rows = await rows_of(shown, context, everywhere=not context.request.channel)
    more = f" These are {len(shown)} of {len(found)}; {code('list')} shows all." if len(found) > len(shown) else ""
    return _asked(f"{says}{more}", *rows)


def _asked(says: str, *rows: Row) -> Outcome:
    return Outcome(state=CommandState.refused, says=f"Nothing was stopped: {says}", rows=rows)
