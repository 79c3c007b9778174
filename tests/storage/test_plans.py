"""The plans of statements over tables that grow: by an index, or over a part that does not grow."""

import ast
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlite_utils import Database

from storage import (
    alarms,
    announced,
    announcements,
    audit,
    bulks,
    commands,
    drafts,
    forgetting,
    history,
    listing,
    messages,
    names,
    open_sessions,
    outbox,
    scenario_checks,
    searching,
    sessions,
    slack_answers,
    stops,
    workspaces,
)
from storage.command import CommandState, NewCommand
from storage.connection import Connection
from storage.listing import ListFilter
from storage.records import FINAL, OPEN, HistorySays, Origin, State
from storage.slack_answers import About, SlackAnswer
from tests.factories import a_session, new_database, new_session

NOW: Final = datetime(2026, 11, 20, 2, 14, tzinfo=UTC)
LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)
TABLES: Final = ("sessions", "commands", "command_sessions", "messages", "alarms", "bulks", "bulk_sessions", "audit")
BOUNDED: Final = (
    "sessions_open", "sessions_with_url", "sessions_unnumbered", "commands_unfinished", "messages_to_send",
    "bulks_open", "alarms_of_silence", "alarms_to_show",
)  # fmt: skip
"""Indexes on a part that does not grow with the past: going through all of it, or sorting it, is no fault."""

OF_ONE: Final = ("audit_by_session", "alarms_by_message")
"""Indexes by what has few rows however long the bot runs: these may be sorted, too."""

NEW_COMMAND: Final = NewCommand(
    key="k", verb="start", actor="U1", team="T1", channel="C1", via="slash", digest="d", owner="o", at=NOW
)

A_DRAFT: Final = drafts.Draft(id="d", actor="U1", sealed=b"", made_at=NOW, expires_at=NOW)

EVERY: Final = ListFilter(team="T1", states=tuple(State))
HERE: Final = ListFilter(team="T1", states=tuple(State), channel="C1")

STATEMENTS: Final[dict[str, Callable[[Connection], Any]]] = {
    "list any, here": lambda db: listing.listed(db, HERE, limit=10),
    "list any, everywhere": lambda db: listing.listed(db, EVERY, limit=10),
    "list open": lambda db: listing.listed(db, ListFilter(team="T1", states=OPEN), limit=10),
    "list ended": lambda db: listing.listed(db, ListFilter(team="T1", states=FINAL, channel="C1"), limit=10),
    "list by": lambda db: listing.listed(db, ListFilter(team="T1", states=FINAL, starter="U1"), limit=10),
    "list elsewhere": lambda db: listing.listed(
        db, ListFilter(team="T1", states=FINAL, origin=Origin.elsewhere), limit=10
    ),
    "list rules": lambda db: listing.listed(db, ListFilter(team="T1", states=FINAL, rules=[(7, "x")]), limit=10),
    "rules": lambda db: listing.rules_of(db, EVERY),
    "rules, open": lambda db: listing.rules_of(db, ListFilter(team="T1", states=OPEN)),
    "stop all": lambda db: listing.oldest(db, ListFilter(team="T1", states=OPEN), limit=10),
    "find, open": lambda db: searching.open_before(db, "T1", before=99, limit=9),
    "find, over": lambda db: searching.over_before(db, "T1", before=99, limit=9),
    "find, history": lambda db: searching.of_history(db, "T1", [4]),
    "session": lambda db: sessions.get(db, 1),
    "number": lambda db: sessions.id_of(db, "T1", 7, of_platform=False),
    "newest": lambda db: sessions.find(db, "T1", states=tuple(State), channel="C1", limit=1),
    "watched": sessions.watched,
    "abandoned": lambda db: sessions.is_any(db, State.abandoned),
    "rivals": lambda db: sessions.rivals(db, a_session(NOW), within=timedelta(minutes=1)),
    "stranded": lambda db: sessions.without_outcome(db, ["start"]),
    "with URLs": sessions.with_urls,
    "has URLs": sessions.has_urls,
    "secure URLs": sessions.secure_urls,
    "states": sessions.count_by_state,
    "without channel": sessions.count_without_channel,
    "troubled": sessions.count_troubled,
    "wipe": lambda db: sessions.wipe_abandoned_urls(db, abandoned_before=NOW),
    "heard": announced.count_heard,
    "without number": announced.without_number,
    "standings": lambda db: announced.standings(db, [1]),
    "revision": open_sessions.revision,
    "ids": open_sessions.ids,
    "written": lambda db: open_sessions.written_since(db, 1, limit=9),
    "beats": open_sessions.beats,
    "stops on their way": stops.on_their_way,
    "thread": lambda db: messages.session_of_thread(db, "C1", "1.2"),
    "due": outbox.due,
    "count due": outbox.count_due,
    "key": lambda db: commands.by_key(db, "k"),
    "key prefix": lambda db: commands.with_key_prefix(db, "k"),
    "unfinished": commands.unfinished,
    "behind another": lambda db: commands.owners_before(db, 1, 1, "o"),
    "done elsewhere": lambda db: commands.done_elsewhere(db, "refresh", "o", after=commands.last_number(db)),
    "last number": commands.last_number,
    "commands of a session": lambda db: commands.of_session(db, 1, without=["list"]),
    "last way": lambda db: commands.last_via(db, "slash"),
    "was seen": lambda db: commands.was_seen(db, "U1", "T1"),
    "channel seen": lambda db: workspaces.has_seen(db, "C1"),
    "audit, here": lambda db: audit.of_channel(db, team="T1", channel="C1", since=LONG_AGO, before=1, limit=15),
    "audit, here, own": lambda db: audit.of_channel(db, team="T1", channel="C1", since=LONG_AGO, by="U1", limit=15),
    "audit, session": lambda db: audit.of_session(db, team="T1", session=1, since=LONG_AGO, by=["U1", "bot"], limit=15),
    "audit, command": lambda db: audit.lines(db, command=1),
    "bulks": bulks.unclosed,
    "bulk of a command": lambda db: bulks.part_of(db, 1, 1),
    "bulk": lambda db: bulks.by_command(db, 1),
    "alarms here": lambda db: alarms.has_many(db, "C1", 9, NOW, NOW),
    "alarms gathered": lambda db: alarms.gathered(db, 1, limit=9),
    "alarms group": lambda db: alarms.newest_group(db, "C1", NOW, NOW),
    "alarms of a message": lambda db: alarms.sessions_in(db, 1),
    "announcements": announcements.every,
    "announcements read": announcements.read_at,
    "sessions of a command": lambda db: commands.sessions_of(db, 1),
    "card": lambda db: messages.card_of(db, 1),
    "reply": lambda db: messages.reply_of(db, 1, 1),
    "last reply": lambda db: messages.last_reply(db, 1),
    "direct": lambda db: messages.has_direct(db, 1),
    "unposted": lambda db: messages.unposted(db, 1),
    "draft": lambda db: drafts.get(db, "d"),
    "people": lambda db: names.of_people(db, ["U1"]),
    "open records": lambda db: open_sessions.of_ids(db, [1]),
    "find, page": lambda db: searching.by_ids(db, [1]),
    "sessions": lambda db: sessions.get_each(db, [1]),
    "check": lambda db: scenario_checks.of(db, "d", "s"),
    "check of a rule": lambda db: scenario_checks.of_rule(db, 1, "f", "s"),
    "workspace": workspaces.known,
    "answers of Slack": lambda db: slack_answers.newest(db, About.channel, limit=9),
    "alarms to show": alarms.to_show,
    **{
        f"due to be forgotten, {part}": lambda db, part=part: forgetting.due_after(db, part, NOW, 1)  # type: ignore[misc]
        for part in forgetting.Part
    },
    "alarms of silence": lambda db: alarms.of_silence_past(db, limit=9),
}


def forgotten(db: Connection, part: forgetting.Part) -> int:
    """Record a session that is over, and a command, and forget one part of them."""
    typed = replace(NEW_COMMAND, key=f"of {part}")
    command = commands.admit(db, typed, window=None).command.id
    commands.finish(db, command, CommandState.done, "x", now=LONG_AGO)
    session = sessions.add(db, new_session(), now=LONG_AGO).id
    sessions.move(db, session, State.failed, by="bot", event="x", now=LONG_AGO)
    message = messages.add_summary(db, "C1", {"text": "x"}, command=command, now=LONG_AGO).id
    messages.posted(db, message, channel="C1", ts="1.2", shown=1)
    before, count = NOW + timedelta(days=1), 0
    for each in dict.fromkeys([forgetting.Part.sessions, forgetting.Part.commands, part]):
        count = forgetting.forget(db, each, range(1, 99), before, actor="terminal:ann", now=before)
    return count


WRITES: Final[dict[str, Callable[[Connection], Any]]] = {
    "add an alarm": lambda db: alarms.add(db, "C1", 1, 1, now=NOW),
    "call off alarms": lambda db: alarms.call_off(db, 1, "x"),
    "show alarms": lambda db: alarms.mark_shown(db, 1),
    "forget an application": lambda db: announcements.forget(db, 1),
    "beat": lambda db: announced.record_beats(db, [announced.Beat(id=1, at=NOW, calls=1)], now=NOW),
    "note": lambda db: audit.note(db, team="T1", channel="C1", actor="U1", became="x", words="x", now=NOW),
    "admit": lambda db: commands.admit(db, NEW_COMMAND, window=timedelta(seconds=9)),
    "admit, by anyone": lambda db: commands.admit(db, NEW_COMMAND, window=timedelta(seconds=9), by_anyone=True),
    "set a session": lambda db: commands.set_session(db, 1, 1),
    "call": lambda db: commands.mark_calling(db, 1, now=NOW),
    "finish": lambda db: commands.finish(db, 1, CommandState.done, "x", now=NOW),
    "take over": lambda db: commands.take_over(db, [1], "o"),
    "history answers": lambda db: history.record_answers(db, HistorySays.runs, {1: 1}, now=NOW),
    "history is silent": lambda db: history.record_no_answer(db, [1]),
    "call for a card": lambda db: messages.call_for_card(db, 1, "C1", now=NOW),
    "amend": lambda db: messages.amend(db, 1, {"text": "x"}),
    "posted": lambda db: messages.posted(db, 1, channel="C1", ts="1.2", shown=1),
    "refused": lambda db: messages.refused(db, 1, "x"),
    "post anew": lambda db: messages.post_anew(db, 1),
    "repaint": lambda db: messages.repaint(db, 1),
    "release a card": lambda db: messages.release_card(db, 1),
    "give up replies": lambda db: messages.give_up_replies(db, 1, "x"),
    "forget sessions": lambda db: forgotten(db, forgetting.Part.sessions),
    "forget commands": lambda db: forgotten(db, forgetting.Part.commands),
    "forget messages": lambda db: forgotten(db, forgetting.Part.messages),
    "forget words": lambda db: forgotten(db, forgetting.Part.lines),
    "forget names": lambda db: forgetting.forget_names(db, ["U1"]),
    "name": lambda db: names.record_person(db, "U1", "x"),
    "add a session": lambda db: sessions.add(db, new_session(), now=NOW),
    "record silently": lambda db: sessions.record_silently(db, 1, history_at=NOW),
    "record facts": lambda db: sessions.record_facts(db, 1, expect_told_at=NOW),
    "answer of Slack": lambda db: slack_answers.record(
        db, SlackAnswer(about=About.group, id="S1", facts={"members": []}, said_at=NOW)
    ),
    "drafts": lambda db: drafts.keep(db, [A_DRAFT], now=NOW),
    "forget drafts": lambda db: drafts.forget(db, NOW),
    "forget answers": lambda db: slack_answers.forget_old(db, About.channel, before=NOW),
    "stop": lambda db: stops.take(db, 99, by="U1", reason=None, command=1, request_id="r", now=NOW),
    "record a workspace": lambda db: workspaces.record(db, workspaces.Known("T1", "x"), now=NOW),
}

WITHOUT_CASE: Final = {
    "alarms": {"set_over"},
    "announcements": {"keep"},
    "messages": {"count_sharing", "given_up"},
    "bulks": {"begin", "revision", "mark_not_asked", "mark_told", "add_alarm", "close"},
    "scenario_checks": {"keep", "keep_rule"},
    "audit": {"every"},
    "drafts": {"remove_all"},
    "names": {"of_all"},
    "forgetting": {"count", "due", "unnamed"},
}
"""Functions that no case calls: they work on one row or one bulk by its key, or are of the export and read all."""

OF_THE_WHOLE: Final = (
    "backup",
    "copying",
    "inspection",
    "opening",
    "probing",
    "restoring",
    "savepoint",
    "server_clock",
    "store",
    "verification",
)
"""Modules that go through a whole file, as a person asks for at a terminal, or read no such table."""


def scans(db: Database, sql: str, values: Any) -> list[str]:
    """Return the steps of a statement's plan that read a whole table that grows."""
    plan = _plan(db, sql, values)
    aliases = ("card", "parent", "meant", "below", "asked", "mine", "earlier", "others", "direct")
    return [
        step
        for step in plan
        if "AUTOMATIC" in step
        or (
            step.startswith("SCAN")
            and step.split()[1] in (*TABLES, *aliases)
            and step.rsplit(" ", 1)[-1] not in BOUNDED
        )
    ]


def sorts(db: Database, sql: str, values: Any) -> bool:
    """Return whether a statement sorts the rows of a table that grows, found by an index that does not bound them."""
    plan = _plan(db, sql, values)
    read = [step for step in plan if step.startswith(("SCAN", "SEARCH", "INDEX"))]
    bounded = any(index in step.split() for step in plan for index in (*BOUNDED, *OF_ONE))
    grows = any(table in step.split() for step in read for table in TABLES)
    return any("TEMP B-TREE" in step for step in plan) and grows and not bounded


def _plan(db: Database, sql: str, values: Any) -> list[str]:
    return [str(row[3]) for row in sqlite3.Cursor(db.conn).execute(f"explain query plan {sql}", values or [])]


class Recording(Database):
    """A database that keeps what it is asked, and by which functions."""

    def __init__(self) -> None:
        """Begin with an empty database."""
        self.asked: list[tuple[str, Any]] = []
        self.by: set[tuple[str, str]] = set()
        super().__init__(new_database().conn)
        self.asked.clear()

    def execute(self, sql: str, parameters: Any = None) -> sqlite3.Cursor:
        """Run a statement, and keep it."""
        self._keep(sql, parameters)
        return super().execute(sql, parameters)

    def query(self, sql: str, params: Any = None, **options: Any) -> Iterator[dict[str, Any]]:
        """Run a statement, and keep it."""
        self._keep(sql, params)
        return iter(list(super().query(sql, params, **options)))

    def _keep(self, sql: str, parameters: Any) -> None:
        self.asked.append((sql, parameters))
        self.by |= {(Path(each.filename).stem, each.name) for each in traceback.extract_stack(limit=5)}


@pytest.mark.parametrize("name", [*STATEMENTS, *WRITES])
def test_no_statement_reads_a_table_that_grows(name: str) -> None:
    """However much is over, a statement finds its rows by an index, or goes through a part that does not grow."""
    db = Recording()
    (STATEMENTS | WRITES)[name](db)
    assert db.asked
    assert {sql: found for sql, values in db.asked if (found := scans(db, sql, values))} == {}
    assert [sql for sql, values in db.asked if sorts(db, sql, values)] == []


def test_a_sort_without_a_bound_is_found() -> None:
    """A statement that reads all sessions of a workspace to sort them is one that fails above."""
    db = Recording()
    assert sorts(db, "select * from sessions where team = ? order by rule_name", ["T1"])
    assert not sorts(db, "select * from sessions where id > ? order by id", [1])


def test_every_function_with_a_statement_has_its_case() -> None:
    """A function that holds a statement is called by a case, or named as one without, and none is named in vain."""
    db = Recording()
    for case in (STATEMENTS | WRITES).values():
        case(db)
    holding = {
        (path.stem, function.name)
        for path in Path(sessions.__file__).parent.glob("*.py")
        if path.stem not in OF_THE_WHOLE
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef) and any(map(_runs_a_statement, ast.walk(function)))
    }
    without = {(wing, name) for wing, named in WITHOUT_CASE.items() for name in named}
    assert holding - db.by == without


def _runs_a_statement(node: ast.AST) -> bool:
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    return is_call and node.func.attr in {"execute", "executemany", "query"}  # type: ignore[attr-defined]
