"""The order of sending: the most urgent first, a fair share for each session, and each thread in its order."""

from collections.abc import Sequence
from typing import Final

from storage.message import Kind
from storage.outbox import Due

AT_ONCE: Final = 8
_REMEMBERED: Final = 1_000


class SendOrder:
    """Tracks the messages being sent, and the last reply of each session."""

    def __init__(self) -> None:
        self._on_their_way: dict[int, object] = {}
        self._served: dict[int | None, int] = {}
        self._count = 0

    @property
    def is_idle(self) -> bool:
        """Return whether no message is being sent."""
        return not self._on_their_way

    def sort(self, due: Sequence[Due]) -> list[Due]:
        """Return the due messages in order: of equally urgent replies, the least recently served session's first."""
        return sorted(due, key=lambda each: (each.urgency, self._served.get(each.session, 0) if _is_reply(each) else 0))

    def may_go(self, message: Due) -> bool:
        """Return whether a message may be sent now: neither it nor one that must arrive before it is being sent."""
        line = _line(message)
        if len(self._on_their_way) >= AT_ONCE or message.id in self._on_their_way:
            return False
        return line is None or line not in self._on_their_way.values()

    def begin(self, message: Due) -> None:
        """Record a message as being sent."""
        self._on_their_way[message.id] = _line(message)
        if _is_reply(message):
            self._count += 1
            self._served.pop(message.session, None)
            self._served[message.session] = self._count
            if len(self._served) > _REMEMBERED:
                del self._served[next(iter(self._served))]

    def end(self, message: Due) -> None:
        """Record the end of sending a message, successful or not."""
        del self._on_their_way[message.id]


def _is_reply(message: Due) -> bool:
    return message.kind is Kind.reply


def _line(message: Due) -> object:
    """Return the queue of a new message: of two posts being sent Slack may accept the second one first."""
    if message.ts is not None:
        return None
    return message.channel, message.urgency, message.session if _is_reply(message) else message.kind
