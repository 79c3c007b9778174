"""Text: sentences in neutral text; typed text, normalised; foreign text, made harmless; JSON and durations."""

from bot.text._answer_text import show_answer
from bot.text._comparing import SPELLINGS, fold_data, fold_name
from bot.text._control_characters import csv_cell, harmless, harmless_line
from bot.text._counts import counted
from bot.text._cut import cut
from bot.text._emphasis import without_emphasis
from bot.text._file_text import decode_file
from bot.text._json import BadJson, Understood, begins_like_json, cut_json, mask, mask_all, understand
from bot.text._json_doubts import json_doubts
from bot.text._known_secrets import hide_secrets, secret_parts
from bot.text._log_text import LOG_LIMIT_BYTES, clean_log, url_and_secrets
from bot.text._neutral import (
    BOT,
    SCENARIO,
    TERMINAL,
    Piece,
    Token,
    TokenKind,
    block,
    call,
    calls,
    can_be_notified,
    channel,
    code,
    emphasis,
    first_line,
    flat,
    foreign,
    foreign_json,
    group,
    link,
    moment,
    notified,
    person,
    shortened,
    strong,
    text_pieces,
)
from bot.text._phones import has_number, last_digits, spellings, typed_number, typed_numbers, without_numbers
from bot.text._plain import plain, visible
from bot.text._rich_text import typed_text
from bot.text._slack_text import (
    UnclosedQuote,
    after_word,
    each_word,
    first_word,
    is_mention,
    split_words,
    without_isolates,
)
from bot.text._times import DURATION_FORMS, ago, clock_time, duration, duration_words, typed_duration

__all__ = [
    "BOT", "DURATION_FORMS", "LOG_LIMIT_BYTES", "SCENARIO", "SPELLINGS", "TERMINAL", "BadJson", "Piece", "Token",
    "TokenKind", "UnclosedQuote", "Understood", "after_word", "ago", "begins_like_json", "block", "call", "calls",
    "can_be_notified", "channel", "clean_log", "clock_time", "code", "counted", "csv_cell", "cut", "cut_json",
    "decode_file", "duration", "duration_words", "each_word", "emphasis", "first_line", "first_word", "flat",
    "fold_data", "fold_name", "foreign", "foreign_json", "group", "harmless", "harmless_line", "has_number",
    "hide_secrets", "is_mention", "json_doubts", "last_digits", "link", "mask", "mask_all", "moment", "notified",
    "person", "plain", "secret_parts", "shortened", "show_answer", "spellings", "split_words", "strong", "text_pieces",
    "typed_duration", "typed_number", "typed_numbers", "typed_text", "understand", "url_and_secrets", "visible",
    "without_emphasis", "without_isolates", "without_numbers",
]  # fmt: skip
