"""The verdict, from what sessions did: the same session with a request and without one."""

import pytest

from bot.cli.scenario.check._judgement import Results, judge, waits_for_a_call
from bot.cli.scenario.check._outcome import Effect, Outcome, outcome
from bot.cli.scenario.check._plan import Key, Question, Subject, Variant
from bot.cli.scenario.sessions import (
    Absent,
    Breakage,
    Broken,
    CallSeen,
    Delivery,
    Ending,
    Flaw,
    Observation,
    Registered,
    Request,
    Script,
)
from storage.scenario_checks import Verdict

STOP = Request(body='{"command": "stop"}')
WORD = Request(body="0")
ERROR = Flaw(text="TypeError: no", script="a.js", line=3, at_s=5)
CUSTOMERS = Script("a.js", "x")
KIT = Script("session-bot", "kit", kit_lines=1)
CALL = CallSeen(inbound=False, number="1", placed_s=0, connected_s=0.5, ended_s=None, hung_up=False)
HUNG_UP = CallSeen(inbound=False, number="1", placed_s=0, connected_s=0.5, ended_s=5, hung_up=True)
ALONE = Observation(watched_s=3600, calls=(CALL,))


def seen(ended_s: float | None = None, ending: Ending | None = None, **more: object) -> Observation:
    """Return a session that got a request after 5 s."""
    known: dict[str, object] = {
        "deliveries": (Delivery(at_s=5, reached=True, handlers=1),),
        "calls": (CALL,),
        "watched_s": 185,
    }
    return Observation(ended_s=ended_s, ending=ending, **(known | more))  # type: ignore[arg-type]


ENDS = seen(5.3, Ending.terminated)
NOTHING = seen()
FAILS = seen(5, Ending.failed, flaws=(ERROR,))


def subject(*scripts: Script, **variants: tuple[Script, ...]) -> Subject:
    """Return scenarios to judge."""
    found = {Variant.as_is: scripts or (CUSTOMERS,)} | {Variant[name]: each for name, each in variants.items()}
    return Subject(variants=found, stop=STOP)


def results(
    alone: Observation | Broken = ALONE,
    stop: Observation | Broken | None = NOTHING,
    word: Observation | None = NOTHING,
    with_kit: Observation | None = None,
    without_kit: Observation | None = None,
) -> Results:
    """Return the observations of sessions that the bot started."""
    found: dict[Key, Observation | Broken | None] = {
        Key(Variant.as_is, False, Question.stop): stop,
        Key(Variant.as_is, False, Question.shape, WORD): word,
        Key(Variant.with_kit, False, Question.stop): with_kit,
        Key(Variant.without_kit, False, Question.stop): without_kit,
    }
    controls = {Key(each, False, Question.alone): alone for each in Variant}
    return controls | {key: each for key, each in found.items() if each is not None}


def verdict(found: Results, of: Subject | None = None) -> Verdict:
    """Return the verdict on sessions that the bot started."""
    return judge(of or subject(), found, inbound=False).verdict


def test_a_stop_that_ends_it_stops() -> None:
    """The first verdict needs nothing but the rule's own stop, whatever else ends it."""
    assert verdict(results(stop=ENDS, word=ENDS, with_kit=ENDS)) is Verdict.stops


def test_another_word_comes_before_the_kit_and_is_named() -> None:
    """What can be pasted is better than what must be installed, also where the own stop throws."""
    judged = judge(subject(), results(stop=FAILS, word=ENDS, with_kit=ENDS), inbound=False)
    assert (judged.verdict, judged.works) == (Verdict.stops_otherwise, WORD)
    assert judged.with_kit is Verdict.stops_with_kit


@pytest.mark.parametrize("stop", [NOTHING, FAILS])
def test_only_the_kit_ends_it(stop: Observation) -> None:
    """Without the kit nothing ends it, or an error does: the third verdict."""
    assert verdict(results(stop=stop, with_kit=ENDS)) is Verdict.stops_with_kit


def test_a_bound_kit_is_told_from_a_stop_of_their_own() -> None:
    """Where the kit is among the scenarios, they stop by themselves only if they do without it."""
    bound = subject(KIT, CUSTOMERS, without_kit=(CUSTOMERS,))
    assert verdict(results(stop=ENDS, without_kit=NOTHING), bound) is Verdict.stops_with_kit
    assert verdict(results(stop=ENDS, without_kit=ENDS), bound) is Verdict.stops
    assert verdict(results(stop=ENDS), subject(KIT)) is Verdict.stops_with_kit


def test_a_stop_that_causes_an_error_throws() -> None:
    """A session that an error ends has not been stopped; the error is its detail."""
    judged = judge(subject(), results(stop=FAILS), inbound=False)
    assert (judged.verdict, judged.detail) == (Verdict.throws, "TypeError: no (a.js line 3)")


def test_an_error_at_the_start_throws() -> None:
    """A scenario that ends by an error before any request throws, too."""
    alone = Observation(watched_s=0, ended_s=0, ending=Ending.failed, flaws=(ERROR,))
    assert verdict(results(alone=alone, stop=None, word=None)) is Verdict.throws


def test_an_end_of_its_own_is_no_stop() -> None:
    """A session that ends when it would have ended anyway was not stopped by what came before."""
    alone = Observation(watched_s=9, ended_s=9, ending=Ending.terminated, calls=(CALL,))
    assert verdict(results(alone=alone, stop=seen(9, Ending.terminated))) is Verdict.does_nothing
    assert verdict(results(alone=alone, stop=ENDS)) is Verdict.stops


def test_the_platform_s_own_end_is_no_stop() -> None:
    """A stop that only hangs up leaves the end to the platform, and a session without calls ends so by itself."""
    hung_up = results(stop=seen(65, Ending.idle, calls=(HUNG_UP,)))
    judged = judge(subject(), hung_up, inbound=False)
    assert judged.verdict is Verdict.does_nothing
    assert "ends the calls" in judged.why
    idle = Observation(watched_s=60, ended_s=60, ending=Ending.idle)
    assert verdict(results(alone=idle, stop=seen(60, Ending.idle, calls=()))) is Verdict.does_nothing


@pytest.mark.parametrize("why", [Breakage.crashed, Breakage.endless, Breakage.memory, Breakage.lost, Breakage.fault])
def test_what_could_not_be_run_cannot_be_told(why: Breakage) -> None:
    """A scenario that breaks its process is a finding with a reason."""
    judged = judge(subject(), results(alone=Broken(why), stop=None, word=None), inbound=False)
    assert (judged.verdict, judged.why) == (Verdict.cannot_tell, str(why))


def test_one_broken_session_leaves_the_others() -> None:
    """Where only the session with the stop breaks, another word may still end it."""
    assert verdict(results(stop=Broken(Breakage.crashed), word=ENDS)) is Verdict.stops_otherwise
    assert verdict(results(stop=Broken(Breakage.crashed))) is Verdict.cannot_tell


def test_what_ends_before_a_request_cannot_be_told() -> None:
    """A session that is over at once leaves no moment for a stop."""
    alone = Observation(watched_s=0, ended_s=0, ending=Ending.terminated)
    assert verdict(results(alone=alone, stop=None, word=None)) is Verdict.cannot_tell


def test_a_stand_in_on_the_way_to_the_stop_leaves_it_open() -> None:
    """A session that goes on after it used what is not simulated may end on the platform."""
    absent = Absent(name="Wizard.vanish", script="a.js", line=4, at_s=5)
    judged = judge(subject(), results(stop=seen(absent=(absent,))), inbound=False)
    assert (judged.verdict, judged.on_the_way) == (Verdict.cannot_tell, (absent,))
    usual = Observation(watched_s=3600, calls=(CALL,), absent=(absent,))
    assert verdict(results(alone=usual, stop=seen(absent=(absent,)))) is Verdict.does_nothing


def test_silence_is_told_from_deafness() -> None:
    """Where no handler is registered the reason says so."""
    nobody = seen(deliveries=(Delivery(at_s=5, reached=True, handlers=0),))
    assert judge(subject(), results(stop=nobody), inbound=False).why == "it does not listen to requests"


def test_a_control_that_was_watched_for_too_short_proves_nothing() -> None:
    """Where the session without a request was not watched for as long, its end is not known."""
    alone = Observation(watched_s=4, calls=(CALL,))
    assert outcome(ENDS, alone).effect is Effect.unknown


def test_calls_are_counted_at_the_moment_of_the_request() -> None:
    """Of the calls that were live then, those that the scenario hung up before the end are counted."""
    later = CallSeen(inbound=False, number="2", placed_s=6, connected_s=None, ended_s=None, hung_up=False)
    found = outcome(seen(7, Ending.terminated, calls=(HUNG_UP, CALL, later)), ALONE)
    assert (found.live, found.hung_up, found.seconds) == (2, 1, 2)


def test_errors_that_come_anyway_are_not_the_request_s() -> None:
    """An error that the session has without the request is not told beside it."""
    alone = Observation(watched_s=3600, calls=(CALL,), flaws=(ERROR,))
    assert outcome(seen(flaws=(ERROR,)), alone) == Outcome(effect=Effect.nothing, live=1, answers=(None,), heard=True)


@pytest.mark.parametrize("calls", [(), (CALL,)])
def test_a_scenario_for_calls_that_come_in_is_known(calls: tuple[CallSeen, ...]) -> None:
    """It listens to CallAlerting, and places no call when the bot starts it."""
    alerting = Registered(event="Application.CallAlerting", script="a.js", line=1, at_s=0)
    alone = Observation(watched_s=60, calls=calls)
    called = Observation(watched_s=3600, registered=(alerting,))
    keys = (Key(Variant.as_is, False, Question.alone), Key(Variant.as_is, True, Question.alone))
    assert waits_for_a_call(dict(zip(keys, (alone, called), strict=True))) is not bool(calls)
