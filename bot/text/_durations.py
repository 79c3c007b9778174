"""Durations as people write them: `90s`, `10m`, `1h`, `1h30m`, `2d` – in commands and in the config."""

import re
from datetime import timedelta
from typing import Final

DURATION_FORMS: Final = '"90s", "10m", "1h" or "1h30m"'

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
