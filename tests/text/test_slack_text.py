import pytest

from bot.text._slack_text import UnclosedQuote, Word, decode, first_word, split_words, without_isolates


@pytest.mark.parametrize(
    ("encoded", "typed"),
    [
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;amp; &amp;lt;", "&amp; &lt;"),
        ('{"url":"<https://x.y/z?a=1&amp;b=2>"}', '{"url":"https://x.y/z?a=1&b=2"}'),
        ("<http://x.y|x.y>", "x.y"),
        ("<mailto:a@b.c|a@b.c> <mailto:a@b.c>", "a@b.c a@b.c"),
        ("<tel:+4912|+49 12> <tel:+4912>", "+49 12 +4912"),
        ("<@U1> <#C1|general> <!here>", "<@U1> <#C1|general> <!here>"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_decode_gives_back_what_was_typed(encoded: str, typed: str) -> None:
    """Slack's entities and links are undone exactly once; names of people and channels stay."""
    assert decode(encoded) == typed


@pytest.mark.parametrize(
    "line",
    [
        'start "my rule" x',
        "start “my rule” x",
        "start „my rule“ x",
        "start ”my rule” x",
        "start 'my rule' x",
        "start \u2018my rule’ x",
    ],
)
def test_quotes_of_any_shape_keep_words_together(line: str) -> None:
    """A name with spaces can be quoted straight or curly, as the keyboard has it."""
    found = split_words(line)
    assert [word.text for word in found] == ["start", "my rule", "x"]
    assert [word.quoted for word in found] == [False, True, False]
    assert [line[word.start : word.end] for word in found][0::2] == ["start", "x"]


def test_words_know_their_place() -> None:
    """Start and end are places in the line as given, quotes included."""
    assert split_words(' a "b c"') == [Word("a", 1, 2, quoted=False), Word("b c", 3, 8, quoted=True)]


def test_a_value_may_be_quoted() -> None:
    """The value of `key=` can have spaces when it is quoted, and comes without its quotes."""
    assert [word.text for word in split_words("rule=“my rule” by=me")] == ["rule=my rule", "by=me"]


def test_an_apostrophe_is_a_letter() -> None:
    """A quote inside a word, or a single one that nothing closes, quotes nothing."""
    assert [word.text for word in split_words("don't it’s 'tis")] == ["don't", "it’s", "'tis"]
    assert [word.text for word in split_words("'Bob's rule' x")] == ["Bob's rule", "x"]


def test_spaces_of_any_kind_separate() -> None:
    """No-break, narrow and zero-width spaces separate words as plain ones do."""
    assert [word.text for word in split_words("stop\u00a07\u202f8\u200b9\ufeff10\u3000x")] == [
        "stop",
        "7",
        "8",
        "9",
        "10",
        "x",
    ]
    assert split_words(" \u00a0 ") == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("start \u2068שלמה\u2069 x", ["start", "שלמה", "x"]),
        ('\u200fstart\u200e \u2068"של מה"\u2069', ["start", "של מה"]),
        ("start “\u2068של מה\u2069” x", ["start", "של מה", "x"]),
        ("rule=\u2068שלמה\u2069 by=\u2068“של מה”\u2069", ["rule=שלמה", "by=של מה"]),
        ("של\u200fמה \u2069", ["של\u200fמה"]),
        ("rule=\u2068\u2069", ["rule="]),
    ],
)
def test_marks_of_direction_are_no_part_of_a_word(line: str, found: list[str]) -> None:
    """Isolates and marks around a word, or its quotes, are left out; inside a word they stay."""
    assert [word.text for word in split_words(line)] == found


@pytest.mark.parametrize(
    ("data", "bare"),
    [
        ("\u2068שלמה\u2069", "שלמה"),
        ("\u2068שלמה\u2069 ", "שלמה"),
        ("\u2068א\u2069 \u2068ב\u2069", "\u2068א\u2069 \u2068ב\u2069"),
        ("\u200fשלמה", "\u200fשלמה"),
        ("\0\u2068שלמה\u2069", "\0\u2068שלמה\u2069"),
    ],
)
def test_data_leaves_the_isolate_in_which_it_was_shown(data: str, bare: str) -> None:
    """Only the one isolate around all of it is taken off; every other mark is the data's own."""
    assert first_word(f"start\u2069 {data}") == ("start", data)
    assert without_isolates(data) == bare


def test_the_rest_is_untouched() -> None:
    """What follows the first word is cut off by place: its quotes, spaces and line ends stay as typed."""
    assert first_word('  “my rule”\u00a0 {“a”:  "b" }\n ') == ("my rule", '{“a”:  "b" }\n ')
    assert first_word("list") == ("list", "")
    assert first_word("   ") == ("", "")
    assert first_word("status 7\u2069") == ("status", "7\u2069")
    assert first_word("7\u2069 \u200f") == ("7", "")


def test_an_unclosed_quote_is_told() -> None:
    """A double quote without an end is one sentence; one in the rest of the line does not trouble the first word."""
    with pytest.raises(UnclosedQuote, match=r"starts with “ has no end"):
        split_words("start “my rule")
    with pytest.raises(UnclosedQuote):
        first_word('"my rule')
    assert first_word('7 caller said "wait') == ("7", 'caller said "wait')
