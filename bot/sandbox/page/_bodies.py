"""The bodies of requests, read with care: a page of ours sends no other, but anybody at this machine may."""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.page._extension import Malformed
from bot.sandbox.slack import Given, Json, Place


def read(body: bytes) -> Json:
    """Read the JSON object of a request; half a character, which JSON can hold and UTF-8 cannot, is replaced.

    Raises Malformed.
    """
    try:
        whole = json.dumps(json.loads(body), ensure_ascii=False)
        found = json.loads(whole.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Malformed(f"The body is no JSON object: {len(body)} bytes.")
    return found


def text(body: Mapping[str, Any], name: str, *, optional: bool = False) -> str:
    """Return a text, empty where an optional one is not there. Raises Malformed."""
    value = "" if optional and body.get(name) is None else body.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} is no text.")
    return value


def given(body: Mapping[str, Any], name: str) -> Given:
    """Return what a person gave an element: a text, several, or None for nothing. Raises Malformed."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, list):
        return [text({name: each}, name) for each in value]
    return text(body, name)


def values(body: Mapping[str, Any]) -> dict[Place, Given]:
    """Return what is filled in, from `{block_id: {action_id: …}}`; nothing where there is none. Raises Malformed."""
    blocks = body.get("values") or {}
    if not isinstance(blocks, dict) or not all(isinstance(fields, dict) for fields in blocks.values()):
        raise Malformed(f"values are no fields by block and action: {type(blocks).__name__}.")
    return {
        (block_id, action_id): given(fields, action_id) for block_id, fields in blocks.items() for action_id in fields
    }
