"""The rules with their scenarios: dropped files become a rule, and a check's verdict stands beside it.

A check takes seconds, and all that this machine has: they are done one after another.
"""

import asyncio
import logging
import re
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.sandbox import Changes
from bot.sandbox.page._extension import Handler, Malformed, Problem
from bot.sandbox.page._options import PageOptions, ScenarioFile
from bot.sandbox.slack import Json, Person
from bot.sandbox.voximplant import (
    CannotMakeRule,
    Platform,
    Rule,
    Source,
    add_own_rule,
    free_rule_name,
    is_typable,
    scenario_name_of,
)

_log = logging.getLogger(__name__)

CHECK_S: Final = 120.0
"""The time limit of one check: those of scenarios that never return take less than half of it."""

_FILES_MOST: Final = 20
_FILE_NAME_MOST: Final = 255
_VERDICT_MOST: Final = 20_000
_BLANK: Final = re.compile(r"\s")


@dataclass(frozen=True)
class _Verdict:
    """The verdict on scenarios as they were when they were checked."""

    files: Sequence[ScenarioFile]
    text: str


class Scenarios:
    """The rules of the platform, as a part of the page."""

    def __init__(self, platform: Platform, options: PageOptions, check_s: float = CHECK_S) -> None:
        self.changes = Changes()
        self._account = platform.account
        self._options = options
        self._check_s = check_s
        self._own: set[int] = set()
        self._verdicts: dict[int, _Verdict] = {}
        self._waiting: deque[int] = deque()
        self._frame: Json = {}

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers: `scenarios` makes a rule of files, `check` checks one that is there."""
        return {"scenarios": self._add, "check": self._check}

    def frames(self, viewer: Person) -> Iterable[Json]:
        """Return the frame of the rules, the newest of a person's own first."""
        del viewer  # everybody sees the platform
        rules = sorted(self._account.rules, key=lambda rule: (rule.rule_id not in self._own, -rule.rule_id))
        own = [self._shown(rule) for rule in rules if rule.rule_id in self._own]
        others = [self._shown(rule) for rule in reversed(rules) if rule.rule_id not in self._own]
        frame = {"type": "scenarios", "rules": own + others}
        if frame != self._frame:
            self._frame = frame
        return [self._frame]

    async def run(self) -> None:
        """Check what waits, one rule after another, until cancelled."""
        while True:
            upcoming = self.changes.upcoming
            while self._waiting:
                await self._check_next()
            await upcoming.wait()

    async def _add(self, person: Person | None, body: Json) -> Json:
        del person
        files, name = _files(body), _rule_name(body)
        try:
            free = name or free_rule_name(self._account, scenario_name_of(files[0].name))
            rule = add_own_rule(self._account, files, free)
        except CannotMakeRule as problem:
            raise Problem(str(problem)) from None
        self._own.add(rule.rule_id)
        if self._options.check is not None:
            self._waiting.append(rule.rule_id)
        self.changes.notify()
        check = "none" if self._options.check is None else "pending"
        return {"rule": rule.rule_id, "line": self._line(rule), "check": check}

    async def _check(self, person: Person | None, body: Json) -> Json:
        del person
        if self._options.check is None:
            msg = "This sandbox is served without the bot's check: run session-bot scenario check on the file."
            raise Problem(msg)
        rule = self._rule(body.get("rule"))
        if rule is None:
            msg = "There is no such rule any more."
            raise Problem(msg)
        if rule.rule_id not in self._waiting:
            self._verdicts.pop(rule.rule_id, None)
            self._waiting.append(rule.rule_id)
            self.changes.notify()
        return {"check": "pending"}

    async def _check_next(self) -> None:
        """Check the rule that has waited longest, which waits until its verdict is there."""
        rule = self._rule(self._waiting[0])
        if rule is not None:
            files = self._files_of(rule)
            self._verdicts[rule.rule_id] = _Verdict(files, await self._verdict(files))
        self._waiting.popleft()
        self.changes.notify()

    async def _verdict(self, files: Sequence[ScenarioFile]) -> str:
        assert self._options.check is not None  # noqa: S101 - without one nothing waits
        try:
            async with asyncio.timeout(self._check_s):
                text = await self._options.check(files)
        except TimeoutError:
            return f"Not known: the check took longer than {self._check_s:.0f} s, and was ended."
        except Exception:  # noqa: BLE001 - a check that fails costs its own verdict, and no other
            _log.exception("A check of scenarios failed")
            return "Not known: the check itself failed, and the log has the error."
        return text if len(text) <= _VERDICT_MOST else f"{text[:_VERDICT_MOST]}…"

    def _shown(self, rule: Rule) -> Json:
        files = self._files_of(rule)
        known = self._verdicts.get(rule.rule_id)
        return {
            "id": rule.rule_id,
            "name": rule.rule_name,
            "application": rule.application.name,
            "scenarios": [file.name for file in files],
            "typed": self._typed(rule),
            "line": self._line(rule),
            "verdict": known.text if known is not None and known.files == files else None,
            "checking": rule.rule_id in self._waiting,
            "yours": rule.rule_id in self._own,
        }

    def _line(self, rule: Rule) -> str:
        """Return the line that starts a session of a rule."""
        return f"{self._options.command} start {self._typed(rule)}"

    def _typed(self, rule: Rule) -> str:
        """Return a rule's name as it is typed; its number where the name is another rule's, too, or no keyboard's."""
        name = rule.rule_name
        if not is_typable(name) or sum(each.rule_name == name for each in self._account.rules) > 1:
            return str(rule.rule_id)
        return f'"{name}"' if _BLANK.search(name) else name

    def _rule(self, rule_id: object) -> Rule | None:
        return next((rule for rule in self._account.rules if rule.rule_id == rule_id), None)

    def _files_of(self, rule: Rule) -> Sequence[ScenarioFile]:
        return [ScenarioFile(name=each.name, source=each.source) for each in self._account.scenarios_of(rule)]


def _files(body: Json) -> Sequence[Source]:
    """Return the files of a request. Raises Malformed, and Problem for more than a rule is made of here."""
    given = body.get("files")
    if not isinstance(given, list) or not given:
        msg = "There are no files."
        raise Malformed(msg)
    if len(given) > _FILES_MOST:
        msg = f"A rule is made of {_FILES_MOST} files at most; there are {len(given)}, and nothing was added."
        raise Problem(msg)
    files = []
    for each in given:
        name, source = (each.get("name"), each.get("source")) if isinstance(each, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(source, str) or not 0 < len(name) <= _FILE_NAME_MOST:
            msg = "A file has a name and a source."
            raise Malformed(msg)
        files.append(Source(name, source))
    return files


def _rule_name(body: Json) -> str | None:
    name = body.get("rule")
    if name is not None and not isinstance(name, str):
        msg = "The rule's name is no text."
        raise Malformed(msg)
    return name or None
