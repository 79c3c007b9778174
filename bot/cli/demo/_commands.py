"""The catalogue of the page's type-ahead, made from the verbs' table, as help is: a new verb is in it by itself."""

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from bot.ports import Verb
from bot.sandbox.page import CommandHelp
from bot.text import plain
from bot.verbs import VERBS

_OPTION: Final = re.compile(r"--[a-z]+|(?<![\w-])[a-z]+=")

OPTION_MEANINGS: Final = MappingProxyType(
    {
        "--max": "end the session after this time",
        "--text": "send everything behind it as it is",
        "by=": "sessions that one person started",
        "channel=": "sessions of this channel, or of all",
        "older=": "sessions that began longer ago than this",
        "origin=": "sessions started in Slack, or elsewhere",
        "reason=": "why, in quotes",
        "rule=": "sessions of a rule, by a part of its name",
        "silent=": "sessions not heard of for this time",
        "since=": "lines of this time until now",
        "state=": "sessions that are open, over, or either",
    }
)
"""The options of the verbs' usage lines, each with its meaning; the verbs' details tell it at more length."""


def command_helps() -> tuple[CommandHelp, ...]:
    """Return the help of every verb of the slash command, in the order of help."""
    return tuple(_help(verb) for verb in VERBS)


def _help(verb: Verb) -> CommandHelp:
    return CommandHelp(
        name=verb.name, usage=verb.usage, summary=plain(verb.summary), options=tuple(_options(verb.usage))
    )


def _options(usage: str) -> Iterator[tuple[str, str]]:
    """Yield the options that a usage line names, each once. Raises KeyError for one without a meaning."""
    for word in dict.fromkeys(_OPTION.findall(usage)):
        yield word, OPTION_MEANINGS[word]
