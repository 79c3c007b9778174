"""The beginning of a session: its number is its own, and a URL belongs to one session."""

from collections.abc import Callable
from datetime import datetime

from cryptography.fernet import Fernet
from sqlite_utils import Database

from storage import commands, messages, sessions, starts
from storage.command import CommandState, NewCommand
from storage.records import Session, State
from storage.sealing import Sealer
from tests.factories import new_session

URL = "https://203.0.113.7:12093/request/AF30.1580999958.1204800_203.0.113.7/90AB"
AddSession = Callable[..., Session]


def test_a_number_belongs_to_one_session(db: Database, add_session: AddSession) -> None:
    """A number that another session has is not recorded, what is known besides is; nothing known changes nothing."""
    one, other = add_session(db), add_session(db)
    numbered = starts.record_number(db, one.id, 77)
    assert numbered is not None
    assert (numbered.history_id, numbered.version) == (77, one.version + 1)
    assert starts.record_number(db, other.id, 77) == other
    assert starts.record_number(db, other.id, None) == other
    known = starts.record_number(db, other.id, 77, finish_reason="Normal")
    assert known is not None
    assert (known.history_id, known.finish_reason) == (None, "Normal")


def test_a_start_has_its_card_and_its_command(
    db: Database, now: datetime, new_command: Callable[..., NewCommand]
) -> None:
    """A start is one session, one card and the session of its command; its call is marked before it is sent."""
    command = commands.admit(db, new_command(), window=None).command.id
    session = starts.record_start(db, new_session(), command=command, now=now)
    assert messages.card_of(db, session.id) is not None
    starts.record_call(db, session.id, command=command, now=now)
    called, by = sessions.get(db, session.id), commands.get(db, command)
    assert called is not None
    assert called.called_at == now
    assert by is not None
    assert (by.session, by.state) == (session.id, "calling")


def test_a_start_that_another_has_settled_is_not_called(
    db: Database, now: datetime, new_command: Callable[..., NewCommand]
) -> None:
    """An owner that was taken for dead marks no call: neither of a command with an outcome, nor of another's."""
    first = commands.admit(db, new_command("slash:1"), window=None).command
    session = starts.record_start(db, new_session(), command=first.id, now=now)
    commands.take_over(db, [first.id], "run-other")
    assert not starts.record_call(db, session.id, command=first.id, now=now, owner=first.owner)
    assert starts.record_call(db, session.id, command=first.id, now=now, owner="run-other")
    second = commands.admit(db, new_command("slash:2"), window=None).command
    commands.finish(db, second.id, CommandState.failed, "It was cut off.", now=now)
    assert not commands.record_sending(db, second.id, session.id, now=now, owner=second.owner)
    kept = commands.get(db, second.id)
    assert kept is not None
    assert kept.state is CommandState.failed


def test_an_answer_reaches_what_can_change(db: Database, now: datetime) -> None:
    """The answer of a start makes it run; of a closed record it is kept without that, of a final one nothing is."""
    for earlier, then, reason in (
        (State.starting, State.running, "yes"),
        (State.abandoned, State.abandoned, "yes"),
        (State.failed, State.failed, None),
    ):
        session = sessions.add(db, new_session(), now=now, state=earlier)
        starts.record_running(db, session.id, by="U1", event="It runs.", now=now, finish_reason="yes")
        found = sessions.get(db, session.id)
        assert found is not None
        assert (found.state, found.finish_reason) == (then, reason)


def test_a_url_is_adopted_once(db: Database, now: datetime) -> None:
    """The same URL is the same session, with a slash at its end or not; one that no key opens is another."""
    sealer, other_key = (Sealer([Fernet.generate_key().decode()]) for _ in range(2))

    def adopt(url: str, by: Sealer = sealer, **others: frozenset[bytes]) -> tuple[int, bool]:
        session, was_there = starts.record_adoption(
            db, new_session(), url, by, command=None, called_at=None, now=now, **others
        )
        return session.id, was_there

    assert adopt(URL, other_key) == (1, False)
    assert adopt(URL) == (2, False)
    assert adopt(f"{URL}/") == (2, True)
    assert adopt(f"{URL}C") == (3, False)
    adopted = sessions.get(db, 2)
    assert adopted is not None
    assert adopted.adopted
    assert adopted.secure_url is not None
    assert sealer.open(adopted.secure_url) == URL
    sealed = sessions.secure_urls(db)
    of_others = starts.seals_of_others(sealed, URL, sealer)
    assert of_others == {seal for number, seal in sealed if number != 2}
    assert adopt(URL, others=of_others) == (2, True)
