"""What a broken context may tell, and what is believed of it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.voximplant.engine import _effects as effects
from bot.sandbox.voximplant.engine._effects import SetTimer, UnreadableError

KINDS = ["log", "failure", "answer", "timer", "clear", "call", "hangup", "customData", "terminate"]
VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers()))
EFFECTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS)},
    optional=dict.fromkeys(("text", "body", "id", "delay", "repeat", "number", "callerid"), VALUES),
)


@settings(deadline=None, database=None)
@given(st.one_of(st.text(), VALUES.map(json.dumps), st.lists(EFFECTS, max_size=3).map(json.dumps)))
def test_whatever_is_told_is_read_or_refused(told: str) -> None:
    """Any text is either a list of effects, with delays that a loop can wait, or unreadable."""
    try:
        read = effects.read(told)
    except UnreadableError:
        return
    assert all(0 < effect.delay_seconds <= 86_400 for effect in read if isinstance(effect, SetTimer))


@pytest.mark.parametrize("told", [None, 7, b"[]"])
def test_only_text_is_read(told: object) -> None:
    """What is no text is refused like a broken one."""
    with pytest.raises(UnreadableError):
        effects.read(told)
