"""The functions over text, each with a way to call it, and the texts that are hard on patterns and loops."""

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from bot.cli.terminal import _plain as plain
from bot.directory import ClaimChecks
from bot.dispatch import _command_record as kept
from bot.ports._errors import Answerable
from bot.ports._grammar import quoted, unquoted
from bot.ports._ids import ids_anywhere, leading_ids
from bot.process import _redaction as redaction
from bot.slack.inbound._http import parse_body
from bot.slack.inbound._mentions import Owner
from bot.slack.inbound._mentions import read as read_mention
from bot.slack.render import _buttons as buttons
from bot.slack.render import _modals as modals
from bot.slack.render import fit_mrkdwn, render_fallback, render_mrkdwn
from bot.slack.render._cards import parts, render_bulk_alarm
from bot.text import _answer_text as echo
from bot.text import _control_characters as control
from bot.text import (
    _emphasis as emphasis,
)
from bot.text import (
    _json as json_text,
)
from bot.text import (
    _known_secrets as known_parts,
)
from bot.text import (
    _log_text as log_text,
)
from bot.text import (
    _neutral as neutral,
)
from bot.text import _phones as phones
from bot.text import (
    _slack_text as slack_text,
)
from bot.text import cut, decode_file, json_doubts
from bot.text import plain as neutral_words
from bot.text._comparing import fold_data, fold_name
from bot.text._json_repair import repair
from bot.text._rich_text import typed_text
from bot.verbs import VERBS
from bot.verbs._did_you_mean import find_meaning
from bot.verbs._selection import Selection
from bot.verbs._start import data_problem
from bot.voximplant import HostRules
from bot.voximplant import _answers as answers
from bot.voximplant import _stop_request as stop_request
from bot.voximplant._connection import dissected
from bot.voximplant._session_headers import send_headers, stop_headers
from bot.voximplant.errors import in_one_line

CURLY, OPENED, CLOSED = "\u201c", "\u2018", "\u2019"
SEEDS: Final = (
    # quotes, and what stands before them
    f"{OPENED}\\", f"{CURLY}\\", '"\\', "\\", OPENED, CLOSED, CURLY, "\u201d", "\u00ab", '"', "'", f"a{OPENED}",
    f"{OPENED}a", f" {OPENED}", f" {CURLY}", ' "', '" ', f"={CURLY}", f"a={OPENED}", f" {OPENED}a", " 'a", "a='b ",
    # Slack's markup
    "<", "<<<", "<@", "<a|", "<https://a|", "|", ">", "&", "&amp;", "&a", "<@U1|", "<!date^", "<!subteam^", " <a",
    " <|",
    "*", "_", "~", "`", "```", "``", "*a ", " *a", "*a", "a*", "*_", "_*~", "* *", "*a*", "_a _", "\n*",
    # tokens of neutral text
    "\x01", "\x02", "\x03", "\x01code\x02", "\x01code\x02a\x03", "\x01strong\x02", "\x01link http://a\x02b\x03",
    # JSON, and what is nearly JSON
    "[", "{", "]", "}", "[{", '{"', '{"a":', '["pin":', '{"pin": {', "pin=", "pin=[", "pin=\\", 'pin="', "pin='",
    'pin:\\"', "NaN", "-Infinity", '"a": ', '{"a": 1, "a": 2}, ', "9" * 30,
    # letters, spaces and signs that nobody sees
    "a.", "-a", ".", " ", "\n", "\t", "\u00a0", "\u200b", "\u2068", "\u2069", "\u200f", "\u2068a", " \u200f", "\u200f ",
    "e\u0301", "\u0301", "\u200d", "\u05e9\u05c1", "\U0001f468\u200d", "\ud83d",
    # addresses, keys and tokens
    "http://", "https://", "ws://", "ws:", "wss:/", "/request/", "/request", "/", "\\/", "%2f", "%", "%25", "\\u002f",
    "&#47;", "eyJ", "eyJa.", "xoxb-", "token", "token=", "token\\", "bearer ", "authorization ", "authorization:",
    "secret ", "access_", "access", "?ticket=", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----", "ABCDEF01.",
    "abcdef01.1234567890.1_",
    # numbers, ids and options; \u2116 counts
    "a1.", "1", "1.1.1.1.", "1 ", "1-", "(1)", "+1 ", "2026-01-01 ", "\u0663", "\uff17", "7,", "7, ", "#7", "h7",
    "1234567890", "\u2116 ", "\u2116,", "#\u2116,", "a\u2116=b ", "\u2116 and ", "\u2116.", "and ", "no. ", "stop ",
    "--max ", "\u2014max=", "--max 3m ", "state=", "reason=", "a=b ",
)  # fmt: skip


def quiet(function: Callable[[str], Any]) -> Callable[[str], None]:
    def call(text: str) -> None:
        with contextlib.suppress(Answerable, ValueError):
            function(text)

    return call


def rich(text: str) -> str:
    return typed_text({"text": text, "blocks": [{"type": "rich_text", "elements": [section(text)]}]})


def section(text: str) -> dict[str, Any]:
    styles = ({}, {"bold": True}, {"italic": True}, {"code": True}, {"bold": True, "italic": True, "strike": True})
    pieces = [text[at : at + 10] for at in range(0, len(text), 10)]
    elements = [{"type": "text", "text": each, "style": styles[n % len(styles)]} for n, each in enumerate(pieces)]
    return {"type": "rich_text_section", "elements": elements}


FUNCTIONS: Final[dict[str, Callable[[str], Any]]] = {
    "repair": repair,
    "repair in an object": lambda text: repair('{"a": ' + text),
    "understand in an object": lambda text: json_text.understand('{"a": ' + text),
    "mask": json_text.mask,
    "mask as a list": lambda text: json_text.mask("[" + text),
    "emphasis": emphasis.without_emphasis,
    "emphasis in marks": lambda text: emphasis.without_emphasis(f"*_{text}_*"),
    "meaning": lambda text: find_meaning(VERBS, text),
    "ids": leading_ids,
    "ids behind one": lambda text: leading_ids(f"1 {text}"),
    "ids anywhere": ids_anywhere,
    "mrkdwn": render_mrkdwn,
    "mrkdwn to fit": lambda text: render_mrkdwn(text, 300),
    "mrkdwn nearly": lambda text: render_mrkdwn(text, len(text) - 10),
    "fallback to fit": lambda text: render_fallback(text, 300),
    "sections": lambda text: parts(render_mrkdwn(text)),
    "code": lambda text: render_mrkdwn(neutral.code(text, 100)),
    "long code": lambda text: render_mrkdwn(neutral.code(text)),
    "block": lambda text: render_mrkdwn(neutral.block(text, 300)),
    "block to fit": lambda text: render_mrkdwn(neutral.block(text), len(text) - 10),
    "cut": lambda text: cut(text, len(text) - 1),
    "shortened": lambda text: neutral.shortened(text, 150),
    "first line": neutral.first_line,
    "flat": neutral.flat,
    "plain": neutral_words,
    "link": lambda text: render_mrkdwn(neutral.link(text, text)),
    "foreign": neutral.foreign,
    "decode": slack_text.decode,
    "words": slack_text.split_words,
    "first word": slack_text.first_word,
    "isolate": slack_text.without_isolates,
    "name": fold_name,
    "event": lambda text: typed_text({"text": text}),
    "blocks": rich,
    "mention": lambda text: read_mention(f"<@U1> {text}", "U1", Owner(7), "/session"),
    "stop mention": lambda text: read_mention(f"*<@U1> stop {text}*", "U1", Owner(7), "/session"),
    "mention behind": lambda text: read_mention(f"{text} <@U1", "U1", None, "/session"),
    "hide": lambda text: known_parts.hide_secrets(text, ["AF30C0FFEE42CCA6", "90AB12CD34EF5D84"]),
    "echo": lambda text: echo.show_answer(text, secrets=(), sent=[r'{"pin": ["aaaa\\\\aa a", "1111111", "\\"\\\\"]}']),
    "scrub": redaction.scrub,
    "blot": redaction.mask_in_place,
    "log file": lambda text: log_text.clean_log(
        text.encode("utf-8", "replace"), is_cut=True, secrets=["abc"], phone_digits=2
    ),
    "request target": lambda text: dissected(f"https://a.example/{text}", None, None),
    "refusal": kept.recorded_refusal,
    "terminal": lambda text: plain.words(text, "/session"),
    "shell word": unquoted,
    "shell stop": lambda text: Selection().of_words(text.split(" ")),
    **{f"arguments of {verb.name}": verb.read for verb in VERBS},
    "start data": lambda text: next(each for each in VERBS if each.name == "start").read(f"x {text}"),
    "send data": lambda text: next(each for each in VERBS if each.name == "send").read(f"1 {text}"),
    "stop reason": lambda text: next(each for each in VERBS if each.name == "stop").read(f"1 {text}"),
    "stop all": lambda text: next(each for each in VERBS if each.name == "stop").read(f"all {text}"),
    "data by their letters": fold_data,
    "harmless": lambda text: (control.harmless(text), control.harmless_line(text), control.csv_cell(text)),
    "file": lambda text: decode_file(text.encode("utf-8", "replace")),
    "doubts": lambda text: json_doubts(json.dumps([text, {text: 1}])),
    "beginning of JSON": json_text.begins_like_json,
    "parts of a URL": lambda text: (
        known_parts.secret_parts(text), log_text.url_and_secrets(f"https://{text}"), redaction.without_urls(text)
    ),
    "ids of Slack": lambda text: render_mrkdwn(
        "".join((neutral.person(text), neutral.call(text), neutral.channel(text), neutral.group(text)))
    ),
    "notified": lambda text: (neutral.can_be_notified(text), neutral.notified(text)),
    "marks": lambda text: neutral.calls(neutral.strong(neutral.emphasis(text))),
    "phones": lambda text: (
        phones.has_number(text, "4930123456"), phones.without_numbers(text, 2), phones.spellings(text),
        phones.last_digits(text, 2),
    ),
    "words of a button": lambda text: (
        buttons.cut_words(text, 70), buttons.plain_text(text, 70), buttons.confirm(text, text, text, text)
    ),
    "forms": lambda text: (
        modals.notice_form(text, text, "1"), modals.opening_form(text, "1"), modals.preset_value(text),
        modals.start_form("1", text, "/session"),
    ),
    "bulk alarm": lambda text: render_bulk_alarm(text, [1]),
    "mrkdwn cut again": lambda text: fit_mrkdwn(text, len(text) - 10),
    "body of a request": lambda text: parse_body(text, "application/x-www-form-urlencoded"),
    "body in JSON": lambda text: parse_body(text, "application/json"),
    "a word for a shell": quoted,
    "custom data": lambda text: data_problem(text, 200),
    "answer to a start": lambda text: (
        answers.started(text.encode("utf-8", "replace")),
        answers.started(b'{"media_session_access_url": "' + text.encode("utf-8", "replace")),
    ),
    "headers": lambda text: (send_headers(text), stop_headers(text, text, text)),
    "stop of a rule": lambda text: (
        stop_request.path_problem(f"/{text}"), stop_request.content_type_of(text), stop_request.is_json(text)
    ),
    "words of the platform": in_one_line,
    "claim": lambda text: CLAIMS.of_text(text, now=NOW),
    "signed claim": lambda text: CLAIMS.of_text(f'{{"v":1,"x":"{text}","hmac":"{"0" * 64}"}}', now=NOW),
}  # fmt: skip

CLAIMS: Final = ClaimChecks(hosts=HostRules("*.voximplant.com"), secrets=[b"agreed"])
NOW: Final = datetime(2026, 1, 31, tzinfo=UTC)

WINGS: Final = (
    "bot.text", "bot.process._redaction", "bot.ports", "bot.verbs", "bot.dispatch", "bot.stops", "bot.watch",
    "bot.directory", "bot.access", "bot.account", "bot.voximplant", "bot.slack.render", "bot.slack.inbound",
    "bot.slack.outbox", "bot.slack.responses", "bot.cli.terminal",
)  # fmt: skip

NOT_OVER_TEXT: Final = {
    "choice_option": "a name in the code",
    "person_option": "a name in the code",
    "text_option": "a name in the code",
    "page_option": "a name in the code",
    "is_answer": "a word of the code",
    "unobserved": "does nothing",
    "not_all": "a reference that the bot made",
    "stop_request_id": "the key of a command, which the bot or Slack made",
    "name_of": "the value of a button, which the bot made",
    "is_group": "an id in the settings",
    "unfamiliar": "once a command at a terminal, of which nobody else waits",
    "read_words": "once a command at a terminal, of which nobody else waits",
    "with_id": "once a command at a terminal, of which nobody else waits",
}
"""The functions that begin with a text which nobody outside writes, and why their cost is nobody's."""


def repeated(seed: str, length: int) -> str:
    """Return a text of this length, in which the number sign of a seed counts from 1."""
    parts = length // len(seed) + 1
    return (
        seed * parts
        if "\u2116" not in seed
        else "".join(seed.replace("\u2116", str(n)) for n in range(1, parts + 1))[:length]
    )
