"""One command as it comes in, whichever way."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.ports._dialog import Dialog
from bot.ports._grammar import Intent
from bot.ports._response import Respond, Response


class Via(StrEnum):
    """The transport of a command."""

    slash = "slash"
    button = "button"
    mention = "mention"
    home = "home"
    modal = "modal"
    limit = "limit"
    terminal = "terminal"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One command, of any transport.

    `asked` is the typed text, or the intent of a transport that knows it. `key` makes a second delivery the same
    command. `again` passes the double-press window. `typed_at` is Slack's time of the typing, where known. `homes` are
    the person's workspaces, or organisations, in Slack's payload, `is_shared` is its flag that another workspace reads
    the channel: `bot.access` judges both. `refused` is the response of a transport that does not let it run: recorded
    like any refusal. `dialog` is there where a form can be opened on the person's screen. `thread` is the session in
    whose thread it was typed, where no id is needed, and `addressed` the beginning of a command there: no slash command
    can be typed in a thread.
    """

    team: str
    channel: str
    actor: str
    via: Via
    key: str
    asked: str | Intent = field(repr=False)
    respond: Respond
    again: bool = False
    confirmed: bool = False
    homes: frozenset[str] = frozenset()
    is_shared: bool = False
    typed_at: datetime | None = None
    refused: Response | None = None
    dialog: Dialog | None = None
    thread: int | None = None
    addressed: str | None = None
