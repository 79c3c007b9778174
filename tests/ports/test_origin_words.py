"""Where a session comes from, and when it was heard of, in words."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ports import beginning_words, heard_words, live_calls_words, origin_words, place_words, state_words
from bot.process import Clock
from bot.slack.render import render_card
from bot.text import call, person, plain
from storage.records import Origin, Session, State
from tests.factories import a_session, a_stop

NOW = datetime(2026, 11, 20, 2, 14, 40, tzinfo=UTC)
AGE = timedelta(minutes=3)


def from_elsewhere(**values: object) -> Session:
    """Return a running session that nobody started in Slack."""
    session = a_session(NOW, starter="", channel="", origin=Origin.elsewhere, custom_data='{"ticket": 12}')
    return replace(session, state=State.running, started_at=NOW, secure_url=b"sealed", **values)  # type: ignore[arg-type]


def test_nobody_is_named_and_nobody_is_called() -> None:
    """Without an id nobody is named, in a word and not by an empty mention, and nobody is notified."""
    assert person("") == "nobody"
    assert call("") == ""


def test_a_session_from_elsewhere_says_so_wherever_a_starter_would_stand() -> None:
    """Words, card and place never name a starter or a channel that there is not."""
    session = from_elsewhere()
    assert origin_words(session) == "not started in Slack"
    assert beginning_words(session, AGE) == "not started in Slack, began 3 min ago"
    assert place_words(session) == " in no channel"
    card = str(render_card(session))
    assert "Not started in Slack, began " in card
    assert "not started in Slack, began 02:14 UTC." in card  # the dialog of its Stop
    assert "<@" not in card
    assert "nobody" not in card


def test_a_session_of_a_person_names_them() -> None:
    """The person who started it is named as ever."""
    session = a_session(NOW)
    assert plain(origin_words(session)) == "asked for by @U1"
    assert plain(beginning_words(replace(session, started_at=NOW), AGE)) == "started 3 min ago by @U1"


def test_a_silent_session_is_told_of_in_bold_words() -> None:
    """It was heard of so long ago, or is not heard of: the second is to be seen; over or never heard of, nothing is."""
    clock = Clock()
    heard = clock.now() - timedelta(minutes=6)
    alive = from_elsewhere(heard_at=heard)
    assert heard_words(alive, clock) == "heard of 6 min ago"
    silent = replace(alive, silent_at=clock.now())
    assert plain(heard_words(silent, clock) or "") == "not heard of for 6 min"
    assert heard_words(silent, clock) != plain(heard_words(silent, clock) or "")
    assert state_words(silent) == "running, silent"
    assert heard_words(replace(silent, end_seen_at=NOW), clock) is None
    assert heard_words(from_elsewhere(), clock) is None


@pytest.mark.parametrize(
    ("calls", "words"), [(None, ""), (0, " with no live calls"), (1, " with 1 live call"), (2, " with 2 live calls")]
)
def test_the_live_calls_are_those_it_told_of_last(calls: int | None, words: str) -> None:
    """The number of live calls is the session's own word, of a silent one from then; without one nothing is said."""
    told = from_elsewhere(calls=calls)
    assert live_calls_words(told) == words
    assert live_calls_words(replace(told, silent_at=NOW)) == (f", then{words}" if words else "")


def test_a_card_shows_moments_since_it_is_not_painted_by_the_second() -> None:
    """A card has when the session was heard of, silent or not, and when its stop was taken up."""
    alive = from_elsewhere(heard_at=NOW, calls=2, ending_at=NOW)
    text = render_card(alive)["text"]
    assert re.search(
        r"\nHeard of <!date\^\d+\^[^|]*time_secs\}\|[^>]*> with 2 live calls · Said that it is ending, <!d", text
    )
    silent = render_card(replace(alive, silent_at=NOW, stop=a_stop(NOW, taken_at=NOW)))["text"]
    assert re.search(r"\n\*?Not heard of since <!date", silent)
    assert re.search(r"Stop asked for by [^·\n]* · Taken up <!date", silent)
    untaken = replace(alive, stop=a_stop(NOW, untaken_at=NOW))
    assert "Not taken up by its scenario" in render_card(untaken)["text"]
    assert "Not taken up" not in render_card(replace(untaken, end_seen_at=NOW))["text"]
    assert "Not taken up" not in render_card(replace(untaken, stop=a_stop(NOW, untaken_at=NOW, taken_at=NOW)))["text"]
