"""The key-value storage of an application, as a scenario's `ApplicationStorage` asks for it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.sandbox._changes import Changes
from bot.sandbox.voximplant._key_value import TTL_SECONDS_DEFAULT, KeyValueError, KeyValueItem, KeyValueStore

_KEYS_MAX = 1000  # documented: `keys` returns no more


class Storage:
    """Answers the questions of `js/storage.js`."""

    def __init__(self, store: KeyValueStore, clock: Callable[[], datetime], changes: Changes | None = None) -> None:
        self._store = store
        self._clock = clock
        self._changes = changes or Changes()

    async def answer(self, asked: Mapping[str, Any]) -> object:
        """Return `{"value": …}`, or `{"error": …}` for a key or value outside the limits.

        Raises ValueError for a question that the shim does not ask.
        """
        try:
            return {"value": self._value(asked)}
        except KeyValueError as error:
            return {"error": str(error)}
        finally:
            self._changes.notify()

    def _value(self, asked: Mapping[str, Any]) -> object:
        now = self._clock()
        match asked:
            case {"act": "get", "key": str(key)}:
                return _shown(self._store.get(key, now))
            case {"act": "put", "key": str(key), "value": str(value), "ttl": int() | float() | None as ttl}:
                return _shown(self._store.put(key, value, TTL_SECONDS_DEFAULT if ttl is None else int(ttl), now))
            case {"act": "remove", "key": str(key)}:
                return _shown(self._store.remove(key, now))
            case {"act": "keys", "namespace": str() | None as namespace, "count": int() | float() | None as count}:
                wanted = max(int(_KEYS_MAX if count is None else count), 0)
                return {"keys": [item.key for item in self._store.items(namespace, now, count=wanted)]}
            case _:
                raise ValueError(asked.keys())


def _shown(item: KeyValueItem | None) -> object:
    return None if item is None else {"key": item.key, "value": item.value, "expireAt": item.expires_at}
