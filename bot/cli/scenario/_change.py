"""`session-bot scenario install` and `uninstall`: what would change is shown, agreed to, done, and read back."""

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from bot.cli._console import agrees, until_interrupted
from bot.cli._exit_codes import ExitCode
from bot.cli._secrets import secrets
from bot.cli._setup_problems import report_problems, report_setting_problems
from bot.cli.scenario._account import Account, open_management, read_account
from bot.cli.scenario._words import step_json, step_words
from bot.config import Settings, SettingsProblems, load_settings
from bot.ports import NoSuchRule, RulesUnreadable
from bot.process import Redactor, install_logging
from bot.scenario import KIT_VERSION, Plan, Step, carry_out, install_plan, uninstall_plan
from bot.text import harmless_line, plain
from bot.voximplant import Management
from bot.voximplant.errors import CredentialsUnusable, OutcomeUnknown, PlatformError, Refused, RoleMissing

_LATER: Final = "Sessions that run already keep the scenarios they started with; those that start now have the change."


class Change(StrEnum):
    """The change of the chosen rules."""

    install = "install"
    uninstall = "uninstall"


@dataclass(frozen=True, kw_only=True)
class ChangeOptions:
    """The options of a change: shown only, without a question, told as JSON. `names` None means all rules.

    `announce` switches announcing on or off with an installation; None leaves it as it is.
    """

    names: tuple[str, ...] | None
    dry_run: bool
    yes: bool
    json: bool
    announce: bool | None = None


@dataclass
class _Result:
    """The outcome, so far: the steps done, the sentences, and the exit code."""

    plan: Plan = field(default_factory=Plan)
    done: list[Step] = field(default_factory=list)
    failed: str | None = None
    said: list[str] = field(default_factory=list)
    code: int = ExitCode.done


def change(environ: Mapping[str, str], cwd: Path, what: Change, options: ChangeOptions) -> int:
    """Install or uninstall the kit; return the exit code. Nothing of Slack's and no database is needed."""
    try:
        settings = load_settings(environ, cwd, slack=False)
    except SettingsProblems as wrong:
        return report_setting_problems(wrong.problems)
    install_logging(logging.ERROR, Redactor(secrets(settings)))
    return asyncio.run(until_interrupted(carry(settings, what, options), interrupted=ExitCode.not_confirmed))


async def carry(settings: Settings, what: Change, options: ChangeOptions, agree: Callable[[str], bool] = agrees) -> int:
    """Do it once `agree` has agreed, and tell what came of it, also where it ends in the middle; return the code."""
    return await _Run(settings, what, options, agree).run()


class _Run:
    def __init__(self, settings: Settings, what: Change, options: ChangeOptions, agree: Callable[[str], bool]) -> None:
        self._settings = settings
        self._what = what
        self._options = options
        self._agree = agree
        self._result = _Result()

    async def run(self) -> int:
        """Do it, and tell what came of it, also where it ends in the middle."""
        try:
            async with open_management(self._settings) as management:
                await self._run(management)
        except CredentialsUnusable as problem:
            return report_problems(str(problem))
        except (NoSuchRule, RulesUnreadable) as problem:
            self._end(ExitCode.refused, plain(problem.sentence))
        except PlatformError as problem:
            self._end(_code(problem, looked=True), f"Nothing was changed. {self._sentence(problem)}")
        finally:
            self._tell()
        return self._result.code

    async def _run(self, management: Management) -> None:
        account = await self._read(management)
        plan = self._result.plan = self._plan(account)
        lacks = account.rules.lacks
        for sentence in (*([plain(lacks)] if lacks else []), *plan.notes, *plan.refusals):
            self._say(sentence)
        if plan.refusals or (lacks and self._options.names is None):
            self._result.code = ExitCode.refused
        if plan.settled:
            self._say(self._settled(plan.settled))
        if not plan.steps:
            self._say("Nothing to change.")
            return
        for step in plan.steps:
            self._say(step_words(step))
        if self._options.dry_run:
            self._say("Nothing was changed: this was a dry run.")
            return
        if not self._agreed():
            self._end(ExitCode.refused, "Nothing was changed; add --yes if it is meant.")
            return
        if not self._options.yes and self._plan(await self._read(management)) != plan:
            self._end(ExitCode.refused, "Nothing was changed: the account has changed meanwhile. Look at it again.")
            return
        if await self._carry_out(plan, management):
            await self._read_back(management)

    async def _carry_out(self, plan: Plan, management: Management) -> bool:
        """Carry out the steps; return whether all were done."""
        try:
            async for step in carry_out(plan, management.scenarios):
                self._result.done.append(step)
        except PlatformError as problem:
            self._result.failed = "not known" if isinstance(problem, OutcomeUnknown) else "not done"
            self._end(_code(problem), *self._half_done(self._sentence(problem)))
            return False
        except asyncio.CancelledError:
            self._result.failed = "not known"
            self._end(ExitCode.not_confirmed, *self._half_done("It was interrupted."))
            raise
        return True

    async def _read_back(self, management: Management) -> None:
        """Compare the account with what was wanted: an answer that a change came about is not yet the change."""
        try:
            left = self._plan(await self._read(management)).steps
        except (PlatformError, NoSuchRule, RulesUnreadable):
            self._end(ExitCode.not_confirmed, "All was done; whether it is so could not be read back. Run it again.")
            return
        if left:
            says = "All was accepted, but the account does not show all of it yet. Run it again in a minute."
            self._end(ExitCode.not_confirmed, says)
            return
        self._say(f"Done. {_LATER}")

    async def _read(self, management: Management) -> Account:
        return await read_account(management, self._settings, self._options.names)

    def _plan(self, account: Account) -> Plan:
        rules = account.rules
        if self._what is Change.install:
            named = self._options.names is not None
            return install_plan(rules.chosen, rules.every, account.copies, named=named, announce=self._options.announce)
        return uninstall_plan(rules.chosen, rules.every, account.copies, whole=rules.lacks is None)

    def _settled(self, number: int) -> str:
        """Return how many rules are as they should be already."""
        rules, has = ("1 rule", "has") if number == 1 else (f"{number} rules", "have")
        return f"{rules} {has} the kit in front." if self._what is Change.install else f"{rules} {has} no kit."

    def _agreed(self) -> bool:
        return self._options.yes or (not self._options.json and self._agree("Change this"))

    def _half_done(self, why: str) -> list[str]:
        """Return what was done and what was not; running the command again does the rest."""
        done = self._result.done
        failed, *rest = self._result.plan.steps[len(done) :]
        says = [why, *(f"Done: {step_words(each)}" for each in done)]
        says.append(f"{'Perhaps' if self._result.failed == 'not known' else 'Not'} done: {step_words(failed)}")
        return [*says, *(f"Not done: {step_words(each)}" for each in rest), "Running it again does what is left."]

    def _sentence(self, problem: PlatformError) -> str:
        if isinstance(problem, RoleMissing):
            return (
                "The platform does not let this service account do that: rules and scenarios are read and changed"
                " with the role Developer."
            )
        return problem.sentence

    def _end(self, code: ExitCode, *sentences: str) -> None:
        self._result.code = code
        for each in sentences:
            self._say(each)

    def _say(self, sentence: str) -> None:
        line = harmless_line(sentence) if "\n" not in sentence else sentence
        self._result.said.append(line)
        if not self._options.json:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def _tell(self) -> None:
        if self._options.json:
            sys.stdout.write(json.dumps(self._as_json(), indent=2) + "\n")

    def _as_json(self) -> dict[str, Any]:
        result = self._result
        return {
            "kit": str(KIT_VERSION),
            "dry_run": self._options.dry_run,
            "code": int(result.code),
            "steps": [step_json(step, state) for step, state in zip(result.plan.steps, self._states(), strict=True)],
            "said": result.said,
        }

    def _states(self) -> Sequence[str]:
        result = self._result
        rest = len(result.plan.steps) - len(result.done)
        if result.failed is None:
            return [*(["done"] * len(result.done)), *(["planned"] * rest)]
        return [*(["done"] * len(result.done)), result.failed, *(["not done"] * (rest - 1))]


def _code(problem: PlatformError, *, looked: bool = False) -> ExitCode:
    """Return the exit code of a failure; a look-up that failed has changed nothing, whatever became of it."""
    if isinstance(problem, Refused):
        return ExitCode.refused
    return ExitCode.not_confirmed if isinstance(problem, OutcomeUnknown) and not looked else ExitCode.not_reached
