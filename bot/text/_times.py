"""Times and durations: in words, and as people write them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


def ago(age: timedelta) -> str:
    """Return an age in words, roughly: `12 s ago`, `3 min ago`."""
    return f"{duration_words(age)} ago"


def duration_words(duration: timedelta) -> str:
    """Return a duration in its two largest units, rounded down: `47 s`, `3 min 5 s`, `2 h 10 min`, `1 d 4 h`."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < _MINUTE:
        return f"{seconds} s"
    for unit, name, smaller, smaller_name in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if seconds >= unit:
            rest = seconds % unit // smaller
            return f"{seconds // unit} {name}" + (f" {rest} {smaller_name}" if rest else "")
    raise AssertionError


def clock_time(moment: datetime) -> str:
    """Return a time of day in UTC, for texts that Slack cannot put into the reader's own zone."""
    return f"{moment.astimezone(UTC):%H:%M} UTC"


DURATION_FORMS: Final = '"90s", "10m", "1h30m" or "2d"'

_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_FORM: Final = re.compile("".join(rf"(?:([0-9]{{1,6}}){unit})?" for unit in _UNITS), re.IGNORECASE)


def typed_duration(length: timedelta) -> str:
    """Return a duration as `duration` reads it: `1h30m`."""
    left, written = int(length.total_seconds()), ""
    for unit, name in _UNITS.items():
        count, left = divmod(left, int(timedelta(**{name: 1}).total_seconds()))
        written += f"{count}{unit}" if count else ""
    return written or "0s"


def duration(text: str) -> timedelta | None:
    """Read a duration, its units from the largest to the smallest; None if it is none, or no time at all."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return None
    amounts = {name: int(each or 0) for name, each in zip(_UNITS.values(), found.groups(), strict=True)}
    return timedelta(**amounts) or None
