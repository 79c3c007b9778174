"""Doctor, on what sessions announce: what the last rounds found, as the running bot recorded it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.cli.doctor._findings import Finding, ok, warning
from bot.config import PathKind, Settings, is_closed, path_kind
from bot.directory import MANUAL, Refusal
from bot.text import ago, cut, duration_words
from storage import announcements, sessions
from storage.announcements import Announcements
from storage.errors import StorageUnavailable
from storage.inspection import is_ours, steps_left, why_not
from storage.opening import reading

_SHOWN: Final = 5
_NAME_SHOWN: Final = 100
_HEARTBEAT: Final = timedelta(seconds=60)
"""Of the kit, where its options do not say otherwise."""

_LATE_ROUNDS: Final = 20
"""Rounds slow down sixteenfold at most: after twenty, one is overdue."""


def examine_announcements(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Check what is announced; a database that is not there, or cannot be read, is a finding of other checks."""
    path = settings.database
    if isinstance(path, Path) and (is_closed(path) or path_kind(path) is PathKind.nothing):
        return
    try:
        with reading(path) as db:
            if not is_ours(db) or why_not(db) is not None or steps_left(db):
                return
            known, homeless = announcements.every(db), sessions.count_without_channel(db)
    except StorageUnavailable:
        return
    yield from _rounds([each for each in known if each.announced_at is not None], settings, now)
    for each in _first(known, [each for each in known if each.problem is not None]):
        yield warning("announced", f"{_name(each)} is not read: {each.problem}")
    if homeless:
        have = "1 open session has" if homeless == 1 else f"{homeless} open sessions have"
        says = f"{have} no channel, since nobody started them in Slack: few can see them."
        yield warning("home", f"{says} Name one: home in a rule, or channel in [directory].")


def _rounds(known: Sequence[Announcements], settings: Settings, now: datetime) -> Iterator[Finding]:
    if not known:
        yield ok("announced", "Nothing yet: only the sessions that were started in Slack are known.")
        return
    for each in known[:_SHOWN]:
        yield ok("announced", f"{_name(each)}: {_found(each, now)}")
    if len(known) > _SHOWN:
        yield ok("announced", f"{len(known) - _SHOWN} more applications.")
    for each in known:
        refused = sum(each.refused.values())
        if refused:
            reasons = "; ".join(f"{_clause(reason)} ({count})" for reason, count in each.refused.items())
            yield warning("not believed", f"{refused} of the rows of {_name(each)}: {reasons}. See {MANUAL}.")
    yield from _late(known, settings, now)
    yield _secret(settings)
    yield _inbox(settings)
    yield from _hasty(settings)


def _found(each: Announcements, now: datetime) -> str:
    if each.read_at is None:
        return "found, and never read to its end."
    rows = "1 row" if each.row_count == 1 else f"{each.row_count:,} rows"
    oldest = f", the oldest beat {ago(now - each.oldest_beat_at)}" if each.oldest_beat_at is not None else ""
    return f"{rows} {ago(now - each.read_at)}, in {each.took_s or 0:.1f} s{oldest}."


def _late(known: Sequence[Announcements], settings: Settings, now: datetime) -> Iterator[Finding]:
    """Check whether rounds last longer than they should, or do not come any more."""
    seconds = settings.directory_seconds
    longest = max((each.took_s or 0 for each in known), default=0)
    if longest > seconds:
        says = f"A round takes {longest:.0f} s, longer than SESSION_BOT_DIRECTORY_SECONDS ({seconds:g})"
        yield warning("rounds", f"{says}: a session is heard of that late. Announce less often, or in fewer sessions.")
    read_at = [each.read_at for each in known if each.read_at is not None]
    age = now - max(read_at) if read_at else None
    if age is not None and age > timedelta(seconds=_LATE_ROUNDS * max(seconds, longest)):
        yield warning("rounds", f"The last one began {ago(age)}: see whether a bot runs, and what its log says.")
    elif longest <= seconds:
        yield ok("rounds", f"One every {duration_words(timedelta(seconds=seconds))}.")


def _hasty(settings: Settings) -> Iterator[Finding]:
    """Check whether a rule calls a session silent that has missed no more than one heartbeat."""
    least = 2 * _HEARTBEAT + timedelta(seconds=settings.directory_seconds)
    for rule in settings.rules:
        if rule.silent is not None and rule.silent < least:
            says = f"silent = {duration_words(rule.silent)} in [rules.{rule.alias}] is little more than a heartbeat"
            what = f"The kit has one a minute: take {duration_words(least)} at least, or set ANNOUNCE_EVERY_SECONDS"
            yield warning("silent", f"{says}, so that people may be called for sessions that live. {what}.")


def _secret(settings: Settings) -> Finding:
    if settings.announce_secrets:
        return ok("signed", "A secret is agreed, and what it did not sign is not believed.")
    says = "No secret is agreed, so that anyone who may write an application's storage can announce its sessions."
    return warning("signed", f"{says} Set SESSION_BOT_ANNOUNCE_SECRET, and the same in each application.")


def _inbox(settings: Settings) -> Finding:
    if settings.inbox_port is None:
        return ok("inbox", "There is none: what sessions take and end is known after the next round.")
    return ok(
        "inbox", f"At {settings.inbox_host}:{settings.inbox_port}; that scenarios reach it is not seen from here."
    )


def _first(known: Sequence[Announcements], some: Sequence[Announcements]) -> Sequence[Announcements]:
    """Return a few of them; where all of several have the same trouble, one speaks for all."""
    return some[:1] if len(some) == len(known) and len({each.problem for each in some}) == 1 else some[:_SHOWN]


def _name(each: Announcements) -> str:
    return f"{cut(each.application_name, _NAME_SHOWN)} ({each.application_id})"


def _clause(reason: str) -> str:
    """Return a reason in words; one that only a later version knows stays as it is."""
    return str(Refusal[reason]) if reason in Refusal.__members__ else reason
