"""Slack's error codes, and what to do after each (facts).

An unlisted code is final: it is about this message, and a retry will not change it.
"""

from enum import Enum, auto
from typing import Final


class CodeMeaning(Enum):
    """The consequence of an error code."""

    limited = auto()
    """Too much at once: again when Slack says."""
    crowded = auto()
    """The workspace as a whole posts too much: again after a longer pause."""
    passing = auto()
    """Slack's own trouble: again soon."""
    locked = auto()
    """The bot's token is not taken: nothing works until somebody acts, or Slack has got over it."""
    mendable = auto()
    """Somebody may change it: again now and then."""
    deleted = auto()
    """The message, or the one above it, is gone."""
    unreadable = auto()
    """Something in the message is not as Slack wants it: the same words in a plainer form."""
    final = auto()


NOT_IN_CHANNEL: Final = frozenset({"not_in_channel", "channel_not_found"})
"""Slack's error codes for a channel that the bot is not in, and to which it may be invited again."""

_CODES: Final = {
    CodeMeaning.limited: {"ratelimited", "rate_limited"},
    CodeMeaning.crowded: {"message_limit_exceeded"},
    CodeMeaning.passing: {
        # Slack's own trouble, by its documentation of chat.update and chat.postMessage
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "update_failed",
        # a workspace, or a channel of two, that moves: what was asked is possible again when it has moved
        "team_added_to_org",
        "org_login_required",
        "external_channel_migrating",
    },
    CodeMeaning.locked: {"account_inactive", "token_revoked", "token_expired", "invalid_auth", "not_authed"},
    CodeMeaning.mendable: {
        *NOT_IN_CHANNEL,
        "access_denied",
        "accesslimited",
        "ekm_access_denied",
        "enterprise_is_restricted",
        "is_archived",
        "is_inactive",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "two_factor_setup_required",
    },
    CodeMeaning.deleted: {"message_not_found", "thread_not_found"},
    CodeMeaning.unreadable: {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "invalid_metadata_schema",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
    },
}
_MEANINGS: Final = {code: meaning for meaning, codes in _CODES.items() for code in codes}

LOCKED: Final = frozenset(_CODES[CodeMeaning.locked])


def code_meaning(error: str) -> CodeMeaning:
    """Return the consequence of an error code."""
    return _MEANINGS.get(error, CodeMeaning.final)


def known(what: CodeMeaning) -> frozenset[str]:
    """Return the listed codes of one consequence."""
    return frozenset(_CODES.get(what, ()))
