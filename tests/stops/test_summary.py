"""What a preview and a summary say of many sessions."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.stops._preview import _not_from_slack
from bot.stops._summary import SHOWN, _listed
from storage.bulks import Part
from storage.records import Origin
from tests.factories import a_session

NOW = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)


def test_what_is_not_named_is_counted() -> None:
    """Of more sessions than a summary names it says how many are left out; of as many as it names, nothing."""
    parts = [Part(session=a_session(NOW), skipped=False, why_not="It was not reached.")] * (SHOWN + 3)
    assert _listed("Not asked", parts)[-1] == "… and 3 more."
    assert len(_listed("Not asked", parts[:SHOWN])) == 1 + SHOWN


def test_how_many_nobody_started_in_slack_is_said() -> None:
    """Of several sessions their number is said, or that it is all; where it is none, nothing."""
    ours = a_session(NOW)
    other = replace(ours, origin=Origin.elsewhere)
    assert _not_from_slack((ours, ours)) == ""
    assert _not_from_slack((ours, other)) == ", 1 of them not started in Slack"
    assert _not_from_slack((other, other)) == ", none of them started in Slack"
