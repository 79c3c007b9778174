"""Slack's budget, with a clock of our own."""

from bot.slack.pace import KEPT_FOR_SUMMARIES, POSTS_EVERY_S, UPDATES, UPDATES_WITHIN_S, Pace


def test_a_channel_takes_one_post_a_second() -> None:
    """After a post the same channel waits a good second, and no other channel does."""
    pace = Pace()
    pace.posted("C1", 10.0)
    assert pace.wait_to_post("C1", 10.25) == POSTS_EVERY_S - 0.25
    assert pace.wait_to_post("C2", 10.25) == 0
    assert pace.wait_to_post("C1", 10.0 + POSTS_EVERY_S) == 0


def test_no_minute_has_more_than_fifty_updates() -> None:
    """Fifty updates may go at once; the next waits until the first of them is a minute old."""
    pace = Pace()
    for number in range(UPDATES):
        assert pace.wait_to_update(100.0 + number / 10, summary=True) == 0
        pace.updated(100.0 + number / 10)
    assert pace.wait_to_update(110.0, summary=True) == 100.0 + UPDATES_WITHIN_S - 110.0
    assert pace.wait_to_update(160.0, summary=True) == 0
    pace.updated(160.0)
    assert pace.wait_to_update(160.0, summary=True) > 0


def test_cards_leave_room_for_summaries() -> None:
    """However many cards change, a summary that tells of them all can still be brought up to date."""
    pace = Pace()
    cards = 0
    while pace.wait_to_update(100.0) == 0:
        pace.updated(100.0)
        cards += 1
    assert cards == UPDATES - KEPT_FOR_SUMMARIES
    assert pace.wait_to_update(100.0) == UPDATES_WITHIN_S
    for _ in range(KEPT_FOR_SUMMARIES):
        assert pace.wait_to_update(100.0, summary=True) == 0
        pace.updated(100.0)
    assert pace.wait_to_update(100.0, summary=True) == UPDATES_WITHIN_S
    assert pace.wait_to_update(100.0 + UPDATES_WITHIN_S) == 0


def test_slacks_own_word_goes_first() -> None:
    """A 429 on a post holds back its channel, one on an update all updates, for as long as Slack says."""
    pace = Pace()
    pace.refused_post("C1", 10.0, 30.0)
    pace.refused_update(10.0, 7.0)
    assert pace.wait_to_post("C1", 20.0) == 20.0
    assert pace.wait_to_post("C2", 20.0) == 0
    assert pace.wait_to_update(12.0) == 5.0
    assert pace.wait_to_update(17.0) == 0
