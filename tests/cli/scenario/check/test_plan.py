"""The sessions of a check: when a request is sent, and which requests there are."""

import pytest

from bot.cli.scenario.check._plan import (
    DEFAULT_SECONDS,
    SHAPES,
    Key,
    Moment,
    Question,
    Subject,
    Variant,
    controls,
    moment,
    probes,
    stops,
)
from bot.cli.scenario.sessions import CallSeen, Ending, Observation, Registered, Request, Script

STOP = Request(body='{"command": "stop"}', headers=(("X-Session-Bot", "stop"),))
SCRIPTS = (Script("a.js", "x"),)
STOP_KEY = Key(Variant.as_is, False, Question.stop)
SUBJECT = Subject(variants={Variant.as_is: SCRIPTS, Variant.with_kit: (Script("kit", "k"), *SCRIPTS)}, stop=STOP)


def alone(ended_s: float | None = None, connected_s: float = 0.5, registered_s: float = 0) -> Observation:
    """Return a session without a request."""
    call = CallSeen(inbound=False, number="1", placed_s=0, connected_s=connected_s, ended_s=None, hung_up=False)
    handler = Registered(event="Application.HttpRequest", script="a.js", line=1, at_s=registered_s)
    ending = None if ended_s is None else Ending.terminated
    return Observation(watched_s=3600, ended_s=ended_s, ending=ending, calls=(call,), registered=(handler,))


@pytest.mark.parametrize(
    ("control", "at_s"),
    [
        (alone(), DEFAULT_SECONDS),
        (alone(connected_s=20), 20.5),
        (alone(registered_s=42), 42.5),
        (alone(registered_s=100_000), DEFAULT_SECONDS),
        (alone(ended_s=3600), DEFAULT_SECONDS),
        (alone(ended_s=4, connected_s=1), 2.5),
        (alone(ended_s=30, registered_s=20), 20.5),
        (alone(ended_s=21, registered_s=20), 20.5),
    ],
)
def test_the_request_comes_when_it_says_most(control: Observation, at_s: float) -> None:
    """It waits for a call and a handler, and comes well before an end of the session's own."""
    found = moment(SUBJECT, control)
    assert found is not None
    assert found.at_s == at_s


def test_a_chosen_moment_is_kept() -> None:
    """What was asked for with --seconds is not moved, unless the session is over by then."""
    chosen = Subject(variants=SUBJECT.variants, stop=STOP, seconds=2)
    found = moment(chosen, alone(registered_s=42))
    assert found is not None
    assert found.at_s == 2


def test_there_is_no_moment_in_a_session_that_is_over_at_once() -> None:
    """A session that ends within its first moments gets no request."""
    assert moment(SUBJECT, alone(ended_s=0, connected_s=0)) is None
    assert moment(SUBJECT, Observation(watched_s=2)) is None, "it was too busy to be watched for longer"


def test_each_variant_is_left_alone_in_both_situations() -> None:
    """A control is run of each variant, started by the bot and with a call that comes in."""
    assert {(key.variant, key.inbound) for key in controls(SUBJECT)} == {
        (variant, inbound) for variant in (Variant.as_is, Variant.with_kit) for inbound in (False, True)
    }


def test_every_shape_is_tried_once_and_as_the_bot_would_send_it() -> None:
    """The words of the wild are tried beside the rule's own stop, which is not tried twice, with the bot's headers."""
    found = probes(SUBJECT, {(Variant.as_is, False): Moment(5, alone())}, inbound=False)
    tried = {key.request: run for key, run in found.items() if key.question is Question.shape}
    assert set(tried) == {each for each in SHAPES if each.body != STOP.body}
    assert all(run.requests[0].request.headers == STOP.headers for run in tried.values())
    assert set(stops(SUBJECT, {(Variant.as_is, False): Moment(5, alone())})) == {STOP_KEY}


def test_a_stop_before_the_call_connects_has_a_control_of_its_own() -> None:
    """Where a call is placed, a stop is sent while it rings, beside the same session without one."""
    found = probes(SUBJECT, {(Variant.as_is, False): Moment(5, alone())}, inbound=False)
    ringing, control = (found[Key(Variant.as_is, False, each)] for each in (Question.ringing, Question.alone_ringing))
    assert (ringing.connects, control.connects, control.requests) == (False, False, ())
    assert ringing.requests[0].at_s < 0.5
    without = probes(SUBJECT, {(Variant.as_is, False): Moment(5, Observation(watched_s=60))}, inbound=False)
    assert Key(Variant.as_is, False, Question.ringing) not in without


def test_the_second_of_two_stops_is_the_same_request() -> None:
    """A repeated stop has the request id of the first, as the bot repeats it."""
    run = probes(SUBJECT, {(Variant.as_is, False): Moment(5, alone())}, inbound=False)[
        Key(Variant.as_is, False, Question.twice)
    ]
    first, second = run.requests
    assert first.request == second.request
    assert first.at_s < second.at_s
