"""Whatever others write, it is shown as words: what has an effect are our own tokens alone."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render import fit_mrkdwn, render_fallback, render_mrkdwn
from bot.text._neutral import (
    block,
    call,
    calls,
    channel,
    code,
    emphasis,
    first_line,
    flat,
    foreign,
    foreign_json,
    group,
    letters,
    link,
    moment,
    person,
    shortened,
    strong,
    text_pieces,
    written,
)
from bot.text._plain import plain, visible

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
TRICKS = (
    person("U1"), call("U1"), channel("C1"), group("S1"), code("x"), block("x"), strong("x"), emphasis("x"),
    link("https://evil.example", "x"), moment(NOW), "\x01person\x02U1\x03", "\x01code\x02", "\x01", "\x02", "\x03",
    "\x01strong\x02\x01person\x02U1\x03", "<@U1>", "<!here>", "<!channel>", "<#C1>", "<https://evil.example|x>",
    "<!date^1^{time}|x>", "https://evil.example", "*x*", "_x_", "~x~", "`x`", "```", "``", "*", "_", "`", "&lt;", "&",
    "\n", "\r\n", "\x1a", "\x1b[31m", "\x00", "\u202e", "\u2068", "שלום", "ﷺ", "\ud800", "\u2028", "|", " ", "a", "7",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(TRICKS) | st.text(max_size=8), max_size=12).map("".join)
NAMES = TEXTS.filter(bool)

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
ENTITY = re.compile(r"&(?:amp|lt|gt);")
MARKS = re.compile(r"(?P<before>^|[^*_~])[*_~]+(?=(?P<after>[^*_~]|$))", re.MULTILINE)


def has_effect(shown: str) -> bool:
    """Return whether Slack renders any part of a message but its letters."""
    bare = ENTITY.sub("", shown)
    marks = any(not (each["before"].isalnum() and each["after"].isalnum()) for each in MARKS.finditer(shown))
    return bool(marks or set(bare) & set("<>&`") or CONTROL.search(re.sub("[\u2068\u2069]", "", bare)))


@given(TEXTS)
def test_nobodys_words_have_an_effect(text: str) -> None:
    """Bare text of others is no mention, no link, no date and no format, wherever Slack shows it."""
    for show in (render_mrkdwn, render_fallback):
        assert not has_effect(show(foreign(text)))
        assert not has_effect(show(f"{foreign(text)}{foreign(text)}"))
        assert not has_effect(show(person("U1"), name_of=lambda _: text))


@given(TEXTS)
def test_words_stay_in_their_token(text: str) -> None:
    """In every token the words of others, cleaned at the door or not, stay what the token makes of them."""
    for words in (text, foreign(text)):
        shown = render_mrkdwn(code(words))
        assert shown.count("`") == 2
        assert not set(shown[1:-1]) & set("<>\n")
        assert shown.startswith("`")
        shown = render_mrkdwn(block(words))
        assert shown.startswith("```\n")
        assert shown.endswith("\n```")
        assert "```" not in shown[4:-4]
        assert not set(shown) & set("<>")
        shown = render_mrkdwn(link("https://x.y", words))
        assert re.fullmatch(r"<https://x\.y\|[^<>|]*>", shown)
        assert not has_effect(shown.partition("|")[2][:-1])
        assert "\n" not in plain(code(words))
    for mark, token in (("*", strong), ("_", emphasis)):
        shown = render_mrkdwn(token(foreign(text)))
        assert not has_effect(shown.removeprefix(mark).removesuffix(mark))


@given(TEXTS)
def test_an_id_or_an_address_of_others_is_at_most_one(text: str) -> None:
    """What is given as an id becomes the mention of that id or words, and an address one link or words."""
    for token, mention in ((person, "@"), (call, "@"), (channel, "#"), (group, "!subteam^")):
        shown = render_mrkdwn(token(text))
        assert re.fullmatch(rf"<{re.escape(mention)}[A-Z0-9]+>", shown) or not has_effect(shown)
    shown = render_mrkdwn(link(text, "x"))
    assert re.fullmatch(r"<https?://[^<>|\s]*\|x>", shown, re.IGNORECASE) or shown == "x"
    assert not has_effect(render_mrkdwn(person(f"cli:{text}")))


@given(TEXTS)
def test_plain_text_is_what_was_written(text: str) -> None:
    """Files and terminals show the words of others as they were written, without what steers or hides."""
    assert plain(foreign(text)) == visible(text)
    assert plain(block(text)) == visible(text)
    assert not CONTROL.search(plain(text))
    assert not CONTROL.search(plain(f"{person(text)} {channel(text)}", lambda _: text))


@given(TEXTS)
def test_a_broken_token_is_words(text: str) -> None:
    """Any text is read, also one with halves of tokens; read and written again it stays the same."""
    whole = written(text_pieces(text))
    assert text_pieces(whole) == text_pieces(text) or plain(whole) == plain(text)
    assert "".join(map(letters, text_pieces(foreign(text)))) == foreign(text)
    assert plain(strong(text)) == plain(text)


@given(TEXTS, st.integers(0, 60))
def test_what_is_shortened_fits_and_no_token_is_broken(text: str, limit: int) -> None:
    """A limit holds in letters, and in characters of mrkdwn where Slack counts those; markup is whole or not there."""
    sentence = f"{strong(f'#7 {foreign(text)}')} by {person('U1')} at {moment(NOW)}: {code(text)} {block(text)}"
    shown = shortened(sentence, limit)
    assert sum(len(letters(each)) for each in text_pieces(shown)) <= limit
    for show in (render_mrkdwn, render_fallback):
        cut = show(sentence, limit + 40)
        assert len(cut) <= limit + 40
        bare = re.sub(r"<@U1>|<!date\^\d+\^[^|>]*\|[^<>]*>", "", ENTITY.sub("", cut))
        assert not set(bare) & set("<>&")
        assert cut.count("```") in {0, 2}
    assert len(render_mrkdwn(fit_mrkdwn(text, limit + 10))) <= limit + 10


@given(TEXTS)
def test_nobody_is_called_by_words(text: str) -> None:
    """Who is notified is read from our own tokens, also in text that was flattened or cut to its first line."""
    sentence = f"{foreign(text)} {call('U2')} {person('U3')} {group('S4')}"
    assert [each.letters for each in calls(sentence)] == ["U2", "S4"]
    assert [each.letters for each in calls(flat(sentence))] == ["U2", "S4"]
    first, rest = first_line(f"{block('a' + chr(10) + 'b')}{foreign(text)}")
    assert len(text_pieces(first)) >= 1
    assert plain(f"{first}\n{rest}").strip() == plain(f"{block('a' + chr(10) + 'b')}{foreign(text)}").strip()


@given(TEXTS)
def test_json_as_it_is_typed_passes_the_door(text: str) -> None:
    """Valid JSON holds none of the delimiters, so that it is what it was; and in what was read nothing is left."""
    typed = json.dumps({text: [text, 7, None]})
    assert foreign(typed) == typed
    read = foreign_json(json.loads(typed))
    assert not re.search(r"[\x01-\x03]", str(read).replace("\\x01", "\x01"))


@pytest.mark.parametrize("show", [render_mrkdwn, render_fallback, plain])
def test_a_deep_nest_of_tokens_is_shown(show: Callable[[str], str]) -> None:
    """However deep tokens stand in each other, they are shown, and no thread runs out of stack."""
    assert "x" in show("\x01strong\x02" * 5_000 + "x" + "\x03" * 5_000)
