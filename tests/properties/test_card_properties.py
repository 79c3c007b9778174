"""Every record is rendered as blocks that Slack takes, with text that names its subject."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports._response import Offer, Response, Row
from bot.ports._session_words import state_words
from bot.sandbox.slack._chat import LONGEST_UPDATE, content
from bot.slack.outbox import _names as naming
from bot.slack.render import _cards as cards
from bot.text import strong
from bot.verbs import Version
from storage import names
from storage.records import Session, State
from storage.stop import Arrived
from tests.block_models import objections
from tests.factories import a_session, a_stop, new_database

NOW = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)
ODD = (
    "x" * 10_000,
    "&" * 3_000,
    "`" * 3_000,
    "```" * 50,
    "```\n*bold*\n" * 100,
    "<!channel> <@U1> <https://example.com|x>",
    "שלום \u202e עולם",
    "👩‍👩‍👧‍👦" * 100,
    "a\n" * 300,
    "\x00\ud800",
    "*_~" * 40,
    " ",
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
texts = st.sampled_from(ODD) | st.text(max_size=300)


BASE = a_session(NOW, starter="U2")
NAMES = new_database()
HOSTILE = st.builds(
    lambda **changes: replace(BASE, **changes),
    state=st.sampled_from(State),
    version=st.integers(1, 10**9),
    rule_name=st.none() | texts.filter(bool),
    alias=st.none() | st.from_regex(r"[\w.-]{1,80}", fullmatch=True),
    custom_data=st.none() | texts,
    last_event=texts,
    started_at=st.none() | MOMENTS,
    secure_url=st.sampled_from([None, b"sealed"]),
    history_id=st.none() | st.integers(1, 2**53),
    end_seen_at=st.none() | MOMENTS,
    finish_reason=st.none() | texts,
    duration_s=st.none() | st.floats(0, 10**7),
    cost=st.none() | st.decimals(0, 10**6, places=5, allow_nan=False, allow_infinity=False).map(Decimal),
    currency=st.sampled_from([None, "USD"]),
    stop=st.none()
    | st.builds(
        a_stop,
        MOMENTS,
        reason=st.none() | texts,
        arrived=st.sampled_from([None, *Arrived]),
        given_up_at=st.none() | MOMENTS,
    ),
)


def taken_by_slack(payload: cards.BlockKit) -> tuple[str, list[dict[str, Any]]]:
    """Check a payload as Slack does when it is posted or updated; give its text and its blocks."""
    text, blocks = content(dict(payload), LONGEST_UPDATE)
    assert text.strip()
    assert not objections(payload)
    return text, blocks


def shown(blocks: list[dict[str, Any]]) -> str:
    """Return what the sections and contexts say."""
    parts = [block.get("text", {}).get("text", "") for block in blocks]
    parts += [each["text"] for block in blocks if block["type"] == "context" for each in block["elements"]]
    return "\n".join(parts)


@given(HOSTILE)
def test_every_card_is_taken_and_its_text_says_it_all(session: Session) -> None:
    """A card is valid for any record, and its text alone names session, state, starter and the stop's asker."""
    text, blocks = taken_by_slack(cards.render_card(session))
    assert text.partition(" ")[2].startswith("#1 ")
    assert state_words(session) in text
    assert "<@U2>" in text
    assert session.stop is None or "<@U3>" in text
    assert "Last:" in text
    labels = [each["text"]["text"] for block in blocks if block["type"] == "actions" for each in block["elements"]]
    assert any(label.startswith("Stop") for label in labels) == session.is_stop_offered
    assert labels


@given(HOSTILE.map(lambda session: replace(session, last_event="It ended by itself.")))
def test_nobodys_words_become_a_mention_or_a_link(session: Session) -> None:
    """Names, data and reasons are shown as they are: no channel is called and no link is made by them."""
    text, blocks = taken_by_slack(cards.render_card(session))
    for place in (text, shown(blocks)):
        assert "<!channel>" not in place
        assert "<@U1>" not in place
        assert "<https:" not in place


@given(HOSTILE.map(lambda session: replace(session, last_event="It ended by itself.")), texts)
def test_names_in_a_card_leave_it_valid(session: Session, name: str) -> None:
    """Whatever people are called, a card that names them is valid, calls nobody, and says its state all the same."""
    for person in ("U2", "U3"):
        names.record_person(NAMES, person, " ".join(name.split()) or "ann")
    text, blocks = taken_by_slack(cards.render_card(session, naming.name_of(NAMES)))
    assert state_words(session) in text
    for mention in ("<@U2>", "<@U3>", "<!channel>"):
        assert mention not in f"{text}{blocks}"


@given(HOSTILE, texts)
def test_every_alarm_is_taken_and_begins_with_its_fact(session: Session, text: str) -> None:
    """An alarm of any content is valid, and its first line is the fact, or that it is over."""
    fact = f"{strong('Stop not sent')}: #1"
    _, blocks = taken_by_slack(cards.render_reply({"text": f"{fact}\n{text}", "buttons": True}, session))
    first = shown(blocks).split("\n", maxsplit=1)[0]
    assert first.startswith("*Over*: #1") if session.state.is_final else first == "*Stop not sent*: #1"
    kinds = [block["type"] for block in blocks]
    assert "actions" not in kinds or kinds.index("actions") == 1


@given(texts)
def test_every_reply_is_taken(text: str) -> None:
    """A reply of any length and content is valid, in as many sections as it needs and a message takes."""
    _, blocks = taken_by_slack(cards.render_reply({"text": f"Sent: {text}"}))
    assert shown(blocks).startswith("Sent:")


@settings(max_examples=40)
@given(texts, st.lists(st.tuples(texts, HOSTILE), max_size=60), st.lists(st.tuples(texts, texts), max_size=3))
def test_everything_a_person_is_told_is_taken(
    text: str, rows: list[tuple[str, Session]], offers: list[tuple[str, str]]
) -> None:
    """Lines, lists and buttons of any content are valid together; what does not fit is said to be left out."""
    said = Response(
        text=f"Listed: {text}",
        rows=tuple(Row(text=each, stoppable=session) for each, session in rows),
        offers=tuple(
            Offer(label=label, intent=Version(), question=question, value="k" * 2_000) for label, question in offers[:1]
        ),
    )
    _, blocks = taken_by_slack(cards.render_response(said))
    if len(blocks) < len(rows):
        assert "do not fit" in shown(blocks)
    assert any(block["type"] == "actions" for block in blocks) == bool(said.offers)


@given(texts)
def test_a_text_is_split_without_losing_a_word(text: str) -> None:
    """Splitting keeps every character, each piece fits a section, and a fence that is cut is closed and reopened."""
    pieces = cards.parts(f"before\n```\n{text.replace('`', '')}\n```\nafter")
    assert all(len(piece) <= cards.SECTION_LIMIT for piece in pieces)
    assert all(piece.count("```") % 2 == 0 for piece in pieces)
    assert not text.replace("`", "") or not any("```\n```" in piece for piece in pieces)
    bare = "".join(pieces).replace("```", "").replace("\n", "")
    assert bare == f"before{text.replace('`', '')}after".replace("\n", "")


def test_a_stop_dialog_fits_whatever_the_rule_is_called() -> None:
    """The dialog's words keep their place beside the longest rule name, in plain text."""
    session = replace(BASE, rule_name="x" * 10_000, started_at=NOW + timedelta(hours=1))
    confirm = cards.stop_button(session)["confirm"]
    assert confirm["title"]["text"] == "Stop session #1?"
    assert "started 03:14 UTC" in confirm["text"]["text"]
