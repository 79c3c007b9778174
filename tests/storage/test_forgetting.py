"""What is personal goes from old sessions and from the bytes of the files; all else, and the audit's proof, stays."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.database._forget import forget
from storage import Connection, alarms, commands, messages, names, sessions, slack_answers, starts, stops
from storage.command import CommandState, NewCommand
from storage.lock import DatabaseLock
from storage.records import State
from storage.slack_answers import About, SlackAnswer
from storage.store import Store
from storage.verification import verify
from tests.factories import new_session
from tests.postgres.databases import Database as Postgres
from tests.postgres.databases import contents

OLD = datetime.now(UTC) - timedelta(days=100)
ENVIRON = {"SESSION_BOT_DATABASE": "bot.db"}
YOUNG = new_session(custom_data="young", starter="U-young", channel="C-young")
CANARY = "+44 7700 900123 of Mrs Canary"


def an_old_one(db: Connection, key: str, *, is_over: bool = True, is_shown: bool = True) -> int:
    """Record a session in all of whose texts the canary stands; return its number."""
    typed = NewCommand(
        key=key, verb="stop", actor=f"U{key}", team="T1", channel=f"C{key}", via="slash", digest=f"digest {CANARY}",
        owner="gone", at=OLD, intent=f'{{"reason": "{CANARY}"}}',
    )  # fmt: skip
    command = commands.admit(db, typed, window=None).command.id
    session = starts.record_start(db, new_session(custom_data=CANARY, starter=f"U{key}"), command=command, now=OLD).id
    sessions.move(db, session, State.running, by=f"U{key}", event=CANARY, now=OLD)
    stops.take(db, session, by=f"U{key}", reason=CANARY, command=command, request_id="r", now=OLD)
    reply = messages.add_reply(db, session, "C1", {"text": CANARY}, command=command, now=OLD)
    assert reply is not None
    alarms.add(db, "C1", session, reply.id, now=OLD, line=CANARY)
    names.record_person(db, f"U{key}", f"{CANARY} {key}")
    names.record_channel(db, f"C{key}", f"{CANARY} {key}")
    answer = SlackAnswer(about=About.person, id=f"U{key}", facts={"kind": CANARY}, said_at=OLD)
    slack_answers.record(db, answer)
    commands.finish(db, command, CommandState.done, CANARY, now=OLD)
    if is_over:
        sessions.move(db, session, State.ended, by="history", event=CANARY, now=OLD, finish_reason=CANARY)
    if is_shown:
        db.execute("update messages set shown = wanted where session = ?", [session])
    return session


def bytes_of(folder: Path) -> bytes:
    """Return all that the files of the database hold."""
    return b"".join((folder / name).read_bytes() for name in ("bot.db", "bot.db-wal") if (folder / name).exists())


async def rows_of(store: Store, database: Postgres | None) -> str:
    """Return all that the rows of all tables hold."""
    if database is not None:
        return repr([*contents(database)])
    names = [row[0] for row in await store.read(lambda db: db.execute("select name from pragma_table_list").fetchall())]
    rows = [await store.read(lambda db, name=name: db.execute(f'select * from "{name}"').fetchall()) for name in names]  # noqa: S608 - a table's own name
    return repr(rows)


Forgets = Callable[..., Awaitable[None]]


@pytest.fixture
def forgets(tmp_path: Path, database: Postgres | None) -> Forgets:
    """Return a way to forget, in a thread: the command has a loop of its own."""
    environ = ENVIRON if database is None else {"SESSION_BOT_DATABASE": database.address}

    async def run(age: str, *, is_dry: bool = False) -> None:
        assert await asyncio.to_thread(forget, environ, tmp_path, age, is_dry=is_dry) == 0

    return run


async def test_nothing_personal_is_left_in_a_row(store: Store, database: Postgres | None, forgets: Forgets) -> None:
    """Beside a bot that starts sessions no row keeps it; what is of theirs stays, and the audit is verified."""
    await store.write(lambda db: [an_old_one(db, str(number)) for number in range(70)])
    before = await store.read(verify)
    young = list[int]()
    forgetting = asyncio.create_task(forgets("90d"))
    while not forgetting.done():
        started = await store.write(lambda db: starts.record_start(db, YOUNG, command=None, now=datetime.now(UTC)))
        young.append(started.id)
        await asyncio.sleep(0.01)
    await forgetting
    kept = await store.read(lambda db: sessions.get_each(db, young))
    assert len(young) > 2
    assert {each.custom_data for each in kept.values()} == {"young"}
    assert "Canary" not in await rows_of(store, database)
    found = await store.read(verify)
    assert not found.problems
    assert found.last > before.last
    first = await store.read(lambda db: sessions.get(db, 1))
    assert first is not None
    assert (first.state, first.starter, first.custom_data, first.last_event) == (State.ended, "U0", None, "")
    await forgets("90d")
    assert (await store.read(verify)).last == found.last


@pytest.mark.sqlite
async def test_nothing_personal_is_left_in_the_files(
    store: Store, tmp_path: Path, forgets: Forgets, capsys: pytest.CaptureFixture[str]
) -> None:
    """Beside a bot, or another program, remains can stand in the files, and it is said; without one no byte is left."""
    await store.write(lambda db: an_old_one(db, "1"))
    assert CANARY.encode() in bytes_of(tmp_path)
    with DatabaseLock(tmp_path / "bot.db"):
        await forgets("90d")
    assert "A bot runs: remains can stand in unused space" in capsys.readouterr().out
    with contextlib.closing(sqlite3.connect(tmp_path / "bot.db", isolation_level=None)) as other:
        other.execute("begin")
        other.execute("select * from sessions").fetchone()
        await forgets("90d")
    assert "Another program reads the database: remains can stand in" in capsys.readouterr().out
    await forgets("90d")
    assert "Type this again" not in capsys.readouterr().out
    assert b"Canary" not in bytes_of(tmp_path)


async def test_what_is_open_unshown_or_young_is_kept(
    store: Store, forgets: Forgets, capsys: pytest.CaptureFixture[str]
) -> None:
    """A session that is open, or of which something waits to be shown, keeps its words, and so do its commands."""
    await store.write(lambda db: an_old_one(db, "1"))
    await store.write(lambda db: an_old_one(db, "2", is_over=False))
    await store.write(lambda db: an_old_one(db, "3", is_shown=False))
    await forgets("101d")
    assert "Forgotten: 0 sessions, 0 commands, the words of 0 lines of the audit" in capsys.readouterr().out
    await forgets("90d", is_dry=True)
    assert "1 session would be forgotten, and what goes with them. Nothing was changed." in capsys.readouterr().out
    await forgets("90d")
    said = capsys.readouterr().out
    assert "Forgotten: 1 session, 1 command," in said
    assert "and 1 name." in said  # the channel is that of a session that is kept
    assert "Of that age, and kept: 1 that are not over, and 1 that hold a URL" in said
    rows = await store.read(lambda db: db.execute("select id, custom_data from sessions order by id").fetchall())
    assert rows == [(1, None), (2, CANARY), (3, CANARY)]
    digests = await store.read(lambda db: [row[0] for row in db.execute("select digest from commands order by id")])
    assert digests == ["", f"digest {CANARY}", f"digest {CANARY}"]
    people = await store.read(lambda db: [row[0] for row in db.execute("select id from people order by id")])
    assert people == ["U2", "U3"]


@pytest.mark.parametrize("age", ["0d", "90", "-1d", "2999-01-01", "soon"])
def test_an_age_that_is_none_is_refused(age: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An age that is not understood, or lies in the future, forgets nothing."""
    assert forget(ENVIRON, tmp_path, age, is_dry=False) == 2
    assert "Nothing was done." in capsys.readouterr().err


def test_without_a_database_none_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no database none is made."""
    assert forget(ENVIRON, tmp_path, "90d", is_dry=False) == 2
    assert "There is no database" in capsys.readouterr().err
    assert not (tmp_path / "bot.db").exists()
