"""Intents: as people and the record read them, told apart, and kept."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.dispatch._command_record import read_intent, written_intent
from bot.dispatch._parsing import digest_of
from bot.ports._grammar import Intent
from bot.ports._ids import SessionRef
from bot.ports._verb import line_of, verb_of
from bot.verbs import VERBS, Again, AllSessions, Close, List, Refresh, Rules, Send, Start, Stop, TheseSessions, Version
from bot.verbs._selection import Ambiguous
from storage.command import Command, CommandState
from storage.records import Origin

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
REFS = st.builds(SessionRef, st.integers(0, 10**18), of_platform=st.booleans())
STOPS = st.builds(
    Stop,
    st.builds(TheseSessions, st.lists(REFS).map(tuple), st.none() | TEXT, sure=st.booleans())
    | st.builds(Ambiguous, TEXT, st.lists(REFS).map(tuple))
    | st.builds(
        AllSessions,
        rule=st.none() | TEXT,
        older=st.none() | st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
        by=st.none() | TEXT,
        origin=st.none() | st.sampled_from(Origin),
        silent=st.none() | st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
        reason=st.none() | TEXT,
        everywhere=st.booleans(),
    ),
)
STARTS = st.builds(Start, TEXT, st.none() | st.sampled_from(["--max 30m", "--max 30m x", "x"]) | TEXT)


@pytest.mark.parametrize(
    ("intent", "line"),
    [
        (Stop(TheseSessions.own(7, 8)), "stop 7 8"),
        (Stop(TheseSessions.own(7, reason="3 calls hang")), 'stop 7 "3 calls hang"'),
        (Stop(AllSessions(rule="night shift", older=timedelta(minutes=90), everywhere=True)),
         'stop all rule="night shift" older=1h30m channel=all'),
        (Stop(AllSessions(origin=Origin.elsewhere, silent=timedelta(minutes=5))),
         "stop all origin=elsewhere silent=5m"),
        (Stop(Ambiguous("7-9", ())), "stop 7-9"),
        (Start("night shift", ' {"a": 1} ', timedelta(days=1)), 'start "night shift" --max 1d {"a": 1}'),
        (Start(None, None), "start"),
        (Send(SessionRef(42, of_platform=True), "[1]"), "send h42 [1]"),
        (Close(SessionRef(7), None), "close 7"),
        (Again(SessionRef(7)), "again 7"),
        (Refresh(SessionRef(7)), "refresh 7"),
        (List({"page": 2, "by": "me", "channel": "all"}), "list channel=all by=me page=2"),
        (List({"origin": "slack", "silent": timedelta(seconds=90)}), "list origin=slack silent=1m30s"),
        (Rules("night shift"), "rules night shift"),
        (Version(), "version"),
    ],
)  # fmt: skip
def test_an_intent_is_written_as_people_type_it(intent: Intent, line: str) -> None:
    """Whichever way a command came in, its line is one."""
    assert line_of(VERBS, intent) == line


@given(STARTS, STARTS)
def test_two_intents_are_one_only_when_they_are_the_same(one: Start, other: Start) -> None:
    """Data that looks like an option is not that option; where it comes from makes no difference."""
    meant = [(each.rule, each.max, (each.data or "").strip()) for each in (one, other)]
    digests = [digest_of(verb_of(VERBS, each), each) for each in (one, other)]
    assert (digests[0] == digests[1]) == (meant[0] == meant[1])
    assert digest_of(verb_of(VERBS, one), replace(one, sure=True)) == digests[0]
    limited = replace(one, max=timedelta(minutes=30))
    assert digest_of(verb_of(VERBS, limited), limited) != digests[0]


@given(STOPS)
def test_a_stop_that_is_kept_is_the_stop_that_was_asked_for(stop: Stop) -> None:
    """What is read again after a crash is what was asked for, whichever sessions it is about."""
    assert read_intent(kept(written_intent(stop)), VERBS) == stop


def test_what_is_kept_of_a_stop_has_no_secret() -> None:
    """A session's URL in a reason is not kept, and half a character does no harm."""
    url = "https://www1.voximplant.com/request/0a1b2c3d/4e5f"
    written = written_intent(Stop(TheseSessions.own(7, reason=f"see {url} \ud83d")))
    assert "0a1b2c3d" not in written
    assert "4e5f" not in written
    assert read_intent(kept(written), VERBS) is not None


@pytest.mark.parametrize("written", [None, "", "stop 7", "{}", '{"which": 7}'])
def test_what_makes_no_sense_is_no_intent(written: str | None) -> None:
    """A stop that cannot be read again is not guessed at."""
    assert read_intent(kept(written), VERBS) is None


def test_the_intent_of_another_versions_verb_is_none() -> None:
    """A command whose verb this version does not have is not guessed at either."""
    assert read_intent(replace(kept(written_intent(Stop(TheseSessions.own(7)))), verb="halt"), VERBS) is None


@given(stop=STOPS, place=st.integers(0, 5), way=st.sampled_from(["gone", "renamed", "another type"]))
@example(stop=Stop(TheseSessions.own(7)), place=0, way="gone")
@example(stop=Stop(TheseSessions.own(7)), place=0, way="renamed")
@example(stop=Stop(TheseSessions.own(7)), place=0, way="another type")
def test_a_kept_stop_that_was_changed_is_no_other_stop(stop: Stop, place: int, way: str) -> None:
    """A field that is gone, renamed or of another type makes a stop unreadable, and never one of all sessions."""
    written = json.loads(written_intent(stop))
    which = written["which"]
    name = sorted(which)[place % len(which)]
    value = which.pop(name)
    if way == "renamed":
        which[f"{name}_"] = value
    elif way == "another type":
        which[name] = {"a": 1}
    assert read_intent(kept(json.dumps(written, separators=(",", ":"))), VERBS) is None


@pytest.mark.parametrize("written", ['{"which":{}}', '{"which":{"ids":[]}}', '{"which":{"refs":[7],"reason":null}}'])
def test_a_kept_stop_without_its_sessions_is_not_one_of_all(written: str) -> None:
    """What has lost which sessions it is about stops none."""
    assert read_intent(kept(written), VERBS) is None


def kept(intent: str | None) -> Command:
    """Return a command as it is in the database."""
    blank: dict[str, Any] = dict.fromkeys(Command.__dataclass_fields__)
    return Command(**blank | {"id": 1, "verb": "stop", "state": CommandState.calling, "intent": intent})
