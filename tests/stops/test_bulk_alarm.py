"""The alarm about a bulk stop that left something running."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Final, cast

from bot.ports import RuleLookup
from bot.stops._bulk_alarm import MENTIONED, SHOWN, bulk_alarm_text
from bot.text import plain
from storage.bulks import Bulk, Part
from storage.records import State
from storage.scenario_checks import ScenarioCheck, Verdict
from storage.stop import Arrived
from tests.factories import a_session, a_stop

NOW: Final = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)
LATER: Final = NOW + timedelta(seconds=61)
BULK: Final = Bulk(
    id=1, command=7, summary=3, channel="C1", actor="U1", reason=None, began_at=NOW, told_at=LATER, closed_at=None
)
DEAF: Final = ScenarioCheck(
    digest="d", stop="s", verdict=Verdict.does_nothing, with_kit=None, has_kit=False, works=None, sentence="No.",
    checked_at=NOW,
)  # fmt: skip
LAST: Final = [
    "session-bot scenario check --all, on the bot's machine, tells which rules' scenarios listen to their stop.",
    "The platform has no forced stop; its support can be asked with the numbers.",
]


def part(number: int, command: int | None = 7, given_up_at: datetime | None = LATER, **session: Any) -> Part:
    """Return a session whose stop was given up at some time, with its URL still there."""
    stop = a_stop(NOW, command=command, arrived=Arrived.yes, delivered_at=NOW, given_up_at=given_up_at, answer="no")
    values = {"state": State.stopping, "stop": stop, "secure_url": b"sealed", "starter": "", **session}
    return Part(session=replace(a_session(NOW), id=number, **values), skipped=False, why_not=None, given_up_at=LATER)


def alarm(parts: list[Part], check: ScenarioCheck | None = None, **rules: Any) -> tuple[list[str], list[int]]:
    """Return the lines of the alarm, and the sessions that its button asks again."""
    lookup = {"limits": lambda _: SimpleNamespace(notify=()), "runbook": lambda _: None, **rules}
    told = bulk_alarm_text(BULK, parts, cast("RuleLookup", SimpleNamespace(**lookup)), lambda _: None, lambda _: check)
    return plain(told["text"]).split("\n"), told.get("again", [])


def test_again_asks_what_this_stop_left() -> None:
    """A newer or an older stop has messages of its own; what could not be asked, and has a URL now, is asked again."""
    not_asked = replace(part(4, stop=None, state=State.running), why_not="It has no URL.", given_up_at=None)
    under_way = part(5, given_up_at=None)
    lines, again = alarm([part(1), part(2, command=6), part(3, command=8), not_asked, under_way])
    assert again == [1, 4]
    assert lines == [
        "All 5 sessions may still run, and bill, after the stop by @U1.",
        "@U1",
        *(f"• #{each} obedient: The history has not been asked yet. It answered: no" for each in (1, 2, 3)),
        "• #4 obedient: It has no URL.",
        "• #5 obedient: It was asked again since then, and that stop is being checked.",
        *LAST,
    ]


def test_it_calls_everybody_once() -> None:
    """Who pressed, the starters and the rule's own people are mentioned, as many as a message may mention."""
    rules = {"limits": lambda _: SimpleNamespace(notify=("S1", "U2")), "runbook": lambda _: "https://wiki.example.com"}
    lines, _ = alarm([part(1, starter="U2", history_id=77), part(2, state=State.ended)], DEAF, **rules)
    assert lines[0].startswith("1 of 2 sessions may still run")
    assert lines[1].split() == ["@U1", "@U2", "S1"]
    assert lines[2].startswith("• #1 obedient (h77): The history has not been asked yet. It answered: no Its scenario")
    assert "Runbook of this rule" in lines[2]
    lines, _ = alarm([part(number, starter=f"U{number}") for number in range(100, 101 + MENTIONED)])
    assert len(lines[1].split()) == MENTIONED
    assert (lines[1 + SHOWN].split()[1], lines[2 + SHOWN]) == (
        f"#{99 + SHOWN}",
        f"… and {MENTIONED + 1 - SHOWN} more: see the list under the summary.",
    )


def test_a_private_channels_sessions_are_counted_only() -> None:
    """They are told of in their own channel, and asked again there."""
    hidden = part(2, channel="C2", channel_private=True, rule_name="hidden", starter="U9")
    lines, again = alarm([part(1), hidden])
    assert again == [1]
    assert lines[-3] == "1 of a private channel are told of there."
    assert not any("hidden" in each or "U9" in each for each in lines)


def test_what_is_settled_calls_nobody() -> None:
    """Once nothing of it runs any more, by a first reading too, the alarm is over."""
    lines, again = alarm([part(1, state=State.ended), part(2, end_seen_at=LATER)])
    assert lines == ["Over: whatever the stop of 2 sessions by @U1 left is settled."]
    assert again == []
