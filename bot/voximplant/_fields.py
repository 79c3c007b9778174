"""Readers of single fields in the platform's answers, tolerant of their form, strict about their range.

A number may come as text, and text as a number. A valid number is whole, above 0 and of 64 bits, as the
database keeps it; a duration and a cost are finite. Anything else is UnreadableField, and the field counts as not read.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Any, Final, TypeVar

from bot.text import foreign_json

Row = Mapping[str, Any]
T = TypeVar("T")

_LARGEST: Final = 2**63 - 1
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_READABLE_DIGITS: Final = 1_000  # Python reads no number of more than 4,300 digits, and needs long for it
_FULL_NAME: Final = re.compile(r"(.+)\.[^.]+\.voximplant\.com", re.DOTALL)  # documented, as "the full application name"
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
_ABSURD: Final = Decimal(10) ** 12
"""More money than any account has, and more seconds than any session lasts."""


class UnreadableField(Exception):  # noqa: N818 - read aloud: "the answer is misshapen"
    """A field is missing or of another kind; names the field, never its value. Seen in `bot.voximplant` only."""


def json_object(body: bytes) -> Row | None:
    """Return the JSON object of an answer, None if it is none; undecodable bytes spoil only their own value."""
    try:
        text = body.decode(json.detect_encoding(body), "replace")
        answer = foreign_json(json.loads(text, parse_int=_number, parse_float=_number))
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def integer(row: Row, key: str) -> int:
    """Return a positive integer that the database can hold: an id, a code."""
    number = _number_of(row.get(key))
    if number is None or not 0 < number <= _LARGEST or number != int(number):
        raise UnreadableField(key)
    return int(number)


def count(row: Row, key: str) -> int:
    """Return a number of things, which may be 0."""
    return 0 if row.get(key) in (0, "0") else integer(row, key)


def text(row: Row, key: str) -> str:
    """Return a text."""
    value = row.get(key)
    if not isinstance(value, str):
        raise UnreadableField(key)
    return value


def name(row: Row, key: str) -> str:
    """Return a text; one that is all digits may come as a number."""
    value = row.get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(row, key)


def application_name(row: Row, key: str) -> str:
    """Return an application's short name: a listed one ends with its account's name and the platform's domain."""
    full = name(row, key)
    match = _FULL_NAME.fullmatch(full)
    return full if match is None else match[1]


def custom_data(row: Row, key: str) -> str:
    """Return custom data as text, whatever its type: present data is never read as none."""
    value = row.get(key)
    return value if isinstance(value, str) else json.dumps(value, default=str)


def decimal(row: Row, key: str) -> Decimal:
    """Return a decimal that is finite and not absurd."""
    value = row.get(key)
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            decimal = Decimal(value)
        except DecimalException:
            raise UnreadableField(key) from None
        if decimal.is_finite() and -_ABSURD < decimal < _ABSURD:
            return decimal
    raise UnreadableField(key)


def seconds(row: Row, key: str) -> timedelta:
    """Return a duration, which is not negative."""
    value = decimal(row, key)
    if value < 0:
        raise UnreadableField(key)
    return timedelta(seconds=float(value))


def moment(row: Row, key: str) -> datetime:
    """Return a moment; one without an offset is in GMT, as it was asked for."""
    try:
        read = datetime.fromisoformat(text(row, key))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnreadableField(key) from None


def boolean(row: Row, key: str) -> bool:
    """Return a boolean."""
    value = row.get(key)
    known = _TRUTHS.get(str(value).casefold()) if isinstance(value, bool | int | str) else None
    if known is None:
        raise UnreadableField(key)
    return known


def array(row: Row, key: str) -> Sequence[object]:
    """Return a list of any items."""
    items = row.get(key)
    if not isinstance(items, list):
        raise UnreadableField(key)
    return items


def objects(row: Row, key: str) -> Sequence[Row]:
    """Return a list of objects."""
    items = [item for item in array(row, key) if isinstance(item, dict)]
    if len(items) != len(row[key]):
        raise UnreadableField(key)
    return items


def or_none(read: Callable[[Row, str], T], row: Row, key: str) -> T | None:
    """Return the value of `read`, None where the field is missing, null or not readable."""
    return Reader(row).optional(read, key)


class Reader:
    """Reads one row field by field; `unread` names the fields that were there and could not be read."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.unread: list[str] = []

    def optional(self, read: Callable[[Row, str], T], key: str) -> T | None:
        """Return the value of `read`, None where the field is missing, null or not readable."""
        if self.row.get(key) is None:
            return None
        try:
            return read(self.row, key)
        except UnreadableField:
            self.unread.append(key)
            return None


def _number_of(value: object) -> int | Decimal | None:
    """Return a value as a number, digits in a text included."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, bool) or (isinstance(value, Decimal) and not value.is_finite()):
        return None
    return value if isinstance(value, int | Decimal) else None


def _number(digits: str) -> int | Decimal | None:
    """Read a number of JSON; return None for one beyond every arithmetic."""
    try:
        is_whole = digits.lstrip("-").isdigit() and len(digits) <= _READABLE_DIGITS
        return int(digits) if is_whole else Decimal(digits)
    except DecimalException:
        return None
