"""The verification of the audit: whatever was done to its lines past the bot is found, and told with its line."""

import json
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from sqlite_utils import Database

from bot.life._audit_head import AuditHead
from storage import Connection, audit, verification
from storage.chain import FIELDS, covering_words, covers, hash_line
from storage.sqlite.migrations import migrations
from storage.store import Store
from storage.verification import has_no_hashes_yet, verify
from tests.manual_clock import ManualClock
from tests.postgres.databases import Database as Postgres

NOTE = (
    "insert into audit (id, at, subject, team, channel, actor, became)"
    " values ((select max(id) + 1 from audit), '2026', 'note', '', '', '', 'x')"
)
COLUMNS = (*FIELDS[1:], "words", "salt", "words_hash", "hash", "forgotten_by")
COPIED = (
    f"insert into audit (id, {', '.join(COLUMNS)})"  # noqa: S608 - our own
    f" select (select min(id) + 1 from audit where id + 1 not in (select id from audit)), {', '.join(COLUMNS)}"
    " from audit where id = 3"
)
"""Puts a line of the bot's own in a second time, its hash included, at the first number that is free."""

WORDS = {
    "sqlite": {
        "random": "randomblob(32)",
        "counter": "sqlite_sequence set seq =",
        "cascade": "",
        "of_audit": "",
        "bytes": "x'",
    },
    "postgres": {
        "random": "sha256('other')",
        "counter": "audit_head set last =",
        "cascade": "cascade",
        "of_audit": "on audit",
        "bytes": "bytea '\\x",
    },
}
"""The words that differ in the statements of who is not the bot."""

COUNTER_AT_0, COUNTER_AT_7 = "update {counter} 0", "update {counter} 7"
NOTED_AND_REMOVED = (
    "update audit set subject = 'note', became = 'forgotten' where id = 9",
    "update audit set words = null, salt = null, forgotten_by = 9 where id = 4",
)

REFUSED = (sqlite3.IntegrityError, psycopg.errors.RaiseException)


@pytest.fixture
def lines(db: Connection, now: datetime) -> Connection:
    """Write ten lines, the fifth without words."""
    for number in range(1, 11):
        if number == 5:
            db.execute(NOTE)
        else:
            words = f"words {number}"
            audit.note(db, team="T1", channel="C1", actor="U1", became="done", words=words, now=now)
    return db


def run(db: Connection, engine: str, *statements: str) -> None:
    """Run statements in the words of this engine."""
    for each in statements:
        db.execute(each.format(**WORDS[engine]))


PastTheBot = Callable[..., None]


@pytest.fixture
def past_the_bot(db: Connection, engine: str, database: Postgres | None) -> PastTheBot:
    """Return a way to change the audit as somebody does who removes its triggers, and puts them back.

    On a server that is a superuser, for whose statements no trigger need run.
    """

    def change(*statements: str) -> None:
        if database is not None:
            with database.connect(admin=True) as admin:
                admin.execute("set session_replication_role = replica")
                for each in statements:
                    admin.execute(each.format(**WORDS[engine]))
            return
        triggers = list(db.query("select name, sql from sqlite_master where type = 'trigger' and tbl_name = 'audit'"))
        run(db, engine, *(f"drop trigger {each['name']}" for each in triggers), *statements)
        for each in triggers:
            db.execute(each["sql"])

    return change


def test_what_the_bot_wrote_is_as_it_was_written(lines: Connection) -> None:
    """Lines of the bot's own are in order, and a hash that was kept is found though lines came after it."""
    kept = verify(lines).head
    lines.execute(NOTE)
    found = verify(lines, kept)
    assert (found.problems, found.lines, found.kept) == ([], 11, 10)


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (["update audit set actor = 'U9' where id = 4"], "Line 4 is not as it was written"),
        (["update audit set actor = 'U9' where id = 1"], "Line 1 is not as it was written"),
        (["update audit set actor = 'U9' where id = 10"], "Line 10 is not as it was written"),
        (["update audit set command = 7 where id = 4"], "Line 4 is not as it was written"),
        (["update audit set words = 'other' where id = 4"], "The words of line 4 were changed"),
        (["update audit set words = 'new' where id = 5"], "The words of line 5 were changed"),
        (["update audit set words = null, salt = null where id = 4"], "The words of line 4 were removed"),
        (["update audit set words = null, salt = null, forgotten_by = 8 where id = 4"], "The words of line 4"),
        (["update audit set hash = {random} where id = 4"], "Line 4 is not as it was written"),
        (["update audit set hash = null where id = 4"], "Line 4 has no hash"),
        (["delete from audit where id = 4"], "Line 4 is missing, or line 5 was changed"),
        (["delete from audit where id < 4"], "Lines 1 to 3 are missing, or line 4 was changed"),
        (["delete from audit where id > 7"], "Lines 8 to 10 are missing at the end"),
        (["delete from audit"], "Lines 1 to 10 are missing at the end"),
        (["delete from audit where id = 4", "update audit set id = id - 1 where id > 4"], "Line 4 is not as it was"),
        ([NOTE], "Line 11 has no hash"),
        (["delete from audit where id = 4", NOTE.replace("(select max(id) + 1 from audit)", "4")],
         "Line 4 has no hash"),
        ([COPIED], "Line 11 is not as it was written"),
        (["delete from audit where id = 5", COPIED], "Line 5 is not as it was written"),
        (
            ["update audit set id = 0 where id = 4", "update audit set id = 4 where id = 6",
             "update audit set id = 6 where id = 0"],
            "Line 4 is not as it was written",
        ),
    ],
)  # fmt: skip
def test_what_was_done_past_the_bot_is_found(
    lines: Connection, past_the_bot: PastTheBot, statements: list[str], says: str
) -> None:
    """One changed, missing, inserted or moved line is found, and the first sentence names it."""
    past_the_bot(*statements)
    assert verify(lines).problems[0].startswith(says)


@pytest.mark.parametrize(
    "statement",
    [
        f"update audit set words = 'lines 1-{'9' * 5000}.' where id = 9",  # noqa: S608 - our own
        "update audit set words = 'lines 1 2, -.' where id = 9",
        "update audit set words = null where id = 9",
        COUNTER_AT_0,
    ],
    ids=["a long span", "no span", "no words", "a counter set back"],
)
def test_no_rewriting_keeps_the_others_from_being_found(
    lines: Connection, past_the_bot: PastTheBot, statement: str
) -> None:
    """What is put into a note, or into the counter, to upset the verification hides no removed words."""
    past_the_bot(*NOTED_AND_REMOVED, statement)
    assert "The words of line 4 were removed, and no line of the audit says so." in verify(lines).problems


@pytest.mark.sqlite
@pytest.mark.parametrize(
    "statement",
    [
        "update audit set words = cast(x'ff' as text) where id = 9",
        "update sqlite_sequence set seq = 'x' where name = 'audit'",
        "update sqlite_sequence set seq = null where name = 'audit'",
    ],
)
def test_no_odd_value_keeps_the_others_from_being_found(
    lines: Connection, past_the_bot: PastTheBot, statement: str
) -> None:
    """What SQLite takes in a column of another type, and a server does not, hides no removed words."""
    past_the_bot(*NOTED_AND_REMOVED, statement)
    assert "The words of line 4 were removed, and no line of the audit says so." in verify(lines).problems


@pytest.mark.parametrize(
    ("taken", "says"),
    [
        ("drop table audit {cascade}", "The table of the audit is not there."),
        ("alter table audit drop column words", "The table of the audit lacks words."),
        ("alter table audit drop column hash", "The table of the audit lacks hash."),
    ],
)
def test_a_table_that_was_taken_away_is_found(lines: Connection, engine: str, taken: str, says: str) -> None:
    """It is a problem, and is not taken for the audit of an earlier version, which has no hashes yet."""
    if engine == "sqlite":  # it drops no column that a trigger names
        for each in list(lines.query("select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'")):
            lines.execute(f"drop trigger {each['name']}")
    run(lines, engine, taken)
    assert verify(lines).problems == [says]
    assert not has_no_hashes_yet(lines)


def test_a_cut_tail_is_found_by_the_kept_hash(lines: Connection, past_the_bot: PastTheBot) -> None:
    """Who also sets back the counter of lines has cut them off unseen, except by a hash that was kept elsewhere."""
    kept = verify(lines).head
    past_the_bot("delete from audit where id > 7", COUNTER_AT_7)
    assert verify(lines).problems == []
    assert "No line has the hash that you kept" in verify(lines, kept).problems[0]


def test_a_chain_that_was_written_anew_is_found_by_the_kept_hash(lines: Connection, past_the_bot: PastTheBot) -> None:
    """Who knows how the hashes are made has rewritten all of them unseen, except by a hash that was kept elsewhere."""
    kept = verify(lines).head
    rewritten, before = ["update audit set actor = 'U9' where id = 4"], None
    for row in lines.query("select * from audit order by id"):
        row["actor"] = "U9" if row["id"] == 4 else row["actor"]
        fields = [each.encode() if isinstance(each, str) else each for each in map(row.get, FIELDS)]
        before = hash_line(before, fields, row["words_hash"])
        rewritten.append(f"update audit set hash = {{bytes}}{before.hex()}' where id = {row['id']}")  # noqa: S608 - our own
    past_the_bot(*rewritten)
    assert verify(lines).problems == []
    assert "No line has the hash that you kept" in verify(lines, kept).problems[0]


def test_a_removed_trigger_is_found(lines: Connection, engine: str) -> None:
    """A database whose audit has no trigger any more is not in order."""
    run(lines, engine, "drop trigger audit_chains_lines {of_audit}")
    assert "lacks audit_chains_lines" in verify(lines).problems[0]


ADDED_NEVER = (
    "create trigger audit_command_added after insert on commands"
    " for each row when (false) execute function audit_command()"
)
MUTE = {
    ("sqlite", "audit_command_added"): (
        "drop trigger audit_command_added",
        "create trigger audit_command_added after insert on commands when 0 begin select 1; end",
    ),
    ("sqlite", "mute"): (
        "create trigger mute before insert on audit when new.actor = 'U9' begin select raise(ignore); end",
    ),
    ("postgres", "audit_command_added"): (
        "drop trigger audit_command_added on commands",
        ADDED_NEVER,
    ),
    ("postgres", "mute"): (
        "create function mute() returns trigger language plpgsql as 'begin return null; end'",
        "create trigger mute before insert on audit for each row when (new.actor = 'U9') execute function mute()",
    ),
}


@pytest.mark.parametrize("name", ["audit_command_added", "mute"])
def test_a_trigger_that_lets_things_happen_without_a_line_is_found(lines: Connection, engine: str, name: str) -> None:
    """One in the place of another, or beside them, is not the bot's."""
    run(lines, engine, *MUTE[engine, name])
    assert verify(lines).problems == [
        f"The bot has not made the trigger {name} as it is, so that the audit may have gaps."
    ]


@pytest.mark.postgres
def test_a_rule_that_lets_things_happen_without_a_line_is_found(lines: Connection) -> None:
    """A rule makes of an insertion what its author likes; the bot has none."""
    lines.execute("create rule mute as on insert to audit where new.actor = 'U9' do instead nothing")
    (problem,) = verify(lines).problems
    assert "mute (a rule)" in problem


def test_another_program_writes_no_line(tmp_path: Path) -> None:
    """A program without the function of the hashes can write neither a line nor a command."""
    db = Database(tmp_path / "bot.db")
    migrations.apply(db)
    db.close()
    other = sqlite3.connect(tmp_path / "bot.db")
    with pytest.raises(sqlite3.OperationalError, match="no such function: audit_"):
        other.execute(NOTE)
    other.close()


def test_words_that_a_note_covers_can_be_forgotten(lines: Connection, now: datetime) -> None:
    """Words are removed with their salt where a note covers the line, and the audit is in order; else they stay."""
    words = f"Forgotten: the words of {covering_words([2, 3, 4, 7])}"
    audit.note(lines, team="T1", channel="", actor="U1", became="forgotten", words=words, now=now)
    for id_, note in ((6, 11), (4, 10), (11, 11)):
        with pytest.raises(REFUSED, match="append-only"):
            lines.execute("update audit set words = null, salt = null, forgotten_by = ? where id = ?", [note, id_])
    with pytest.raises(REFUSED, match="append-only"):
        lines.execute("update audit set words = null, forgotten_by = 11 where id = 4")
    lines.execute("update audit set words = null, salt = null, forgotten_by = 11 where id in (2, 3, 4, 7)")
    assert verify(lines).problems == []


def test_covered_lines_are_told_in_spans() -> None:
    """Neighbours are one span, and nothing but these lines is covered."""
    assert covering_words([9, 3, 4, 5]) == "lines 3-5, 9."
    assert [each for each in range(12) if covers("Removed: lines 3-5, 9.", each)] == [3, 4, 5, 9]
    assert not covers(None, 3)


def test_lines_of_earlier_versions_are_chained_at_the_upgrade(add_session: Callable[..., object]) -> None:
    """What stood in the audit before there were hashes gets them with the step that brings them."""
    db = Database(memory=True)
    migrations.apply(db, stop_before="m006")
    assert has_no_hashes_yet(db)
    for _ in range(3):
        db.execute(NOTE)
    db.execute(NOTE.replace("became)", "became, words)").replace("'x')", "'x', 'wörds')"))
    migrations.apply(db)
    add_session(db)
    found = verify(db)
    assert (found.problems, found.lines) == ([], 5)


def test_the_definition_is_enough(lines: Connection) -> None:
    """The hashes can be made anew by what `storage.chain` says of them alone."""
    before = bytes(32)
    for row in lines.query("select * from audit order by id"):
        words = row["words"] and sha256(row["salt"] + row["words"].encode()).digest()
        data = before
        for value in (*(row[name] for name in FIELDS), words):
            raw = value if isinstance(value, bytes) else str(value).encode()
            data += b"-" if value is None else str(len(raw)).encode() + b":" + raw
        before = sha256(data).digest()
        assert (row["hash"], row["words_hash"]) == (before, words), json.dumps(row["id"])


async def test_the_head_is_logged_each_day(store: Store, now: datetime, caplog: pytest.LogCaptureFixture) -> None:
    """The log has the head at the start, none without a line, and a day later that of then: each is in the chain."""
    caplog.set_level("INFO", "bot.life._audit_head")
    clock, day = ManualClock(), timedelta(days=1).total_seconds()
    daily, began = AuditHead(store, clock), clock.monotonic()
    for _ in range(3):
        await daily.step()
        await store.write(
            lambda db: audit.note(db, team="T1", channel="C1", actor="U1", became="done", words="words", now=now)
        )
    assert clock.monotonic() - began == 3 * day
    first, second = (str(each.args[0]) for each in caplog.records if isinstance(each.args, tuple))
    assert first in caplog.messages[0]
    kept = [(await store.read(lambda db, head=head: verify(db, bytes.fromhex(head)))).kept for head in (first, second)]
    assert kept == [1, 2]


@pytest.mark.parametrize("was_read", [False, True])
async def test_a_head_that_cannot_be_read_is_tried_again_in_a_minute(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, was_read: bool
) -> None:
    """A database that is away costs the log a line a minute, and no traceback; nothing is no head."""
    clock, store = ManualClock(), Store(tmp_path / "bot.db")
    await store.open()
    if was_read:
        await store.read(verification.head)
    (tmp_path / "bot.db").write_bytes(b"\xff" * 8192)
    await AuditHead(store, clock).step()
    assert clock.monotonic() == 60
    assert "the head of the audit cannot be read" in caplog.text
    await store.close()
