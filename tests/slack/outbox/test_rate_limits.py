"""Slack's budget, with a clock of our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.outbox._card_waiters import CARD_WITHIN_S
from bot.slack.outbox._rate_limits import (
    BURST,
    CHANNELS_KEPT,
    KEPT_FOR_URGENT,
    LEARNS_BACK_S,
    POST_EVERY_S,
    SHARED_WITH_STARTED,
    UPDATES,
    UPDATES_WITHIN_S,
    RateLimiter,
)
from storage.outbox import Urgency


def at_once(pace: RateLimiter, channel: str, now: float) -> int:
    """Post as often as is due now, and count."""
    count = 0
    while pace.wait_to_post(channel, now) == 0:
        pace.posted(channel, now)
        count += 1
    return count


def test_a_channel_takes_a_few_posts_at_once_and_then_one_a_second() -> None:
    """Ten starts in a quiet channel wait for two seconds, not for ten; another channel does not wait at all."""
    pace = RateLimiter()
    assert at_once(pace, "C1", 10.0) == BURST
    assert pace.wait_to_post("C1", 10.25) == POST_EVERY_S - 0.25
    assert pace.wait_to_post("C2", 10.25) == 0
    assert at_once(pace, "C1", 10.0 + POST_EVERY_S) == 1
    assert at_once(pace, "C1", 10.0 + 3 * POST_EVERY_S) == 2
    assert at_once(pace, "C1", 1_000.0) == BURST


def test_a_refusal_halves_what_goes_at_once_and_time_brings_it_back() -> None:
    """After a 429 the channel waits as Slack says, then fewer go at once; each quiet minute brings one back."""
    pace = RateLimiter()
    at_once(pace, "C1", 10.0)
    pace.refused_post("C1", 10.0, 30.0)
    pace.refused_post("C1", 10.1, 29.0)  # it was on its way with the first
    assert pace.wait_to_post("C1", 20.0) == 20.0
    assert pace.wait_to_post("C2", 20.0) == 0
    assert at_once(pace, "C1", 40.0) == 1
    assert at_once(pace, "C1", 10.0 + LEARNS_BACK_S - 1) == BURST // 2
    assert at_once(pace, "C1", 10.0 + 2 * LEARNS_BACK_S) == BURST // 2 + 2
    assert at_once(pace, "C1", 10.0 + 1_000 * LEARNS_BACK_S) == BURST


def test_refusal_after_refusal_leaves_one_at_a_time() -> None:
    """However often Slack refuses, one post goes after each pause."""
    pace, now = RateLimiter(), 10.0
    for _ in range(6):
        at_once(pace, "C1", now)
        pace.refused_post("C1", now, 5.0)
        now += 5.0
    assert at_once(pace, "C1", now) == 1
    assert at_once(pace, "C1", now + 20.0) == 1


@pytest.mark.parametrize("refused", [False, True])
def test_the_thirtieth_start_in_a_channel_is_not_refused(*, refused: bool) -> None:
    """Thirty cards that are wanted at once are there before a start gives up, also after a refusal; ten wait little."""
    pace, now, posted = RateLimiter(), 10.0, []
    if refused:
        for _ in range(4):
            pace.refused_post("C1", now, 1.0)
            now += 1.0
    began = now
    while len(posted) < 30:
        now += pace.wait_to_post("C1", now)
        pace.posted("C1", now)
        posted.append(now - began)
    assert posted[-1] < CARD_WITHIN_S - 20
    assert refused or posted[9] < 3


@given(st.lists(st.floats(min_value=0, max_value=5), max_size=60))
def test_no_span_has_more_posts_than_a_burst_and_one_a_second(pauses: list[float]) -> None:
    """Whenever posts are wanted, the channel gets at most the burst and one more for every second that passed."""
    pace, now, count = RateLimiter(), 10.0, 0
    for pause in pauses:
        now += pause
        count += at_once(pace, "C1", now)
        assert count <= BURST + (now - 10.0) / POST_EVERY_S + 1e-6


def test_no_minute_has_more_than_fifty_updates() -> None:
    """Fifty updates may go at once; the next waits until the first of them is a minute old."""
    pace = RateLimiter()
    for number in range(UPDATES):
        assert pace.wait_to_update(100.0 + number / 10, Urgency.alarm) == 0
        pace.updated(100.0 + number / 10)
    assert pace.wait_to_update(110.0, Urgency.alarm) == 100.0 + UPDATES_WITHIN_S - 110.0
    assert pace.wait_to_update(160.0, Urgency.alarm) == 0
    pace.updated(160.0)
    assert pace.wait_to_update(160.0, Urgency.alarm) > 0


def test_cards_leave_room_for_what_is_urgent() -> None:
    """However many cards change, the outcome of a stop, a summary, and a card that is new can still be updated."""
    pace = RateLimiter()
    cards = 0
    while pace.wait_to_update(100.0) == 0:
        pace.updated(100.0)
        cards += 1
    assert cards == UPDATES - KEPT_FOR_URGENT
    assert pace.wait_to_update(100.0) == UPDATES_WITHIN_S
    for _ in range(SHARED_WITH_STARTED):
        assert pace.wait_to_update(100.0, Urgency.started) == 0
        pace.updated(100.0)
    assert pace.wait_to_update(100.0, Urgency.started) == UPDATES_WITHIN_S
    for _ in range(KEPT_FOR_URGENT - SHARED_WITH_STARTED):
        assert pace.wait_to_update(100.0, Urgency.alarm) == 0
        pace.updated(100.0)
    assert pace.wait_to_update(100.0, Urgency.alarm) == UPDATES_WITHIN_S
    assert pace.wait_to_update(100.0 + UPDATES_WITHIN_S) == 0


def test_slacks_own_word_goes_first() -> None:
    """A 429 on an update holds back all updates, for as long as Slack says."""
    pace = RateLimiter()
    pace.refused_update(10.0, 7.0)
    assert pace.wait_to_update(12.0) == 5.0
    assert pace.wait_to_update(17.0) == 0


def test_the_buckets_of_quiet_channels_are_dropped() -> None:
    """Of more channels than are kept, those that are as full as new go; one that is not yet keeps its pace."""
    pace = RateLimiter()
    for number in range(CHANNELS_KEPT):
        pace.posted(f"C{number}", 10.0)
    assert at_once(pace, "C0", 1_000.0) == BURST
    pace.posted("C-new", 1_000.0)
    assert len(pace._posts) == 2
    assert pace.wait_to_post("C0", 1_000.0) > 0
