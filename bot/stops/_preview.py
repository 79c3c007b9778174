"""The preview of a stop of several sessions: how many, which, how many calls – and one button for exactly these."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.ports import (
    Context,
    Denied,
    Intent,
    Offer,
    Outcome,
    Via,
    beginning_words,
    data_suffix,
    place_words,
    session_name,
    state_sign,
    state_words,
)
from bot.voximplant.errors import PlatformError
from storage.command import CommandState
from storage.records import Origin, Session

GOOD_FOR: Final = timedelta(minutes=5)
PREVIEW_ROWS: Final = 20
PATIENCE_S: Final = 1.5
"""The time for which a preview waits for the history's count of calls: a responder is waiting, too."""

_REASONS_SHOWN: Final = 5
_WITH_THEM: Final = "Sessions that end take their calls with them."
_COUNTED: Final = {0: "none so far", 1: "1 so far, which may have ended"}


@dataclass(frozen=True, kw_only=True)
class StopChoice:
    """The chosen sessions of a stop; those that have ended or may not be stopped; the number beyond the limit.

    `read_once` have ended by a first reading, so `all` leaves them to the second one.
    """

    found: tuple[Session, ...]
    over: tuple[Session, ...] = ()
    read_once: tuple[Session, ...] = ()
    cannot: Mapping[str, Denied] = field(default_factory=dict)
    left_out: int = 0


async def preview(choice: StopChoice, context: Context, *, confirmed: Intent, redraw: Intent) -> Outcome:
    """Return the preview of a stop, with a button that confirms it for a while; nothing is stopped."""
    found = choice.found
    lines = [f"Stop {counted(found)}{_not_from_slack(found)}? Nothing was stopped yet."]
    for each in found[:PREVIEW_ROWS]:
        began = beginning_words(each, context.services.clock.age(each.started_at or each.created_at))
        how = f"{state_words(each)}, {began}{data_suffix(each)}"
        lines.append(f"{state_sign(each)} {session_name(each)}{place_words(each)}, {how}")
    if len(found) > PREVIEW_ROWS:
        lines.append(f"… and {len(found) - PREVIEW_ROWS} more.")
    if choice.left_out:
        lines.append(f"These are the oldest {len(found)}; {choice.left_out} more fit. Ask again for them afterwards.")
    lines += exclusions(choice)
    lines.append(await _calls(found, context))
    if len(found) > 1 and context.request.via is not Via.terminal:  # which has no buttons, and asks by itself
        lines.append("The button is for you and for exactly these, for 5 min: what has ended by then is skipped.")
    offer = Offer(
        label=f"Stop {counted(found)}",
        intent=confirmed,
        confirmed=True,
        danger=True,
        good_for=GOOD_FOR,
        redraw=redraw,
    )
    return Outcome(state=CommandState.asked, says="\n".join(lines), offers=(offer,))


def counted(found: tuple[Session, ...]) -> str:
    """Return the number of sessions, or the name of the only one."""
    return found[0].name if len(found) == 1 else f"{len(found)} sessions"


def _not_from_slack(found: tuple[Session, ...]) -> str:
    """Return how many of several nobody started in Slack; of a single one its line says so."""
    count = sum(each.origin is Origin.elsewhere for each in found)
    if not count or len(found) == 1:
        return ""
    return ", none of them started in Slack" if count == len(found) else f", {count} of them not started in Slack"


def exclusions(choice: StopChoice) -> list[str]:
    """Return the sessions that are not stopped, with the reasons."""
    says = []
    if choice.over:
        says.append(f"Not among them, since they are over: {_first([each.name for each in choice.over])}.")
    if choice.read_once:
        names = _first([each.name for each in choice.read_once])
        says.append(f"Not among them, since the history said once that they ended: {names}. By id they can be stopped.")
    if choice.cannot:
        says.append(f"Not among them, since you may not stop them: {_first(list(choice.cannot))}.")
    reasons = dict.fromkeys(problem.sentence for problem in choice.cannot.values())
    return [*says, *list(reasons)[:_REASONS_SHOWN]]


def _first(names: list[str]) -> str:
    more = f" and {len(names) - PREVIEW_ROWS} more" if len(names) > PREVIEW_ROWS else ""
    return f"{', '.join(names[:PREVIEW_ROWS])}{more}"


async def _calls(found: tuple[Session, ...], context: Context) -> str:
    """Return the number of calls that would end, as far as the history knows: it does not name live ones."""
    ids = [each.history_id for each in found if each.history_id is not None]
    try:
        async with asyncio.timeout(PATIENCE_S):
            rows = await context.services.management.call_history(ids, calls=True) if ids else []
    except (PlatformError, TimeoutError):
        return f"{_WITH_THEM} How many is not known: the history cannot be asked now."
    told = [row.calls for row in rows if row.calls is not None]
    calls, unknown = sum(told), len(found) - len(told)
    but = f"; of {unknown} of them it knows nothing yet" if unknown else ""
    return f"{_WITH_THEM} The history lists {_COUNTED.get(calls, f'{calls} so far; some may have ended')}{but}."
