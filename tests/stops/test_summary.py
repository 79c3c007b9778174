"""What a preview and a summary say of many sessions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from bot.stops._delivery import attempts_words, delivery_words
from bot.stops._preview import _not_from_slack
from bot.stops._summary import SHOWN, _listed, as_csv, list_in_full, summary_text
from bot.text import plain
from bot.voximplant import SessionAnswer
from storage.bulks import Bulk, Part
from storage.records import HistorySays, Origin, State
from storage.stop import Arrived
from tests.factories import a_session, a_stop

NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)
LATER: Final = NOW + timedelta(seconds=61)
BULK: Final = Bulk(
    id=1,
    command=2,
    summary=3,
    channel="C1",
    actor="U1",
    reason="fire drill",
    began_at=NOW,
    told_at=None,
    closed_at=None,
)
DELIVERED: Final = {"arrived": Arrived.yes, "delivered_at": NOW}
GIVEN_UP: Final = {"arrived": Arrived.nobody, "given_up_at": LATER}
PRIVATE: Final = {"channel": "C2", "channel_private": True, "custom_data": "Ann", "history_id": 9}


def part(
    number: int, state: State = State.stopping, stop: dict[str, Any] | None = None, *, skipped: bool = False,
    why_not: str | None = None, given_up_at: datetime | None = None, **session: Any,
) -> Part:  # fmt: skip
    """Return a session of a bulk stop, as its stop and the history left it."""
    of = replace(a_session(NOW), id=number, state=state, stop=a_stop(NOW, **(stop or {})), **session)
    return Part(session=of, skipped=skipped, why_not=why_not, given_up_at=given_up_at)


PARTS: Final = [
    part(1, State.ended, ended_at=NOW + timedelta(seconds=3), finish_reason="Normal"),
    part(2, stop={**DELIVERED, "given_up_at": LATER, "answer": "no"}, given_up_at=LATER,
         history_says=HistorySays.runs, history_id=77),
    part(3, stop=GIVEN_UP, given_up_at=LATER),
    part(4, stop=DELIVERED, given_up_at=LATER),
    part(5, State.ended, skipped=True),
    part(6, why_not="It has no URL."),
    part(7, State.failed),
    part(8, State.abandoned, stop=DELIVERED),
    part(9, stop={**DELIVERED, "untaken_at": LATER}),
    part(10, stop={**DELIVERED, "taken_at": LATER}),
    part(11, stop=GIVEN_UP, given_up_at=LATER, **PRIVATE),
    part(12, why_not="Its rule is of a private channel.", **PRIVATE),
]  # fmt: skip
"""One session of each outcome."""


def test_a_summary_names_what_may_still_run() -> None:
    """It counts each outcome, and says of what may still run why; a private channel's session is not described."""
    assert plain(summary_text(BULK, PARTS, LATER)).split("\n") == [
        "Stop of 12 sessions by @U1",
        "Why: fire drill",
        (
            "1 confirmed ended · 4 not confirmed · 2 still being checked, 1 of them taken up · 1 had ended before"
            " · 2 could not be asked · 1 never started · 1 record closed."
        ),
        "Not confirmed:",
        "• #2 obedient (h77): The history says that it still runs. It answered: no",
        "• #3 obedient: The stop did not reach it. The history has not been asked yet.",
        "• #4 obedient: It was asked again since then, and that stop is being checked.",
        "• #8 obedient: Its record is closed; it may still run.",
        "• #11 of a private channel: The stop did not reach it. The history has not been asked yet.",
        "Not asked:",
        "• #6 obedient: It has no URL.",
        "• #12 of a private channel: See its own channel.",
        "Delivered and not taken up:",
        "• #9 obedient: Its scenario has not taken it up.",
    ]


def test_a_summary_without_a_cause_has_no_line_of_it() -> None:
    """Where everything is known it says how long that took: until it was told, else until now."""
    ended, since = [part(1, State.ended), part(2, State.ended)], replace(BULK, reason=None)
    assert plain(summary_text(since, ended, LATER)).split("\n")[1:] == ["2 confirmed ended.", "It took 1 min 1 s."]
    told = replace(since, told_at=NOW + timedelta(seconds=5))
    assert plain(summary_text(told, ended, LATER)).endswith("It took 5 s.")
    settled = [part(1, skipped=True), part(2, why_not="It has no URL."), part(3, given_up_at=LATER)]
    assert plain(summary_text(since, settled, LATER)).endswith("It took 1 min 1 s.")
    assert "It took" not in summary_text(since, [*settled, part(4)], LATER)


def test_the_list_has_a_line_for_each() -> None:
    """As CSV each session has its outcome, its number in the history, and the moments that are known of it."""
    at = "2026-01-31T02:14:00+00:00"
    assert as_csv(BULK, PARTS).splitlines()[1:] == [
        "1,obedient,confirmed,Normal,,,,2026-01-31T02:14:03+00:00,",
        f"2,obedient,not confirmed,The history says that it still runs. It answered: no,h77,{at},,,",
        "3,obedient,not confirmed,The stop did not reach it. The history has not been asked yet.,,,,,",
        f'4,obedient,not confirmed,"It was asked again since then, and that stop is being checked.",,{at},,,',
        "5,obedient,skipped,,,,,,",
        "6,obedient,not asked,It has no URL.,,,,,",
        "7,obedient,never started,,,,,,",
        f"8,obedient,record closed,Its record is closed; it may still run.,,{at},,,",
        f"9,obedient,waiting,Its scenario has not taken it up.,,{at},,,",
        f"10,obedient,waiting,,,{at},2026-01-31T02:15:01+00:00,,",
        "11,of a private channel,not confirmed,The stop did not reach it. The history has not been asked yet.,,,,,",
        "12,of a private channel,not asked,See its own channel.,,,,,",
    ]


def test_a_list_that_does_not_fit_is_a_file() -> None:
    """In place of the file, where none can be posted, stand as many as fit, first those that may still run."""
    assert set(list_in_full(BULK, PARTS)) == {"text"}
    many = [part(number, State.ended, finish_reason="x" * 80) for number in range(1, 101)]
    many += [part(101), part(102, State.abandoned)]
    found = list_in_full(BULK, many)
    assert found["file"] == {"name": "stop-of-102-sessions.csv", "content": as_csv(BULK, many)}
    head, columns, *rows = plain(found["instead"]).split("\n")
    assert head.startswith(f"{len(rows)} of 102 sessions; those that may still run stand first.")
    assert [each.split(",")[0] for each in rows[:3]] == ["101", "102", "1"]
    assert sum(len(each) + 1 for each in (columns, *rows)) in range(8_850, 9_001)


@pytest.mark.parametrize(
    ("channel", "private", "shared", "is_named"),
    [("C1", True, True, True), ("C2", False, False, True), ("C2", True, False, False), ("C2", False, True, False),
     ("", True, True, True)],
)  # fmt: skip
def test_only_its_own_channel_may_read_of_a_session(channel: str, private: bool, shared: bool, is_named: bool) -> None:  # noqa: FBT001 - a row of the table
    """A private or shared channel's session is described in that channel only; one of no channel is anywhere."""
    one = part(1, why_not="No URL.", channel=channel, channel_private=private, channel_shared=shared)
    assert ("No URL." in summary_text(BULK, [one], NOW)) is is_named


def test_a_delivery_says_how_it_went() -> None:
    """Its status and milliseconds, the attempt where it was not the first, and a connection that was not secure."""
    answer = SessionAnswer(status=200, body="", elapsed=timedelta(milliseconds=5), plain_http=False)
    assert delivery_words(answer) == "HTTP 200 after 5 ms."
    assert delivery_words(answer, 2) == "HTTP 200 after 5 ms, at attempt 2."
    assert "over an unencrypted connection" in plain(delivery_words(replace(answer, plain_http=True)))
    assert (attempts_words(1), attempts_words(2)) == ("1 attempt", "2 attempts")


def test_what_is_not_named_is_counted() -> None:
    """Of more sessions than a summary names it says how many are left out; of as many as it names, nothing."""
    parts = [Part(session=a_session(NOW), skipped=False, why_not="It was not reached.")] * (SHOWN + 3)
    assert _listed("Not asked", parts)[-1] == "… and 3 more."
    assert len(_listed("Not asked", parts[:SHOWN])) == 1 + SHOWN


def test_how_many_nobody_started_in_slack_is_said() -> None:
    """Of several sessions their number is said, or that it is all; where it is none, nothing."""
    ours = a_session(NOW)
    other = replace(ours, origin=Origin.elsewhere)
    assert _not_from_slack((ours, ours)) == ""
    assert _not_from_slack((ours, other)) == ", 1 of them not started in Slack"
    assert _not_from_slack((other, other)) == ", none of them started in Slack"
