"""The key-value storage of an application: short texts that expire, shared by its scenarios and the Management API."""

import heapq
import re
from bisect import bisect_left, insort
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NoReturn

TTL_SECONDS_MAX: Final = 7_776_000
"""90 days (facts)."""

TTL_SECONDS_DEFAULT: Final = 2_592_000
"""30 days: the Management API's default (facts); a scenario always gives the time to live itself."""

_KEY = re.compile(r"[a-zA-Z0-9а-яА-ЯёЁ_\-:;.#+]{1,200}")  # noqa: RUF001 - documented: Latin and Cyrillic letters
_VALUE_LENGTH_MAX = 2000
_NAMESPACE_END = ":"
_AFTER_THE_END = ";"  # the character behind the colon: between the two lie all keys of a namespace
_SPARE_EXPIRIES = 1000


@dataclass(frozen=True, kw_only=True)
class KeyValueItem:
    """One pair; `expires_at` is in Unix seconds."""

    key: str
    value: str
    expires_at: int


class KeyValueError(ValueError):
    """A key, value or time to live outside the documented limits; `name` tells which of them."""

    def __init__(self, name: Literal["key", "value", "ttl"], reason: str) -> None:
        self.name = name
        super().__init__(reason)


class KeyValueStore:
    """The pairs of one application. Every method is told the platform's present moment: a pair past its time is gone.

    Not known of the platform: the order of keys, which is that of their letters here; what a time to live of 0 does,
    which is documented as allowed and here ends the pair at once.
    """

    def __init__(self) -> None:
        self._items: dict[str, KeyValueItem] = {}
        self._keys: list[str] = []  # sorted, so that a page of a hundred thousand pairs costs what it shows
        self.revision = 0
        """The number of writes so far, by which a change is noticed."""
        self._expiries: list[tuple[int, str]] = []  # a heap; a pair that was put anew has older ones in it

    def put(self, key: str, value: str, ttl_seconds: int, now: datetime) -> KeyValueItem:
        """Return the new pair, which replaces the one with this key. Raises KeyValueError."""
        check_key(key)
        if len(value) > _VALUE_LENGTH_MAX:
            _refuse("value", f"a value has {_VALUE_LENGTH_MAX} characters at most, not {len(value)}")
        if not 0 <= ttl_seconds <= TTL_SECONDS_MAX:
            _refuse("ttl", f"a time to live is 0 to {TTL_SECONDS_MAX} seconds, not {ttl_seconds}")
        item = KeyValueItem(key=key, value=value, expires_at=int(now.timestamp()) + ttl_seconds)
        if key not in self._items:
            insort(self._keys, key)
        self._items[key] = item
        self.revision += 1
        heapq.heappush(self._expiries, (item.expires_at, key))
        if len(self._expiries) > 2 * len(self._items) + _SPARE_EXPIRIES:
            self._expiries = sorted((each.expires_at, each.key) for each in self._items.values())
        return item

    def get(self, key: str, now: datetime) -> KeyValueItem | None:
        """Return the pair with this key; None when there is none. Raises KeyValueError."""
        check_key(key)
        self._expire(now)
        return self._items.get(key)

    def items(
        self, namespace: str | None, now: datetime, *, offset: int = 0, count: int | None = None
    ) -> list[KeyValueItem]:
        """Return pairs of a namespace, or of all: `count` of them at most, without the first `offset`.

        A key without a colon is its own namespace (facts). Raises KeyValueError.
        """
        if namespace is not None:
            check_key(namespace)
        self._expire(now)
        own, first, end = self._places(namespace)
        stop = len(own) + end - first if count is None else offset + count
        before = first - len(own)
        keys = own[offset:stop] + self._keys[max(before + offset, first) : max(min(before + stop, end), first)]
        return [self._items[key] for key in keys]

    def remove(self, key: str, now: datetime) -> KeyValueItem | None:
        """Return the pair that had this key and is gone now; None when there was none. Raises KeyValueError."""
        item = self.get(key, now)
        if item is not None:
            self._drop(key)
        return item

    def _places(self, namespace: str | None) -> tuple[list[str], int, int]:
        """Return the key that is the namespace itself, if there is one, and where those within it begin and end."""
        if namespace is None:
            return [], 0, len(self._keys)
        own = [namespace] if namespace in self._items else []
        return (
            own,
            bisect_left(self._keys, namespace + _NAMESPACE_END),
            bisect_left(self._keys, namespace + _AFTER_THE_END),
        )

    def _expire(self, now: datetime) -> None:
        moment = now.timestamp()
        while self._expiries and self._expiries[0][0] <= moment:
            _, key = heapq.heappop(self._expiries)
            item = self._items.get(key)
            if item is not None and item.expires_at <= moment:
                self._drop(key)

    def _drop(self, key: str) -> None:
        del self._items[key]
        self.revision += 1
        del self._keys[bisect_left(self._keys, key)]


def check_key(key: str) -> None:
    """Raise KeyValueError for a text that is no key: its documented form has no blanks and 200 characters at most."""
    if not _KEY.fullmatch(key):
        _refuse("key", "a key is 1 to 200 Latin or Cyrillic letters, digits or one of _-:;.#+")


def _refuse(name: Literal["key", "value", "ttl"], reason: str) -> NoReturn:
    raise KeyValueError(name, reason)
