"""The recorded fields of a command: its intent, the sessions it named, and its outcome; no secrets."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any, Final

from pydantic import TypeAdapter

from bot.ports import Intent, Outcome, Right, SessionRef, Verb
from bot.process import scrub
from bot.text import mask
from bot.verbs import typed_refs
from storage import Connection, commands, sessions
from storage.command import Command, CommandState

log = logging.getLogger(__name__)

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


def written_intent(intent: Intent) -> str:
    """Return an intent as JSON, from which it can be run again; its texts are without secrets."""
    return json.dumps(_plain(asdict(intent)), separators=(",", ":"))


def read_intent(command: Command, verbs: Sequence[Verb]) -> Intent | None:
    """Return the recorded intent of a command; None where there is none, or it is invalid.

    It is valid only if it is written just so: a stop of some sessions that lost them, or whose fields another version
    named otherwise, must not be read as a stop of all.
    """
    verb = next((each for each in verbs if each.name == command.verb), None)
    if verb is None or command.intent is None:
        return None
    try:
        intent = TypeAdapter(verb.takes).validate_json(command.intent)
    except ValueError as problem:
        log.warning("the intent of command %d cannot be read: %s", command.id, type(problem).__name__)
        return None
    if written_intent(intent) != command.intent:
        log.warning("the intent of command %d is not written as this version writes it", command.id)
        return None
    return intent


def _plain(value: Any) -> Any:
    """Return a value in JSON's own types."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case tuple():
            return [_plain(each) for each in value]
        case timedelta():
            return value.total_seconds()
        case str():
            return scrub(value.encode("utf-8", "replace").decode())
        case _:
            return value


def by_own_number(db: Connection, intent: Intent, team: str) -> Intent:
    """Return an intent with its session named by its own number, however it was typed."""
    ref = getattr(intent, "id", None)
    if not isinstance(ref, SessionRef):
        return intent
    found = sessions.id_of(db, team, ref.number, of_platform=ref.of_platform)
    return intent if found is None else replace(intent, id=SessionRef(found))  # type: ignore[call-arg]


def record_named_sessions(db: Connection, command: int, intent: Intent | None, team: str) -> tuple[int, ...]:
    """Record and return the sessions of this workspace that a command names, before it may be denied.

    A stop of several names each of them, also where `all` was typed: it is confirmed by a list of ids.
    """
    refs = typed_refs(intent)
    found = [sessions.id_of(db, team, each.number, of_platform=each.of_platform) for each in refs]
    meant = tuple(each for each in found if each is not None)
    commands.add_sessions(db, command, meant)
    return meant
