"""What cards, replies and lines look like, from records to Block Kit."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bot.ports._response import Offer, Response, Row
from bot.sandbox.slack._chat import LONGEST_POST, content
from bot.slack.outbox import _direct as direct
from bot.slack.render import _cards as cards
from bot.text import strong
from bot.verbs import Stop, TheseSessions
from storage.records import Session, State
from storage.stop import Arrived
from tests.factories import a_session, a_stop

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)


@pytest.fixture
def session() -> Session:
    """Return a session that runs."""
    made = a_session(NOW, starter="U2", custom_data='{"ticket": 12}')
    return replace(
        made, state=State.running, started_at=NOW, secure_url=b"sealed", history_id=42, last_event="Started."
    )


def labels(payload: cards.BlockKit) -> list[str]:
    """Return the labels of all buttons."""
    elements = [each for block in payload["blocks"] for each in block.get("elements", [])]
    elements += [block["accessory"] for block in payload["blocks"] if "accessory" in block]
    return [each["text"]["text"] for each in elements if each["type"] == "button"]


def test_a_running_card_says_everything_in_its_text(session: Session) -> None:
    """The text that screen readers and notifications use has number, rule, state, starter, data and last event."""
    text = cards.render_card(session)["text"]
    for part in ("#1", "obedient", "running", "<@U2>", "h42", '{"ticket": 12}', "Last: Started."):
        assert part in text
    assert "*" not in text
    assert "`" not in text


def test_an_ended_card_says_why_how_long_at_what_cost_and_who_stopped_it(session: Session) -> None:
    """What is known of an end stands on the card, and all that is left to do is to start again."""
    ended = replace(
        session,
        state=State.ended,
        finish_reason="Normal termination",
        duration_s=75.0,
        cost=Decimal("0.01200"),
        currency="USD",
        stop=a_stop(NOW, reason="wrong number"),
        secure_url=None,
    )
    card = cards.render_card(ended)
    for part in ("ended", "Normal termination", "1 min 15 s", "0.012 USD", "<@U3>", "wrong number"):
        assert part in card["text"]
    assert labels(card) == ["Start again"]


@pytest.mark.parametrize(
    ("changes", "words", "buttons"),
    [
        ({"state": State.starting, "secure_url": None}, "starting", "Stop, Refresh"),
        ({"state": State.starting, "secure_url": None, "stop": a_stop(NOW)}, "starting", "Refresh"),
        ({}, "running", "Stop, Send…, Refresh"),
        ({"stop": a_stop(NOW)}, "running, stop asked for", "Send…, Refresh"),
        ({"state": State.stopping, "stop": a_stop(NOW)}, "stopping", "Send…, Refresh"),
        (
            {"state": State.stopping, "stop": a_stop(NOW, arrived=Arrived.yes, given_up_at=NOW)},
            "stop not confirmed",
            "Stop again, Send…, Close the record, Refresh",
        ),
        ({"end_seen_at": NOW}, "ended", "Refresh"),
        (
            {"end_seen_at": NOW, "stop": a_stop(NOW, arrived=Arrived.yes, given_up_at=NOW)},
            "stop not confirmed",
            "Stop again, Refresh",
        ),
        ({"state": State.unreachable, "stop": a_stop(NOW)}, "unreachable", "Send…, Refresh"),
        (
            {"state": State.unreachable, "stop": a_stop(NOW, arrived=Arrived.nobody)},
            "unreachable",
            "Stop again, Send…, Close the record, Refresh",
        ),
        ({"state": State.unknown, "secure_url": None}, "unknown", "Close the record, Refresh"),
        ({"state": State.uncontrolled, "secure_url": None}, "uncontrolled", "Close the record, Refresh"),
        ({"state": State.abandoned}, "record closed", "Stop, Send…, Refresh"),
        (
            {"state": State.abandoned, "stop": a_stop(NOW, arrived=Arrived.yes, given_up_at=NOW)},
            "record closed",
            "Stop again, Send…, Refresh",
        ),
        ({"state": State.failed, "secure_url": None}, "not started", "Start again"),
        (
            {"state": State.ended, "end_seen_at": NOW, "stop": a_stop(NOW, given_up_at=NOW), "secure_url": None},
            "ended",
            "Start again",
        ),
    ],
)
def test_each_state_has_its_word_and_its_button(
    session: Session, changes: dict[str, object], words: str, buttons: str
) -> None:
    """A state is a word, never a colour; each button stands where it can do something, and nowhere else."""
    changed = replace(session, **changes)  # type: ignore[arg-type]
    card = cards.render_card(changed)
    assert f"– {words}\n" in card["text"]
    assert ", ".join(labels(card)) == buttons


def test_a_reply_carries_the_buttons_of_its_session(session: Session) -> None:
    """A reply that is given its session has what can still be said to it, as on its card; over, or without it, none."""
    body = {"text": "x" * 20_000, "buttons": True}
    shown = cards.render_reply(body, replace(session, stop=a_stop(NOW, arrived=Arrived.yes, given_up_at=NOW)))
    content(dict(shown), LONGEST_POST)
    assert labels(shown) == ["Stop again", "Send…"]
    over = replace(session, state=State.ended, secure_url=None)
    assert labels(cards.render_reply(body, over)) == labels(cards.render_reply(body)) == []


def test_an_alarm_in_a_direct_message_begins_with_its_fact(session: Session) -> None:
    """Why it comes that way is said after what is wrong; of any other message it is said first."""
    body = {"text": f"{strong('Stop not sent')}: #1 may still run.\nWhy.", "place": "C1"}
    alarm = cards.render_reply(direct.addressed({**body, "buttons": True}), session, elsewhere=True)
    assert alarm["text"].splitlines()[0] == "Stop not sent: #1 may still run."
    assert "I cannot post in <#C1>" in alarm["text"]
    assert cards.render_reply(direct.addressed(body))["blocks"][0]["text"]["text"].startswith("_I cannot post in <#C1>")


def test_a_stop_button_says_which_session_and_which_card(session: Session) -> None:
    """The value is an opaque pair of numbers: what a click may do is decided when it comes."""
    button = cards.stop_button(replace(session, version=9))
    assert button["value"] == "1.9"
    assert button["confirm"]["confirm"]["text"] == "Stop session"
    assert button["confirm"]["deny"]["text"] == "Keep running"
    assert "started 02:14 UTC" in button["confirm"]["text"]["text"]


def test_a_list_has_a_stop_button_in_each_row_that_can_be_stopped(session: Session) -> None:
    """Rows carry Stop where it does something; an offer's button carries nothing but the value it is kept under."""
    over = replace(session, state=State.ended, secure_url=None)
    said = Response(
        text="2 sessions",
        rows=(Row(text="#1", stoppable=session), Row(text="#2", stoppable=over), Row(text="#3")),
        offers=(Offer(label="Stop #7", intent=Stop(TheseSessions.own(7)), danger=True, value="opaque"),),
    )
    told = cards.render_response(said)
    assert labels(told) == ["Stop #7", "Stop"]
    (offer,) = told["blocks"][-1]["elements"]
    assert (offer["value"], offer["style"]) == ("opaque", "danger")
    assert "stop 7" not in str(told)


def test_a_long_reply_keeps_its_fence_over_all_sections() -> None:
    """A fenced text that needs several sections is fenced in each of them."""
    body = "\n".join(f"line {number}" for number in range(1_000))
    pieces = cards.parts(f"It answered:\n```\n{body}\n```")
    assert len(pieces) > 2
    assert all(piece.count("```") == 2 for piece in pieces)
    assert "line 999" in pieces[-1]


@pytest.mark.parametrize("over", range(12))
def test_no_fence_is_opened_or_closed_around_nothing(over: int) -> None:
    """A fence whose first or last line would stand alone in a section goes with what it is around."""
    room = cards.SECTION_LIMIT - len("```\n\n```")
    for text in (f"{'x' * (room - over)}\n```\nbody\n```", f"```\n{'x' * (room - over)}\n```\nafter"):
        pieces = cards.parts(text)
        assert not any("```\n```" in piece for piece in pieces)
        assert all(piece.count("```") in {0, 2} and len(piece) <= cards.SECTION_LIMIT for piece in pieces)
        assert "".join(pieces).replace("```", "").replace("\n", "") == text.replace("```", "").replace("\n", "")


def test_a_list_that_is_too_long_for_one_message_says_what_is_left_out() -> None:
    """All texts of a message together have a limit of their own, under which the rows that fit are kept."""
    said = Response(text="20 sessions", rows=tuple(Row(text=f"#{number} {'x' * 680}") for number in range(1, 21)))
    told = cards.render_response(said)
    content(dict(told), LONGEST_POST)
    last = told["blocks"][-1]["elements"][0]["text"]
    assert last == f"… {20 + 1 - (len(told['blocks']) - 1)} more parts do not fit into one message."
