import pytest

from bot.sandbox.voximplant._options import utc_now
from bot.sandbox.voximplant.engine import Source
from bot.sandbox.voximplant.engine._effects import SetTimer
from bot.sandbox.voximplant.engine._script import Script
from bot.sandbox.voximplant.engine._timers import next_due


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (10.0, 12.0),
        (10.5, 12.0),
        (11.9, 12.0),
        (12.0, 14.0),
        (17.0, 18.0),
        (9.99, 12.0),
    ],
)
def test_an_interval_keeps_its_beat(now: float, expected: float) -> None:
    """A late or long turn does not move the next due time, and missed times are left out."""
    assert next_due(due=10.0, every=2.0, now=now) == expected


@pytest.mark.parametrize(
    ("call", "seconds", "repeat"),
    [
        ("setInterval(f, 20)", 0.1, True),
        ("setInterval(f)", 0.1, True),
        ("setInterval(f, 'soon')", 0.1, True),
        ("setInterval(f, 250)", 0.25, True),
        ("setTimeout(f)", 0.001, False),
        ("setTimeout(f, 20)", 0.02, False),
        ("setTimeout(f, -5)", 0.001, False),
        ("setTimeout(f, Infinity)", 86_400, False),
    ],
)
def test_a_timer_has_its_documented_delay(call: str, seconds: float, repeat: bool) -> None:  # noqa: FBT001 - of a table
    """An interval is 100 ms at least; a timeout without a delay is due at once."""
    script = Script([Source("flow", f"const f = () => {{}}; {call};")], utc_now)
    (timer,) = script.load(0)
    assert isinstance(timer, SetTimer)
    assert (timer.delay_seconds, timer.repeat) == (seconds, repeat)
