"""The scenarios of the account: listed and read, added and changed, bound to rules and put in order.

A call that may have had an effect is not repeated here: the caller reads the rules again and sees what came of it.
The official clients name the parameters and say that a source comes only for a named scenario, and that a scenario
is bound within its own application unless it is shared, which is one that was added without an application. Which
role each method needs is documented for AddScenario only: Developer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeVar

from bot.voximplant import _fields as fields
from bot.voximplant._fields import Reader, Row
from bot.voximplant._lists import Rows

T = TypeVar("T")

SCENARIO_NAME_CHARACTERS: Final = 29  # facts: fewer than 30
SCENARIO_SOURCE_BYTES: Final = 128 * 1024 - 1  # facts: less than 128 KB


@dataclass(frozen=True)
class Scenario:
    """One scenario of the account; its source is there only if it was asked for and came.

    A source is the customer's and stays in memory: it is in no `repr`.
    """

    id: int
    name: str
    modified: datetime | None = None
    source: str | None = field(default=None, repr=False)


class Call(Protocol):
    """One method of the Management API, and the reader of its answer; raises PlatformError."""

    async def __call__(self, method: str, form: Mapping[str, str], read: Callable[[Row], T], /) -> T:
        """Return what was read."""


class Listing(Protocol):
    """A list of the Management API, read to its end; raises PlatformError."""

    async def __call__(self, method: str, form: Mapping[str, str], read: Callable[[Reader], T], key: str, /) -> Rows[T]:
        """Return the readable rows."""


class Scenarios:
    """The account's scenarios; every method raises PlatformError, as those of Management do."""

    def __init__(self, call: Call, listing: Listing) -> None:
        self._call = call
        self._listing = listing

    async def all(self, application_id: int | None = None) -> Rows[Scenario]:
        """Return every readable scenario, of the account or of one application, without sources."""
        form = {} if application_id is None else {"application_id": str(application_id)}
        return await self._listing("GetScenarios", form, _scenario, "scenario_id")

    async def with_source(self, scenario_id: int) -> Scenario | None:
        """Return one scenario with its source; None where the platform lists none with this id."""
        form = {"scenario_id": str(scenario_id), "with_script": "true"}
        rows = await self._listing("GetScenarios", form, _scenario, "scenario_id")
        return next((each for each in rows if each.id == scenario_id), None)

    async def add(self, name: str, source: str, *, application_id: int | None = None, rewrite: bool = False) -> int:
        """Add a scenario, of one application or shared by all, and return its id.

        With `rewrite` a scenario of that name is replaced; without it the platform refuses.
        """
        form = {"scenario_name": name, "scenario_script": source}
        if application_id is not None:
            form["application_id"] = str(application_id)
        if rewrite:
            form["rewrite"] = "true"
        return await self._call("AddScenario", form, lambda answer: fields.integer(answer, "scenario_id"))

    async def change(self, scenario_id: int, *, source: str) -> None:
        """Replace the source of a scenario; running sessions keep the one they started with (facts: inferred)."""
        form = {"scenario_id": str(scenario_id), "scenario_script": source}
        await self._call("SetScenarioInfo", form, _done)

    async def delete(self, scenario_id: int) -> None:
        """Delete a scenario."""
        await self._call("DelScenario", {"scenario_id": str(scenario_id)}, _done)

    async def bind(self, scenario_id: int, *, rule_id: int, application_id: int) -> None:
        """Bind a scenario to a rule, at a place that the platform chooses."""
        await self._bind(scenario_id, rule_id, application_id, bind=True)

    async def unbind(self, scenario_id: int, *, rule_id: int, application_id: int) -> None:
        """Unbind a scenario from a rule."""
        await self._bind(scenario_id, rule_id, application_id, bind=False)

    async def reorder(self, scenario_ids: Sequence[int], *, rule_id: int) -> None:
        """Put the scenarios of a rule in this order; all of them are named."""
        form = {"rule_id": str(rule_id), "scenario_id": ";".join(map(str, scenario_ids))}
        await self._call("ReorderScenarios", form, _done)

    async def _bind(self, scenario_id: int, rule_id: int, application_id: int, *, bind: bool) -> None:
        form = {"scenario_id": str(scenario_id), "rule_id": str(rule_id), "application_id": str(application_id)}
        await self._call("BindScenario", {**form, "bind": "true" if bind else "false"}, _done)


def _scenario(reader: Reader) -> Scenario:
    """Read a row of GetScenarios."""
    return Scenario(
        id=fields.integer(reader.row, "scenario_id"),
        name=fields.name(reader.row, "scenario_name"),
        modified=reader.optional(fields.moment, "modified"),
        source=reader.optional(fields.text, "scenario_script"),
    )


def _done(answer: Row) -> None:
    """Read `{"result": 1}`; any other answer is not understood."""
    fields.integer(answer, "result")
