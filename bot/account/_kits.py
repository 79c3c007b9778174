"""The kit among the scenarios of rules: its version and its place, for those who ask about rules.

A rule names its scenarios without their sources, so a copy's version is read from its source: once, as long as the
platform does not say that it was modified.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.ports import RuleKit
from bot.scenario import KIT_NAME, KIT_VERSION, CopyState, KitVersion, read_copy
from bot.voximplant import Management, Rule

PATIENCE_S: Final = 2.0
"""The time for which the rules are shown later for the version of the kit in them."""


KEPT: Final = 1_000
"""The number of copies that are known; of more the one read first is read again when it is asked about."""


@dataclass(frozen=True, kw_only=True)
class _Copy:
    """The kept part of a copy: not its source."""

    state: CopyState
    version: KitVersion | None
    announces: bool


class KitReader:
    """Reads the copies of the kit that rules have."""

    def __init__(self, management: Management) -> None:
        self._management = management
        self._read: dict[tuple[int, datetime], _Copy] = {}

    async def of(self, rules: Iterable[Rule]) -> Mapping[int, RuleKit]:
        """Return the kit of each rule that has it, by the rule's id; never raises.

        A scenario of the kit's name that turns out to be something else is left out. One that cannot be read in time
        counts as the kit, of an unknown version.
        """
        having = [rule for rule in rules if _ids(rule)]
        copies = {ref.id: ref.modified for rule in having for ref in rule.scenarios or () if ref.name == KIT_NAME}
        try:
            async with asyncio.timeout(PATIENCE_S):
                read = dict(
                    zip(copies, await asyncio.gather(*(self._copy(*each) for each in copies.items())), strict=True)
                )
        except TimeoutError:
            read = {}
        found = {rule.id: _kit_of(rule, read) for rule in having}
        return {rule_id: kit for rule_id, kit in found.items() if kit is not None}

    async def _copy(self, scenario_id: int, modified: datetime | None) -> _Copy:
        if modified is not None and (known := self._read.get((scenario_id, modified))) is not None:
            return known
        found = await read_copy(self._management.scenarios, scenario_id)
        copy = _Copy(state=found.state, version=found.version, announces=found.announces)
        if modified is not None and copy.state is not CopyState.unread:
            for older in [each for each in self._read if each[0] == scenario_id]:
                del self._read[older]
            self._read[scenario_id, modified] = copy
            if len(self._read) > KEPT:
                del self._read[next(iter(self._read))]
        return copy


def _ids(rule: Rule) -> list[int]:
    return [ref.id for ref in rule.scenarios or () if ref.name == KIT_NAME]


def _kit_of(rule: Rule, read: Mapping[int, _Copy]) -> RuleKit | None:
    """Return the rule's first copy that is the kit, as far as is known."""
    kits = [each for each in _ids(rule) if each not in read or read[each].state is not CopyState.foreign]
    if not kits or not rule.scenarios:
        return None
    copy = read.get(kits[0])
    return RuleKit(
        version=None if copy is None or copy.version is None else str(copy.version),
        newest=str(KIT_VERSION),
        is_older=copy is not None and copy.version is not None and copy.version < KIT_VERSION,
        is_first=rule.scenarios[0].id == kits[0],
        announces=copy is not None and copy.announces,
    )
