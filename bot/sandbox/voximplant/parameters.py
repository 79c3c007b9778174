"""A method's parameters, read as strictly as the platform does: form text in, typed values out."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.voximplant.errors import INVALID_PARAMETER, ApiError
from bot.sandbox.voximplant.history import DATE_FORMAT

_COUNT_DEFAULT = 20
_COUNT_MAX = 1000


class Parameters:
    """Each reader raises ApiError 496, or the method's own `code`, when a value is not what it must be."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Take the value as it is; None when it is absent or empty."""
        return self._values.get(name) or None

    def number(self, name: str, *, code: int = INVALID_PARAMETER) -> int | None:
        """Read a whole number in ASCII digits."""
        text = self.text(name)
        return None if text is None else _whole(text, name, code)

    def numbers(self, name: str, *, limit: int, code: int = INVALID_PARAMETER) -> frozenset[int] | None:
        """Read up to `limit` whole numbers joined with `;`. A comma is refused (facts §2)."""
        text = self.text(name)
        if text is None:
            return None
        parts = text.split(";")
        if len(parts) > limit:
            raise ApiError(code, field_name=name)
        return frozenset(_whole(part, name, code) for part in parts)

    def flag(self, name: str) -> bool:
        """Read a boolean, in any case of letters; False when absent."""
        text = (self.text(name) or "false").lower()
        if text not in ("true", "false", "1", "0"):
            raise ApiError(INVALID_PARAMETER, field_name=name)
        return text in ("true", "1")

    def timezone(self, name: str) -> ZoneInfo:
        """Read the name of a time zone; UTC when absent or `auto`."""
        key = self.text(name) or "auto"
        try:
            return ZoneInfo("UTC" if key == "auto" else key)
        except (ZoneInfoNotFoundError, ValueError):
            raise ApiError(INVALID_PARAMETER, field_name=name) from None

    def date(self, name: str, timezone: ZoneInfo) -> datetime | None:
        """Read `YYYY-MM-DD HH:MM:SS` in `timezone`."""
        text = self.text(name)
        if text is None:
            return None
        try:
            return datetime.strptime(text, DATE_FORMAT).replace(tzinfo=timezone)
        except ValueError:
            raise ApiError(INVALID_PARAMETER, field_name=name) from None

    def page(self) -> slice:
        """Read what `offset` and `count` cut out of a list; 20 rows when nothing is said."""
        count, offset = self.number("count"), self.number("offset") or 0
        if count is None:
            count = _COUNT_DEFAULT
        if count > _COUNT_MAX:
            raise ApiError(INVALID_PARAMETER, field_name="count")
        return slice(offset, offset + count)


def _whole(text: str, name: str, code: int) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ApiError(code, field_name=name)
    return int(text)
