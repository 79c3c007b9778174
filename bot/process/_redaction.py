"""Redaction of log records: session URLs, tokens and keys are removed from every line.

Two layers. `scrub` knows secrets by their shape; a `Redactor` also knows this process's own by value. Both look
at the finished text of a record: message, arguments, traceback, stack.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any
from urllib.parse import quote

HIDDEN = "[hidden]"

# A slash as it is, escaped by JSON or percent-encoded (once or more often), or as an HTML entity.
_SLASH = r"(?:/|\\{1,8}/|%(?:25){0,8}2f|\\{1,8}u002f|&#(?:47|x2f);)"
# What ends a token of neutral text ends a secret in it.
_DELIMITERS = r"\x01-\x03"
# The question mark of a query that gives a value.
_ASKED = (
    rf"(?:\?|%(?:25){{0,8}}3f|\\{{1,8}}u003f)(?=[^\s\"'<>`{_DELIMITERS}]{{0,80}}(?:=|%(?:25){{0,8}}3d|\\{{1,8}}u003d))"
)
_ONWARD = rf"(?:{_SLASH}|[^\s\"'<>`\\{_DELIMITERS}])*"  # to the end of a URL, wherever it stands
_NAMES = (
    r"(?:api_?key|client_?secret|signing_?secret|secret_?key|secret|password|private_?key|response_?url"
    r"|(?:access_?|refresh_?|app_?|bot_?)?token)"
)
# What Slack says of a token that it does not take stands where a token would, and is none.
_SAID_OF_TOKENS = (
    r"(?:account_inactive|invalid_auth|not_allowed_token_type|not_authed|token_expired|token_revoked|missing_scope)"
)
_NAMED = (
    rf"({_NAMES}\\*[\"']?\s*(?::|=|%3d)\s*b?\\*[\"']?)(?!\[hidden\]|{_SAID_OF_TOKENS}(?![\w-]))"
    rf"[^\s\"'&,;<>\\)}}\]{_DELIMITERS}]+"
)

_SHAPES = tuple(
    (re.compile(shape, re.IGNORECASE | re.DOTALL), instead)
    for shape, instead in (
        # Path or query of a session URL are its only secret (facts); the host stays, so that a log is of use.
        (rf"{_SLASH}request(?:{_SLASH}|{_ASKED}){_ONWARD}", f"/request/{HIDDEN}"),
        (rf"\b[0-9a-f]{{8,}}\.\d{{9,11}}\.\d+_[\d.]+(?:{_SLASH}[0-9a-f]+)?", HIDDEN),
        (rf"hooks\.slack(?:-gov)?\.com{_ONWARD}", f"hooks.slack.com/{HIDDEN}"),
        (rf"(wss?:(?:{_SLASH}){{2}}[^\s\"'<>\\/%?{_DELIMITERS}]*)[\\/%?]{_ONWARD}", rf"\1/{HIDDEN}"),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", HIDDEN),
        (r"x(?:ox[a-z](?:\.xox[a-z])?|app)-[\w-]+", HIDDEN),
        (r"eyJ[\w-]{4,2000}+(?:\.[\w-]*)+", HIDDEN),
        (rf"(authorization\\*[\"']?\s*[:=,]\s*b?\\*[\"']?)[^\"'\r\n{_DELIMITERS}]+", rf"\1{HIDDEN}"),
        (r"\b(bearer(?:\s|%20|\+)+)[\w.~+/=-]{8,}", rf"\1{HIDDEN}"),
        (rf"([?&]ticket=){_ONWARD}", rf"\1{HIDDEN}"),
        (_NAMED, rf"\1{HIDDEN}"),
    )
)
_URLS = _SHAPES[:2]
_SHORTEST_KNOWN = 6  # a shorter text stands in too many ordinary words to be hidden wherever it stands

# Libraries that print payloads, tokens or URLs below WARNING (facts).
_TALKATIVE = (
    "aiohttp.access",
    "slack_bolt",
    "slack_sdk",
    "urllib3",
    "websockets",
)
_LONGEST_OF_OTHERS = 300  # characters; Bolt's warnings quote whole payloads behind their first words


def scrub(text: str) -> str:
    """Return the text without anything that has the shape of a secret."""
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def mask_in_place(text: str) -> str:
    """Return the text with a dot for each character that `scrub` removes: everything else keeps its place."""
    for shape, instead in _SHAPES:
        text = shape.sub(lambda found, instead=instead: _blotted(found, instead), text)  # type: ignore[misc]
    return text


def _blotted(found: re.Match[str], instead: str) -> str:
    shown = found.expand(instead)
    return shown.replace(HIDDEN, "•" * (len(found[0]) - len(shown) + len(HIDDEN)))


def without_urls(text: str) -> str:
    """Return the text without the paths of session URLs, otherwise unchanged."""
    for shape, instead in _URLS:
        text = shape.sub(instead, text)
    return text


class Redactor:
    """Knows the secrets of this process, in every spelling a log could show them in."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __repr__(self) -> str:
        return "<Redactor>"

    def scrub(self, text: str) -> str:
        """Return the text without the known secrets and without anything of the shape of one."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        return scrub(text)


class RedactingFormatter(logging.Formatter):
    """One record as `2026-01-31T02:14:00.123Z LEVEL name: message`, then its traceback; all of it scrubbed.

    Control characters are written as escapes, and a traceback is indented: no foreign text begins a line that
    looks like a record.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redactor = redactor

    def format(self, record: logging.LogRecord) -> str:
        """Return the scrubbed text of a record, also of one whose arguments do not fit its message."""
        try:
            text = super().format(record)
        except Exception as error:  # noqa: BLE001 - the line tells; logging would print the bare arguments
            record.message = f"[{type(error).__name__} in the log call at {record.pathname}:{record.lineno}]"
            record.asctime = self.formatTime(record)
            text = self.formatMessage(record)
        record.exc_text = None  # the formatter left the traceback there, unscrubbed, for the next handler
        return self._redactor.scrub(text)

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - logging's own name and arguments
        """Return the moment in UTC, to the millisecond."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return moment.replace("+00:00", "Z")

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's own name
        """Return the traceback, indented."""
        return _further_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's own name
        """Return the stack, indented."""
        return _further_in(super().formatStack(stack_info))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the first line of a record, and only one; of a verbose library, only its beginning."""
        line = self._redactor.scrub(_one_line(super().formatMessage(record)))
        if _is_talkative(record) and len(line) > _LONGEST_OF_OTHERS:
            return f"{line[:_LONGEST_OF_OTHERS]}…"
        return line


class QuietLibraries(logging.Filter):
    """Drops the records of verbose libraries below WARNING, for there they print payloads and URLs.

    They are known by the logger's name and, as Bolt also logs under its app's name, by the file that logs.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record may be logged."""
        return record.levelno >= logging.WARNING or not _is_talkative(record)


def install_logging(level: str | int, redactor: Redactor) -> None:
    """Log to stderr only, through the redactor; uncaught exceptions included."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(redactor))
    handler.addFilter(QuietLibraries())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _spellings(secret: str) -> Iterable[str]:
    """Return the forms a secret may have in a text. A PEM's lines count each: reprs and logs split them."""
    for part in {secret, secret.strip(), *secret.split("\n")}:
        if len(part) >= _SHORTEST_KNOWN:
            yield from (part, quote(part, safe=""), json.dumps(part)[1:-1], repr(part)[1:-1])
            yield json.dumps(part)[1:-1].replace("/", r"\/")


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _further_in(text: str) -> str:
    return "\n".join(f"    {_one_line(line)}" for line in text.splitlines())


def _is_talkative(record: logging.LogRecord) -> bool:
    by_name = any(record.name == name or record.name.startswith(f"{name}.") for name in _TALKATIVE)
    return by_name or "/slack_bolt/" in record.pathname or "/slack_sdk/" in record.pathname


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("bot").critical("Ended by an error nobody caught", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(hook: threading.ExceptHookArgs) -> None:
    if hook.exc_value is not None:
        _log_uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)
