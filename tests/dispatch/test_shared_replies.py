"""Outcomes that come faster than people read: when the next one is a reply of its own, and when it shares the last."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from sqlite_utils import Database

from bot.dispatch._shared_replies import ONE_BY_ONE, QUEUED, ROOM, WITHIN, record_reply
from bot.ports import Reply
from storage import commands, sessions
from storage.command import NewCommand
from tests.factories import new_database, new_session

NOW: Final = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
INSTANT: Final = timedelta(microseconds=1)
Tell = Callable[..., list[str]]


@pytest.fixture
def db() -> Database:
    """Return a database of its own."""
    return new_database()


@pytest.fixture
def tell(db: Database) -> Tell:
    """Return a function that records the outcome of somebody's send, and returns the replies in the thread."""
    session = sessions.add(db, new_session(), now=NOW)

    def record(text: str, after: timedelta = timedelta(0), *, by: str = "U1", shares: bool = True) -> list[str]:
        now = NOW + after
        new = NewCommand(
            key=f"{by} {text} {now}", verb="send", actor=by, team="T1", channel="C1", via="slash", digest=text,
            owner="o", at=now,
        )  # fmt: skip
        command = commands.admit(db, new, window=None).command
        record_reply(db, session, Reply(text=text, shares=shares), command=command.id, now=now)
        return [row["text"] for row in db.query("select body ->> 'text' text from messages where kind = 'reply'")]

    return record


def post(db: Database) -> None:
    """Record every reply as posted."""
    db.execute("update messages set ts = '1.' || id where kind = 'reply'")


def test_five_within_a_minute_have_a_reply_each(db: Database, tell: Tell) -> None:
    """The sixth outcome within a minute shares the fifth's reply, so do those of the next minute, then none does."""
    for number in range(ONE_BY_ONE):
        assert len(tell(f"{number}", timedelta(seconds=number))) == number + 1
        post(db)
    assert tell("5", WITHIN - INSTANT)[-1] == "4\n5"
    assert tell("6", 2 * WITHIN - 2 * INSTANT)[-1] == "4\n5\n6"
    assert tell("7", 3 * WITHIN - 2 * INSTANT)[-1] == "7"


def test_the_minute_of_the_first_five_ends(db: Database, tell: Tell) -> None:
    """A minute after the first of five outcomes the sixth has a reply of its own."""
    for number in range(ONE_BY_ONE):
        tell(f"{number}", timedelta(seconds=number))
        post(db)
    assert tell("5", WITHIN)[-1] == "5"


def test_an_outcome_joins_a_reply_that_waits(db: Database, tell: Tell) -> None:
    """A reply that Slack has not taken for more than two seconds takes up the next outcome; a posted one does not."""
    tell("0")
    assert tell("1", QUEUED) == ["0", "1"]
    assert tell("2", 2 * QUEUED + INSTANT) == ["0", "1\n2"]
    post(db)
    assert tell("3", 2 * WITHIN) == ["0", "1\n2", "3"]
    post(db)
    assert tell("4", 2 * WITHIN + 2 * QUEUED)[-1] == "4"


def test_a_shared_reply_is_bounded(tell: Tell) -> None:
    """An outcome that would make a reply of 3,000 characters begins a new one."""
    tell("0" * 1000)
    assert len(tell("1" * (ROOM - 1001), 2 * QUEUED)) == 1
    assert tell("2" * 10, 4 * QUEUED)[-1] == "2" * 10


@pytest.mark.parametrize("other", [{"by": "U2"}, {"shares": False}])
def test_some_outcomes_share_no_reply(tell: Tell, other: dict[str, str | bool]) -> None:
    """Another person's outcome, and one that is to be seen by itself, have a reply of their own."""
    tell("0")
    assert tell("1", 2 * QUEUED, **other) == ["0", "1"]
    assert tell("2", 4 * QUEUED) == ["0", "1", "2"]


def test_a_refused_reply_takes_up_nothing(db: Database, tell: Tell) -> None:
    """A reply that Slack refused is not added to: it may never be posted."""
    tell("0")
    db.execute("update messages set error = 'is_archived'")
    assert tell("1", 2 * QUEUED) == ["0", "1"]
