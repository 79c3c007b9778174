"""What was filled into a form of `bot.slack.render`, as Slack reports it → words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import TypeAdapter

from bot.slack.inbound._payload import Action, View
from bot.slack.render import CHANNEL_FIELD, DATA_FIELD, JSON_FIELD, NO_RULE, RULE_ACTION, EditorOf, preset_value

_EDITOR_OF: Final = TypeAdapter(EditorOf)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What a person submitted to start a session; `channel` is None where the form did not know and nobody said."""

    rule: str | None
    data: str | None
    channel: str | None
    errors: Mapping[str, str] = field(default_factory=dict)


def editor_of(view: View, presets: Sequence[str] = ()) -> EditorOf | None:
    """Read what an editor is about; None for one of a version that kept something else in it."""
    try:
        return _EDITOR_OF.validate_python({**view.kept, "presets": tuple(presets)})
    except ValueError:
        return None


def typed_json(view: View, of: EditorOf) -> str:
    """Read what stands in an editor's field."""
    return view.fields.get((of.block, JSON_FIELD), "")


def chosen_preset(action: Action, presets: Iterable[str]) -> str | None:
    """Read which of these presets was chosen; None for one that is not among them, or not any more."""
    return next((name for name in presets if preset_value(name) == action.chosen), None)


def filled(view: View) -> Filled:
    """Read a start form; what must be there and is not has its error."""
    rule, data = (view.fields.get((each, each)) or None for each in (RULE_ACTION, DATA_FIELD))
    channel = where_to_start(view)
    errors = {}
    if rule == NO_RULE:
        errors[RULE_ACTION] = "This choice is no rule. Choose another, or type its number: start <number>."
    elif not rule:
        errors[RULE_ACTION] = "Choose the rule that is to be started."
    if not channel:
        errors[CHANNEL_FIELD] = "Choose the channel in which the session's card appears."
    return Filled(rule=rule, data=data, channel=channel or None, errors=errors)


def where_to_start(view: View) -> str:
    """Read the channel of a start form: the one it was opened in, or the one chosen so far; empty without either."""
    return view.channel or view.fields.get((CHANNEL_FIELD, CHANNEL_FIELD), "")
