"""The Management API of the key-value storage: SetKeyValueItem, GetKeyValueItem(s), GetKeyValueKeys, DelKeyValueItem.

Documented are the parameters, the results and the limits. Not known is what the platform says of a key that is not
there: here GetKeyValueItem is refused, and the result of DelKeyValueItem is 0.
"""

from bot.sandbox.voximplant._errors import refuse
from bot.sandbox.voximplant._key_value import TTL_SECONDS_DEFAULT, KeyValueError, KeyValueItem, KeyValueStore
from bot.sandbox.voximplant._method import APPLICATION, PAGE, Answer, Method, MethodCall

_COUNT_DEFAULT = 10
_COUNT_MAX = 50
_KEY = APPLICATION | {"key"}


def _set_item(call: MethodCall) -> Answer:
    given = call.parameters
    key, value = given.required_text("key"), given.required_text("value")
    ttl, expires_at = given.number("ttl"), given.number("expires_at")
    if ttl is not None and expires_at is not None:
        refuse("expires_at")  # documented: one of the two is set; with both, which one counts is not known
    if expires_at is not None:
        ttl = expires_at - int(call.request.at.timestamp())
    try:
        item = _store(call).put(key, value, TTL_SECONDS_DEFAULT if ttl is None else ttl, call.request.at)
    except KeyValueError as error:
        refuse("expires_at" if error.name == "ttl" and expires_at is not None else error.name)
    return {"result": _row(item)}


def _get_item(call: MethodCall) -> Answer:
    key = call.parameters.required_text("key")
    try:
        item = _store(call).get(key, call.request.at)
    except KeyValueError:
        item = None
    return refuse("key") if item is None else {"result": _row(item)}


def _del_item(call: MethodCall) -> Answer:
    key = call.parameters.required_text("key")
    try:
        item = _store(call).remove(key, call.request.at)
    except KeyValueError:
        refuse("key")
    return {"result": 0 if item is None else 1}


def _get_items(call: MethodCall) -> Answer:
    call.parameters.required_text("key")
    return {"result": [_row(item) for item in _page(call)]}


def _get_keys(call: MethodCall) -> Answer:
    return {"result": [{"key": item.key, "expires_at": item.expires_at} for item in _page(call)]}


METHODS = {
    "SetKeyValueItem": Method(answer=_set_item, parameters=_KEY | {"value", "ttl", "expires_at"}),
    "GetKeyValueItem": Method(answer=_get_item, parameters=_KEY),
    "DelKeyValueItem": Method(answer=_del_item, parameters=_KEY),
    "GetKeyValueItems": Method(answer=_get_items, parameters=_KEY | PAGE),
    "GetKeyValueKeys": Method(answer=_get_keys, parameters=_KEY | PAGE),
}


def _store(call: MethodCall) -> KeyValueStore:
    return call.account.key_values(call.required_application())


def _page(call: MethodCall) -> list[KeyValueItem]:
    """Return one page of a namespace's pairs, or of all; its parameter is called `key`, and no total is told."""
    cut = call.parameters.page(count_default=_COUNT_DEFAULT, count_limit=_COUNT_MAX)
    namespace, now = call.parameters.text("key"), call.request.at
    try:
        return _store(call).items(namespace, now, offset=cut.start, count=cut.stop - cut.start)
    except KeyValueError:
        refuse("key")


def _row(item: KeyValueItem) -> Answer:
    return {"key": item.key, "value": item.value, "expires_at": item.expires_at}
