"""Unknown variables: a misspelt policy, which is not applied, would be a hole.

A name with the bot's own prefix is refused. A name close to one of the bot's may be another program's,
and is a warning. Names are shown, values never.
"""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Final

_OURS: Final = "SESSION_BOT_"
_CLOSE: Final = 0.88
"""The similarity from which two names may be one name misspelt: a letter or two, of twenty."""


def refused(environ: Mapping[str, str], names: Collection[str]) -> list[str]:
    """Return a sentence for each variable that can only be meant for this bot, and is none of its `names`."""
    ends = [name.removeprefix(_OURS) for name in names if name.startswith(_OURS)]  # what all share says nothing
    sentences = []
    for name in _strangers(environ, names):
        if name.startswith(_OURS):
            near = get_close_matches(name.removeprefix(_OURS), ends, n=1)
            hint = f"; the nearest is {_OURS}{near[0]}" if near else ""
            sentences.append(f"{name} is no setting of this bot's{hint}.")
    return sentences


def misspelt_variables(environ: Mapping[str, str], names: Collection[str]) -> list[str]:
    """Return a line for each other variable that may be a misspelt one of `names`."""
    return [
        f"{name} is no setting of this bot's and is ignored; {near[0]} is one"
        for name in _strangers(environ, names)
        if not name.startswith(_OURS) and (near := get_close_matches(name.upper(), names, n=1, cutoff=_CLOSE))
    ]


def _strangers(environ: Mapping[str, str], names: Collection[str]) -> list[str]:
    return sorted(name for name, value in environ.items() if name not in names and value.strip())
