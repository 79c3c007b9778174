"""The bounds of what the sender to channels keeps in memory: beyond them the oldest goes, and is learnt again."""

from datetime import UTC, datetime

from bot.process import Clock, Tasks
from bot.slack.outbox import _names, _refusals
from bot.slack.outbox._names import NameBook
from bot.slack.outbox._refusals import Refusals
from storage import audit
from storage.message import Kind, Message
from storage.store import Store


async def test_of_very_many_names_the_oldest_is_learnt_again(store: Store) -> None:
    """No more names are kept than the bound says, the one told last among them, and each forgotten one can return."""
    tasks, clock = Tasks(), Clock()
    book = NameBook(store, tasks)
    for number in range(_names.KEPT + 1):
        book.learn(f"U{number}", "ann")
    assert (book.known("U0"), book.known("U1"), book.known(f"U{_names.KEPT}")) == (None, "ann", "ann")
    book.learn("U0", "ann")
    assert (book.known("U0"), book.known("U1")) == ("ann", None)
    await tasks.drain(0, clock)


async def test_of_very_many_refusals_the_oldest_is_a_line_again(store: Store) -> None:
    """A refusal is one line of the audit as long as it is kept; no more are kept than the bound says."""
    refusals = Refusals(store, Clock())
    assert await refusals.record(_message(0), "is_archived")
    assert not await refusals.record(_message(0), "is_archived")
    refusals._last |= dict.fromkeys(range(1, _refusals.KEPT), "is_archived")
    assert await refusals.record(_message(_refusals.KEPT), "is_archived")
    assert len(refusals._last) == _refusals.KEPT
    assert await refusals.record(_message(0), "is_archived")
    assert len(await store.read(audit.lines)) == 3


def _message(number: int) -> Message:
    """Return a summary that Slack does not take."""
    return Message(
        id=number, session=None, command=None, channel="C1", kind=Kind.summary, body={}, ts=None, wanted=1, shown=0,
        error=None, created_at=datetime.now(UTC), thread_ts=None,
    )  # fmt: skip
