"""The copies of the kit in an account: which scenarios are the kit, of which version, and whose they are.

A scenario of the kit's name is the kit only if it begins with the kit's first line and ends with its last: a customer
may have pasted the kit on top of a scenario of their own and called that so, or have one of that name without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.scenario._digests import DIGESTS, digest
from bot.scenario._kit import KIT_VERSION, KitVersion, kit_source, kit_version_of
from bot.scenario._options import options_of, with_options
from bot.voximplant import Scenario

ANNOUNCE: Final = "ANNOUNCE"
_ON, _OFF = "true", "false"
_LAST_LINE: Final = "// End of session-bot.voxengine.js"


class CopyState(StrEnum):
    """The kinds of scenarios that have the kit's name."""

    current = "current"
    """The kit of this bot's version, whatever the options in it."""
    older = "older"
    """The kit of an older version, whatever the options in it, which can be updated in place."""
    newer = "newer"
    """The kit of a newer version than this bot's: left alone."""
    changed = "changed"
    """The kit of this version or an older one, with more changed in it than its options: left alone."""
    foreign = "foreign"
    """A scenario of somebody else that has the kit's name: never touched."""
    unread = "unread"
    """Its source could not be read, so it may be anything: never touched."""

    @property
    def is_kit(self) -> bool:
        """Return whether it surely is the kit and nothing else."""
        return self not in {CopyState.foreign, CopyState.unread}


@dataclass(frozen=True)
class KitCopy:
    """A scenario of the kit's name. `applications` are those that list it; one that none lists is shared by all."""

    id: int
    state: CopyState
    version: KitVersion | None
    applications: frozenset[int]
    source: str | None = field(default=None, repr=False)

    def can_be_bound_in(self, application_id: int) -> bool:
        """Return whether rules of the application can have it: by facts, if it is of that application or shared."""
        return application_id in self.applications or not self.applications

    @property
    def announce(self) -> str:
        """Return the value of the option that switches announcing on, as it is written."""
        return options_of(self.source or "").get(ANNOUNCE, _OFF)

    @property
    def announces(self) -> bool:
        """Return whether sessions that have it announce themselves."""
        return self.state.is_kit and self.announce == _ON

    def updated(self, *, announce: bool | None = None) -> str:
        """Return the source of this bot's kit with the options of this copy, announcing as asked for."""
        return kit_source_with(options_of(self.source or ""), announce=announce)


def kit_source_with(options: Mapping[str, str] | None = None, *, announce: bool | None = None) -> str:
    """Return this bot's kit with these options; `announce` switches announcing on or off, None leaves it."""
    switched = {} if announce is None else {ANNOUNCE: announce_value(on=announce)}
    return with_options(kit_source(), {**(options or {}), **switched})


def announce_value(*, on: bool) -> str:
    """Return the value of the option that switches announcing on or off, as the kit has it."""
    return _ON if on else _OFF


def kit_copy(scenario: Scenario, applications: frozenset[int] = frozenset()) -> KitCopy:
    """Return what a scenario of the kit's name is."""
    source = None if scenario.source is None else scenario.source.removeprefix("\ufeff").replace("\r\n", "\n")
    version = None if source is None else kit_version_of(source)
    return KitCopy(scenario.id, _state(source, version), version, applications, source)


def _state(source: str | None, version: KitVersion | None) -> CopyState:
    if source is None:
        return CopyState.unread
    if version is None or not source.rstrip().endswith(_LAST_LINE) or source.count(_LAST_LINE) != 1:
        return CopyState.foreign
    if version > KIT_VERSION:
        return CopyState.newer
    if digest(source) != DIGESTS.get(version):
        return CopyState.changed
    return CopyState.current if version == KIT_VERSION else CopyState.older
