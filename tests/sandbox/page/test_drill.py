"""The drill as a state machine: its clock, its verdicts, its hints, and how it went in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bot.sandbox.page._drill import Drill, Line, Phase, Sight, Verdict
from bot.sandbox.page._drill_plan import TWELVE, Names, is_stop
from bot.sandbox.page._drill_words import alarm_words, hint_words, result_words

RUNS = Sight(runs=True)
ASKED = Sight(runs=True, asked=True)
TOLD = Sight(runs=True, asked=True, told=True)
ENDED = Sight(runs=False, asked=True)
CONSOLE = Sight(runs=False, by_console=True)


def a_drill(lines: int = 3, elsewhere: int = 1) -> Drill:
    """Return a drill of some lines, the last of them not started in Slack, before any of them runs."""
    return Drill(number=1, lines=[Line(elsewhere=place >= lines - elsewhere) for place in range(lines)])


def alarmed(at: float = 100) -> Drill:
    """Return a drill of three lines that all run since a moment."""
    return a_drill().found({0: 10, 1: 11, 2: 12}).seen(at, dict.fromkeys((10, 11, 12), RUNS))


def after(drill: Drill, *looks: tuple[float, Sequence[Sight]]) -> Drill:
    """Return the drill after some looks at its three sessions."""
    for at, sights in looks:
        drill = drill.seen(at, dict(zip((10, 11, 12), sights, strict=True)))
    return drill


def words(drill: Drill) -> str:
    """Return how it went, as one text."""
    return " ".join(result_words(drill, lambda history_id: f"h{history_id}"))


def test_the_alarm_is_when_all_lines_run() -> None:
    """The clock starts with the last line that is open, and not before."""
    drill = a_drill().found({0: 10, 1: 11}).seen(5, {10: RUNS, 11: RUNS})
    assert (drill.phase, drill.alarm_at) == (Phase.STARTING, None)
    assert "2 of 3" in alarm_words(drill)
    drill = drill.found({2: 12}).seen(9, {10: RUNS, 11: RUNS, 12: RUNS})
    assert (drill.phase, drill.alarm_at) == (Phase.ALARM, 9)


def test_it_is_over_with_the_last_verdict() -> None:
    """A line has its verdict by its end or by what the bot has told; the clock stops at the last of them."""
    drill = after(alarmed(), (110, [ASKED, ASKED, ASKED]), (112, [ENDED, ASKED, ENDED]))
    assert drill.phase is Phase.ALARM
    drill = after(drill, (130, [ENDED, TOLD, ENDED]))
    assert drill.phase is Phase.OVER
    assert drill.took_seconds == 30
    assert [line.verdict for line in drill.lines] == [Verdict.ENDED, Verdict.NOT_CONFIRMED, Verdict.ENDED]
    assert after(drill, (999, [ENDED, ENDED, ENDED])) == drill


def test_a_stop_before_the_alarm_is_said() -> None:
    """A line that was stopped, or ended, while others were being opened keeps nothing from beginning."""
    drill = a_drill().found({0: 10, 1: 11}).seen(5, {10: ASKED, 11: RUNS}).seen(6, {10: ENDED, 11: RUNS})
    drill = after(drill.found({2: 12}), (9, [ENDED, RUNS, RUNS]))
    assert (drill.phase, drill.alarm_at) == (Phase.ALARM, 9)
    assert alarm_words(drill) == "2 phone lines are open, 0 do not react. Stop them all."
    over = after(drill, (20, [ENDED, ENDED, ENDED]))
    assert "The first stop was sent before the alarm." in words(over)
    assert "None was missed" in words(over)
    at_once = after(a_drill().found({0: 10, 1: 11, 2: 12}), (9, [ENDED, CONSOLE, ENDED]))
    assert (at_once.phase, at_once.took_seconds) == (Phase.OVER, 0)


def test_a_line_that_no_stop_reached_was_not_stopped() -> None:
    """One that ended by itself, or was named as not confirmed though nothing reached it, is said to be that."""
    drill = after(alarmed(), (105, [ASKED, Sight(runs=False), Sight(runs=True, told=True)]), (106, [ENDED, RUNS, RUNS]))
    assert drill.phase is Phase.OVER
    assert "2 of 3 ended, 1 of them without a stop." in words(drill)
    assert "Missed: h12 got no stop, 1 of them not started in Slack." in words(drill)
    assert "None was missed" not in words(after(alarmed(), (105, [CONSOLE, CONSOLE, CONSOLE])))


def test_told_once_is_told() -> None:
    """A stop that is asked for again takes nothing back; an end that comes after all is the better verdict."""
    drill = after(alarmed(), (110, [TOLD, ASKED, ASKED]), (120, [ASKED, ASKED, ASKED]))
    assert drill.lines[0].verdict is Verdict.NOT_CONFIRMED
    drill = after(drill, (130, [ENDED, ENDED, ENDED]))
    assert drill.lines[0].verdict is Verdict.ENDED
    assert drill.took_seconds == 30


def test_a_drill_is_stopped_or_fails_once() -> None:
    """A person stops it in any phase before its end; only one that has not begun can fail."""
    assert a_drill().stopped(5).phase is Phase.STOPPED
    assert alarmed().stopped(150).took_seconds == 50
    assert a_drill().failed(5, "no bot").phase is Phase.FAILED
    assert "no bot" in alarm_words(a_drill().failed(5, "no bot"))
    assert alarmed().failed(5, "no bot").phase is Phase.ALARM
    over = after(alarmed(), (110, [ENDED, ENDED, ENDED]))
    assert over.stopped(200) == over


@pytest.mark.parametrize(
    ("sights", "says"),
    [
        ([RUNS, RUNS, RUNS], "Type /session stop all"),
        ([ASKED, ENDED, RUNS], "1 that nobody started in Slack got no stop yet"),
        ([ASKED, RUNS, RUNS], "2 lines got no stop yet."),
        ([ASKED, ASKED, ENDED], "Every line got its stop. 2 lines have no verdict yet."),
        ([TOLD, ASKED, ENDED], "Every line got its stop. 1 line has no verdict yet."),
    ],
)
def test_a_hint_names_the_next_step(sights: Sequence[Sight], says: str) -> None:
    """The hint follows what is still to be done, and there is none before the alarm and after the end."""
    assert says in hint_words(after(alarmed(), (110, sights)), "/session")
    assert hint_words(a_drill(), "/session") == ""
    assert hint_words(alarmed().stopped(120), "/session") == ""


def test_how_it_went_says_what_is_left_to_do() -> None:
    """The words have the time, the first stop, what ended, what was named as not confirmed, and what remains to do."""
    drill = after(alarmed(), (109, [ASKED, RUNS, RUNS]), (131.5, [TOLD, ASKED, ASKED]), (165.2, [TOLD, ENDED, CONSOLE]))
    said = words(drill)
    assert "Every line has a verdict, 1 min 5 s after the alarm." in said
    assert "The first stop was sent 9 s after the alarm." in said
    assert "2 of 3 ended, 1 of them at the platform's console." in said
    assert "1 was named as not confirmed: h10. It runs on, and every minute is billed" in said
    assert "Those that nobody started in Slack got their stop" not in said


def test_those_that_nobody_started_in_slack_are_counted_apart() -> None:
    """Where they were stopped last the words say by how much; where none was late they say that, too."""
    late = after(alarmed(), (105, [ENDED, ENDED, RUNS]), (145, [ENDED, ENDED, ENDED]))
    assert "Those that nobody started in Slack got their stop 40 s after the others." in words(late)
    quick = after(alarmed(), (105, [ENDED, ENDED, ENDED]))
    assert "None was missed" in words(quick)


def test_a_stopped_drill_names_what_was_missed() -> None:
    """A drill that is stopped says which lines got no stop, and how many of them nobody started in Slack."""
    drill = after(alarmed(), (105, [ENDED, RUNS, RUNS])).stopped(120)
    assert "Missed: h11, h12 got no stop, 1 of them not started in Slack." in words(drill)
    assert "What is open runs on: the next drill ends it." in words(drill)
    assert "No stop was sent." in words(alarmed().stopped(120))
    assert words(a_drill().stopped(1)) == "It was stopped before all lines were open."
    assert words(alarmed()) == ""
    begun = a_drill().found({0: 10}).seen(1, {10: RUNS})
    assert words(begun.stopped(2)).endswith("were open. What is open runs on: the next drill ends it.")
    assert words(begun.failed(2, "no bot")) == "What is open runs on: the next drill ends it."


def test_the_plan_is_twelve_lines() -> None:
    """Twelve lines, three of which do not react, four of which nobody starts in Slack, one of the three among them."""
    stuck = [each for each in TWELVE if each.hangs or each.rule == "stuck"]
    elsewhere = [each for each in TWELVE if each.person is None]
    assert (len(TWELVE), len(stuck), len(elsewhere)) == (12, 3, 4)
    assert [each.calls_in for each in elsewhere] == [False, False, True, True]
    assert [each for each in stuck if each in elsewhere] == [elsewhere[-1]]
    assert {each.person for each in TWELVE} == {"ann", "bob", None}


CARD = "🔴 #7 stuck – stop not confirmed\nStarted by ann, today · h4202753936\nNot confirmed: it may still run."
RUNNING_CARD = "🟢 #8 obedient – stopping\nStarted by ann · h4202753937\nLast: delivered; the end is not confirmed yet."
SUMMARY = (
    "Stop of 3 sessions by bob\n1 confirmed ended · 2 not confirmed.\nNot confirmed:\n"
    "• #7 stuck (h4202753936): it still runs.\n• #9 hotline (h4202753938): it still runs.\nIt took 5 s. #8 ended."
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (CARD, {4202753936}),
        (RUNNING_CARD, set()),
        (SUMMARY, {4202753936, 4202753938}),
        ("Stop not confirmed: #7 stuck may still run, and bill.", {4202753936}),
        ("Not confirmed: h4202753937 may still run.", {4202753937}),
        ("#70 stuck – stop not confirmed", set()),
        ("2 confirmed ended · 1 not confirmed.", set()),
        ("Confirmed: #7 stuck ended.", set()),
        ("The record of #7 stuck is closed: its end was not confirmed.", set()),
        ("#7 stuck is being checked. Close its record only if it is not confirmed by then.", set()),
        ("", set()),
    ],
)
def test_what_slack_says_of_a_stop_is_read_by_session(text: str, told: set[int]) -> None:
    """A session counts as not confirmed where a line names it and says so, or below a heading of these words."""
    names = Names()
    for each in (CARD, RUNNING_CARD, SUMMARY):
        names.learn(each)
    assert names.unconfirmed(text) == told


def test_data_that_is_sent_is_no_stop() -> None:
    """A request that says it is something else is no stop; a client that says nothing is given the benefit."""
    assert not is_stop({"X-Session-Bot": "send"})
    assert is_stop({"X-Session-Bot": "stop"})
    assert is_stop({"X-Request-Id": "r1"})


def test_a_session_has_its_short_name_once_slack_shows_it() -> None:
    """Until a message has both names the platform's own is used; a message about several teaches nothing wrong."""
    names = Names()
    names.learn("Which do you mean, #7 or #8?\nh4202753936")
    assert names.of(4202753936) == "h4202753936"
    names.learn(CARD)
    assert names.of(4202753936) == "#7"


def test_a_line_that_was_never_found_has_no_verdict() -> None:
    """A look at other sessions changes nothing about a line whose session is not known."""
    sights: Mapping[int, Sight] = {99: ENDED}
    assert a_drill().seen(5, sights).lines == a_drill().lines
    assert replace(Line(), told_at=3.0, ended_at=2.0).judged_at == 2.0
