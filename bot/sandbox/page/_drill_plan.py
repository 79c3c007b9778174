"""The drill's twelve lines, and all that it knows of the words of the bot under test.

The sandbox knows no bot. What a person types to start a session, by which words a message says that a stop is not
confirmed, which request is a stop, and what the hints name, stands here and nowhere else.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

CHANNEL: Final = "night-shift"
START: Final = "start {rule} {data}"
"""What is typed behind the slash command to start a session."""

_KIND_HEADER, _STOP = "X-Session-Bot", "stop"
_NAME = re.compile(r"(?<![\w#])#(\d+)\b")
_HISTORY_ID = re.compile(r"\bh(\d{6,})\b")
_NOT_CONFIRMED = re.compile(r"\bstop (?:is |was )?not confirmed\b(?! yet)|^\W*not confirmed:", re.IGNORECASE)
_BULLET = "•"
_HEADING = re.compile(r"^\W*not confirmed:\W*$", re.IGNORECASE)

HINT_FIRST: Final = "Type {command} stop all in #{channel}, or press Stop on the cards, one by one."
HINT_ELSEWHERE: Final = (
    "{count} that nobody started in Slack got no stop yet: {command} list origin=elsewhere shows such lines, and"
    " {command} stop all origin=elsewhere stops them."
)


@dataclass(frozen=True, kw_only=True)
class PlannedLine:
    """One line of the drill: who starts it, and whether it reacts. Without a `person` nobody starts it in Slack."""

    rule: str
    person: str | None = None
    calls_in: bool = False
    hangs: bool = False


TWELVE: Final[Sequence[PlannedLine]] = (
    *(PlannedLine(rule="obedient", person=person) for person in ("ann", "bob", "bob") for _ in range(2)),
    *(PlannedLine(rule="stuck", person="ann") for _ in range(2)),
    *(PlannedLine(rule="hotline") for _ in range(2)),
    PlannedLine(rule="hotline", calls_in=True),
    PlannedLine(rule="hotline", calls_in=True, hangs=True),
)


def is_stop(headers: Mapping[str, str]) -> bool:
    """Return whether a request to a session's URL asks for its end; one that does not say what it is counts as well."""
    return headers.get(_KIND_HEADER, _STOP) == _STOP


class Names:
    """The names of sessions in Slack, learnt from what is written there: `#7` and the platform's own, `h4202753936`."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def learn(self, text: str) -> None:
        """Learn from a message: from a line that has both names, or from a card, which has one of each.

        A card is a message about one session; its first line has the short name.
        """
        lines = text.splitlines()
        for line in lines:
            self._pair(line, line)
        if lines:
            self._pair(lines[0], text)

    def unconfirmed(self, text: str) -> set[int]:
        """Return the sessions of which a message says that their stop is not confirmed, by the platform's ids.

        It says so in a line with a session's name, or lists them below a heading of these words.
        """
        told: set[int] = set()
        under_heading = False
        for line in text.splitlines():
            under_heading = bool(_HEADING.match(line)) or (under_heading and line.startswith(_BULLET))
            if under_heading or _NOT_CONFIRMED.search(line):
                told |= self._named(line)
        return told

    def of(self, history_id: int) -> str:
        """Return a session's name in Slack, or the platform's where Slack has none yet."""
        return next((f"#{name}" for name, known in self._ids.items() if known == history_id), f"h{history_id}")

    def _pair(self, short: str, long: str) -> None:
        names, ids = set(_NAME.findall(short)), set(_HISTORY_ID.findall(long))
        if len(names) == 1 and len(ids) == 1:
            self._ids[names.pop()] = int(ids.pop())

    def _named(self, line: str) -> set[int]:
        by_name = {self._ids[name] for name in _NAME.findall(line) if name in self._ids}
        return by_name | {int(history_id) for history_id in _HISTORY_ID.findall(line)}
