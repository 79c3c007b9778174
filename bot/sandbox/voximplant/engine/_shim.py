"""The sandbox's JavaScript: several small files, evaluated as one closure before the scenarios."""

from functools import cache
from importlib import resources

from bot.sandbox.voximplant.engine._typings import typings_script

# One closure, so that a scenario sees none of it; in this order, because each file uses those before it.
_FILES = (
    "intrinsics",
    "door",
    "clock",
    "errors",
    "stand_ins",
    "events",
    "timers",
    "asks",
    "names",
    "values",
    "bytes",
    "utilities",
    "intl",
    "digests",
    "net",
    "storage",
    "playback",
    "connectors",
    "call_media",
    "calls",
    "call_pairs",
    "application",
    "players",
    "recorders",
    "conferences",
    "recognition",
    "queues",
    "sockets",
    "call_lists",
    "ivr",
    "phone_numbers",
    "former",
    "globals",
)


@cache
def shim() -> str:
    """Return the script whose value is the door (shape: `js/door.js`)."""
    folder = resources.files(__package__) / "js"
    texts = ((folder / f"{name}.js").read_text(encoding="utf-8") for name in _FILES)
    first, *others = texts
    return "\n".join(['(function () {\n"use strict";', first, typings_script(), *others, "return door;\n})()"])


@cache
def shim_lines() -> int:
    """Return the number of its lines: the scenarios' lines are counted on from there, so that a line names its file."""
    return shim().count("\n") + 1
