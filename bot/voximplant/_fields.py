"""How values are read out of the platform's answers: whatever their form, and never beyond what can be kept.

A number may come as text, and text as a number. What counts as a number is whole, above 0 and of 64 bits, as the
database keeps it; a duration and a cost are finite. Anything else is Misshapen, and the field counts as not read.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, DecimalException
from typing import Any, Final, TypeVar

Row = Mapping[str, Any]
T = TypeVar("T")

_LARGEST: Final = 2**63 - 1
_DIGITS: Final = re.compile(r"[0-9]{1,19}")
_READABLE_DIGITS: Final = 1_000  # Python reads no number of more than 4,300 digits, and needs long for it
_TRUTHS: Final = {"true": True, "1": True, "false": False, "0": False}
_ABSURD: Final = Decimal(10) ** 12
"""More money than any account has, and more seconds than any session lasts."""


class Misshapen(Exception):  # noqa: N818 - read aloud: "the answer is misshapen"
    """A field is missing or of another kind; names the field, never its value. Seen in `bot.voximplant` only."""


def parsed(body: bytes) -> Row | None:
    """Return the JSON object of an answer, None if it is none; bytes that are no text spoil only their own value."""
    try:
        text = body.decode(json.detect_encoding(body), "replace")
        answer = json.loads(text, parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def whole(row: Row, key: str) -> int:
    """Return a number that can be kept: an id, a code."""
    number = _number_of(row.get(key))
    if number is None or not 0 < number <= _LARGEST or number != int(number):
        raise Misshapen(key)
    return int(number)


def count(row: Row, key: str) -> int:
    """Return how many there are, which may be none."""
    return 0 if row.get(key) in (0, "0") else whole(row, key)


def text(row: Row, key: str) -> str:
    """Return a text."""
    value = row.get(key)
    if not isinstance(value, str):
        raise Misshapen(key)
    return value


def name(row: Row, key: str) -> str:
    """Return a text; one that is all digits may come as a number."""
    value = row.get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(row, key)


def data(row: Row, key: str) -> str:
    """Return custom data as text, whatever it came as: what is there is never taken for none."""
    value = row.get(key)
    return value if isinstance(value, str) else json.dumps(value, default=str)


def amount(row: Row, key: str) -> Decimal:
    """Return a decimal that is finite and not absurd."""
    value = row.get(key)
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            decimal = Decimal(value)
        except DecimalException:
            raise Misshapen(key) from None
        if decimal.is_finite() and -_ABSURD < decimal < _ABSURD:
            return decimal
    raise Misshapen(key)


def seconds(row: Row, key: str) -> timedelta:
    """Return a duration, which is not negative."""
    value = amount(row, key)
    if value < 0:
        raise Misshapen(key)
    return timedelta(seconds=float(value))


def moment(row: Row, key: str) -> datetime:
    """Return a moment; one without an offset is in GMT, as was asked for."""
    try:
        read = datetime.fromisoformat(text(row, key))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Misshapen(key) from None


def truth(row: Row, key: str) -> bool:
    """Return a boolean."""
    value = row.get(key)
    known = _TRUTHS.get(str(value).casefold()) if isinstance(value, bool | int | str) else None
    if known is None:
        raise Misshapen(key)
    return known


def listed(row: Row, key: str) -> Sequence[object]:
    """Return a list, whatever is in it."""
    items = row.get(key)
    if not isinstance(items, list):
        raise Misshapen(key)
    return items


def parts(row: Row, key: str) -> Sequence[Row]:
    """Return a list of objects."""
    items = [item for item in listed(row, key) if isinstance(item, dict)]
    if len(items) != len(row[key]):
        raise Misshapen(key)
    return items


def or_none(read: Callable[[Row, str], T], row: Row, key: str) -> T | None:
    """Return what `read` returns, None where the field is missing, null or not readable."""
    return Reader(row).optional(read, key)


class Reader:
    """Reads one row field by field; `unread` names what was there and could not be read."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.unread: list[str] = []

    def optional(self, read: Callable[[Row, str], T], key: str) -> T | None:
        """Return what `read` returns, None where the field is missing, null or not readable."""
        if self.row.get(key) is None:
            return None
        try:
            return read(self.row, key)
        except Misshapen:
            self.unread.append(key)
            return None


def _number_of(value: object) -> int | Decimal | None:
    """Return the number that a value is, or that its digits are."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, bool) or (isinstance(value, Decimal) and not value.is_finite()):
        return None
    return value if isinstance(value, int | Decimal) else None


def _number(digits: str) -> int | Decimal | None:
    """Read a number of JSON; one that no arithmetic can hold is not there."""
    try:
        is_whole = digits.lstrip("-").isdigit() and len(digits) <= _READABLE_DIGITS
        return int(digits) if is_whole else Decimal(digits)
    except DecimalException:
        return None
