"""find: sessions by whatever is known of them, for a person who has only a complaint in hand.

A number, a word of the data, a rule, an application or an id; open sessions first, and of those the ones that need
attention. Phone numbers are shown by their last digits, and what was looked for is not kept.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from bot.ports import Context, Denied, Intent, Offer, Outcome, Right, Verb
from bot.text import code
from bot.verbs._list import NEXT_PAGE
from bot.verbs._rows import rows_of, visible, without_numbers_of
from bot.verbs._sought import Reading, finder, numbers_to_ask, readings
from bot.voximplant.errors import PlatformError
from storage import Connection, searching
from storage.listing import ListFilter, listed, needs_attention
from storage.records import LARGEST, OPEN, Session
from storage.searching import Searched

SHOWN: Final = 10
NEAR_SHOWN: Final = 5
NEAR_LOOKED_AT: Final = 1_000
LISTED: Final = 200
"""The number of sessions on all pages; where there are more, another word is needed."""

_READ_AT_ONCE: Final = 200

PATIENCE_S: Final = 5.0
"""The time for which sessions are searched; those that were recorded earlier are left out then, and it is said."""

HISTORY_PATIENCE_S: Final = 2.0
HISTORY_REACHES: Final = timedelta(hours=24)
_OPEN_PART: Final = 1_000
_OVER_PART: Final = 500
"""The number of sessions that are read at once: some milliseconds, behind which other reads wait."""

_Read = Callable[..., list[Searched]]
_DIGITS_KEPT: Final = 4
_UNKNOWN_SHOWN: Final = 5


@dataclass(frozen=True)
class Find(Intent):
    """The words that are looked for, and the page of what was found."""

    what: str
    page: int = 1


@dataclass(frozen=True)
class SoughtText:
    """The argument of `find`: the rest of the line. It is written, for the record, without whole phone numbers."""

    name: str = "what"
    usage: str = "<number|data>"

    def read(self, text: str) -> tuple[str, str]:
        """Read everything; raises UsageProblem where nothing is looked for."""
        readings(text)
        return text.strip(), ""

    def of_words(self, words: Sequence[str]) -> str:
        """Read the words of a shell: one with blanks is one thing that is looked for."""
        return self.read(" ".join(f'"{each}"' if " " in each and '"' not in each else each for each in words))[0]

    def write(self, value: str) -> str:
        """Return the words; of numbers the last digits."""
        return " ".join(each.shown(_DIGITS_KEPT) for each in readings(value)[0].words)


@dataclass
class _Matches:
    """The sessions that fit each reading, by id.

    `before` is the id down to which sessions were searched in time. `called` are the platform's numbers of sessions
    with calls of the number; None: the history could not be asked. `unknown` are those that are not on record.
    """

    by_reading: list[dict[int, Searched]]
    before: int | None = None
    called: frozenset[int] | None = frozenset()
    unknown: tuple[int, ...] = ()


async def run(find: Find, context: Context) -> Outcome:
    """Return one page of the sessions that have all these words, or else those that may be meant."""
    ways = readings(find.what)
    matches = await _search(ways, context)
    for reading, fitting in zip(ways, matches.by_reading, strict=True):
        if seen := await _first_visible(fitting.values(), context):
            return await _page(find, reading, seen, matches, context)
    return await _nothing(ways[0], matches, context)


async def _first_visible(fitting: Iterable[Searched], context: Context) -> list[Session]:
    """Return those that may be seen from here, in the order of a list, and one more than are listed if there are."""
    best = sorted(fitting, key=lambda each: (not each.is_open, not each.needs_attention, -each.id))
    ids, seen = deque(each.id for each in best), list[Session]()
    while ids and len(seen) <= LISTED:
        some = [ids.popleft() for _ in range(min(_READ_AT_ONCE, len(ids)))]
        found = await context.services.store.read(functools.partial(searching.by_ids, ids=some))
        seen += await visible(found, context)
    return seen[: LISTED + 1]


async def _search(ways: Sequence[Reading], context: Context) -> _Matches:
    """Return the sessions that fit: by their own columns, and by the calls that the history has."""
    matches, aliases = _Matches([{} for _ in ways]), _aliases(context)
    _, matches.called = await asyncio.gather(_look_through(ways, aliases, matches, context), _called(ways[0], context))
    ids = matches.called
    if not ids:
        return matches
    team = context.request.team
    rows = await context.services.store.read(lambda db: searching.of_history(db, team, sorted(ids)))
    _sort_in(rows, finder(ways, aliases, ids), matches)
    matches.unknown = tuple(sorted(ids - {each.history_id for each in rows}, reverse=True))
    return matches


async def _look_through(
    ways: Sequence[Reading], aliases: Callable[[int], str], matches: _Matches, context: Context
) -> None:
    """Search the open sessions, then those that are over, the newest first, in parts that hold up no other command."""
    clock, store, team = context.services.clock, context.services.store, context.request.team
    place_of, began = finder(ways, aliases), clock.monotonic()

    def part(db: Connection, read: _Read, before: int, limit: int) -> int | None:
        rows = read(db, team, before=before, limit=limit)
        _sort_in(rows, place_of, matches)
        return rows[-1].id if len(rows) == limit else None

    before: int | None = LARGEST
    while before is not None:
        before = await store.read(functools.partial(part, read=searching.open_before, before=before, limit=_OPEN_PART))
    before = LARGEST
    while before is not None:
        if clock.monotonic() - began > PATIENCE_S:
            matches.before = before
            return
        before = await store.read(functools.partial(part, read=searching.over_before, before=before, limit=_OVER_PART))


def _sort_in(rows: Sequence[Searched], place_of: Callable[[Searched], int | None], matches: _Matches) -> None:
    """Keep each session with the first reading that it fits."""
    for row in rows:
        if (place := place_of(row)) is not None:
            matches.by_reading[place][row.id] = row


async def _called(reading: Reading, context: Context) -> frozenset[int] | None:
    """Return the sessions of the last day in which the history has a call of the number that is looked for.

    A caller is in no session's data: only the history knows who called.
    """
    if not reading.numbers:
        return frozenset()
    management = context.services.management
    now = management.clock.now()
    try:
        async with asyncio.timeout(HISTORY_PATIENCE_S):
            rows = await management.sessions_with_number(
                numbers_to_ask(reading), now - HISTORY_REACHES, now + timedelta(minutes=1)
            )
    except (PlatformError, TimeoutError):
        return None
    return frozenset(each.history_id for each in rows)


def _aliases(context: Context) -> Callable[[int], str]:
    """Return a function that returns the settings' names of a rule, in one text."""
    names: Mapping[int, str] = {
        each.id: " ".join(other.alias for other in context.services.settings.rules if other.id == each.id)
        for each in context.services.settings.rules
    }
    return lambda rule_id: names.get(rule_id, "")


async def _page(find: Find, reading: Reading, seen: list[Session], matches: _Matches, context: Context) -> Outcome:
    is_cut, seen = len(seen) > LISTED, seen[:LISTED]
    pages = -(-len(seen) // SHOWN)
    page = min(find.page, pages)
    digits = context.services.settings.limits.log_phone_digits
    shown = [without_numbers_of(each, digits) for each in seen[(page - 1) * SHOWN : page * SHOWN]]
    open_, troubled = sum(not each.seems_over for each in seen), sum(map(needs_attention, seen))
    least = "More than " if is_cut else ""
    counted = "1 session has" if len(seen) == 1 and not is_cut else f"{least}{len(seen)} sessions have"
    need = f", {troubled} in need of attention" if troubled else ""
    stand = f"; {open_} of them open{need}" if len(seen) > 1 else ""
    wanted = readings(find.what)[0]
    calm = wanted.without_trouble != wanted and reading.without_trouble == reading
    says = [
        f"{counted} {_quoted(reading, digits)}{stand}." + (f" Page {page} of {pages}." if pages > 1 else ""),
        *(["None of those needs attention."] if calm and not troubled else []),
        *(["Another word narrows it down."] if is_cut else []),
        *await _notes(matches, context),
    ]
    labels = {page - 1: "Previous page", page + 1: NEXT_PAGE}
    offers = tuple(Offer(label=label, intent=Find(find.what, at)) for at, label in labels.items() if 1 <= at <= pages)
    return Outcome(says=" ".join(says), rows=await rows_of(shown, context, everywhere=True), offers=offers)


async def _nothing(reading: Reading, matches: _Matches, context: Context) -> Outcome:
    """Return where was looked, and the sessions that need attention: a complaint is most likely about one of them."""
    request, digits = context.request, context.services.settings.limits.log_phone_digits
    wanted = ListFilter(team=request.team, states=OPEN, needs_attention=True)
    troubled = await context.services.store.read(lambda db: listed(db, wanted, limit=NEAR_LOOKED_AT))
    near = [without_numbers_of(each, digits) for each in await visible(troubled, context)]
    says = [
        f"No session that you can see has {_quoted(reading, digits)}.",
        "Looked for in their data, rules, applications and ids.",
        f"Known are those that were started in Slack or announce themselves; {code('rules')} says whose sessions do.",
        *await _notes(matches, context),
    ]
    if not context.services.policy.offers(request, Right.everywhere):
        says.append(
            f"Those of private channels, and of no channel, are found by people with a grant of {code('everywhere')}."
        )
    if near:
        says.append("These need attention:" if len(near) <= NEAR_SHOWN else "Of those that need attention:")
    rows = await rows_of(near[:NEAR_SHOWN], context, everywhere=True)
    none = tuple(replace(each, about=None) for each in rows)  # a script takes none of these for a match
    return Outcome(says=" ".join(says), rows=none)


def _quoted(reading: Reading, digits: int) -> str:
    return " and ".join(each.shown(digits) for each in reading.words)


async def _notes(matches: _Matches, context: Context) -> list[str]:
    """Return what the search did not reach, and sessions that only the platform knows."""
    says = []
    if matches.before is not None:
        says.append(f"Those that are over and were recorded before #{matches.before} were not searched.")
    if matches.called is None:
        says.append("Who called is not known: the platform's history could not be asked.")
    if matches.unknown and await _sees_everything(context):
        names = ", ".join(f"h{each}" for each in matches.unknown[:_UNKNOWN_SHOWN])
        more = "" if len(matches.unknown) <= _UNKNOWN_SHOWN else " and others"
        says.append(f"The history has calls of that number in sessions that are not on record here: {names}{more}.")
    return says


async def _sees_everything(context: Context) -> bool:
    try:
        await context.services.policy.allow(context.request, Right.everywhere)
    except Denied:
        return False
    return True


VERB = Verb(
    name="find",
    takes=Find,
    arguments=(SoughtText(),),
    summary="Find sessions by a phone number, a word of their data, a rule, an application or an id.",
    details=(
        "Only you see the answer: open ones first, wherever you may see them, with phone numbers cut to their last "
        f"digits. All words have to fit; {code('stuck')} and {code('silent')} select those that need attention. "
        f"A number may be spelt in any way, or be a part of one; who called within 24 h is asked of the platform's "
        f"history. Examples: {code('find 020 7946 0018')}; {code('find support stuck')}."
    ),
    right=Right.look,
    run=run,
)
