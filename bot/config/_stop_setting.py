"""The stop of a rule in `session-bot.toml`: any text, with its content type, path and method."""

import json
import re
from typing import Final

from bot.text import BadJson, begins_like_json, understand
from bot.voximplant import JSON, TEXT, Method, StopRequest, content_type_of, is_json

DEFAULT_STOP: Final = StopRequest(body=b'{"command": "stop"}', content_type=JSON)

_LONGEST_TYPE: Final = 100
_TYPE: Final = re.compile(r"[\w.+-]+/[\w.+-]+(?:; ?[\w-]+=(?:[\w.+-]+|\"[\w .+/-]*\"))*", re.ASCII)
_CHARSET: Final = re.compile(r"charset=\"?(?!utf-?8\b)", re.IGNORECASE)


def read_stop(given: object) -> str:
    """Read a stop: any text, sent as it stands, or a table, sent as compact JSON."""
    if isinstance(given, dict):
        return compact_json(given)
    if not isinstance(given, str):
        hint = f', such as "{given}"' if isinstance(given, int) and not isinstance(given, bool) else ""
        raise ValueError(f"must be a text in quotes{hint}, or a table")  # noqa: TRY004 - pydantic collects ValueErrors
    return given


def compact_json(table: object) -> str:
    """Return a table of TOML as compact JSON."""
    try:
        return json.dumps(table, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        msg = "holds a date, nan or inf, which JSON does not know"
        raise ValueError(msg) from None


def read_stop_type(given: object) -> str:
    """Check a content type; a text is sent as UTF-8."""
    if not isinstance(given, str) or len(given) > _LONGEST_TYPE or not _TYPE.fullmatch(given):
        raise ValueError(f'must be a content type, such as "{JSON}" or "{TEXT}"')
    if _CHARSET.search(given):
        msg = "must have charset=utf-8, since that is what is sent, or none"
        raise ValueError(msg)
    return given


def stop_request(text: str | None, content_type: str | None, path: str, method: Method) -> StopRequest:
    """Return a rule's stop; without a text a GET has no body, and a POST the default one."""
    if text is None:
        body, usual = (b"", TEXT) if method is Method.get else (DEFAULT_STOP.body, DEFAULT_STOP.content_type)
    else:
        body, usual = text.encode(), content_type_of(text)
    return StopRequest(body=body, content_type=content_type or usual, path=path, method=method)


def stop_problem(text: str | None, content_type: str | None, method: Method) -> str | None:
    """Return what is wrong with a stop beside its other settings, as the end of a sentence; None if nothing is."""
    if method is Method.get and text:
        return 'must be left out beside stop_method = "GET", which has no body'
    if text is None or method is Method.get:
        return None
    is_typed_json = content_type is not None and content_type.partition(";")[0].strip().casefold() == JSON
    if is_typed_json and not is_json(text):
        return f"must be JSON, as its stop_type says: {_mistake(text)}"
    if content_type is None and begins_like_json(text) and not is_json(text):
        return f'begins like JSON and is none: {_mistake(text)}; stop_type = "{TEXT}" would send it as it stands'
    return None


def _mistake(text: str) -> str:
    try:
        understood = understand(text)
    except BadJson as problem:
        return str(problem)
    return f"{', '.join(understood.changes)} would be needed"
