"""What a text costs: nobody's line may hold up everybody, however it is made.

The bot reads texts on the one thread on which everything else waits, too. So each function over text must cost in
proportion to its length. The steps inside a pattern cannot be counted from outside, but the time of this thread on its
core can: two lengths are compared, and what looks out of proportion is measured again.
"""

import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

import pytest

from bot.cli.terminal import _plain as plain
from bot.dispatch import _command_record as kept
from bot.ports._errors import Answerable
from bot.ports._grammar import unquoted
from bot.ports._ids import ids_anywhere, leading_ids
from bot.process import _redaction as redaction
from bot.slack.inbound._mentions import Owner
from bot.slack.inbound._mentions import read as read_mention
from bot.slack.render import render_fallback, render_mrkdwn
from bot.slack.render._cards import parts
from bot.text import _answer_text as echo
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
from bot.text import (
    _slack_text as slack_text,
)
from bot.text import cut
from bot.text import plain as neutral_words
from bot.text._comparing import fold_name
from bot.text._json_repair import repair
from bot.text._rich_text import typed_text
from bot.verbs import VERBS
from bot.verbs._did_you_mean import find_meaning
from bot.verbs._selection import Selection

SHORT: Final = 1_000
TIMES: Final = 8
MOST: Final = 24
"""How many times the cost of a text that is `TIMES` as long: 8 in proportion, 64 by its square."""

CHEAP_S: Final = 0.002
"""What costs no more than this at 8,000 characters does no harm at the 40,000 that Slack takes, even by its square."""

ATTEMPTS: Final = 4

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
    "log": lambda text: log_text.clean_log(
        text.encode("utf-8", "replace"), is_cut=True, secrets=["abc"], phone_digits=2
    ),
    "refusal": kept.recorded_refusal,
    "terminal": lambda text: plain.words(text, "/session"),
    "shell word": unquoted,
    "shell stop": lambda text: Selection().of_words(text.split(" ")),
    **{verb.name: verb.read for verb in VERBS},
    "start data": lambda text: next(each for each in VERBS if each.name == "start").read(f"x {text}"),
    "send data": lambda text: next(each for each in VERBS if each.name == "send").read(f"1 {text}"),
    "stop reason": lambda text: next(each for each in VERBS if each.name == "stop").read(f"1 {text}"),
    "stop all": lambda text: next(each for each in VERBS if each.name == "stop").read(f"all {text}"),
}


def repeated(seed: str, length: int) -> str:
    """Return a text of this length, in which the number sign of a seed counts from 1."""
    parts = length // len(seed) + 1
    return (
        seed * parts
        if "\u2116" not in seed
        else "".join(seed.replace("\u2116", str(n)) for n in range(1, parts + 1))[:length]
    )


def cost(function: Callable[[str], None], text: str) -> float:
    """Return the seconds that this thread was at work."""
    began = time.thread_time()
    function(text)
    return time.thread_time() - began


def is_in_proportion(function: Callable[[str], None], seed: str) -> bool:
    """Compare a text with one several times as long; a machine busy with others is asked again."""
    short, long = (repeated(seed, length) for length in (SHORT, SHORT * TIMES))
    for _ in range(ATTEMPTS):
        took = cost(function, long)
        if took <= CHEAP_S or took <= MOST * min(cost(function, short) for _ in range(3)):
            return True
    return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_text_costs_in_proportion_to_its_length(name: str) -> None:
    """No function over text is slower, per character, for a long text than for a short one."""
    function = quiet(FUNCTIONS[name])
    slow = [seed for seed in SEEDS if not is_in_proportion(function, seed)]
    assert not slow


def test_lines_of_a_log_that_are_nearly_too_long_cost_in_proportion() -> None:
    """Many lines, each a little shorter than those that are left out, are not read anew from each of their letters."""
    function = quiet(lambda text: log_text.clean_log(text.encode(), is_cut=False, secrets=[], phone_digits=2))
    assert is_in_proportion(lambda line: function(f"{line}{line}\n" * 20), "a.")
