"""Rendering of records and neutral text as Block Kit. Pure: cards, replies, buttons and forms."""

from bot.slack.render._buttons import (
    AGAIN_ACTION,
    CLOSE_ACTION,
    REFRESH_ACTION,
    SEND_ACTION,
    STOP_ACTION,
    STOP_THESE_ACTION,
    BlockKit,
)
from bot.slack.render._cards import (
    EDIT_ACTION,
    OFFER_ACTION,
    render_bulk_alarm,
    render_card,
    render_reply,
    render_response,
)
from bot.slack.render._modals import (
    AS_TEXT,
    CHANNEL_FIELD,
    DATA_FIELD,
    EDITOR,
    ERROR_LIMIT,
    INPUT_LIMIT,
    JSON_FIELD,
    KIND_FIELD,
    NO_RULE,
    PRESET_ACTION,
    RULE_ACTION,
    START_FORM,
    EditorOf,
    editor_about,
    editor_form,
    notice_form,
    opening_form,
    preset_value,
    rule_options,
    start_form,
)
from bot.slack.render._mrkdwn import NameOf, fit_mrkdwn, render_fallback, render_mrkdwn

__all__ = [
    "AGAIN_ACTION", "AS_TEXT", "CHANNEL_FIELD", "CLOSE_ACTION", "DATA_FIELD", "EDITOR", "EDIT_ACTION", "ERROR_LIMIT",
    "INPUT_LIMIT", "JSON_FIELD", "KIND_FIELD", "NO_RULE", "OFFER_ACTION", "PRESET_ACTION", "REFRESH_ACTION",
    "RULE_ACTION", "SEND_ACTION", "START_FORM", "STOP_ACTION", "STOP_THESE_ACTION", "BlockKit", "EditorOf", "NameOf",
    "editor_about", "editor_form", "fit_mrkdwn", "notice_form", "opening_form", "preset_value", "render_bulk_alarm",
    "render_card", "render_fallback", "render_mrkdwn", "render_reply", "render_response", "rule_options",
    "start_form",
]  # fmt: skip
