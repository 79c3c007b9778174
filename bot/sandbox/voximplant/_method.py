"""The description of a Management API method: its parameters, and its function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from bot.sandbox.voximplant._account import Account, Application, Rule
from bot.sandbox.voximplant._errors import refuse, refuse_as_not_simulated
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant._parameters import DATE_FORMAT, Parameters
from bot.sandbox.voximplant.engine import Engine

Answer: TypeAlias = dict[str, Any]
"""The JSON of a success: `{"result": …, …}`."""

DONE: Final[Mapping[str, int]] = {"result": 1}
"""The result of a method that changes something."""

PAGE = frozenset({"count", "offset"})
APPLICATION = frozenset({"application_id", "application_name"})
RULE = frozenset({"rule_id", "rule_name"})

_COMMON = frozenset({"account_id", "account_name", "account_email"})


@dataclass(frozen=True, kw_only=True)
class ApiRequest:
    """One call of the Management API as it came in. `parameters` is without the API key."""

    method: str
    parameters: Mapping[str, str]
    at: datetime
    http_method: str
    names_in_url: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Start:
    """A call that started a session of this rule."""

    rule_id: int
    request: ApiRequest


@dataclass(frozen=True, kw_only=True)
class MethodCall:
    """One call with checked credentials, and the state that it is answered from.

    `starts` is the list of all starts so far; a method that starts a session adds to it.
    """

    request: ApiRequest
    parameters: Parameters
    account: Account
    engine: Engine
    options: PlatformOptions
    starts: list[Start]

    def application(self, by_id: str = "application_id", by_name: str = "application_name") -> Application | None:
        """Return the application that is named, by id, short or full name; None when none is.

        Raises ApiError (116, 107) for one that the account does not have.
        """
        application_id = self.parameters.number(by_id)
        name = self.parameters.text(by_name)
        if application_id is None and name is None:
            return None
        short = None if name is None else self.account.short_name(name)
        for application in self.account.applications:
            if application_id in (None, application.application_id) and short in (None, application.name):
                return application
        return refuse(by_name if application_id is None else by_id)

    def required_application(self) -> Application:
        """Return the application that is named; raises ApiError also when none is."""
        application = self.application()
        return refuse("application_id") if application is None else application

    def rule(self) -> Rule:
        """Return the rule that is named: by id, or by its exact name when that is unambiguous.

        Raises ApiError (147, 156, and those of `application`) when no rule, or more than one, is meant.
        """
        application = self.application()
        rule_id, name = self.parameters.number("rule_id"), self.parameters.text("rule_name")
        rules = [
            rule
            for rule in self.account.rules
            if application in (None, rule.application)
            and rule_id in (None, rule.rule_id)
            and name in (None, rule.rule_name)
        ]
        if len(rules) != 1 or rule_id is None is name:
            refuse("rule_id" if name is None else "rule_name")
        return rules[0]


@dataclass(frozen=True, kw_only=True)
class Method:
    """One method. `answer` raises ApiError for a refusal.

    Whether the platform ignores unknown parameters is not documented; here they are refused,
    so that a typing error is seen.
    """

    answer: Callable[[MethodCall], Answer]
    parameters: frozenset[str]
    not_simulated: frozenset[str] = field(default_factory=frozenset)

    def check(self, names: Iterable[str]) -> None:
        """Raise ApiError when a parameter's name is unknown, or known and not simulated here."""
        for name in sorted(names):
            if name in self.not_simulated:
                refuse_as_not_simulated(name)
            if name not in self.parameters | _COMMON:
                refuse(name)


def page(rows: list[Answer], cut: slice) -> Answer:
    """Return one page of `rows`, and the number of rows in all."""
    shown = rows[cut]
    return {"result": shown, "total_count": len(rows), "count": len(shown)}


def shown(moment: datetime) -> str:
    """Return a moment as the platform shows it: to the second, in UTC, which is the account's time zone."""
    return moment.strftime(DATE_FORMAT)
