"""Surroundings of a session that the shim is told of at its start (`facts` in `js/`): it cannot ask within a turn."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ZONE = re.compile(r"\b(?:[A-Z]\w+(?:/[\w+-]+)+|UTC|GMT)\b", re.ASCII)
_ZONES_MAX = 50


def world(
    *, texts: Iterable[str], secrets: Mapping[str, str | None], playback_seconds: float | None, now: datetime
) -> Mapping[str, Any]:
    """Return the values that the shim knows a session by; `texts` may name time zones.

    Shape: `{"playbackSeconds": float or None, "secrets": {name: value or None}, "zones": {name: milliseconds}}`, the
    last from UTC.
    """
    names = {name for text in texts for name in _ZONE.findall(text)}
    zones = {name: offset for name in sorted(names)[:_ZONES_MAX] if (offset := _offset(name, now)) is not None}
    return {"playbackSeconds": playback_seconds, "secrets": dict(secrets), "zones": zones}


def _offset(name: str, now: datetime) -> int | None:
    try:
        offset = now.astimezone(ZoneInfo(name)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return None if offset is None else int(offset.total_seconds() * 1000)
