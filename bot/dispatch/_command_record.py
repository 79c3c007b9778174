"""The recorded fields of a command: the sessions it named, and its outcome without private parts."""

from dataclasses import replace
from typing import Any, Final

from bot.ports import Outcome, Right, SessionRef
from bot.process import scrub
from bot.text import mask
from bot.verbs import typed_refs
from storage import Connection, commands, sessions
from storage.records import CommandState

_ONLY_SHOW: Final = frozenset({Right.help, Right.look})
_SHOWN: Final = "Shown."
"""Kept of an answer that only showed something to one person: what it showed is not for all who read the record."""


def recorded_words(outcome: Outcome, right: Right) -> str:
    """Return the recorded text of a done command of this right."""
    if outcome.state in {CommandState.refused, CommandState.asked}:
        return recorded_refusal(outcome.says)
    return _SHOWN if right in _ONLY_SHOW and outcome.state is CommandState.done else scrub(outcome.says)


def recorded_refusal(says: str) -> str:
    """Return the recorded text of a refusal, which quotes the command: its first line, values masked."""
    return scrub(mask(says.partition("\n")[0]))


def by_own_number(db: Connection, arguments: Any, team: str) -> Any:
    """Return a command's arguments with its session by its own number, however it was typed."""
    ref = getattr(arguments, "id", None)
    if not isinstance(ref, SessionRef):
        return arguments
    found = sessions.id_of(db, team, ref.number, of_platform=ref.of_platform)
    return arguments if found is None else replace(arguments, id=SessionRef(found))


def record_named_sessions(db: Connection, command: int, arguments: Any, team: str) -> tuple[int, ...]:
    """Record and return the sessions of this workspace that a command names, before it may be denied.

    A stop of several names each of them, also where `all` was typed: it is confirmed by a list of ids.
    """
    refs = typed_refs(arguments)
    found = [sessions.id_of(db, team, each.number, of_platform=each.of_platform) for each in refs]
    meant = tuple(each for each in found if each is not None)
    commands.touches(db, command, meant)
    return meant
