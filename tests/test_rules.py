"""Which rule is meant, and how often the platform is asked for the list."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bot.clock import Clock
from bot.config_file import RuleConfig
from bot.rules import FRESH, Rules
from bot.verbs.errors import NoSuchRule, RulesUnreadable
from bot.voximplant.errors import PlatformError, RoleMissing, TimedOut
from bot.voximplant.management import Application, Management, Rule


class HandClock(Clock):
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 2, 14, tzinfo=UTC)

    def now(self) -> datetime:
        """Tell what was set."""
        return self.time


class ListedRules:
    """An account with two applications that counts how often it is asked; `problem` is what it answers instead."""

    def __init__(self) -> None:
        self.asked = 0
        self.problem: PlatformError | None = None
        self.names = {1: ["support", "sales calls", "1001"], 2: ["support"]}

    async def applications(self) -> list[Application]:
        """List the applications."""
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        return [Application(1, "demo"), Application(2, "live")]

    async def rules(self, application_id: int, application_name: str = "") -> list[Rule]:
        """List the rules of one."""
        return [
            Rule(application_id * 1000 + number, name, application_id, application_name, conference=False)
            for number, name in enumerate(self.names[application_id], 1)
        ]


def book(account: ListedRules, clock: Clock | None = None) -> Rules:
    """Make the rule book of an account whose config knows one alias."""
    configured = (RuleConfig(alias="hotline", id=2001, name="Hot line"),)
    return Rules(cast("Management", account), configured, clock or HandClock())


async def test_number_goes_before_alias_before_name() -> None:
    """A number is a rule's id, also where a rule is called like one; an alias is the config's; a name is exact."""
    rules = book(ListedRules())
    assert (await rules.resolve("1001")).id == 1001
    assert (await rules.resolve("hotline")).id == 2001
    assert (await rules.resolve("sales calls")).id == 1002


async def test_a_name_in_two_applications_is_nobodys() -> None:
    """The same name in two applications is listed with both numbers, and not chosen between."""
    with pytest.raises(NoSuchRule) as refused:
        await book(ListedRules()).resolve("support")
    for part in ("nothing was started", "demo", "1001", "live", "2001"):
        assert part in refused.value.sentence


@pytest.mark.parametrize(
    ("typed", "near"), [("suport", "support"), ("Sales Call", "sales calls"), ("hotlin", "hotline")]
)
async def test_an_unknown_name_gets_the_nearest(typed: str, near: str) -> None:
    """A mistyped name starts nothing and names what is near, aliases included."""
    with pytest.raises(NoSuchRule, match="Nothing was started") as refused:
        await book(ListedRules()).resolve(typed)
    assert near in refused.value.sentence


@pytest.mark.parametrize("listed_before", [False, True], ids=["first", "listed"])
async def test_an_unknown_number_gets_the_nearest(*, listed_before: bool) -> None:
    """A number that no rule has starts nothing and names what is near; it is looked for in a list read just now."""
    account = ListedRules()
    rules = book(account)
    if listed_before:
        await rules.listing()
    with pytest.raises(NoSuchRule, match=r"No rule has the number 1009\. Nothing was started\. Near it:") as refused:
        await rules.resolve("1009")
    assert "1002 `sales calls`" in refused.value.sentence
    assert account.asked == 1 + listed_before
    with pytest.raises(NoSuchRule, match="`rules` lists those that there are"):
        await rules.resolve("777")


async def test_a_number_is_started_also_when_the_list_is_older_or_silent() -> None:
    """A rule made since the list was read is found; a number is started unseen when the list cannot be read anew."""
    account = ListedRules()
    rules = book(account)
    await rules.listing()
    account.names[2].append("new")
    assert (await rules.resolve("2002")).name == "new"
    account.problem = RoleMissing(104, "No.")
    unseen = await rules.resolve("777")
    assert (unseen.id, unseen.name) == (777, None)


async def test_the_list_is_read_once_a_minute_for_all() -> None:
    """Many who ask at once cost one reading, and for a minute nobody costs another."""
    account, clock = ListedRules(), HandClock()
    rules = book(account, clock)
    await asyncio.gather(*(rules.listing() for _ in range(20)))
    clock.time += FRESH - timedelta(seconds=1)
    await rules.listing()
    assert account.asked == 1
    clock.time += timedelta(seconds=1)
    await rules.listing()
    assert account.asked == 2


async def test_a_list_that_cannot_be_read_stops_no_start_by_number() -> None:
    """A failed look-up says that nothing was started and why; a number or an alias goes without it."""
    account = ListedRules()
    rules = book(account)
    account.problem = RoleMissing(104, "No.")
    with pytest.raises(RulesUnreadable, match="lacks the role"):
        await rules.resolve("support")
    account.problem = TimedOut(10)
    with pytest.raises(RulesUnreadable, match="nothing was started") as refused:
        await rules.resolve("support")
    assert "took effect" not in refused.value.sentence
    assert (await rules.resolve("1001")).id == 1001
    assert (await rules.resolve("hotline")).name == "Hot line"
