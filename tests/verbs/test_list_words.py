"""list: options, and the words that people write in their place."""

from datetime import timedelta
from typing import Any

import pytest

from bot.ports import UsageProblem
from bot.verbs import BY_NAME, List
from storage.records import Origin

FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("origin=elsewhere", {"origin": "elsewhere"}),
        ("origin=Slack silent=90s", {"origin": "slack", "silent": timedelta(seconds=90)}),
        ("elsewhere", {"origin": "elsewhere"}),
        ("inbound rule=support", {"origin": "elsewhere", "rule": "support"}),
        ("not started here", {"origin": "elsewhere"}),
        ("Not started in Slack silent", {"origin": "elsewhere", "silent": FIVE}),
        ('rule="not started here"', {"rule": "not started here"}),
        ("silent", {"silent": FIVE}),
        ("silent=", {"silent": FIVE}),
        ("--silent 6m ended", {"silent": timedelta(minutes=6), "state": "ended"}),
        ("stuck", {"about": "stuck"}),
    ],
)
def test_what_people_write_is_understood(text: str, options: dict[str, Any]) -> None:
    """Options are read in any spelling, and loose words as the options that they plainly mean."""
    assert BY_NAME["list"].read(text) == List(options)


@pytest.mark.parametrize("text", ["origin=here", "silent=now", "silent=0m", "silent=5m silent=6m", "origin="])
def test_what_is_no_value_is_refused(text: str) -> None:
    """A value that does not fit is refused with the ones that do."""
    with pytest.raises(UsageProblem, match=r"must be|twice"):
        BY_NAME["list"].read(text)


def test_the_list_has_its_filters_in_its_own_types() -> None:
    """Origin and silence are None where they are not asked for."""
    assert (List({}).origin, List({}).silent) == (None, None)
    asked = List({"origin": "elsewhere", "silent": FIVE})
    assert (asked.origin, asked.silent) == (Origin.elsewhere, FIVE)
