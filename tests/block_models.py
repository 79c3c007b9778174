"""A second judge of what is sent to Slack: the block models of Slack's own SDK.

The sandbox's Slack refuses by tables of our own, which may share a misunderstanding with the code they judge.
"""

import json
import re
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

_TOKEN = re.compile("[\x01-\x03]")


def objections(payload: Mapping[str, Any]) -> list[str]:
    """Return what the models object to in a message or in the arguments of views.*; nothing else is looked at."""
    view = payload.get("view")
    if isinstance(view, Mapping):
        return [*_of_tokens(view), *_of_view(view), *_of_blocks(view.get("blocks", []))]
    return [*_of_tokens(payload), *_of_blocks(payload.get("blocks") or [])]


def _of_tokens(payload: Any) -> list[str]:
    """Return the texts that were sent as they are written, and not as Slack shows them."""
    if isinstance(payload, str):
        return [f"a token in {payload!r}"] if _TOKEN.search(payload) else []
    parts = payload.values() if isinstance(payload, Mapping) else payload if isinstance(payload, list) else ()
    return [objection for part in parts for objection in _of_tokens(part)]


def _of_view(view: Mapping[str, Any]) -> list[str]:
    return _compared(view, View(**dict(view)))


def _of_blocks(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    return [objection for block in blocks for objection in _of_block(json.dumps(block))]


@lru_cache(maxsize=10_000)  # most blocks are sent and shown, and many in each test
def _of_block(text: str) -> Sequence[str]:
    block = json.loads(text)
    parsed = Block.parse(block)
    if parsed is None or type(parsed) is Block:
        return [f"unknown block: {block.get('type')!r}"]
    return _compared(block, parsed)


def _compared(sent: Mapping[str, Any], parsed: Any) -> list[str]:
    """Ask the model to validate itself, and hold what it understood against what was sent."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            understood = parsed.to_dict()
        except SlackObjectFormationError as objection:
            return [str(objection)]
    return [str(each.message) for each in warned] + list(_differences(sent, understood, ""))


def _differences(sent: Any, understood: Any, pointer: str) -> Sequence[str]:
    """Return where a model has lost or changed something: it does not know it, so Slack may not either."""
    if isinstance(sent, Mapping) and isinstance(understood, Mapping):
        return [
            difference
            for name in sent.keys() | understood.keys()
            for difference in _differences(sent.get(name), understood.get(name), f"{pointer}/{name}")
        ]
    if isinstance(sent, list) and isinstance(understood, list) and len(sent) == len(understood):
        pairs = enumerate(zip(sent, understood, strict=True))
        return [each for at, (one, other) in pairs for each in _differences(one, other, f"{pointer}/{at}")]
    if sent == understood or (sent == "" and understood is None):  # a model leaves an empty text away
        return []
    return [f"{pointer}: {sent!r} was understood as {understood!r}"]
