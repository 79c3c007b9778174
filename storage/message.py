"""A message of ours in Slack as a frozen record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

RELEASED: Final = -1
"""The version that a card shows which somebody wants to see as it is, also while cards are held back."""

PAINTED_ANEW: Final = -2
"""The version that a message shows which is sent once more, also where it seems to be shown already."""


class Kind(StrEnum):
    """The kind of a message of ours."""

    card = "card"
    reply = "reply"
    summary = "summary"


@dataclass(frozen=True, kw_only=True)
class Message:
    """A Slack message of ours, as one row: due, and perhaps already shown.

    `body` is None for a card, which is rendered from its session. `thread_ts` is the ts of the session's card, or of
    the summary that a reply stands `under`; a summary stands in its channel, and has no session. A direct message
    stands for the message `direct_of`, whose channel refuses it.
    """

    id: int
    session: int | None
    command: int | None
    channel: str
    kind: Kind
    body: Mapping[str, Any] | None = field(repr=False)
    ts: str | None
    wanted: int
    shown: int
    error: str | None
    created_at: datetime
    thread_ts: str | None
    under: int | None = None
    direct_of: int | None = None
