"""The types between the wings: requests, intents, outcomes, services, errors for people, and the grammar."""

from bot.ports._announced import Announced, NotAnnounced
from bot.ports._board import Board
from bot.ports._changes import Changes
from bot.ports._dialog import Dialog
from bot.ports._duration_option import DurationOption, VerbatimOption
from bot.ports._errors import (
    Answerable,
    CannotPost,
    CannotShare,
    CannotShow,
    CutOff,
    Denied,
    LogUnavailable,
    NoSuchRule,
    NoSuchSession,
    NotAdopted,
    NotNow,
    RulesUnreadable,
    UsageProblem,
)
from bot.ports._grammar import Intent, Rest, Word, quoted
from bot.ports._ids import SessionId, SessionIds, SessionRef, ids_anywhere, leading_ids, session_ref
from bot.ports._options import ME, Option, Options, choice_option, in_one_style, page_option, person_option, text_option
from bot.ports._outcome import Outcome
from bot.ports._policy import ChannelFacts, Policy, Right
from bot.ports._repeats import DoublePress, RecentResponses
from bot.ports._reply import FileReply, Files, Reply
from bot.ports._request import Request, Via
from bot.ports._response import Offer, Respond, Response, Row
from bot.ports._rules import SILENT_AFTER, ChosenRule, RuleKit, RuleLimits, RuleListing, RuleLookup
from bot.ports._savepoints import SavepointGroup
from bot.ports._session_words import (
    beginning_words,
    data_excerpt,
    data_suffix,
    heard_words,
    live_calls_words,
    origin_words,
    place_words,
    rule_name,
    session_name,
    state_sign,
    state_words,
)
from bot.ports._verb import Context, Services, Verb, command_row, line_of, verb_of
from bot.ports._write_behind import KnownOfSession, WriteBehind, when_recorded

__all__ = [
    "ME", "SILENT_AFTER", "Announced", "Answerable", "Board", "CannotPost", "CannotShare", "CannotShow", "Changes",
    "ChannelFacts", "ChosenRule", "Context", "CutOff", "Denied", "Dialog", "DoublePress", "DurationOption",
    "FileReply", "Files", "Intent", "KnownOfSession", "LogUnavailable", "NoSuchRule", "NoSuchSession", "NotAdopted",
    "NotAnnounced", "NotNow", "Offer", "Option", "Options", "Outcome", "Policy", "RecentResponses", "Reply", "Request",
    "Respond", "Response", "Rest", "Right", "Row", "RuleKit", "RuleLimits", "RuleListing", "RuleLookup",
    "RulesUnreadable", "SavepointGroup", "Services", "SessionId", "SessionIds", "SessionRef", "UsageProblem", "Verb",
    "VerbatimOption", "Via", "Word", "WriteBehind", "beginning_words", "choice_option", "command_row", "data_excerpt",
    "data_suffix", "heard_words", "ids_anywhere", "in_one_style", "leading_ids", "line_of", "live_calls_words",
    "origin_words", "page_option", "person_option", "place_words", "quoted", "rule_name", "session_name",
    "session_ref", "state_sign", "state_words", "text_option", "verb_of", "when_recorded",
]  # fmt: skip
