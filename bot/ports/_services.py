"""The services that verbs use, built once, and the context of one command: its request with them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.config import Settings
from bot.ports._account import Account
from bot.ports._board import Board
from bot.ports._changes import Changes
from bot.ports._grammar import Intent
from bot.ports._policy import Policy, Right
from bot.ports._repeats import RecentResponses
from bot.ports._reply import Files
from bot.ports._request import Request
from bot.ports._rules import RuleLookup
from bot.ports._verb import Verb, line_of
from bot.ports._write_behind import WriteBehind
from bot.process import Clock
from bot.voximplant import LogFiles, Management, SessionRequests
from storage import Connection, commands
from storage.sealing import Sealer
from storage.store import Store


@dataclass(frozen=True, kw_only=True)
class Services:
    """The services, as built by `bot.life`. `slack_now` is the time by the clock of Slack's timestamps."""

    settings: Settings
    verbs: tuple[Verb, ...]
    store: Store
    write_behind: WriteBehind
    sealer: Sealer
    management: Management
    requests: SessionRequests
    rules: RuleLookup
    account: Account
    policy: Policy
    board: Board
    files: Files
    logs: LogFiles
    clock: Clock
    slack_now: Callable[[], datetime]
    changes: Changes
    recent_responses: RecentResponses
    owner: str
    wake_watch: Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Context:
    """One request on its way. `command` is its row, None only for a stop that could not be recorded yet.

    `right` is the verb's: `session_for` checks it with the policy.
    """

    request: Request
    command: int | None
    services: Services
    right: Right

    @property
    def command_word(self) -> str:
        """The beginning of a command where this one was typed."""
        return self.request.addressed or self.services.settings.command

    def line(self, intent: Intent) -> str:
        """Return an intent as one line, without how a command begins."""
        return line_of(self.services.verbs, intent)


def command_row(db: Connection, context: Context) -> int | None:
    """Return the command's row, also of a stop that was sent first and recorded later."""
    if context.command is not None:
        return context.command
    late = commands.by_key(db, context.request.key)
    return None if late is None else late.id
