from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database

from storage import announcements
from storage.announcements import Announcements


def test_a_round_takes_the_place_of_the_one_before(db: Database, now: datetime) -> None:
    """The last whole round of each application is kept, with all that it found."""
    first = Announcements(application_id=3, application_name="calls", announced_at=now, read_at=now, row_count=2)
    announcements.keep(db, first)
    later = replace(
        first,
        application_name="calls of the night",
        read_at=now + timedelta(seconds=30),
        took_s=0.5,
        row_count=1,
        oldest_beat_at=now,
        refused={"host": 7},
        problem="The platform is busy.",
    )
    announcements.keep(db, later)
    assert announcements.every(db) == [later]
    assert announcements.read_at(db) == {3: now + timedelta(seconds=30)}


def test_an_application_that_is_gone_is_forgotten(db: Database, now: datetime) -> None:
    """An application that was removed leaves nothing behind; one that was never read has no moment."""
    announcements.keep(db, Announcements(application_id=3, application_name="a", read_at=now))
    announcements.keep(db, Announcements(application_id=4, application_name="b"))
    assert announcements.read_at(db) == {3: now}
    announcements.forget(db, 3)
    assert announcements.every(db) == [Announcements(application_id=4, application_name="b", row_count=0, refused={})]
    assert announcements.read_at(db) == {}
