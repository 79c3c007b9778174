from datetime import timedelta

import pytest

from bot.ports._duration_option import DurationOption
from bot.ports._errors import UsageProblem
from bot.ports._ids import SessionRef
from bot.text import plain
from bot.text._times import duration
from bot.verbs._selection import AllSessions, Ambiguous, Selection, TheseSessions
from storage.records import Origin


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("10m", 600), ("1h", 3_600), ("1h30m", 5_400), ("2D", 172_800), (" 5m ", 300),
        ("1d1h1m1s", 90_061), ("", None), ("0m", None), ("10", None), ("m", None), ("30m1h", None), ("1.5h", None),
        ("-1h", None), ("1 h", None), ("9999999s", None),
    ],
)  # fmt: skip
def test_durations_are_units_from_large_to_small(text: str, seconds: int | None) -> None:
    """Days, hours, minutes and seconds, in this order and at least one of them, are a duration; nothing else is."""
    assert duration(text) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("7 it hangs", TheseSessions((SessionRef(7),), "it hangs")),
        ("3 5, 8", TheseSessions((SessionRef(3), SessionRef(5), SessionRef(8)), None)),
        ("7 all of it", TheseSessions((SessionRef(7),), "all of it")),
        ("all", AllSessions()),
        ("ALL  rule=support", AllSessions(rule="support")),
        ('all rule="my rule" older=1h30m', AllSessions(rule="my rule", older=timedelta(minutes=90))),
        ("all by=me channel=all", AllSessions(by="me", everywhere=True)),
        ("all by=<@U0123|ann> channel=here", AllSessions(by="U0123")),
        ("all origin=elsewhere silent=6m", AllSessions(origin=Origin.elsewhere, silent=timedelta(minutes=6))),
        ("origin=SLACK silent=", AllSessions(origin=Origin.slack, silent=timedelta(minutes=5))),
        ("—silent 6m", AllSessions(silent=timedelta(minutes=6))),
        ("everything older=1h", AllSessions(older=timedelta(hours=1))),
        ("", Ambiguous("", ())),
        ("stuck", Ambiguous("stuck", ())),
        ("please 7", Ambiguous("please 7", (SessionRef(7),))),
        ("7?", Ambiguous("7?", (SessionRef(7),))),
        *[
            (text, Ambiguous(text, (SessionRef(7), SessionRef(8), SessionRef(9))))
            for text in ("7-9", "7..9", "7…9", "7–#9", "calls 7 to 9", "from 7 through 9")
        ],
        ("7-900000", Ambiguous("7-900000", (SessionRef(7), SessionRef(900_000)))),
        *[(text, AllSessions()) for text in ("all.", "All!", "everything", "all: ", "--all")],
        *[(text, AllSessions(rule="support")) for text in ("rule=support", "--rule support", "—rule=support")],
        ("older=1h by=me", AllSessions(older=timedelta(hours=1), by="me")),
        ('"7 8"', Ambiguous('"7 8"', (SessionRef(7), SessionRef(8)))),
        ("the one of 14:05", Ambiguous("the one of 14:05", (SessionRef(14), SessionRef(5)))),
        ('all reason="they hang, all 3"', AllSessions(reason="they hang, all 3")),
        ("all reason=“they hang”", AllSessions(reason="they hang")),
    ],
)
def test_a_stop_names_ids_or_all_with_options(text: str, which: TheseSessions | AllSessions | Ambiguous) -> None:
    """Ids take the rest of the line as the reason, `all` takes options alone, and all else is unclear."""
    assert Selection().read(text) == (which, "")


@pytest.mark.parametrize(
    "text",
    ["all 7", "all of them", "all rule=", "all older=30", "all by=ann", "all channel=ops", "all x=1",
     "all by=me by=me", "rule=support 7", "older=soon", 'all reason="open'],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    """A word that is no option, an option without a fitting value, or twice: nothing is understood, so nothing done."""
    with pytest.raises(UsageProblem) as problem:
        Selection().read(text)
    assert "Did you mean" not in problem.value.sentence


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("all silent", "silent=5m"), ("all elsewhere rule=hotline", "origin=elsewhere rule=hotline"),
        ("all the inbound ones", "origin=elsewhere"), ("all not started here", "origin=elsewhere"),
        ("all mine", "by=me"),
    ],
)  # fmt: skip
def test_words_that_a_list_takes_are_asked_about(text: str, meant: str) -> None:
    """A word that means an option in a list stops nothing either, and the answer has the line that would."""
    with pytest.raises(UsageProblem) as problem:
        Selection().read(text)
    assert f"Nothing was stopped. Did you mean stop all {meant}?" in plain(problem.value.sentence)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("--max 30m  data ", (timedelta(minutes=30), " data ")),
        ("--max=1h\n{}", (timedelta(hours=1), "{}")),
        ("MAX=1h {}", (timedelta(hours=1), "{}")),
        ("—max 90s", (timedelta(seconds=90), "")),
        ("--maximum 30m", (None, "--maximum 30m")),
        ("data --max 30m", (None, "data --max 30m")),
        ("", (None, "")),
    ],
)
def test_an_option_before_the_data_leaves_the_data_untouched(text: str, read: tuple[timedelta | None, str]) -> None:
    """Only a leading `--max` with its duration is taken, also behind a phone's long dash."""
    assert DurationOption("max").read(text) == read


@pytest.mark.parametrize("text", ["--max", "--max data", "--max 0m {}", "max=soon {}"])
def test_an_option_without_a_duration_is_refused(text: str) -> None:
    """A limit that cannot be read is never taken for data."""
    with pytest.raises(UsageProblem, match="needs a duration"):
        DurationOption("max").read(text)
