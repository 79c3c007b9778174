"""Text for Slack's mrkdwn: our own words in markup, everybody else's words without effect.

Slack knows three escapes (`&amp; &lt; &gt;`) and none for its formatting marks. So a mark from outside that
could begin or end formatting (`*`, `_`, `~`, a backtick) is shown as a sign that looks like it. Marks between
two letters (`my_rule`, `2*3`) do nothing in Slack and stay. What people may want to copy belongs in `code` or
`block`, where only backticks change.

Right-to-left text stays readable, but in an isolate (U+2068 to U+2069), and the characters that order others
about (U+202E and its kin) are taken out: nobody's name may reorder the words of a stop. What is copied from here
and typed again comes with its isolate, which `_slack_text` takes off.
"""

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

BOT = "bot"
"""The actor of what the bot does by itself."""

TERMINAL = "cli:"
"""Begins the name of an actor who is no person of Slack's but a user of the machine."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_GRAVE = "\u02cb"  # looks like a backtick and means nothing to Slack
_LOOKALIKES = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": _GRAVE})
_ZERO_WIDTH_SPACE = "\u200b"
_JOINER = "\u200d"
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"

_EDGE_MARK = re.compile(r"(?<![*_~`])(?:(?<![^\W_])[*_~`]++|[*_~`]++(?![^\W_]))")
_FENCE = re.compile(r"`(?=`)")
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);")
_LINK = re.compile(r"<(?![@#!])([^<|>]*)(?:\|([^<>]*))?>")
_FENCED = re.compile(r"```\n?|`")
_MARK = re.compile(r"[*_~\n]")


def escape(text: str, limit: int | None = None) -> str:
    """Return foreign text as it reads, without effect, in at most `limit` characters of mrkdwn."""
    return _fitted(text, limit, _without_effect)


def code(text: str, limit: int | None = None) -> str:
    """Return foreign text as inline code, on one line, in at most `limit` characters of mrkdwn.

    Inline code cannot hold a backtick: a sign that looks like one stands in for it.
    """
    return _fitted(text, limit, _inline_code)


def block(text: str, limit: int | None = None) -> str:
    """Return foreign text in a fence, at most `limit` characters of mrkdwn in all.

    Backticks that follow each other, which could close the fence, get a zero-width space between them.
    """
    return _fitted(text, limit, _fenced)


def person(user: str) -> str:
    """Return a mention: `U1` → `<@U1>`; a user of a terminal becomes a name: `cli:ann` → `ann (terminal)`."""
    if user == BOT:
        return "the bot"
    name = user.removeprefix(TERMINAL)
    return f"<@{user}>" if name == user else f"{escape(name, 100)} (terminal)"


def call(user: str) -> str:
    """Return a mention that notifies when it is posted: every other mention becomes a name."""
    mention = person(user)
    return f"<@{user}|call>" if mention == f"<@{user}>" else mention


def channel(channel: str) -> str:
    """Return the link to a channel: `C1` → `<#C1>`."""
    return f"<#{channel}>"


def group(group: str) -> str:
    """Return the mention of a user group: `S1` → `<!subteam^S1>`."""
    return f"<!subteam^{group}>"


def link(url: str, text: str) -> str:
    """Return words as a link. Characters that would end it early are percent-encoded in the URL."""
    return f"<{quote(url, safe=':/?#[]@!$&()*+,;=%~').translate(_ENTITIES)}|{escape(text).replace('|', '¦')}>"


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, the last one `…` if any are lost; no emoji or accent is cut in two."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    while end > 0 and _belong_together(text[end - 1], text[end]):
        end -= 1
    return text[:end] + "…"[:limit]


def cut_plain(text: str, limit: int) -> str:
    """Return at most `limit` characters of our own mrkdwn, without formatting; no mention or entity is cut in two."""
    text = plain(text)
    if len(text) <= limit:
        return text
    end = limit
    for token in _TOKEN.finditer(text):
        if token.start() < limit - 1 < token.end():
            end = token.start() + 1
    return cut(text, end)


def plain(text: str) -> str:
    """Return our own mrkdwn without formatting, for the `text` that notifications and screen readers use.

    Mentions and the three entities stay: Slack still reads this text as mrkdwn.
    """
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    return _without_paired_marks(_FENCED.sub("", text))


def _without_paired_marks(text: str) -> str:
    """Return the text without paired marks of formatting on one line, in one walk."""
    opened: dict[str, list[int]] = {}
    paired: set[int] = set()
    for found in _MARK.finditer(text):
        mark, place = found[0], found.start()
        if mark == "\n":
            opened.clear()
            continue
        before, after = text[place - 1 : place], text[place + 1 : place + 2]
        begun = opened.setdefault(mark, [])
        if begun and begun[-1] < place - 1 and not before.isspace() and not after.isalnum():
            paired |= {begun.pop(), place}
        elif after and not after.isspace() and not before.isalnum():
            begun.append(place)
    return "".join(letter for place, letter in enumerate(text) if place not in paired) if paired else text


def _fitted(text: str, limit: int | None, shown: Callable[[str], str]) -> str:
    """Return the text shortened until its rendering fits: markup is never cut, only the words in it."""
    text = _harmless(text)
    result, keep = shown(text), len(text)
    while limit is not None and len(result) > limit and keep > 0:
        keep = min(keep, limit) if keep > limit else keep - max(1, (len(result) - limit) // len("&amp;"))
        result = shown(cut(text, max(keep, 0)))
    return result


def _without_effect(text: str) -> str:
    dull = _EDGE_MARK.sub(lambda found: found[0].translate(_LOOKALIKES), text)
    return _isolated(dull.translate(_ENTITIES))


def _inline_code(text: str) -> str:
    inner = " ".join(text.split("\n")).replace("`", _GRAVE)
    return f"`{_isolated(inner.translate(_ENTITIES)) or ' '}`"


def _fenced(text: str) -> str:
    inner = _FENCE.sub(f"`{_ZERO_WIDTH_SPACE}", text)
    return f"```\n{_isolated(inner.translate(_ENTITIES))}\n```"


def _harmless(text: str) -> str:
    text = _LINE_END.sub("\n", text)
    text = _REORDERING.sub("", _UNSEEN.sub("", text))
    return _LONE_SURROGATE.sub("\ufffd", text)


def _isolated(text: str) -> str:
    """Return the text with each line of right-to-left letters isolated; an isolate ends with its line (UAX 9)."""
    return "\n".join(
        f"{_ISOLATE}{line}{_END_ISOLATE}" if _has_right_to_left(line) else line for line in text.split("\n")
    )


def _has_right_to_left(line: str) -> bool:
    return not line.isascii() and any(unicodedata.bidirectional(letter) in {"R", "AL", "AN"} for letter in line)


def _belong_together(left: str, right: str) -> bool:
    extends = unicodedata.combining(right) or unicodedata.category(right) in {"Mn", "Me", "Mc"}
    skin_tone = "\U0001f3fb" <= right <= "\U0001f3ff"
    return bool(extends) or skin_tone or _JOINER in {left, right}
