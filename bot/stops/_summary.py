"""The texts of a bulk stop's summary: counts, unconfirmed sessions with reasons, and the whole list as CSV."""

import csv
import io
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from bot.ports import data_excerpt, data_suffix, session_name
from bot.process import scrub
from bot.stops._outcome import answer_words, scenario_words, standing_words
from bot.text import block, code, csv_cell, cut, duration_words, person, plain, strong
from storage.bulks import Bulk, Part
from storage.records import State

SHOWN: Final = 20
CSV_SHOWN: Final = 9_000
"""The number of characters of the list in one message beside its first lines."""

SUMMARY_WORDS: Final = {
    "confirmed": "confirmed ended",
    "waiting": "still being checked",
    "skipped": "had ended before",
    "not asked": "could not be asked",
}
"""The words for outcomes that differ from their names."""

OPEN: Final = frozenset({"not confirmed", "waiting", "not asked"})
"""The outcomes of what may still run."""

_WHY_SHOWN: Final = 300
_ANSWER_SHOWN: Final = 80
_COLUMNS: Final = (
    "session",
    "rule",
    "outcome",
    "words",
    "history_id",
    "stop_delivered_at",
    "stop_taken_at",
    "ended_at",
    "data",
)


def summary_text(bulk: Bulk, parts: Sequence[Part], now: datetime) -> str:
    """Return the whole summary as of now."""
    lines = [headline(bulk, parts), counts(parts)]
    if bulk.reason:
        lines.insert(1, f"Why: {cut(bulk.reason, _WHY_SHOWN)}")
    parts = [each if may_be_named(each, bulk) else _unnamed(each) for each in parts]
    unconfirmed = [each for each in parts if part_outcome(each) in {"not confirmed", "record closed"}]
    lines += _listed("Not confirmed", unconfirmed)
    lines += _listed("Not asked", [each for each in parts if each.why_not is not None])
    lines += _listed("Delivered and not taken up", [each for each in parts if _is_untaken(each)])
    if all(each.is_settled for each in parts):
        lines.append(f"It took {duration_words((bulk.told_at or now) - bulk.began_at)}.")
    return "\n".join(lines)


def headline(bulk: Bulk, parts: Sequence[Part]) -> str:
    """Return the number of sessions, and the person who stopped them."""
    return f"{strong(f'Stop of {len(parts)} sessions')} by {person(bulk.actor)}"


def counts(parts: Sequence[Part]) -> str:
    """Return the counts of each outcome; zeros are left out."""
    said = [part_outcome(each) for each in parts]
    order = ("confirmed", "not confirmed", "waiting", "skipped", "not asked", "never started", "record closed")
    counted = {each: f"{said.count(each)} {SUMMARY_WORDS.get(each, each)}" for each in order if each in said}
    if (taken := sum(_is_taken(each) for each in parts)) and "waiting" in counted:
        counted["waiting"] += f", {taken} of them taken up"
    return " · ".join(counted.values()) + "."


def part_outcome(part: Part) -> str:
    """Return the outcome of one session in a word or two."""
    session = part.session
    if part.skipped:
        return "skipped"
    if part.why_not is not None:
        return "not asked"
    if session.state is State.failed:
        return "never started"
    if session.state.is_final:
        return "confirmed"
    if session.state is State.abandoned:
        return "record closed"
    return "waiting" if part.given_up_at is None else "not confirmed"


def _is_taken(part: Part) -> bool:
    """Return whether the scenario took up a stop whose end is still being checked: that is no end."""
    stop = part.session.stop
    return part_outcome(part) == "waiting" and stop is not None and stop.taken_at is not None


def _is_untaken(part: Part) -> bool:
    """Return whether it is known that the scenario has not taken up a stop whose end is still being checked."""
    stop = part.session.stop
    is_untaken = stop is not None and stop.untaken_at is not None and stop.taken_at is None
    return part_outcome(part) == "waiting" and is_untaken


def as_csv(bulk: Bulk, parts: Sequence[Part]) -> str:
    """Return every session and its outcome, a line each."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for part in (each if may_be_named(each, bulk) else _unnamed(each) for each in parts):
        session = part.session
        number = "" if session.history_id is None else f"h{session.history_id}"
        stop = session.stop
        of_stop = (None, None) if stop is None else (stop.delivered_at, stop.taken_at)
        moments = (*of_stop, session.ended_at)
        times = ["" if each is None else each.isoformat(timespec="seconds") for each in moments]
        words = plain(part_reason(part))
        start = plain(data_excerpt(session) or "")
        texts = [session.id, csv_cell(scrub(session.rule)), part_outcome(part), csv_cell(scrub(words))]
        writer.writerow([*texts, number, *times, csv_cell(start)])
    return file.getvalue()


def list_in_full(bulk: Bulk, parts: Sequence[Part]) -> Mapping[str, Any]:
    """Return the body of the reply with the whole list: as text where that fits, else as a file.

    `instead` of the file stands as much as fits into the reply, for where no file can be posted.
    """
    written = as_csv(bulk, parts)
    if len(written) <= CSV_SHOWN:
        return {"text": f"All {len(parts)} sessions:\n{block(written.rstrip())}"}
    file = {"name": f"stop-of-{len(parts)}-sessions.csv", "content": written}
    instead = _as_much_as_fits(bulk, parts)
    return {"text": f"All {len(parts)} sessions, and what became of each:", "file": file, "instead": instead}


def _as_much_as_fits(bulk: Bulk, parts: Sequence[Part]) -> str:
    """Return the lines of the list that one reply holds, those first that somebody has to see to."""
    first = sorted(parts, key=lambda each: part_outcome(each) not in {*OPEN, "record closed"})
    fit = bisect_right(range(len(first)), CSV_SHOWN, key=lambda last: len(as_csv(bulk, first[: last + 1])))
    says = f"{fit} of {len(parts)} sessions; those that may still run stand first. No file can be posted here:"
    others = f"the others are shown by {code('list state=any')} in their channel."
    return f"{says} {others}\n{block(as_csv(bulk, first[:fit]).rstrip())}"


def may_be_named(part: Part, bulk: Bulk) -> bool:
    """Return whether the summary's channel may read of this session: a private channel's is shown there only.

    One that belongs to no channel may be named: it is told of nowhere else, and a single stop brings it there, too.
    """
    session = part.session
    return (
        not session.channel
        or session.channel == bulk.channel
        or not (session.channel_private or session.channel_shared)
    )


def _unnamed(part: Part) -> Part:
    hidden = replace(part.session, rule_name="of a private channel", alias=None, custom_data=None, history_id=None)
    return replace(part, session=hidden, why_not=None if part.why_not is None else "See its own channel.")


def _listed(title: str, parts: Sequence[Part]) -> list[str]:
    if not parts:
        return []
    lines = [f"{title}:", *(_line(each) for each in parts[:SHOWN])]
    return [*lines, f"… and {len(parts) - SHOWN} more."] if len(parts) > SHOWN else lines


def _line(part: Part) -> str:
    return f"• {session_name(part.session)}{_number(part)}{data_suffix(part.session)}: {part_reason(part)}"


def _number(part: Part) -> str:
    return "" if part.session.history_id is None else f" (h{part.session.history_id})"


def part_reason(part: Part) -> str:
    """Return the known facts of a session that was not confirmed, or not asked, or whose record is closed."""
    if part.why_not is not None:
        return part.why_not
    if part_outcome(part) == "not confirmed" and not part.session.stop_state.needs_a_person:
        return "It was asked again since then, and that stop is being checked."
    if part_outcome(part) == "not confirmed":
        stop = part.session.stop
        way = "" if stop is not None and stop.may_have_arrived else "The stop did not reach it. "
        return " ".join(
            filter(None, [f"{way}{standing_words(part.session)}", answer_words(part.session, _ANSWER_SHOWN)])
        )
    if part_outcome(part) == "record closed":
        return "Its record is closed; it may still run."
    if _is_untaken(part):
        return scenario_words(part.session)
    return cut(part.session.finish_reason or "", _WHY_SHOWN) if part.is_closed else ""
