"""Many alarms in one message: a line a session, whom it calls, and what is over."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlite_utils import Database

from bot.ports._reply import Reply
from bot.slack.render import render_mrkdwn
from bot.text._neutral import call, moment, person
from bot.watch._alarms import ONE_BY_ONE, call_off_alarm, raise_alarm, write_gathered
from storage import messages, sessions
from storage.message import Message
from storage.records import Session
from tests.factories import new_database, new_session

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


@pytest.fixture
def db() -> Database:
    """Return a database of its own."""
    return new_database()


@pytest.fixture
def found(db: Database) -> list[Session]:
    """Return sessions with their cards, of which the first five have called for somebody already."""
    made = [sessions.add(db, new_session(), now=NOW) for _ in range(ONE_BY_ONE + 30)]
    for session in made:
        messages.add_card(db, session.id, session.channel, now=NOW)
    for session in made[:ONE_BY_ONE]:
        raise_alarm(db, session, Reply(text="One by one."), "one by one", now=NOW)
    return made[ONE_BY_ONE:]


def gathered(db: Database) -> list[Message]:
    """Return the messages that gather alarms, the oldest first, as the next look writes them."""
    write_gathered(db)
    ids = [row["id"] for row in db.query("select id from messages where kind = 'summary' order by id")]
    return [found for each in ids if (found := messages.get(db, each)) is not None]


def lines(message: Message) -> list[str]:
    """Return the lines of a message."""
    return render_mrkdwn(str((message.body or {})["text"])).split("\n")


def alarm(db: Database, session: Session, line: str) -> None:
    """Make a session call for somebody."""
    raise_alarm(db, session, Reply(text=line), line, now=NOW)


def test_sessions_are_counted_not_lines(db: Database, found: list[Session]) -> None:
    """A session that calls a second time has its line replaced, and counts once."""
    first, second, *_ = found
    alarm(db, first, "#6: over its limit.")
    alarm(db, second, "#7: over its limit.")
    alarm(db, first, "#6: its stop is not confirmed.")
    (message,) = gathered(db)
    assert lines(message) == [
        "*2 more sessions call for somebody* in this channel; to keep it readable, they are gathered here.",
        "• #6: its stop is not confirmed.",
        "• #7: over its limit.",
    ]


def test_what_is_over_is_called_off_in_its_line(db: Database, found: list[Session]) -> None:
    """An end goes to the end of the list, and does not count as a call; when all have ended, the message is over."""
    first, second, *_ = found
    alarm(db, first, "#6: over its limit.")
    alarm(db, second, "#7: over its limit.")
    assert call_off_alarm(db, first, "#6 ended.")
    (message,) = gathered(db)
    head, *rest = lines(message)
    assert head.startswith("*1 more session calls for somebody*")
    assert head.endswith("1 that did is over.")
    assert rest == ["• #7: over its limit.", "• #6 ended."]
    assert call_off_alarm(db, second, "#7 ended.")
    assert lines(gathered(db)[0])[0] == "*Over*: all 2 sessions that called for somebody."
    assert not call_off_alarm(db, found[2], "#8 ended.")


def test_many_that_are_over_do_not_call(db: Database, found: list[Session]) -> None:
    """Alarms that are over at once are gathered, too, as what they are."""
    raise_alarm(db, found[0], Reply(text="Over."), "#6 ended. The alarm is over.", now=NOW, over=True)
    (message,) = gathered(db)
    assert lines(message)[0] == "*Over*: the session that called for somebody."


def test_whoever_was_not_called_yet_gets_a_new_message(db: Database, found: list[Session]) -> None:
    """An edit notifies nobody: a line that calls somebody new begins a message; a moment in it, or a name, does not."""
    alarm(db, found[0], f"#6: not confirmed. {call('U1')}")
    alarm(db, found[1], f"#7: not confirmed, {person('U2')}, {moment(NOW)}. {call('U1')}")
    assert len(gathered(db)) == 1
    alarm(db, found[2], f"#8: not confirmed. {call('U2')}")
    assert len(gathered(db)) == 2
    alarm(db, found[3], f"#9: not confirmed. {call('U1')} {call('U2')}")
    assert len(gathered(db)) == 2


def test_a_long_list_is_cut_and_goes_on_counting(db: Database, found: list[Session]) -> None:
    """Twenty lines are shown, and all sessions counted; what calls goes before what is over."""
    for number, session in enumerate(found):
        alarm(db, session, f"line {number}")
    call_off_alarm(db, found[0], "over 0")
    (message,) = gathered(db)
    head, *rest = lines(message)
    assert head.startswith("*29 more sessions call")
    assert rest[0] == "• line 1"
    assert (len(rest), rest[-1]) == (21, "… and 10 more; `list` shows the open ones.")


def test_a_minute_later_alarms_are_one_by_one_again(db: Database, found: list[Session]) -> None:
    """What calls when the others have been quiet for a minute has its own reply."""
    later = NOW + timedelta(minutes=2)
    raise_alarm(db, found[0], Reply(text="Alone."), "alone", now=later)
    assert not gathered(db)
