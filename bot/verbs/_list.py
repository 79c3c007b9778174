"""list: sessions a page at a time, those that need attention first, each open one with its Stop button."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.ports import (
    ME,
    Context,
    Intent,
    Offer,
    Options,
    Outcome,
    Right,
    Row,
    SessionRef,
    Verb,
    beginning_words,
    choice_option,
    data_suffix,
    heard_words,
    page_option,
    person_option,
    place_words,
    rule_name,
    session_ref,
    state_sign,
    state_words,
    text_option,
)
from bot.text import code, duration_words, fold_name, is_mention, link, person, strong
from bot.verbs._lookup import find_session, session_for
from storage import messages
from storage.listing import ListFilter, listed, needs_attention
from storage.message import Message
from storage.records import FINAL, OPEN, Session, State

SHOWN: Final = 10
NEXT_PAGE: Final = "Next page"
LOOKED_AT: Final = 1_000
"""The number of sessions read for one list; a rule or the policy may leave some of them out."""

_STATES: Final[dict[str, tuple[State, ...]]] = {"open": OPEN, "ended": FINAL, "any": tuple(State)}


_TROUBLED: Final = frozenset({
    "stuck", "hanging", "hangs", "hung", "unconfirmed", "attention", "problem", "problems", "trouble", "lost",
    "overdue", "late", "unknown", "broken",
})  # fmt: skip
_LOOSE: Final[dict[str, str]] = {
    **dict.fromkeys(("open", "running", "active", "live", "now", "current"), "state=open"),
    **dict.fromkeys(("ended", "closed", "over", "finished", "done", "past", "old", "stopped"), "state=ended"),
    **dict.fromkeys(("all", "any", "everything"), "state=any"),
    **dict.fromkeys(("me", "my", "mine"), "by=me"),
    "here": "channel=here",
    "everywhere": "channel=all",
    **dict.fromkeys(("session", "sessions", "the", "please", "ones"), ""),
}
"""Words that people write where an option would stand, and what they plainly mean."""


@dataclass(frozen=True)
class List(Intent):
    """The filters of the list: `state`, `channel`, `rule`, `by`, `page`, as far as given."""

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
    if not found and listing.about:
        return await _without_words(listing, context)
    if not found:
        return Outcome(says=_none(listing, context))
    pages = -(-len(found) // SHOWN)
    page = min(listing.options.get("page", 1), pages)
    shown = found[(page - 1) * SHOWN : page * SHOWN]
    cards = await context.services.store.read(lambda db: {each.id: messages.card_of(db, each.id) for each in shown})
    rows = tuple(row(each, cards[each.id], context, everywhere=listing.everywhere) for each in shown)
    says = f"{_says(listing, len(found), page, pages, context)}{_attention_words(found)}"
    return Outcome(says=says, rows=rows, offers=_offers(listing, page, pages))


async def _by_number(ref: SessionRef, listing: List, context: Context) -> Outcome:
    """Return the session of that number, with an offer of the page of that number; without such a session, the page."""
    session = await context.services.store.read(lambda db: find_session(db, ref, context.request.team))
    rest = List({name: value for name, value in listing.options.items() if name != "about"})
    pages = -(-len(await _found(rest, context)) // SHOWN)
    page = ref.number if 1 < ref.number <= pages else None
    if session is None or not await may_see(session, context):
        if page is not None:
            return await run(rest.at(page), context)
        session = await session_for(context, ref)
    card = await context.services.store.read(lambda db: messages.card_of(db, session.id))
    shown = row(session, card, context, everywhere=session.channel != context.request.channel)
    offers = () if page is None else (Offer(label=f"Page {page} of the list", intent=rest.at(page)),)
    return Outcome(says=f"Session {session.name}; {code('list')} shows all open ones.", rows=(shown,), offers=offers)


async def _without_words(listing: List, context: Context) -> Outcome:
    """Return the list without words that mean no session, with a note about them."""
    whole = await run(List({name: value for name, value in listing.options.items() if name != "about"}), context)
    words = listing.about.casefold()
    none = (
        "None of these needs attention" if words in _TROUBLED else f"Nothing here is about {code(listing.about, 100)}"
    )
    return whole if not whole.rows else replace(whole, says=f"{none}. {whole.says}")


async def _found(listing: List, context: Context) -> list[Session]:
    """Return all selected sessions that may be seen from here; raises Denied for other people's in all channels."""
    request, policy = context.request, context.services.policy
    starter = _starter(listing, context)
    if listing.everywhere and starter != request.actor:
        await policy.allow(request, Right.everywhere)
    wanted = ListFilter(
        team=request.team,
        states=_STATES[listing.state],
        channel=None if listing.everywhere else request.channel,
        starter=starter,
    )
    found = await context.services.store.read(lambda db: listed(db, wanted, limit=LOOKED_AT))
    of_rule = [each for each in found if _is_of(each, listing.options.get("rule"), context)]
    return [each for each in of_rule if is_about(each, listing.about, context) and await may_see(each, context)]


async def may_see(session: Session, context: Context) -> bool:
    """Return whether a session may be listed: one's own may, in every channel."""
    request, policy = context.request, context.services.policy
    if session.starter == request.actor:
        return True
    return await policy.sees(request, session) and await policy.may(request, Right.look, session)


def _starter(listing: List, context: Context) -> str | None:
    by = listing.options.get("by")
    return context.request.actor if by == ME else by


def _is_of(session: Session, wanted: str | None, context: Context) -> bool:
    """Return whether a session's rule is the selected one: by number, by alias, or by a part of its name."""
    if wanted is None or wanted == str(session.rule_id):
        return True
    aliases = {each.alias: each.id for each in context.services.settings.rules}
    return aliases.get(wanted) == session.rule_id or fold_name(wanted) in fold_name(session.rule)


def is_about(session: Session, words: str, context: Context) -> bool:
    """Return whether loose words may mean this session: a part of its rule's name, or that it needs attention."""
    if words.casefold() in _TROUBLED and needs_attention(session):
        return True
    return not words or _is_of(session, words, context)


def _says(listing: List, count: int, page: int, pages: int, context: Context) -> str:
    word = {"open": "open", "ended": "over", "any": "known"}[listing.state]
    counted = "1 session is" if count == 1 else f"{count} sessions are"
    where = f"{counted} {word} {_where(listing)}{_filter_words(listing, context)}."
    more = "" if pages == 1 else f" Page {page} of {pages}."
    limit = f" Only the newest {LOOKED_AT} were looked at." if count >= LOOKED_AT else ""
    return f"{where}{more}{limit}"


def _attention_words(found: list[Session]) -> str:
    """Return the number of sessions that need attention; they stand first."""
    count = sum(needs_attention(each) for each in found)
    if count == 0:
        return ""
    return " 1 needs attention and stands first." if count == 1 else f" {count} need attention and stand first."


def _none(listing: List, context: Context) -> str:
    where = f"{_where(listing)}{_filter_words(listing, context)}"
    if listing.state == "open":
        return f"No session is open {where}. {code('list state=ended')} shows those that are over."
    return f"No session {where} is " + ("over." if listing.state == "ended" else "known.")


def _where(listing: List) -> str:
    return "in the channels that you may see" if listing.everywhere else "in this channel"


def _filter_words(listing: List, context: Context) -> str:
    """Return the other filters in words, so that nobody takes a part for the whole."""
    starter, wanted = _starter(listing, context), listing.options.get("rule")
    by = "" if starter is None else f", started by {person(starter)}"
    of_rule = "" if wanted is None else f", of rule {code(wanted, 100)}"
    return by + of_rule + (f", about {code(listing.about, 100)}" if listing.about else "")


def row(session: Session, card: Message | None, context: Context, *, everywhere: bool) -> Row:
    """Return a session's line, with its channel where several are listed (`everywhere`), and its Stop button."""
    address = context.services.board.link(card)
    name = link(address, session.name) if address else session.name
    clock = context.services.clock
    where = place_words(session) if everywhere else ""
    began = beginning_words(session, clock.age(session.started_at or session.created_at))
    heard = "" if (words := heard_words(session, clock)) is None else f", {words}"
    ran = f", ran {duration_words(session.duration)}" if session.seems_over and session.duration is not None else ""
    what = f"{state_sign(session)} {strong(name)} {rule_name(session)} – {strong(state_words(session))}"
    text = f"{what}, {began}{where}{heard}{ran}"
    return Row(text=text + data_suffix(session), stoppable=session, about=session)


def _offers(listing: List, page: int, pages: int) -> tuple[Offer, ...]:
    """Return the buttons for the pages before and after this one."""
    labels = {page - 1: "Previous page", page + 1: NEXT_PAGE}
    return tuple(Offer(label=label, intent=listing.at(other)) for other, label in labels.items() if 1 <= other <= pages)


def _as_option(word: str) -> str:
    """Return a loose word as an option; `run` resolves a number or a part of a rule's name."""
    if (option := _LOOSE.get(word.casefold().strip("-–—.,:;!?"))) is not None:
        return option
    return f"by={word}" if is_mention(word) else f"about={word}"


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
                text_option("about", ""),
                page_option("page"),
            ),
            meant=_as_option,
        ),
    ),
    summary="Show sessions, those that need attention first.",
    details=(
        f"Only you see the answer. Without options: the open ones of this channel; {code('list ended')}, "
        f"{code('list all')}, {code('list mine')} and {code('list 7')} are understood, too. "
        f"{code('rule=')} takes a part of the name; "
        f"{code('by=me channel=all')} shows your own wherever they run. Example: {code('list state=any rule=support')}."
    ),
    right=Right.look,
    run=run,
)
