"""The key-value storage of an application, as the Management API reads it.

Scenarios write its rows, and put session URLs there: a value is in no `repr`. Documented are the parameters, the
page of 50 and that no total is told. Not known are the order of the rows, and the answer for a key that is not there:
here an empty result, a null and a refusal of the key all count as that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.voximplant import _answers as answers
from bot.voximplant import _fields as fields
from bot.voximplant._fields import Reader, Row, UnreadableField
from bot.voximplant._lists import Report
from bot.voximplant._scenarios import Call
from bot.voximplant.errors import BadParameter, Refused

KEY_VALUE_PAGE: Final = 50  # facts: at most so many a page

_NAMESPACE: Final = "session-bot"


@dataclass(frozen=True)
class KeyValueItem:
    """One row; `expires_at` is in Unix seconds of the platform's clock, None where that cannot be read."""

    key: str
    value: str = field(repr=False)
    expires_at: int | None = None


@dataclass(frozen=True)
class KeyValuePage:
    """One page of a namespace: its readable rows, and the number of the others; the list ends with the last page."""

    items: Sequence[KeyValueItem]
    unread: int
    is_last: bool


class KeyValues:
    """The announcements in the storage of applications; every method raises PlatformError, as Management's do."""

    def __init__(self, call: Call, report: Report) -> None:
        self._call = call
        self._report = report

    async def items(self, application_id: int, offset: int) -> KeyValuePage:
        """Return up to 50 rows under `session-bot:`, from `offset` on; rows may shift between two pages."""
        form = {"key": _NAMESPACE, "count": str(KEY_VALUE_PAGE), "offset": str(offset)}
        page = await self._call("GetKeyValueItems", _of(application_id, form), _page)
        for each in page.unread:
            self._report(each)
        is_last = (
            page.size < KEY_VALUE_PAGE if page.total is None else offset + page.size >= page.total or not page.size
        )
        return KeyValuePage(page.rows, sum(each.left_out for each in page.unread), is_last)

    async def item(self, application_id: int, key: str) -> KeyValueItem | None:
        """Return one row, None where the platform has none under this key."""
        try:
            return await self._call("GetKeyValueItem", _of(application_id, {"key": key}), _item_of_answer)
        except Refused as refusal:
            if type(refusal) in {Refused, BadParameter}:  # no kind of its own: it is about the key
                return None
            raise


def _of(application_id: int, form: Mapping[str, str]) -> Mapping[str, str]:
    return {"application_id": str(application_id), **form}


def _page(answer: Row) -> answers.Page[KeyValueItem]:
    return answers.page(answer, _item, "key")


def _item(reader: Reader) -> KeyValueItem:
    return KeyValueItem(
        key=fields.text(reader.row, "key"),
        value=fields.text(reader.row, "value"),
        expires_at=reader.optional(fields.integer, "expires_at"),
    )


def _item_of_answer(answer: Row) -> KeyValueItem | None:
    key = "result"
    result = answer.get(key)
    if key not in answer or not isinstance(result, dict | list | None):
        raise UnreadableField(key)
    row = result[0] if isinstance(result, list) and len(result) == 1 else result
    return _item(Reader(row)) if row and isinstance(row, dict) else None
