"""Stops, from the request to the outcome: asked, delivered and reported, for one session or for many."""

from bot.stops._bulk import begin_bulk, stop_all, worst_state
from bot.stops._bulk_alarm import bulk_alarm_text, open_parts
from bot.stops._delivery import (
    answer_lines,
    attempts_words,
    deliver_stop,
    delivery_words,
    is_just_started,
    new_request_id,
    on_call,
)
from bot.stops._listening import (
    CardNote,
    card_note,
    check_of,
    checks_of,
    digest_of,
    fingerprint_at_start,
    listening_lines,
    works_words,
)
from bot.stops._outcome import (
    answer_words,
    arrival_words,
    await_outcome,
    confirm_time_words,
    history_words,
    is_stale,
    outcome_words,
    scenario_words,
    session_standing,
    standing_words,
    taken_words,
    unconfirmed_facts,
    untaken_lines,
    untaken_words,
    what_to_do,
)
from bot.stops._preview import PREVIEW_ROWS, StopChoice, exclusions, preview
from bot.stops._reachable import SHUT, is_said_shut, secrets_of, urls_of
from bot.stops._request import ended_words, stop_one
from bot.stops._stop_words import stop_words
from bot.stops._summary import SUMMARY_WORDS, list_in_full, may_be_named, part_outcome, summary_text

__all__ = [
    "PREVIEW_ROWS", "SHUT", "SUMMARY_WORDS", "CardNote", "StopChoice", "answer_lines", "answer_words", "arrival_words",
    "attempts_words", "await_outcome", "begin_bulk", "bulk_alarm_text", "card_note", "check_of", "checks_of",
    "confirm_time_words", "deliver_stop", "delivery_words", "digest_of", "ended_words", "exclusions",
    "fingerprint_at_start", "history_words", "is_just_started", "is_said_shut", "is_stale", "list_in_full",
    "listening_lines", "may_be_named", "new_request_id", "on_call", "open_parts", "outcome_words", "part_outcome",
    "preview", "scenario_words", "secrets_of", "session_standing", "standing_words", "stop_all", "stop_one",
    "stop_words", "summary_text", "taken_words", "unconfirmed_facts", "untaken_lines", "untaken_words", "urls_of",
    "what_to_do", "works_words", "worst_state",
]  # fmt: skip
