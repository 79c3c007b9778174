"""A method's parameters, read as strictly as on the platform: form text in, typed values out."""

import json
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.sandbox.voximplant._errors import ApiError, refuse

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"

_COUNT_DEFAULT = 20
_COUNT_MAX = 1000
_WHOLE_DIGITS_MAX = 18


class Parameters:
    """The readers of a call's parameters; each raises ApiError, with the code of `errors.refuse`, for a wrong value."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str) -> str | None:
        """Return the value as it is; None when it is absent or empty."""
        return self._values.get(name) or None

    def required_text(self, name: str) -> str:
        """Return the value; one that is absent or empty is refused."""
        text = self.text(name)
        if text is None:
            raise ApiError(134, field_name=name)
        return text

    def names(self, name: str) -> tuple[str, ...] | None:
        """Read names joined with `;`, each once, in their order."""
        text = self.text(name)
        return None if text is None else tuple(dict.fromkeys(text.split(";")))

    def texts(self, name: str) -> frozenset[str] | None:
        """Read texts joined with `;`. A comma is refused (facts)."""
        text = self.text(name)
        if text is None:
            return None
        if "," in text:
            refuse(name)
        return frozenset(text.split(";"))

    def json_texts(self, name: str) -> frozenset[str] | None:
        """Read a JSON array of texts; None when it is absent or has nothing in it."""
        text = self.text(name)
        if text is None:
            return None
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            refuse(name)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            refuse(name)
        return frozenset(values) or None

    def number(self, name: str) -> int | None:
        """Read a whole number in ASCII digits."""
        text = self.text(name)
        return None if text is None else _whole(text, name)

    def numbers(self, name: str, *, limit: int = _COUNT_MAX) -> tuple[int, ...] | None:
        """Read up to `limit` whole numbers joined with `;`, each once, in their order. A comma is refused (facts)."""
        text = self.text(name)
        if text is None:
            return None
        parts = text.split(";")
        if len(parts) > limit:
            refuse(name)
        return tuple(dict.fromkeys(_whole(part, name) for part in parts))

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Read a boolean, in any case of letters (the official client sends `True`)."""
        text = (self.text(name) or str(default)).lower()
        if text not in ("true", "false", "1", "0"):
            refuse(name)
        return text in ("true", "1")

    def timezone(self, name: str) -> ZoneInfo:
        """Read the name of a time zone; UTC, which is the account's, when absent or `auto`."""
        key = self.text(name) or "auto"
        try:
            return ZoneInfo("Etc/GMT" if key == "auto" else key)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # the name of a folder of zones, such as Etc
            refuse(name)

    def date(self, name: str, timezone: ZoneInfo) -> datetime:
        """Read `YYYY-MM-DD HH:MM:SS` in `timezone`; a date that is not there is refused."""
        text = self.required_text(name)
        try:
            read = datetime.strptime(text, DATE_FORMAT).replace(tzinfo=timezone)
        except ValueError:
            refuse(name)
        if read.strftime(DATE_FORMAT) != text:  # Python reads `2026-1-1 0:0:0` as well
            refuse(name)
        return read

    def page(
        self, *, count_default: int = _COUNT_DEFAULT, count_limit: int = _COUNT_MAX, offset_limit: int | None = None
    ) -> slice:
        """Read `offset` and `count` as a slice of a list."""
        count, offset = self.number("count"), self.number("offset") or 0
        if count is None:
            count = count_default
        if count > count_limit:
            refuse("count")
        if offset_limit is not None and offset > offset_limit:
            refuse("offset")
        return slice(offset, offset + count)


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _WHOLE_DIGITS_MAX):
        refuse(name)
    return int(text)
