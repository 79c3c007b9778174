"""Slack's Web API: the client, its tokens, its error codes, and facts about people and channels."""

from bot.slack.api._connection import (
    ORG_WIDE,
    SLACK_TIMEOUT_S,
    Receiver,
    WebClient,
    Workspace,
    WrongToken,
    bolt_app,
    check_tokens,
    web_client,
)
from bot.slack.api._error_codes import NOT_IN_CHANNEL, CodeMeaning, code_meaning
from bot.slack.api._facts import SlackFacts, is_shared
from bot.slack.api._http_session import NoWayThrough, connection_problem, http_session
from bot.slack.api._retry import A_FEW_TIMES, FOR_EVER, Retry, call_again
from bot.slack.api._token_health import TokenHealth
from bot.slack.api._web import (
    RateLimited,
    Refused,
    SlackProblem,
    TokenRefused,
    TryLater,
    call_method,
    delete_message,
    post_message,
    read_method,
    retry_after,
    slack_answer,
    update_message,
)

__all__ = [
    "A_FEW_TIMES", "FOR_EVER", "NOT_IN_CHANNEL", "ORG_WIDE", "SLACK_TIMEOUT_S", "CodeMeaning", "NoWayThrough",
    "RateLimited", "Receiver", "Refused", "Retry", "SlackFacts", "SlackProblem", "TokenHealth", "TokenRefused",
    "TryLater", "WebClient", "Workspace", "WrongToken", "bolt_app", "call_again", "call_method", "check_tokens",
    "code_meaning", "connection_problem", "delete_message", "http_session", "is_shared", "post_message",
    "read_method", "retry_after", "slack_answer", "update_message", "web_client",
]  # fmt: skip
