import pytest

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
