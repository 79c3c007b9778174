"""The result of a command, recorded by dispatch in one commit."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.ports._reply import Reply
from bot.ports._response import Offer, Row
from storage import Connection
from storage.command import CommandState
from storage.records import Session


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of a command.

    `says` is the one line for the person. `changes` runs in the commit that finishes the command; its
    session (or None) is that of the thread's link and of later steps. `replies` are recorded in
    the same commit, by session id. `after_commit` is work that follows the commit and is finished before the process
    ends; `in_background` only responds, after that, and is dropped when the process ends. `quiet` is true when the
    person sees it already.
    """

    state: CommandState = CommandState.done
    says: str
    session: int | None = None
    changes: Callable[[Connection], Session | None] | None = None
    replies: Mapping[int, Reply] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()
    rows: tuple[Row, ...] = ()
    after_commit: Callable[[], Coroutine[Any, Any, None]] | None = None
    in_background: Callable[[], Coroutine[Any, Any, None]] | None = None
    quiet: bool = False
