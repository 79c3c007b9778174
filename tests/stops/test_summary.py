"""The lines of a summary, of a bulk with more sessions than it names."""

from datetime import UTC, datetime

from bot.stops._summary import SHOWN, _listed
from storage.bulks import Part
from tests.factories import a_session

NOW = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)


def test_what_is_not_named_is_counted() -> None:
    """Of more sessions than a summary names it says how many are left out; of as many as it names, nothing."""
    parts = [Part(session=a_session(NOW), skipped=False, why_not="It was not reached.")] * (SHOWN + 3)
    assert _listed("Not asked", parts)[-1] == "… and 3 more."
    assert len(_listed("Not asked", parts[:SHOWN])) == 1 + SHOWN
