from datetime import UTC, datetime

import pytest

from bot.text._cut import cut
from bot.text._neutral import (
    block,
    call,
    calls,
    channel,
    code,
    first_line,
    flat,
    foreign,
    foreign_json,
    group,
    link,
    moment,
    person,
    shortened,
    strong,
)
from bot.text._plain import plain

NOON = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)


def test_a_sentence_reads_without_its_markup() -> None:
    """Plain text has the words of every token: an id of a person or channel, a label, a moment in UTC."""
    here = link("https://x", "here")
    said = f"{strong('Stopped')} by {person('U1')} in {channel('C1')}, {moment(NOON)}: {code('a_b')}, {here}"
    assert plain(said) == "Stopped by @U1 in #C1, 2026-03-01 12:00 UTC: a_b, here"
    assert plain(said, {"U1": "ann", "C1": "ops"}.__getitem__).startswith("Stopped by @ann in #ops")
    assert plain(f"{person('bot')}, {call('cli:ann')}, {group('S1')}") == "the bot, ann (terminal), S1"


def test_words_from_outside_are_no_tokens() -> None:
    """At the door a token becomes letters, in a text and in JSON with its names; JSON as it is typed stays as it is."""
    assert plain(foreign(f"{person('U1')} x")) == "personU1 x"
    assert foreign("a\tb\r\nc\x00\x1b") == "a\tb\r\nc\x00\x1b"
    assert foreign_json({call("U1"): [strong("x"), 7, None, True]}) == {
        "\x1acall\x1aU1\x1a": ["\x1astrong\x1ax\x1a", 7, None, True]
    }


def test_a_token_cleans_its_own_words() -> None:
    """Words that passed no door do not end the token that they stand in, nor begin another one."""
    hostile = f"x\x03{call('U1')}"
    assert calls(f"{code(hostile)}{block(hostile)}{link('https://x', hostile)}{person(hostile)}") == []
    assert plain(f"{code(hostile)}!") == "xcallU1!"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x01strange\x02x\x03 y", "strangex y"),
        ("\x01code\x02x", "x"),
        ("x\x03y", "xy"),
        ("\x01code x", "code x"),
    ],
)
def test_what_is_no_token_is_shown_as_its_letters(text: str, shown: str) -> None:
    """A token that is unknown or broken is what it holds, without control characters."""
    assert plain(text) == shown


def test_a_text_is_shortened_in_its_words() -> None:
    """A limit counts the letters that are read; `…` stands where they end, and names and moments are whole or gone."""
    said = f"{strong('Stop not sent')}: {person('U12345')} {code('abcdef')}"
    assert plain(shortened(said, 100)) == "Stop not sent: @U12345 abcdef"
    assert shortened(said, 8) == strong("Stop no…")
    assert shortened(said, 18) == f"{strong('Stop not sent')}: …"
    assert shortened(said, 25) == f"{strong('Stop not sent')}: {person('U12345')} {code('ab…')}"
    assert shortened(said, 0) == ""


def test_only_names_and_moments_stay_in_flat_text() -> None:
    """Flat text has no formats and no links; who is named and when stays."""
    said = f"{strong(link('https://x', '#7'))} {code('x')} by {person('U1')} at {moment(NOON)}"
    assert flat(said) == f"#7 x by {person('U1')} at {moment(NOON)}"


def test_the_first_line_ends_outside_of_tokens() -> None:
    """A block belongs to the line in which it begins."""
    said = f"{strong('a')} b\nc {block('d' + chr(10) + 'e')}"
    assert first_line(said) == (f"{strong('a')} b", f"c {block('d' + chr(10) + 'e')}")
    assert first_line(block("d\ne")) == (block("d\ne"), "")


def test_who_is_called_is_found() -> None:
    """Calls and groups notify; a person who is named does not."""
    assert [each.letters for each in calls(f"{person('U1')} {strong(call('U2'))} {group('S3')}")] == ["U2", "S3"]


def test_short_text_is_not_cut() -> None:
    """A text that fits its limit exactly comes whole."""
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"
    assert cut("abcd", 0) == ""


def test_cut_keeps_characters_whole() -> None:
    """An emoji made of several code points, or a letter with its accent, is kept or lost as one."""
    assert cut("ab👩‍👩‍👧cd", 5) == "ab…"
    assert cut("abe\u0301cd", 4) == "ab…"
    assert cut("ab👍🏽cd", 4) == "ab…"
