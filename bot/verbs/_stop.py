"""stop: ask sessions to end, at once, however many people ask, and report what is known."""

import asyncio
import functools
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Final

from bot.ports import (
    Context,
    Denied,
    NoSuchSession,
    NotNow,
    Offer,
    Outcome,
    Response,
    Right,
    SessionRef,
    UsageProblem,
    Verb,
    Via,
)
from bot.process import scrub
from bot.stops import (
    PREVIEW_ROWS,
    StopChoice,
    await_outcome,
    begin_bulk,
    ended_words,
    exclusions,
    outcome_words,
    preview,
    stop_all,
    stop_one,
    unconfirmed_facts,
    worst_state,
)
from bot.text import SPELLINGS, code
from bot.verbs._clarify import ask_which_session, ids_named_in
from bot.verbs._lookup import allowed, find_sessions, thread_link
from bot.verbs._selection import AllSessions, Ambiguous, Selection, Stop, TheseSessions, starter
from bot.verbs._settling import settled_here
from storage.command import CommandState
from storage.listing import ListFilter, RuleName, oldest, rules_of
from storage.records import OPEN, Session, StopRefusal

MOST_AT_ONCE: Final = 1_000
"""One look-up of the history asks for as many (facts): a whole bulk is confirmed by one question a look."""

_LOOKED_AT: Final = 10_000
_PART: Final = 100


async def run(stop: Stop, context: Context) -> Outcome:
    """Ask before several sessions, or another channel's, are stopped: ids are easily mistyped. Then stop them."""
    which = stop.which
    if isinstance(which, Ambiguous):
        return await _ask_what_is_meant(stop, which, context)
    reason = scrub(which.reason or "").strip() or None
    choice = await (_select_by_ids(which, context) if isinstance(which, TheseSessions) else _select_all(which, context))
    if not choice.found:
        asked = await _ask_about_reason(choice.over[0], stop, context) if choice.over else None
        return asked or _nothing_to_stop(choice, context)
    here = all(session.channel == context.request.channel for session in choice.found)
    is_one = len(choice.found) == 1 and not choice.cannot and not choice.over
    one_of_ours = isinstance(which, TheseSessions) and is_one and here
    if not (context.request.confirmed or one_of_ours):
        return await _previewed(choice, reason, stop, context)
    if not context.request.confirmed and (asked := await _ask_about_reason(choice.found[0], stop, context)) is not None:
        return asked
    begun = await begin_bulk(choice, reason, context) if len(choice.found) > 1 else None
    if begun is not None:
        return await stop_all(*begun, choice, context)
    return await _stop_each(choice.found, reason, context)


async def _previewed(choice: StopChoice, reason: str | None, stop: Stop, context: Context) -> Outcome:
    """Ask before exactly these are stopped; later on, before what `stop` means by then."""
    these = TheseSessions.own(*(each.id for each in choice.found), reason=reason)
    return await preview(choice, context, confirmed=Stop(these), redraw=stop)


async def _ask_what_is_meant(stop: Stop, which: Ambiguous, context: Context) -> Outcome:
    """Return the question about an ambiguous selection."""
    if not which.ids:
        return await ask_which_session(which.words, context)
    choice = await _select_by_ids(TheseSessions(which.ids, None), context)
    return await _previewed(choice, None, stop, context) if choice.found else _nothing_to_stop(choice, context)


async def _ask_about_reason(session: Session, stop: Stop, context: Context) -> Outcome | None:
    """Ask about other open sessions that are named in the reason, unless it is surely only that; or None."""
    which = stop.which
    if not isinstance(which, TheseSessions) or which.reason is None or which.sure or context.request.again:
        return None
    reason = which.reason
    named = await ids_named_in(f"{session.id} {reason}", session, context)
    choice = (
        await _select_by_ids(TheseSessions((SessionRef(session.id), *named), None), context)
        if named
        else StopChoice(found=())
    )
    if not any(each.id != session.id for each in choice.found):
        return None
    why = scrub(reason)
    names = ", ".join(map(str, named))
    asked = await _previewed(choice, why, stop, context)
    says = f"Is {names} meant, too? It is open, and its number stands in the reason.\n{asked.says}"
    if session not in choice.found:  # it is over
        return replace(asked, says=says)
    only = Stop(TheseSessions.own(session.id, reason=why))
    offer = Offer(label=f"Stop only {session.name}", intent=only, confirmed=True, danger=True)
    return replace(asked, says=says, offers=(offer, *asked.offers))


async def _select_by_ids(which: TheseSessions, context: Context) -> StopChoice:
    """Return the sessions, each once: its two numbers may both have been typed. One mistyped id stops nothing."""
    if len(which.ids) > MOST_AT_ONCE:
        raise UsageProblem(f"At most {MOST_AT_ONCE:,} sessions at once. Nothing was stopped.")

    async def one(ref: SessionRef, found: Session | None) -> Session | Denied:
        try:
            session = await allowed(context, ref, found)
            await _allow_elsewhere(session, context)
        except NoSuchSession as missing:
            hint = " A reason that begins with a number goes in quotes." if len(which.ids) > 1 else ""
            raise NoSuchSession(f"{missing.sentence}{hint}") from None
        except Denied as problem:
            return problem
        return session

    store, team, answers = context.services.store, context.request.team, list[Session | Denied]()
    for at in range(0, len(which.ids), _PART):
        some = which.ids[at : at + _PART]
        found = await store.read(functools.partial(find_sessions, refs=some, team=team))
        answers += await asyncio.gather(*map(one, some, found))
    choice = _choice([str(ref) for ref in which.ids], answers)
    if context.request.confirmed:
        return choice  # exactly the list that was shown: its summary says which of them had ended before
    over = tuple(each for each in choice.found if each.stop_refusal is StopRefusal.over)
    return replace(choice, found=tuple(each for each in choice.found if each not in over), over=over)


async def _select_all(which: AllSessions, context: Context) -> StopChoice:
    """Return the selected open sessions, the oldest first: the longest hanging one is stopped soonest.

    One that *ended* by a first reading is left to the second one (`needs_no_stop`), and named: its id stops it.
    """
    request = context.request
    if which.everywhere and starter(which, request.actor) != request.actor:
        await context.services.policy.allow(request, Right.everywhere)
    wanted = ListFilter(
        team=request.team,
        states=OPEN,
        channel=None if which.everywhere else request.channel,
        starter=starter(which, request.actor),
        origin=which.origin,
        silent=which.silent,
    )
    store = context.services.store
    if which.rule is not None:
        called = _rules_called(which.rule, await store.read(lambda db: rules_of(db, wanted)), context)
        wanted = replace(wanted, rules=called)

    def is_older(session: Session) -> bool:
        if which.older is None:
            return True
        age = context.services.clock.since(session.started_at or session.created_at)
        return which.older.total_seconds() <= age < math.inf  # of one from the future nobody knows

    async def one(session: Session) -> Session | Denied | None:
        if not await context.services.policy.sees(request, session):
            return None
        try:
            await context.services.policy.allow_session(request, Right.stop, session)
            await _allow_elsewhere(session, context)
        except Denied as problem:
            return problem
        return session

    names, answers = list[str](), list[Session | Denied | None]()
    async for some in _read_in_parts(wanted, context):
        fits = [each for each in some if each.stop_refusal is not StopRefusal.over and is_older(each)]
        names += [each.name for each in fits]
        answers += await asyncio.gather(*map(one, fits))
    choice = _choice(names, answers)
    read_once = tuple(each for each in choice.found if each.needs_no_stop)
    choice = replace(choice, found=tuple(each for each in choice.found if each not in read_once), read_once=read_once)
    if not choice.found and not choice.cannot:
        where = "" if which.everywhere else " in this channel"
        says = f"No open session{where} fits {code(context.line(Stop(which)), 200)}. Nothing was stopped."
        raise NotNow("\n".join([says, *exclusions(choice)]))
    return choice


async def _read_in_parts(wanted: ListFilter, context: Context) -> AsyncIterator[list[Session]]:
    """Yield the selected sessions, the oldest first, in parts that hold up no other command."""
    last = 0
    for _ in range(_LOOKED_AT // _PART):
        some = await context.services.store.read(functools.partial(oldest, wanted=wanted, after=last, limit=_PART))
        if not some:
            return
        yield some
        last = some[-1].id


def _choice(names: Sequence[str], answers: Sequence[Session | Denied | None]) -> StopChoice:
    """Return the sessions that may be stopped, each once, and the refused ones; invisible ones are left out."""
    found = {each.id: each for each in answers if isinstance(each, Session)}
    cannot = {name: each for name, each in zip(names, answers, strict=True) if isinstance(each, Denied)}
    kept = tuple(found.values())[:MOST_AT_ONCE]
    return StopChoice(found=kept, cannot=cannot, left_out=len(found) - len(kept))


async def _allow_elsewhere(session: Session, context: Context) -> None:
    if session.channel != context.request.channel:
        await context.services.policy.allow_stop_elsewhere(context.request, session)


def _rules_called(typed: str, there: Sequence[RuleName], context: Context) -> list[RuleName]:
    """Return the rules of this number, alias or name: exactly, or else as it reads, or else in any case.

    The platform is not asked: it may be hanging.
    """
    known = context.services.rules.known().rules
    for spelling in SPELLINGS:
        wanted = spelling(typed)
        ids = {each.id for each in context.services.settings.rules if spelling(each.alias) == wanted}
        if not ids:
            names = {(each.id, each.name) for each in known}
            for number, name in there:
                names |= {(number, str(number)), (number, name), (number, " ".join((name or "").split()))}
                names |= set() if name else {(number, f"rule {number}")}
            ids = {rule for rule, name in names if name and spelling(name) == wanted}
        if ids:
            return [each for each in there if each[0] in ids]
    return []


def _nothing_to_stop(choice: StopChoice, context: Context) -> Outcome:
    """Return who ended those that are over; raises Denied, with the reasons, where none is and none may be stopped."""
    why_not = list(dict.fromkeys(problem.sentence for problem in choice.cannot.values()))
    if not choice.over:
        raise Denied("\n".join(why_not))
    says = [ended_words(each) for each in choice.over[:PREVIEW_ROWS]]
    more = len(choice.over) - len(says)
    says += [f"{more} more have ended, too."] if more else []
    only = choice.over[0].id if len(choice.over) == 1 else None
    state = CommandState.denied if why_not else CommandState.done
    text = "\n".join([*says, *why_not])
    return Outcome(state=state, says=text, session=only, quiet=not _is_news(text, context))


def _is_news(says: str, context: Context, about: object = None) -> bool:
    """Return whether this person has not just got this response: a repeated press gets it once.

    `about` separates responses about different stops. At a terminal everything is printed.
    """
    request = context.request
    text = f"{says} {about}"
    return request.via is Via.terminal or context.services.recent_responses.is_news(
        request.actor, request.channel, text
    )


async def _stop_each(found: tuple[Session, ...], reason: str | None, context: Context) -> Outcome:
    """Stop one session; or several without a list: the database cannot keep it, or there is no channel for it."""
    if len(found) == 1:
        found = (await settled_here(found[0], context),)
    told = await asyncio.gather(*(stop_one(session, reason, context) for session in found))
    waiting = [each.wait_for for each in told if each.wait_for is not None]

    async def report_verdicts() -> None:
        said = "\n".join(await asyncio.gather(*(_verdict(session, context) for session in waiting)))
        if _is_news(said, context, [session.stop and session.stop.command for session in waiting]):
            await context.request.respond(Response(text=said))

    says = "\n".join(each.text for each in told)
    return Outcome(
        state=worst_state([each.state for each in told]),
        says=says,
        quiet=all(each.idle for each in told) and not _is_news(says, context),
        session=found[0].id if len(found) == 1 else None,
        in_background=report_verdicts if waiting else None,
    )


async def _verdict(session: Session, context: Context) -> str:
    services = context.services
    settled = await await_outcome(session, services)
    says = "\n".join([outcome_words(settled), *await unconfirmed_facts(settled, services)])
    return f"{says}{await thread_link(session.id, context.request, services)}"


_EXAMPLE: Final = code('stop all rule=support older=30m reason="they hang"')

VERB = Verb(
    name="stop",
    takes=Stop,
    arguments=(Selection(),),
    summary="Ask a session to end, and say whether it did.",
    details=(
        "The scenario gets the rule's stop message; the platform's history then says whether the session "
        f"ended. Several ids, {code('all')}, or a session of another channel, are asked about first, and so is what is "
        f"unclear. A reason that begins with a number goes in quotes. Examples: {code('stop 7 wrong number dialled')}; "
        f"{_EXAMPLE}."
    ),
    right=Right.stop,
    run=run,
    urgent=True,
)
