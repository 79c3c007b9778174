"""Forms → Block Kit. Pure.

A form carries in its `private_metadata` (3,000 characters) the fields its submission needs, and no secret: everything
is authorised again when it is submitted. A field with a new text gets another block id: Slack
keeps a person's typed text under the old one.
"""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.ports import ChosenRule, RuleListing, data_suffix, session_name, state_sign, state_words
from bot.slack.render._buttons import BlockKit, plain_text
from bot.slack.render._mrkdwn import render_mrkdwn
from bot.text import code, cut, fold_name, strong
from storage.records import Session

EDITOR: Final = "send_editor"
START_FORM: Final = "start_form"
NOTICE: Final = "notice"

PRESET_ACTION: Final = "preset"
RULE_ACTION: Final = "rule"

INPUT_LIMIT: Final = 3_000
HEADING_LIMIT: Final = 1_500
"""It is kept in a form's metadata, which takes 3,000 characters in all."""

TITLE_LIMIT: Final = 24
ERROR_LIMIT: Final = 300
OPTIONS_LIMIT: Final = 100
OPTION_LIMIT: Final = 75

JSON_FIELD: Final = "json"
KIND_FIELD: Final = "kind"
AS_JSON: Final = "json"
AS_TEXT: Final = "text"
DATA_FIELD: Final = "data"
CHANNEL_FIELD: Final = "channel"
_RULE_SHOWN: Final = 150
NO_RULE: Final = "none"
_DEAF: Final = "Its scenario does not listen to a stop."
_NOT_ALL: Final = "The platform does not tell all rules now; a number can be typed"


@dataclass(frozen=True, kw_only=True)
class EditorOf:
    """The state of an open editor; `round` counts how often its text was replaced, `form` finds it again.

    `as_text` is the kind that is chosen at first; what its person has chosen comes with the submission.

    Its `heading` is mrkdwn: it comes back from Slack, and what comes from there holds no tokens.
    """

    session: int
    channel: str
    rule: int
    form: str
    heading: str
    presets: tuple[str, ...] = ()
    round: int = 0
    as_text: bool = False

    @property
    def block(self) -> str:
        """Return the block id of its field."""
        return f"{JSON_FIELD}:{self.round}"

    @property
    def kind_block(self) -> str:
        """Return the block id of the choice between JSON and text."""
        return f"{KIND_FIELD}:{self.round}"


def opening_form(title: str, form: str) -> BlockKit:
    """Return the form that is opened at once and filled later; `form` finds it again."""
    return _modal(title, form, NOTICE, [_section("One moment…")])


def notice_form(title: str, sentence: str, form: str) -> BlockKit:
    """Return a form without fields: a sentence and a button that closes it."""
    return _modal(title, form, NOTICE, [_section(render_mrkdwn(sentence, INPUT_LIMIT))])


def editor_about(session: Session, presets: Mapping[str, str], form: str, *, as_text: bool = False) -> EditorOf:
    """Return the state of a new editor for a session."""
    heading = f"{state_sign(session)} {strong(session_name(session))} – {state_words(session)}{data_suffix(session)}"
    return EditorOf(
        session=session.id,
        channel=session.channel,
        rule=session.rule_id,
        form=form,
        heading=render_mrkdwn(heading, HEADING_LIMIT),
        presets=tuple(presets),
        as_text=as_text,
    )


def editor_form(of: EditorOf, text: str, note: str | None = None) -> BlockKit:
    """Return the editor of a send to a session, with `text` in it and `note` above it.

    The names of the presets are not in its metadata, where they might not fit: they are read anew.
    """
    said = f"{of.heading}\nThe scenario gets this exactly as it stands here."
    blocks = [_section(said)]
    if note is not None:
        blocks.append(_section(render_mrkdwn(note, INPUT_LIMIT)))
    if of.presets:
        blocks.append(_presets(of))
    element: BlockKit = {
        "type": "plain_text_input",
        "action_id": JSON_FIELD,
        "multiline": True,
        "max_length": INPUT_LIMIT,
        "placeholder": plain_text('{"key": "value"}', 150),
        "focus_on_load": True,
    }
    if text:
        element["initial_value"] = text
    blocks.append({"type": "input", "block_id": of.block, "label": plain_text("JSON", 200), "element": element})
    blocks.append(_input(of.kind_block, "Sent as", _kinds(of)))
    metadata = {**asdict(of), "presets": []}
    return _modal(f"Send to #{of.session}", of.form, EDITOR, blocks, submit="Send", metadata=metadata)


def start_form(form: str, channel: str | None, command: str) -> BlockKit:
    """Return the form that starts a session: a rule, its data, and the channel where it is not known."""
    rule: BlockKit = {
        "type": "external_select",
        "action_id": RULE_ACTION,
        "min_query_length": 0,
        "placeholder": plain_text("Search by name, alias or number", 150),
    }
    data: BlockKit = {
        "type": "plain_text_input",
        "action_id": DATA_FIELD,
        "multiline": True,
        "max_length": INPUT_LIMIT,
    }
    blocks: list[BlockKit] = [_input(RULE_ACTION, "Rule", rule)]
    if channel is None:
        choice: BlockKit = {
            "type": "conversations_select",
            "action_id": CHANNEL_FIELD,
            "filter": {"include": ["public", "private"], "exclude_bot_users": True},
            "placeholder": plain_text("Where its card appears", 150),
        }
        blocks.append(_input(CHANNEL_FIELD, "Channel", choice))
    hint = plain_text("Passed to the scenario untouched, as its custom data.", 200)
    blocks.append({**_input(DATA_FIELD, "Data", data), "optional": True, "hint": hint})
    typed = code(f"{command} start <number> [data]")
    blocks.append(
        {"type": "context", "elements": [{"type": "mrkdwn", "text": render_mrkdwn(f"No rule in the list? {typed}")}]}
    )
    return _modal("Start a session", form, START_FORM, blocks, submit="Start", metadata={"channel": channel})


def rule_options(listing: RuleListing, query: str, deaf: Collection[int] = ()) -> list[BlockKit]:
    """Return the rules with the typed text in their name, alias, number or application, as choices.

    Those in `deaf`, whose scenarios are known not to listen to a stop, say so. Where some rules may be missing the last
    choice is a note on that, which cannot be started.
    """
    found = [rule for rule in listing.rules if fold_name(query) in fold_name(_named(rule))]
    notes = [] if listing.lacks is None else [{"text": plain_text(_NOT_ALL, OPTION_LIMIT), "value": NO_RULE}]
    options = [_rule_option(rule, is_deaf=rule.id in deaf) for rule in found[: OPTIONS_LIMIT - len(notes)]]
    return [*options, *notes]


def _rule_option(rule: ChosenRule, *, is_deaf: bool) -> BlockKit:
    option: BlockKit = {"text": plain_text(_named(rule), OPTION_LIMIT), "value": str(rule.id)}
    return option | {"description": plain_text(_DEAF, OPTION_LIMIT)} if is_deaf else option


def _presets(of: EditorOf) -> BlockKit:
    """Return the choice of presets; its values stand for their names, since a name may be longer than a value."""
    options = [{"text": plain_text(name, OPTION_LIMIT), "value": preset_value(name)} for name in of.presets]
    return {
        "type": "section",
        "block_id": "presets",
        "text": {"type": "mrkdwn", "text": "A preset replaces what stands in the field."},
        "accessory": {
            "type": "static_select",
            "action_id": PRESET_ACTION,
            "placeholder": plain_text("Choose a preset", 150),
            "options": options[:OPTIONS_LIMIT],
        },
    }


def _kinds(of: EditorOf) -> BlockKit:
    """Return the choice between JSON, which is checked, and text."""
    as_json, as_text = (
        {"text": plain_text(label, OPTION_LIMIT), "value": value}
        for label, value in (("JSON, checked before it is sent", AS_JSON), ("Text, whatever it is", AS_TEXT))
    )
    initial = as_text if of.as_text else as_json
    return {"type": "radio_buttons", "action_id": KIND_FIELD, "options": [as_json, as_text], "initial_option": initial}


def preset_value(name: str) -> str:
    """Return the value of a preset in a choice, where the name itself may be too long."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def _named(rule: ChosenRule) -> str:
    parts = [rule.name or f"rule {rule.id}"]
    if rule.alias is not None and rule.alias != rule.name:
        parts.append(rule.alias)
    if rule.application_name is not None:
        parts.append(rule.application_name)
    words = " – ".join(parts)
    number = f" ({rule.id})"
    return f"{cut(words, OPTION_LIMIT - len(number))}{number}"


def _modal(  # noqa: PLR0917 - the parts of one view, each needed once
    title: str, form: str, callback: str, blocks: list[BlockKit], submit: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> BlockKit:  # fmt: skip
    modal: BlockKit = {
        "type": "modal",
        "callback_id": callback,
        "external_id": form,
        "title": plain_text(title, TITLE_LIMIT),
        "close": plain_text("Close" if submit is None else "Cancel", TITLE_LIMIT),
        "blocks": blocks,
        "private_metadata": json.dumps(metadata or {}),
    }
    if submit is not None:
        modal["submit"] = plain_text(submit, TITLE_LIMIT)
    return modal


def _input(name: str, label: str, element: BlockKit) -> BlockKit:
    return {"type": "input", "block_id": name, "label": plain_text(label, 200), "element": element}


def _section(text: str) -> BlockKit:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}
