"""list: sessions a page at a time, those that need attention first, each open one with its Stop button."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from bot.ports import (
    ME,
    Context,
    Intent,
    Offer,
    Options,
    Outcome,
    Right,
    SessionRef,
    Verb,
    choice_option,
    page_option,
    person_option,
    session_ref,
    text_option,
)
from bot.text import code, person
from bot.verbs._filters import (
    ORIGIN_OPTION,
    SILENT_OPTION,
    origin_filter_words,
    rules_with,
    unread,
    unread_words,
)
from bot.verbs._lookup import find_session, session_for
from bot.verbs._loose_words import TROUBLED, as_option, with_phrases
from bot.verbs._rows import may_see, rows_of, visible
from storage.listing import ListFilter, RuleName, listed, needs_attention, rules_of
from storage.records import FINAL, OPEN, Origin, Session, State

SHOWN: Final = 10
NEXT_PAGE: Final = "Next page"
LOOKED_AT: Final = 1_000
"""The number of sessions of one list; the policy may leave some of them out."""

UNREAD_SHOWN: Final = 3

_STATES: Final[dict[str, tuple[State, ...]]] = {"open": OPEN, "ended": FINAL, "any": tuple(State)}


@dataclass(frozen=True)
class List(Intent):
    """The filters of the list: `state`, `channel`, `rule`, `by`, `origin`, `silent`, `page`, as far as given."""

    options: Mapping[str, Any]

    @property
    def state(self) -> str:
        """`open`, `ended` or `any`."""
        return str(self.options.get("state", "open"))

    @property
    def about(self) -> str:
        """A word without an option: a number, or a property of a session; empty without one."""
        return str(self.options.get("about", ""))

    @property
    def rule(self) -> str | None:
        """A part of the rule's name, its number or its alias."""
        return self.options.get("rule")

    @property
    def origin(self) -> Origin | None:
        """The origin of the sessions."""
        return None if (given := self.options.get("origin")) is None else Origin(given)

    @property
    def silent(self) -> timedelta | None:
        """The time for which they were not heard of."""
        return self.options.get("silent")

    @property
    def everywhere(self) -> bool:
        """Return whether sessions of all channels are listed."""
        return self.options.get("channel") == "all"

    def at(self, page: int) -> "List":
        """Return the same list at another page."""
        return List({**self.options, "page": page})


async def run(listing: List, context: Context) -> Outcome:
    """Return one page of the selected sessions, a row each."""
    if (ref := session_ref(listing.about)) is not None:
        return await _by_number(ref, listing, context)
    found = await _found(listing, context)
    if not found.sessions and listing.about:
        return await _without_words(listing, context)
    unread = await _unread_words(listing, context)
    if not found.sessions:
        return Outcome(says=f"{_none(listing, context)}{unread}")
    pages = -(-len(found.sessions) // SHOWN)
    page = min(listing.options.get("page", 1), pages)
    rows = await rows_of(found.sessions[(page - 1) * SHOWN : page * SHOWN], context, everywhere=listing.everywhere)
    says, limit = _says(listing, found, page, pages, context)
    says = f"{says}{_attention_words(found)}{limit}{unread}"
    return Outcome(says=says, rows=rows, offers=_offers(listing, page, pages))


async def _by_number(ref: SessionRef, listing: List, context: Context) -> Outcome:
    """Return the session of that number, with an offer of the page of that number; without such a session, the page."""
    session = await context.services.store.read(lambda db: find_session(db, ref, context.request.team))
    rest = List({name: value for name, value in listing.options.items() if name != "about"})
    pages = -(-len((await _found(rest, context)).sessions) // SHOWN)
    page = ref.number if 1 < ref.number <= pages else None
    if session is None or not await may_see(session, context):
        if page is not None:
            return await run(rest.at(page), context)
        session = await session_for(context, ref)
    shown = await rows_of([session], context, everywhere=session.channel != context.request.channel)
    offers = () if page is None else (Offer(label=f"Page {page} of the list", intent=rest.at(page)),)
    return Outcome(says=f"Session {session.name}; {code('list')} shows all open ones.", rows=shown, offers=offers)


async def _without_words(listing: List, context: Context) -> Outcome:
    """Return the list without words that mean no session, with a note about them behind its first line.

    At a terminal a table stands in the place of that line.
    """
    whole = await run(List({name: value for name, value in listing.options.items() if name != "about"}), context)
    words = listing.about.casefold()
    none = "None of these needs attention" if words in TROUBLED else f"Nothing here is about {code(listing.about, 100)}"
    counted, line, notes = whole.says.partition("\n")
    return whole if not whole.rows else replace(whole, says=f"{counted}\n{none}.{line}{notes}")


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The selected sessions that may be seen from here; `is_cut`: more fit than were looked at."""

    sessions: list[Session]
    is_cut: bool


async def _found(listing: List, context: Context) -> _Found:
    """Return the selected sessions, `LOOKED_AT` at most; raises Denied for other people's in all channels."""
    request, policy, store = context.request, context.services.policy, context.services.store
    starter = _starter(listing, context)
    if listing.everywhere and starter != request.actor:
        await policy.allow(request, Right.everywhere)
    wanted = ListFilter(
        team=request.team,
        states=_STATES[listing.state],
        channel=None if listing.everywhere else request.channel,
        starter=starter,
        origin=listing.origin,
        silent=listing.silent,
    )
    if listing.rule or listing.about:
        wanted = of_named_rules(wanted, await store.read(lambda db: rules_of(db, wanted)), listing, context)
    found = await store.read(lambda db: listed(db, wanted, limit=LOOKED_AT + 1))
    seen = await visible(found[:LOOKED_AT], context)
    return _Found(sessions=seen, is_cut=len(found) > LOOKED_AT)


def of_named_rules(wanted: ListFilter, known: list[RuleName], listing: List, context: Context) -> ListFilter:
    """Return the filter with the rules that `rule` and loose words name; a word for trouble selects that as well."""
    rules = known if listing.rule is None else rules_with(known, listing.rule, context)
    if not listing.about:
        return replace(wanted, rules=rules)
    about = rules_with(rules, listing.about, context)
    if listing.about.casefold() in TROUBLED:
        return replace(wanted, rules=rules, needs_attention=True, or_rules=about)
    return replace(wanted, rules=about)


def _starter(listing: List, context: Context) -> str | None:
    by = listing.options.get("by")
    return context.request.actor if by == ME else by


def _says(listing: List, found: _Found, page: int, pages: int, context: Context) -> tuple[str, str]:
    """Return the sentence with their number, and a line about those that are not listed."""
    word, count = {"open": "open", "ended": "over", "any": "known"}[listing.state], len(found.sessions)
    least = "More than " if found.is_cut else ""
    counted = "1 session is" if count == 1 and not found.is_cut else f"{least}{count} sessions are"
    where = f"{counted} {word} {_where(listing)}{_filter_words(listing, context)}."
    more = "" if pages == 1 else f" Page {page} of {pages}."
    narrow = f"{code('rule=')}, {code('origin=')} or {code('silent=')} narrow it down"
    limit = f"\nThe newest are listed, and before them those that need attention; {narrow}." if found.is_cut else ""
    return f"{where}{more}", limit


def _attention_words(found: _Found) -> str:
    """Return the number of sessions that need attention; they stand first."""
    count = sum(needs_attention(each) for each in found.sessions)
    if count == 0:
        return ""
    least = "More than " if found.is_cut and count == len(found.sessions) else ""
    return " 1 needs attention and stands first." if count == 1 else f" {least}{count} need attention and stand first."


def _none(listing: List, context: Context) -> str:
    where = f"{_where(listing)}{_filter_words(listing, context)}"
    if listing.state == "open" and listing.silent is not None:
        whole = code("list channel=all" if listing.everywhere else "list")
        return f"No session is open {where}. {whole} shows all that are open."
    if listing.state == "open":
        return f"No session is open {where}. {code('list state=ended')} shows those that are over."
    return f"No session {where} is " + ("over." if listing.state == "ended" else "known.")


def _where(listing: List) -> str:
    return "in the channels that you may see" if listing.everywhere else "in this channel"


def _filter_words(listing: List, context: Context) -> str:
    """Return the other filters in words, so that nobody takes a part for the whole."""
    starter = _starter(listing, context)
    by = "" if starter is None else f", started by {person(starter)}"
    come = origin_filter_words(listing.origin, listing.silent)
    of_rule = "" if listing.rule is None else f", of rule {code(listing.rule, 100)}"
    return by + come + of_rule + (f", about {code(listing.about, 100)}" if listing.about else "")


async def _unread_words(listing: List, context: Context) -> str:
    """Return which announcements cannot be read, where silence was asked for: none may be silent because of that."""
    if listing.silent is None:
        return ""
    found = await context.services.store.read(unread)
    return "".join(f"\n{unread_words(each, context.services.clock)}" for each in found[:UNREAD_SHOWN])


def _offers(listing: List, page: int, pages: int) -> tuple[Offer, ...]:
    """Return the buttons for the pages before and after this one."""
    labels = {page - 1: "Previous page", page + 1: NEXT_PAGE}
    return tuple(Offer(label=label, intent=listing.at(other)) for other, label in labels.items() if 1 <= other <= pages)


VERB = Verb(
    name="list",
    takes=List,
    arguments=(
        Options(
            (
                choice_option("state", "open", "ended", "any"),
                choice_option("channel", "here", "all"),
                text_option("rule", "…"),
                person_option("by"),
                ORIGIN_OPTION,
                SILENT_OPTION,
                text_option("about", ""),
                page_option("page"),
            ),
            meant=as_option,
            phrases=with_phrases,
        ),
    ),
    summary="Show sessions, those that need attention first.",
    details=(
        f"Only you see the answer. Without options: the open ones of this channel; {code('list ended')}, "
        f"{code('list all')}, {code('list mine')} and {code('list 7')} are understood, too. "
        f"{code('rule=')} takes a part of the name; "
        f"{code('by=me channel=all')} shows your own wherever they run. {code('origin=elsewhere')} shows those that "
        "nobody started in Slack, "
        f"{code('silent=5m')} those that announce themselves and were not heard of for so long. "
        f"Example: {code('list state=any rule=support')}."
    ),
    right=Right.look,
    run=run,
)
