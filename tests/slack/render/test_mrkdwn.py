from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.slack.render import render_fallback, render_mrkdwn
from bot.text._neutral import block, call, channel, code, emphasis, group, link, moment, person, strong

NOON = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def test_markup_from_outside_names_nobody() -> None:
    """Somebody's text cannot mention a person, call a channel or make a link."""
    assert render_mrkdwn("<@U1> <!here> <https://x|y> & co") == (
        "&lt;@U1&gt; &lt;!here&gt; &lt;https://x|y&gt; &amp; co"
    )


@pytest.mark.parametrize("text", ["*stop*", "_all_", "~done~", "`x`", "say *this* now", "***", "end*", "a`b", "a```b"])
def test_formatting_from_outside_has_no_effect(text: str) -> None:
    """A mark at the edge of a word, and any backtick, is replaced by a lookalike, so that it formats nothing."""
    assert not set(render_mrkdwn(text)) & set("*_~`")


@pytest.mark.parametrize("text", ["my_rule", "snake_case_name", "2*3", "a__b", "plain words, 24/7"])
def test_marks_between_letters_stay(text: str) -> None:
    """Text without effect is shown, and can be copied, exactly as it is."""
    assert render_mrkdwn(text) == text


def test_direction_stays_inside() -> None:
    """Characters that reorder text are taken out, and right-to-left words are kept in an isolate."""
    assert render_mrkdwn("ab\u202ecd\u2066ef") == "abcdef"
    assert render_mrkdwn("#7 مرحب بك 7\nok") == "#7 \u2068مرحب بك\u2069 7\nok"
    assert render_mrkdwn(code("مرحب 7")) == "`\u2068مرحب 7\u2069`"
    assert "\u202e" not in render_mrkdwn(code("a\u202eb") + block("a\u202eb") + link("https://x", "a\u202eb"))


def test_control_characters_and_half_characters_are_harmless() -> None:
    """Escapes for terminals vanish, any line end is a newline, and a lone surrogate can be sent after all."""
    assert render_mrkdwn("a\x1b[31m\x00b\r\nc\u2028d") == "a[31mb\nc\nd"
    render_mrkdwn("\ud83d x").encode()


@pytest.mark.parametrize("token", [str, code, block, strong])
@pytest.mark.parametrize("text", ["&" * 400, "word " * 200, "שלום " * 100, "👩‍👩‍👧" * 60, "`" * 400])
def test_a_limit_holds_and_markup_is_never_cut(token: Callable[[str], str], text: str) -> None:
    """What is shown fits the limit in characters of mrkdwn, ends in `…`, and has no half entity or open fence."""
    shown = render_mrkdwn(token(text), 120)
    assert len(shown) <= 120
    assert "…" in shown
    assert shown.replace("&amp;", "").count("&") == 0
    assert shown.count("```") in {0, 2}


def test_short_text_is_not_cut() -> None:
    """A text that fits its limit exactly comes whole."""
    assert render_mrkdwn("a" * 20, 20) == "a" * 20
    assert render_mrkdwn("a" * 21, 20) == "a" * 19 + "…"
    assert render_mrkdwn("abcd", 0) == ""


def test_code_is_one_line_and_cannot_be_left() -> None:
    """Inline code holds no backtick and no line break of the text's own."""
    shown = render_mrkdwn(code("a`b\nc <x>"))
    assert shown.strip("`") == "a\u02cbb c &lt;x&gt;"
    assert shown.count("`") == 2
    assert render_mrkdwn(code("")) == "` `"


def test_a_block_cannot_be_left() -> None:
    """A fence inside a block does not close it; single backticks stay as they are."""
    shown = render_mrkdwn(block("x ``` <!here> ```` y `z`"))
    assert shown.startswith("```\n")
    assert shown.endswith("\n```")
    assert "```" not in shown[4:-4]
    assert "`z`" in shown
    assert "<" not in shown


def test_mentions_links_and_moments() -> None:
    """Names, channels, links and moments are written as Slack reads them; a link's label and URL cannot break out."""
    assert (
        render_mrkdwn(f"{person('U1')} {call('U2')} {channel('C1')} {group('S1')}") == "<@U1> <@U2> <#C1> <!subteam^S1>"
    )
    assert render_mrkdwn(f"{person('cli:ann')} {call('bot')}") == "ann (terminal) the bot"
    assert render_mrkdwn(link("https://x.y/p?a=1&b=2", "the <thread> | now")) == (
        "<https://x.y/p?a=1&amp;b=2|the &lt;thread&gt; ¦ now>"
    )
    assert render_mrkdwn(link("https://x.y/a|b>c d", "z")) == "<https://x.y/a%7Cb%3Ec%20d|z>"
    assert render_mrkdwn(link("javascript:x", "z")) == "z"


def test_slack_shows_a_moment_in_the_readers_zone() -> None:
    """A moment is written for Slack's own clock, with UTC to fall back on, also from another zone."""
    expected = "<!date^1772366405^{date_short_pretty} {time}|2026-03-01 12:00 UTC>"
    assert render_mrkdwn(moment(NOON)) == expected
    assert render_mrkdwn(moment(NOON.astimezone(timezone(timedelta(hours=-7))))) == expected
    assert render_mrkdwn(moment(NOON, seconds=True)) == (
        "<!date^1772366405^{date_short_pretty} {time_secs}|2026-03-01 12:00:05 UTC>"
    )


def test_a_person_is_named_and_who_is_called_is_mentioned() -> None:
    """A known name stands in the place of a mention, without effect and cut; a call stays a mention."""
    names = {"U1": "<!here> *a*", "U2": "bob", "U3": "&" * 80}
    said = render_mrkdwn(f"{person('U1')} {call('U2')} {person('U9')}", name_of=names.get)
    assert said == "&lt;!here&gt; \u2217a\u2217 <@U2> <@U9>"
    assert len(render_mrkdwn(person("U3"), name_of=names.get)) <= 40


def test_the_fallback_keeps_the_words() -> None:
    """The top-level text has the words of the message, with mentions and entities, and without formatting."""
    thread = link("https://x", "the thread")
    text = f"{strong('Stopped')} {emphasis('by')} {person('U1')}: {code('my_rule')} <7> in {thread}, {strong(thread)}"
    assert render_fallback(text) == "Stopped by <@U1>: my_rule &lt;7&gt; in the thread, the thread"
    assert render_fallback(block("{}")) == "{}"
    assert render_fallback(code("*x*")) == "\u2217x\u2217"


def test_what_is_cut_is_whole() -> None:
    """Neutral text is cut in its words, and never within a mention, a date or an entity."""
    text = f"{strong('a')} {code('b')} {person('U12345')} & {moment(NOON)}"
    for show in (render_mrkdwn, render_fallback):
        whole = show(text)
        for limit in range(1, len(whole) + 1):
            shown = show(text, limit)
            assert len(shown) <= limit
            assert shown.count("<") == shown.count(">")
            assert shown.count("&") == shown.count(";")
            assert shown.count("`") % 2 == 0
        assert show(text, len(whole)) == whole
    assert render_fallback(text, 12) == "a b …"


def test_inline_code_stands_whole_in_a_section() -> None:
    """However long it is, inline code is cut to what one section of a message holds: a half would format the rest."""
    assert len(render_mrkdwn(code("&" * 5_000))) <= 2_000
