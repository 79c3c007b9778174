"""The values of the forms of `bot.slack.render`, as submitted. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from bot.slack.inbound._payload import Action, View
from bot.slack.render import (
    AS_TEXT,
    CHANNEL_FIELD,
    DATA_FIELD,
    JSON_FIELD,
    KIND_FIELD,
    NO_RULE,
    RULE_ACTION,
    EditorOf,
    preset_value,
)

_EDITOR_OF: Final = TypeAdapter(EditorOf)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A submitted start form; `channel` is None where neither the form nor its person named one."""

    rule: str | None
    data: str | None = field(repr=False)
    channel: str | None
    errors: Mapping[str, str] = field(default_factory=dict)


def editor_of(view: View, presets: Sequence[str] = ()) -> EditorOf | None:
    """Return the session and state of an editor; None for one of another version."""
    try:
        return _EDITOR_OF.validate_python({**view.kept, "presets": tuple(presets)})
    except ValueError:
        return None


def typed(view: View, of: EditorOf) -> str:
    """Return the text in an editor's field."""
    return view.fields.get((of.block, JSON_FIELD), "")


def is_text(view: View, of: EditorOf) -> bool:
    """Return whether it is to be sent as text; a form of an earlier version knows JSON only."""
    return view.fields.get((of.kind_block, KIND_FIELD)) == AS_TEXT


def chosen_preset(action: Action, presets: Iterable[str]) -> str | None:
    """Return the chosen one of these presets; None for one that is not among them any more."""
    return next((name for name in presets if preset_value(name) == action.chosen), None)


def filled(view: View) -> Filled:
    """Return the values of a start form, with an error for each missing one."""
    rule, data = (view.fields.get((each, each)) or None for each in (RULE_ACTION, DATA_FIELD))
    channel = start_channel(view)
    errors = {}
    if rule == NO_RULE:
        errors[RULE_ACTION] = "This choice is no rule. Choose another, or type its number: start <number>."
    elif not rule:
        errors[RULE_ACTION] = "Choose the rule that is to be started."
    if not channel:
        errors[CHANNEL_FIELD] = "Choose the channel in which the session's card appears."
    return Filled(rule=rule, data=data, channel=channel or None, errors=errors)


def start_channel(view: View) -> str:
    """Return the channel of a start form: the one it was opened in, or the chosen one; empty without either."""
    return view.channel or view.fields.get((CHANNEL_FIELD, CHANNEL_FIELD), "")
