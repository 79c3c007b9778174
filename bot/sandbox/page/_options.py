"""The page's options, and what it is told of a bot: the sandbox itself imports none."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.sandbox import WorldClock


@dataclass(frozen=True, kw_only=True)
class CommandHelp:
    """One verb of the slash command, for the type-ahead.

    `usage` is the form behind the command (`stop <id>… [reason]`), `summary` one sentence, `options` the words that
    may follow, as `list` takes `state=…`, each with its meaning.
    """

    name: str
    usage: str
    summary: str
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, kw_only=True)
class FirstStep:
    """A step of a newcomer's first minute: a suggestion above the composer.

    `line` is put into the composer. A step with a `button` is offered while a message has a button of that label:
    without a line it points to the newest one; in a line `{id}` is the number, as in `#12`, of the message that has it.
    """

    label: str
    line: str = ""
    button: str = ""


@dataclass(frozen=True, kw_only=True)
class ScenarioFile:
    """A scenario that was dropped onto the page: its file's name, and its source."""

    name: str
    source: str = field(repr=False)


ScenarioCheck = Callable[[Sequence[ScenarioFile]], Awaitable[str]]
"""Returns the verdict on scenarios of one rule, as text of some lines; it may take seconds."""


class BotControl(Protocol):
    """The process of the bot that is connected to this world, where there is one to control.

    Slack's `workspace.changes` are notified when its state changes.
    """

    @property
    def state(self) -> str:
        """A sentence on the process for people: that it runs, or how it ended."""

    @property
    def running(self) -> bool:
        """True while the process runs."""

    async def kill(self) -> None:
        """Kill the process, as a crash would."""

    async def start(self) -> None:
        """Start the process anew, and wait until it is connected."""

    async def put_on(self, seconds: float) -> None:
        """Put the clock of the process on by these seconds; one that is started later goes by the world's."""


@dataclass(frozen=True, kw_only=True)
class PageOptions:
    """The options of the page.

    `port` 0 lets the system choose. `start_as` is the name of the person a page starts as, by default the first one.
    `command` is the slash command. `notes` are sentences on this world, for example where it is faster than life.
    `about` says of people, by name, in a short phrase what they may do. `clock` is that of the Slack and the platform;
    without one it cannot be put on. `steps` lead through the first minute; the page has them as `steps` of its hello.
    Without `commands` nothing is suggested, without a `check` a dropped scenario gets no verdict, and without a `bot`
    there is no process to control.
    """

    port: int = 0
    start_as: str = ""
    command: str = "/session"
    notes: Sequence[str] = ()
    steps: Sequence[FirstStep] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    clock: WorldClock | None = None
    commands: Sequence[CommandHelp] = ()
    check: ScenarioCheck | None = None
    bot: BotControl | None = None
