"""What the doctor says of announcements, by what the rounds left in the database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from bot.cli.doctor._announcements import examine_announcements
from bot.cli.doctor._findings import Level
from bot.config import load_settings
from storage import announcements, sessions
from storage.announcements import Announcements
from storage.records import State
from storage.store import Store
from tests.factories import new_session, open_database

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
AGO = NOW - timedelta(seconds=12)
ENVIRON = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "VOXIMPLANT_ACCOUNT_ID": "1",
    "VOXIMPLANT_API_KEY": "k",
}
CALLS = Announcements(
    application_id=3,
    application_name="calls",
    announced_at=AGO,
    read_at=AGO,
    took_s=3.14,
    row_count=1_240,
    oldest_beat_at=NOW - timedelta(seconds=40),
)
Say = Callable[..., list[tuple[Level, str, str]]]


@pytest.fixture
async def says(tmp_path: Path) -> Say:
    """Return what the doctor says of these applications, under these settings."""
    store = Store(tmp_path / "session-bot.db")
    await store.open()
    await store.close()

    def say(*known: Announcements, **environ: Any) -> list[tuple[Level, str, str]]:
        db = Database(tmp_path / "session-bot.db")
        for each in known:
            announcements.keep(db, each)
        db.close()
        settings = load_settings(ENVIRON | environ, tmp_path)
        return [(each.level, each.what, each.says) for each in examine_announcements(settings, NOW)]

    return say


def test_where_nothing_is_announced_it_is_one_line(says: Say) -> None:
    """An account without announcements is in order."""
    nothing = (Level.ok, "announced", "Nothing yet: only the sessions that were started in Slack are known.")
    assert says() == [nothing]
    assert says(Announcements(application_id=3, application_name="calls", read_at=AGO)) == [nothing]


def test_a_hasty_silence_is_told_about(says: Say, tmp_path: Path) -> None:
    """A rule that calls a session silent after one missed heartbeat is named, and another is not."""
    rules = [f'[rules.{name}]\nid = {i}\nhome = "C0123ABCD"\nsilent = "{silent}"\n'
             for i, (name, silent) in enumerate([("hasty", "1m"), ("calm", "150s")], start=1)]  # fmt: skip
    (tmp_path / "session-bot.toml").write_text("".join(rules))
    (told,) = [said for level, what, said in says(CALLS) if (level, what) == (Level.warning, "silent")]
    assert told.startswith("silent = 1 min in [rules.hasty] is little more than a heartbeat")
    assert "take 2 min 30 s at least" in told


def test_rows_and_their_age_are_told(says: Say) -> None:
    """Each application has its rows, when they were read, and its oldest beat; a missing secret is worth a thought."""
    unsigned = "No secret is agreed, so that anyone who may write an application's storage can announce its sessions."
    assert says(CALLS) == [
        (Level.ok, "announced", "calls (3): 1,240 rows 12 s ago, in 3.1 s, the oldest beat 40 s ago."),
        (Level.ok, "rounds", "One every 30 s."),
        (
            Level.warning,
            "signed",
            f"{unsigned} Set SESSION_BOT_ANNOUNCE_SECRET, and the same in each application.",
        ),
        (Level.ok, "inbox", "There is none: what sessions take and end is known after the next round."),
    ]
    secured = says(SESSION_BOT_ANNOUNCE_SECRET="s" * 32, SESSION_BOT_INBOX_PORT="3002")
    assert {level for level, _, _ in secured} == {Level.ok}
    assert secured[-1][2].startswith("At 127.0.0.1:3002")


def test_what_is_not_believed_is_told_by_its_reasons(says: Say) -> None:
    """Refused rows are counted by reason, with the page that explains them; a reason of a later version stays."""
    (told,) = [each for each in says(vary(refused={"host": 10, "newfangled": 2})) if each[1] == "not believed"]
    assert told[2] == (
        "12 of the rows of calls (3): its URL leads to a host that VOXIMPLANT_SESSION_HOSTS does not allow (10);"
        " newfangled (2). See docs/how-to/sessions-from-elsewhere.md."
    )


def test_long_and_late_rounds_are_told(says: Say) -> None:
    """A round that lasts longer than its setting, or was long ago, is worth a thought."""
    (long,) = [each for each in says(vary(took_s=95.0)) if each[1] == "rounds"]
    assert long[2].startswith("A round takes 95 s, longer than SESSION_BOT_DIRECTORY_SECONDS (30)")
    (late,) = [each for each in says(vary(read_at=NOW - timedelta(minutes=20))) if each[1] == "rounds"]
    assert late[2].startswith("The last one began 20 min ago")


def test_what_cannot_be_read_is_told_once(says: Say) -> None:
    """One application's trouble is its own; where all have the same, one speaks for all."""
    known = [
        Announcements(application_id=number, application_name="quiet", problem="Not allowed.") for number in (4, 5)
    ]
    troubles = [each[2] for each in says(*known) if each[0] is Level.warning]
    assert troubles == ["quiet (4) is not read: Not allowed."]
    troubles = [each[2] for each in says(CALLS, *known) if each[1] == "announced" and each[0] is Level.warning]
    assert troubles == ["quiet (4) is not read: Not allowed.", "quiet (5) is not read: Not allowed."]


def test_sessions_without_a_channel_are_counted(says: Say, tmp_path: Path) -> None:
    """Open sessions that belong to no channel are seen by few: the config can name one for them."""
    db = open_database(tmp_path / "session-bot.db")
    for channel in ("", "", "C1"):
        added = sessions.add(db, new_session(channel=channel), now=NOW)
        db.execute("update sessions set state = ? where id = ?", [State.running, added.id])
    db.close()
    (home,) = [each for each in says() if each[1] == "home"]
    assert home[2].startswith("2 open sessions have no channel, since nobody started them in Slack")


def test_no_database_is_no_finding_here(tmp_path: Path) -> None:
    """What is wrong with the database itself is told by another check."""
    assert list(examine_announcements(load_settings(ENVIRON, tmp_path), NOW)) == []


def vary(**values: Any) -> Announcements:
    """Return what is known of the application, with these values."""
    return Announcements(**{**vars(CALLS), **values})
