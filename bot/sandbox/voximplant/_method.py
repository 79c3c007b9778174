"""The description of a Management API method: its parameters, and its function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from bot.sandbox.voximplant._account import Account, Application
from bot.sandbox.voximplant._errors import refuse, refuse_as_not_simulated
from bot.sandbox.voximplant._options import PlatformOptions
from bot.sandbox.voximplant._parameters import Parameters
from bot.sandbox.voximplant.engine import Engine

Answer: TypeAlias = dict[str, Any]
"""The JSON of a success: `{"result": …, …}`."""

PAGE = frozenset({"count", "offset"})
APPLICATION = frozenset({"application_id", "application_name"})

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

    def application(self) -> Application | None:
        """Return the application that is named, by id or exact name; None when none is.

        Raises ApiError (116, 107) for one that the account does not have.
        """
        application_id = self.parameters.number("application_id")
        name = self.parameters.text("application_name")
        if application_id is None and name is None:
            return None
        for application in self.account.applications:
            if application_id in (None, application.application_id) and name in (None, application.name):
                return application
        return refuse("application_name" if application_id is None else "application_id")


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
