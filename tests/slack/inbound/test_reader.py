"""The reader of Slack's payloads."""

from typing import Any

import pytest

from bot.slack.inbound._reader import moment


@pytest.mark.parametrize("text", [None, "", "yesterday", "1e400", "nan", {}])
def test_a_moment_that_makes_no_sense_is_no_moment(text: Any) -> None:
    """What Slack gives as a time is read if it is one, and stops nothing if it is not."""
    assert moment(text) is None
