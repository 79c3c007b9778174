"""A payload of Slack's as a dataclass: `_reader` makes it, once, for Socket Mode and HTTP alike. Pure.

A payload says where it comes from (facts); whether its person may do anything is for `bot.access`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict

Json = Mapping[str, Any]


class MalformedPayload(ValueError):  # noqa: N818 - it names what is wrong
    """A body has another shape than Slack's payloads. For the receivers, which answer it and use nothing of it."""


class Kind(StrEnum):
    """The kinds of payloads; the values are Slack's own, where it has one."""

    command = "command"
    click = "block_actions"
    submission = "view_submission"
    suggestion = "block_suggestion"
    event = "event_callback"
    other = "other"


@dataclass(frozen=True, kw_only=True)
class Action:
    """A pressed button or chosen option, and when, in Slack's time; `value` is the button's, `chosen` the option's."""

    id: str
    at: str
    value: str = ""
    chosen: str = ""


@dataclass(frozen=True, kw_only=True)
class View:
    """A form or Home tab: `kept` is the bot's own data in it, `fields` its present values, by block and action.

    `channel` is the channel of its person that either keeps; empty where it keeps none.
    """

    id: str
    callback: str
    hash: str
    is_home: bool
    channel: str
    kept: Json
    fields: Mapping[tuple[str, str], str]


@dataclass(frozen=True, kw_only=True)
class Event:
    """The parts of an event: `ts` is a message's own, `said` its text and blocks."""

    ts: str = ""
    is_edited: bool = False
    tab: str = ""
    group: str = ""
    said: Json = field(default_factory=dict, repr=False)


class Origin(TypedDict):
    """The fields of a request that say where it comes from; the policy alone judges them."""

    team: str
    actor: str
    homes: frozenset[str]
    is_shared: bool


@dataclass(frozen=True, kw_only=True)
class Payload:
    """One payload. `name` is that of its listener: a command, an action, a form or a type of event.

    `team` is the workspace of the installation. `homes` are the person's workspaces, or organisations, in the
    payload: on Enterprise Grid others than `team` for somebody who is a member of it. `is_shared` is Slack's flag
    that another workspace reads the channel. `key` is equal for a second delivery, `message` is the ts of the message
    with the pressed button, `typed_at` Slack's time of a click or mention. `trigger` and `response_url` are
    capabilities, and never shown.
    """

    kind: Kind
    name: str
    team: str = ""
    homes: frozenset[str] = frozenset()
    is_shared: bool = False
    channel: str = ""
    person: str = ""
    text: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    message: str = ""
    thread: str | None = None
    typed_at: datetime | None = None
    trigger: str = field(default="", repr=False)
    response_url: str = field(default="", repr=False)
    action: Action = Action(id="", at="")
    view: View | None = None
    event: Event = Event()
    route: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The same for Bolt: what it finds the listener by, and nothing that it could fall over."""

    @property
    def origin(self) -> Origin:
        """Return the fields of the request that it makes."""
        return Origin(team=self.team, actor=self.person, homes=self.homes, is_shared=self.is_shared)
