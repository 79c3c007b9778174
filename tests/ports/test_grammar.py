import pytest

from bot.ports._duration_option import VerbatimOption
from bot.ports._errors import UsageProblem
from bot.ports._grammar import Argument, Rest, Word, read
from bot.ports._ids import SessionId, SessionIds, SessionRef, session_ref
from bot.slack.render import render_mrkdwn


def refs(*numbers: int) -> tuple[SessionRef, ...]:
    return tuple(SessionRef(number) for number in numbers)


@pytest.mark.parametrize(
    ("word", "ref"),
    [
        ("7", SessionRef(7)),
        ("#7", SessionRef(7)),
        ("s7", SessionRef(7)),
        ("S007", SessionRef(7)),
        ("0", SessionRef(0)),
        ("h4202753936", SessionRef(4202753936, of_platform=True)),
        ("H1", SessionRef(1, of_platform=True)),
        ("9" * 18, SessionRef(int("9" * 18))),
        (f"h{2**63}", SessionRef(2**63, of_platform=True)),
        ("9" * 100, SessionRef(int("9" * 100))),
        *[
            (form, SessionRef(7))
            for form in (
                "7.",
                "7:",
                "7,",
                "7;",
                "7!",
                "(7)",
                "(7).",
                "*7*",
                "`7`",
                "_7_,",
                "no.7",
                "nr7",
                "\u21167",
                "id=7",
                "session=7",
                "\uff17",
                "\uff037",
                "\uff33\uff17",
                "\u2077",
                "\u2466",
                "\N{ARABIC-INDIC DIGIT SEVEN}",
                "\N{DEVANAGARI DIGIT SEVEN}",
                "7\uff0e",
                "7\u3002",
            )
        ],
        ("#h42", SessionRef(42, of_platform=True)),
    ],
)
def test_an_id_has_a_few_forms(word: str, ref: SessionRef) -> None:
    """A number, alone or behind `#`, `s` or `h`, in any script and with what sentences put around it, is an id."""
    assert session_ref(word) == ref
    assert session_ref(str(ref)) == ref


@pytest.mark.parametrize(
    "word",
    ["", "#", "7a", "a7", "-7", "##7", "h#7", "7 ", "7\n", "7?", "7.5", "7-8", "7:30", "7,8", "~7~", "[7]", "9" * 101],
)
def test_all_else_is_no_id(word: str) -> None:
    """Signs, letters, several numbers, a time, a question and numbers that no row can have are no id."""
    assert session_ref(word) is None


@pytest.mark.parametrize(
    ("text", "ids", "reason"),
    [
        ("7", refs(7), None),
        ("7 #8 s9", refs(7, 8, 9), None),
        ("7, 8,9 ,10", refs(7, 8, 9, 10), None),
        *[
            (f"7{between}8", refs(7, 8), None)
            for between in (
                ",",
                ", ",
                ";",
                "&",
                " & ",
                "+",
                " + ",
                "/",
                " / ",
                " and ",
                " AND ",
                ", and ",
                " and then ",
                " then ",
                " und ",
                " y ",
                " et ",
                " e ",
                " og ",
                " och ",
                " en ",
                " i ",
                " oraz ",
                " ve ",
                " si ",
                " \u0438 ",
                " \u548c ",
                " or ",
                " and also ",
                " plus ",
                " and session ",
                " and no. ",
                " and #",
            )
        ],
        ("session 7", refs(7), None),
        ("sessions 7 and 8 hang", refs(7, 8), "hang"),
        ("both 7 and 8", refs(7, 8), None),
        ("no. 7: wrong", refs(7), "wrong"),
        ("# 7", refs(7), None),
        ("7: it hangs", refs(7), "it hangs"),
        ("7:it hangs", refs(7), "it hangs"),
        ("7. It hangs", refs(7), "It hangs"),
        ("7 and call Bob", refs(7), "and call Bob"),
        ("7, it hangs", refs(7), "it hangs"),
        ("*3*, _5_ `8 9` *hangs*", refs(3, 5, 8, 9), "*hangs*"),
        ("7,#8,h9", (*refs(7, 8), SessionRef(9, of_platform=True)), None),
        ("7 7 #7", refs(7), None),
        ("7 wrong number 8", refs(7), "wrong number 8"),
        ('7 "8 calls"', refs(7), '"8 calls"'),
        ('7 "8"', refs(7), '"8"'),
        ("7 '8' is over", refs(7), "'8' is over"),
        ("7 “8 calls”", refs(7), "“8 calls”"),
        ('7 "never closed', refs(7), '"never closed'),
        ('"7" because', refs(7), "because"),
        ("7 8th try", refs(7), "8th try"),
        ("7 2,5 euro", refs(7, 2, 5), "euro"),
    ],
)
def test_leading_ids_are_taken_and_the_rest_is_the_reason(
    text: str, ids: tuple[SessionRef, ...], reason: str | None
) -> None:
    """Ids by spaces or commas come first, each once; from the first other word, or a quote, on it is the reason."""
    assert read((SessionIds(), Rest("reason")), text) == {"ids": ids, "reason": reason}


def test_a_rest_is_untouched() -> None:
    """What follows the words stays as it was typed, but for the space before it; spaces alone are nothing."""
    arguments = (Word("rule"), Rest("data"))
    assert read(arguments, "  rule   a  b \n ") == {"rule": "rule", "data": "a  b \n "}
    assert read(arguments, "rule   ") == {"rule": "rule", "data": None}


@pytest.mark.parametrize(
    ("arguments", "text", "sentence"),
    [
        ((SessionId(),), "", "The session's id is missing"),
        ((SessionId(),), "x" * 500, "is not a session's id"),
        ((SessionIds(),), "stop", "is not a session's id"),
        ((Word("verb"),), "a b", "`b` is more than this command takes."),
        ((Word("rule"),), "“open", "has no end"),
        ((), "y" * 500, "is more than this command takes."),
    ],
)
def test_what_does_not_fit_is_one_short_sentence(arguments: tuple[Argument, ...], text: str, sentence: str) -> None:
    """Whatever is missing, wrong or too much is one line that can be read at a glance."""
    with pytest.raises(UsageProblem) as caught:
        read(arguments, text)
    assert sentence in render_mrkdwn(caught.value.sentence)
    assert "\n" not in render_mrkdwn(caught.value.sentence)
    assert len(render_mrkdwn(caught.value.sentence)) < 200


def test_usage_is_written_as_it_is_read() -> None:
    """Each argument writes itself: what is needed in `<>`, what may be left out in `[]`."""
    arguments = (SessionId(), SessionId(optional=True), SessionIds(), Word("b"), Rest("c"))
    assert [each.usage for each in arguments] == ["<id>", "[id]", "<id>…", "[b]", "[c]"]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("--text hello", "hello"),
        ('--text "hello"  ', '"hello"  '),
        ("--text  two spaces", " two spaces"),
        ("--text\nline\n\nline", "line\n\nline"),
        ("—text 0", "0"),
        ("–text 0", "0"),
        ("--TEXT Hello", "Hello"),
        ("--text=a=b", "a=b"),
        ("--text --text twice", "--text twice"),
        ('--text {"a": 1}', '{"a": 1}'),
        ("--text", ""),
        ("--text \u2068\u05e9\u05dc\u2069", "\u05e9\u05dc"),
    ],
)
def test_behind_its_option_a_text_is_untouched(typed: str, text: str) -> None:
    """One space or line break parts the option from its text; quotes, spaces and line breaks behind it stay."""
    assert read((SessionId(), VerbatimOption("text"), Rest("json")), f"7 {typed}") == {
        "id": SessionRef(7),
        "text": text,
        "json": None,
    }


@pytest.mark.parametrize("typed", ['{"a": "--text b"}', "--texts b", "-text b", "text b", "text=b"])
def test_elsewhere_it_is_no_option(typed: str) -> None:
    """What only looks like the option, or stands inside the data, is data."""
    found = read((SessionId(), VerbatimOption("text"), Rest("json")), f"7 {typed}")
    assert (found["text"], found["json"]) == (None, typed)
