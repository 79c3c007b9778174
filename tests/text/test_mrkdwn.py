from collections.abc import Callable

import pytest

from bot.text._mrkdwn import block, channel, code, cut, cut_plain, escape, link, person, plain


def test_markup_from_outside_names_nobody() -> None:
    """Somebody's text cannot mention a person, call a channel or make a link."""
    assert escape("<@U1> <!here> <https://x|y> & co") == ("&lt;@U1&gt; &lt;!here&gt; &lt;https://x|y&gt; &amp; co")


@pytest.mark.parametrize("text", ["*stop*", "_all_", "~done~", "`x`", "say *this* now", "***", "end*"])
def test_formatting_from_outside_has_no_effect(text: str) -> None:
    """A mark at the edge of a word is replaced by a lookalike, so that it formats nothing."""
    assert not set(escape(text)) & set("*_~`")


@pytest.mark.parametrize("text", ["my_rule", "snake_case_name", "2*3", "a__b", "plain words, 24/7"])
def test_marks_between_letters_stay(text: str) -> None:
    """Text without effect is shown, and can be copied, exactly as it is."""
    assert escape(text) == text


def test_direction_stays_inside() -> None:
    """Characters that reorder text are taken out, and right-to-left words are kept in an isolate."""
    assert escape("ab\u202ecd\u2066ef") == "abcdef"
    assert escape("مرحب 7\nok") == "\u2068مرحب 7\u2069\nok"
    assert "\u202e" not in code("a\u202eb") + block("a\u202eb") + link("https://x", "a\u202eb")


def test_control_characters_and_half_characters_are_harmless() -> None:
    """Escapes for terminals vanish, any line end is a newline, and a lone surrogate can be sent after all."""
    assert escape("a\x1b[31m\x00b\r\nc\u2028d") == "a[31mb\nc\nd"
    escape("\ud83d x").encode()


@pytest.mark.parametrize("show", [escape, code, block])
@pytest.mark.parametrize("text", ["&" * 400, "word " * 200, "שלום " * 100, "👩‍👩‍👧" * 60, "`" * 400])
def test_a_limit_holds_and_markup_is_never_cut(show: Callable[..., str], text: str) -> None:
    """What is shown fits the limit in characters of mrkdwn, ends in `…`, and has no half entity or open fence."""
    shown = show(text, 120)
    assert len(shown) <= 120
    assert "…" in shown
    assert shown.replace("&amp;", "").count("&") == 0
    assert shown.count("```") in {0, 2}


def test_short_text_is_not_cut() -> None:
    """A text that fits its limit exactly comes whole."""
    assert escape("a" * 20, 20) == "a" * 20
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"
    assert cut("abcd", 0) == ""


def test_cut_keeps_characters_whole() -> None:
    """An emoji made of several code points, or a letter with its accent, is kept or lost as one."""
    assert cut("ab👩‍👩‍👧cd", 5) == "ab…"
    assert cut("abe\u0301cd", 4) == "ab…"
    assert cut("ab👍🏽cd", 4) == "ab…"


def test_code_is_one_line_and_cannot_be_left() -> None:
    """Inline code holds no backtick and no line break of the text's own."""
    shown = code("a`b\nc <x>")
    assert shown.strip("`") == "a\u02cbb c &lt;x&gt;"
    assert shown.count("`") == 2
    assert code("") == "` `"


def test_a_block_cannot_be_left() -> None:
    """A fence inside a block does not close it; single backticks stay as they are."""
    shown = block("x ``` <!here> ```` y `z`")
    assert shown.startswith("```\n")
    assert shown.endswith("\n```")
    assert "```" not in shown[4:-4]
    assert "`z`" in shown
    assert "<" not in shown


def test_mentions_and_links() -> None:
    """Persons, channels and links are written as Slack reads them, and a link's label and URL cannot break out."""
    assert person("U1") == "<@U1>"
    assert channel("C1") == "<#C1>"
    assert link("https://x.y/p?a=1&b=2", "the <thread> | now") == (
        "<https://x.y/p?a=1&amp;b=2|the &lt;thread&gt; ¦ now>"
    )
    assert link("https://x.y/a|b>c d", "z") == "<https://x.y/a%7Cb%3Ec%20d|z>"


def test_plain_keeps_the_words() -> None:
    """The top-level text has the words of the message, with mentions and entities, and without formatting."""
    assert plain("*Stopped* _by_ <@U1>: `my_rule` &lt;7&gt; in <https://x|the thread>, ~no~ <https://y>") == (
        "Stopped by <@U1>: my_rule &lt;7&gt; in the thread, no https://y"
    )
    assert plain("```\n{}\n```") == "{}\n"


def test_what_is_cut_is_plain_and_whole() -> None:
    """Our own markup is cut without its formatting, and never within a mention, a date or an entity."""
    text = "*a* `b` <@U12345> &amp; <!date^1^{time}|now>"
    whole = plain(text)
    for limit in range(1, len(whole) + 1):
        shown = cut_plain(text, limit)
        assert len(shown) <= limit
        kept = shown.removesuffix("…")
        assert whole.startswith(kept)
        assert kept.count("<") == kept.count(">")
        assert kept.count("&") == kept.count(";")
    assert cut_plain(text, len(whole)) == whole
    assert cut_plain(text, 12) == "a b …"
