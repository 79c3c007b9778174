"""Variables that nobody reads: a policy that is misspelt, and so not applied, is a hole.

What begins like the bot's own is refused. What merely comes close to one of its names may be another program's,
and is worth a line. Names are told, values never.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Final

_OURS: Final = "SESSION_BOT_"
_CLOSE: Final = 0.88
"""How alike two names are that one person may have meant as one: a letter or two, of twenty."""


def refused(environ: Mapping[str, str], names: Collection[str]) -> list[str]:
    """Give a sentence for each variable that can only be meant for this bot, and is none of its `names`."""
    ends = [name.removeprefix(_OURS) for name in names if name.startswith(_OURS)]  # what all share says nothing
    sentences = []
    for name in _strangers(environ, names):
        if name.startswith(_OURS):
            near = get_close_matches(name.removeprefix(_OURS), ends, n=1)
            hint = f"; the nearest is {_OURS}{near[0]}" if near else ""
            sentences.append(f"{name} is no setting of this bot's{hint}.")
    return sentences


def misspelt_variables(environ: Mapping[str, str], names: Collection[str]) -> list[str]:
    """Give a line for each other variable that may be a misspelt one of `names`."""
    return [
        f"{name} is no setting of this bot's and is ignored; {near[0]} is one"
        for name in _strangers(environ, names)
        if not name.startswith(_OURS) and (near := get_close_matches(name.upper(), names, n=1, cutoff=_CLOSE))
    ]


def _strangers(environ: Mapping[str, str], names: Collection[str]) -> list[str]:
    return sorted(name for name, value in environ.items() if name not in names and value.strip())
