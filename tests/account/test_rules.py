"""Which rule is meant, and how often the platform is asked for the list."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from bot.account._rule_list import AT_ONCE, FRESH
from bot.account._rules import Rules
from bot.config._config_file import RuleConfig
from bot.ports._errors import NoSuchRule, RulesUnreadable
from bot.process._clock import Clock
from bot.slack.render import render_mrkdwn
from bot.voximplant._lists import Rows
from bot.voximplant._management import Application, Management, Rule, ScenarioRef
from bot.voximplant.errors import PlatformError, RoleMissing, TimedOut, TryLater
from tests.manual_clock import ManualClock


class ListedRules:
    """An account that counts how often it is asked; `problem` is what it answers instead.

    `problems` are those of single applications, `room` is how many calls it takes at once: more are refused.
    """

    def __init__(self, names: dict[int, list[str]] | None = None, room: int = 1_000) -> None:
        self.asked = self.at_once = self.most_at_once = 0
        self.problem: PlatformError | None = None
        self.problems: dict[int, PlatformError] = {}
        self.names = names or {1: ["support", "sales calls", "1001"], 2: ["support"]}
        self.room = room
        self.odd = 0
        self.modified: datetime | None = datetime(2026, 3, 1, tzinfo=UTC)

    async def applications(self) -> list[Application]:
        """List the applications."""
        self.asked += 1
        if self.problem is not None:
            raise self.problem
        names = {1: "demo", 2: "live"}
        return [Application(each, names.get(each, f"application {each}")) for each in self.names]

    async def rules(self, application_id: int, application_name: str = "") -> Rows[Rule]:
        """List the rules of one."""
        if self.at_once >= self.room:
            raise TryLater(429, "")
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if (problem := self.problems.get(application_id)) is not None:
            raise problem
        scenarios = (ScenarioRef(1, "main", self.modified),)
        found = (
            Rule(application_id * 1000 + number, name, application_id, application_name, scenarios)
            for number, name in enumerate(self.names[application_id], 1)
        )
        return Rows(found, self.odd if application_id == 1 else 0)


def book(account: ListedRules, clock: Clock | None = None) -> Rules:
    """Make the rule book of an account whose config knows one alias."""
    configured = (RuleConfig(alias="hotline", id=2001),)
    return Rules(cast("Management", account), configured, clock or ManualClock())


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
        assert part in render_mrkdwn(refused.value.sentence)


@pytest.mark.parametrize(
    ("typed", "near"), [("suport", "support"), ("Sales Call", "sales calls"), ("hotlin", "hotline")]
)
async def test_an_unknown_name_gets_the_nearest(typed: str, near: str) -> None:
    """A mistyped name starts nothing and names what is near, aliases included."""
    with pytest.raises(NoSuchRule, match="Nothing was started") as refused:
        await book(ListedRules()).resolve(typed)
    assert near in render_mrkdwn(refused.value.sentence)


@pytest.mark.parametrize("listed_before", [False, True], ids=["first", "listed"])
async def test_an_unknown_number_gets_the_nearest(*, listed_before: bool) -> None:
    """A number that no rule has starts nothing and names what is near; it is looked for in a list read just now."""
    account = ListedRules()
    rules = book(account)
    if listed_before:
        await rules.listing()
    with pytest.raises(NoSuchRule, match=r"No rule has the number 1009\. Nothing was started\. Near it:") as refused:
        await rules.resolve("1009")
    assert "1002 `sales calls`" in render_mrkdwn(refused.value.sentence)
    assert account.asked == 1 + listed_before
    with pytest.raises(NoSuchRule, match="rules lists those that there are"):
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


async def test_a_rule_is_found_by_its_name_as_soon_as_it_is_made() -> None:
    """A name that a list of this minute lacks is looked for in one read just now; a name that it has is not."""
    account = ListedRules()
    rules = book(account)
    await rules.listing()
    account.names[2].append("new")
    assert (await rules.resolve("new")).id == 2002
    assert account.asked == 2
    assert (await rules.resolve("new")).id == 2002
    assert account.asked == 2


async def test_the_list_is_read_once_a_minute_for_all() -> None:
    """Many who ask at once cost one reading, and for a minute nobody costs another."""
    account, clock = ListedRules(), ManualClock()
    rules = book(account, clock)
    await asyncio.gather(*(rules.listing() for _ in range(20)))
    clock.let_pass(FRESH - timedelta(seconds=1))
    await rules.listing()
    assert account.asked == 1
    clock.let_pass(timedelta(seconds=1))
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
    assert "took effect" not in render_mrkdwn(refused.value.sentence)
    assert (await rules.resolve("1001")).id == 1001
    assert (await rules.resolve("hotline")).id == 2001


TWINS = {
    1: [
        "Caf\u00e9 line",
        "Night\u00a0shift",
        "2024",
        "Straße",
        "\uff21\uff11",
        "Über uns",
        "Bob's \u2013 line",
        "Hot\u200bline \u260e\ufe0f",
    ],
    2: ["night watch"],
}


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("Caf\u00e9 line", 1001),
        ("Cafe\u0301 line", 1001),
        ("cafe\u0301  LINE", 1001),
        ("Night shift", 1002),
        ("NIGHT\u2007SHIFT", 1002),
        ("\u200enight shift\u200e", 1002),
        ("2024", 1003),
        ("STRASSE", 1004),
        ("a1", 1005),
        ("über uns", 1006),
        ("Bob\u2019s - line", 1007),
        ("bob\u2018s \u2011 line", 1007),
        ("Hotline \u260e", 1008),
        ("Hot\u00adline \u260e", 1008),
        ("NIGHT WATCH", 2001),
        ("HOTLINE", 2001),
    ],
)
async def test_a_name_is_found_as_people_read_and_say_it(typed: str, number: int) -> None:
    """Composed or not, with any spaces, in any case, of digits alone: what only one rule is called is that rule."""
    assert (await book(ListedRules(TWINS)).resolve(typed)).id == number


async def test_an_exact_name_goes_before_its_likes() -> None:
    """Of two names that differ in case only each is found exactly, and neither by a third spelling."""
    rules = book(ListedRules({1: ["Sales", "sales", "support"]}))
    assert (await rules.resolve("Sales")).id == 1001
    assert (await rules.resolve("sales")).id == 1002
    with pytest.raises(NoSuchRule, match="Several rules have that name"):
        await rules.resolve("SALES")


async def test_one_application_that_does_not_answer_takes_no_names_from_the_others() -> None:
    """What could be read is found and listed, and what could not is named, with the reason."""
    account = ListedRules()
    account.problems[2] = RoleMissing(104, "No.")
    rules = book(account)
    assert (await rules.resolve("sales calls")).id == 1002
    listing = await rules.listing()
    assert [rule.id for rule in listing.rules] == [1001, 1002, 1003]
    assert listing.lacks == (
        "The rules of live could not be read. The platform does not let this bot's service account read them."
    )
    with pytest.raises(NoSuchRule, match="The rules of live could not be read") as refused:
        await rules.resolve("billing")
    assert "A rule's number needs no look-up." in render_mrkdwn(refused.value.sentence)
    assert (await rules.resolve("2009")).name is None


async def test_rules_that_cannot_be_read_are_told_of() -> None:
    """A list in which the platform says something odd is not called whole, and a name may be among what is odd."""
    account = ListedRules()
    account.odd = 2
    rules = book(account)
    assert (await rules.resolve("sales calls")).id == 1002
    assert "2 rules cannot be read" in ((await rules.listing()).lacks or "")
    with pytest.raises(NoSuchRule, match="2 rules cannot be read"):
        await rules.resolve("billing")


async def test_many_applications_are_read_a_few_at_a_time() -> None:
    """Sixty applications are read though the account takes few calls at once, and what was refused is asked again."""
    account = ListedRules({number: [f"rule {number}"] for number in range(1, 61)}, room=AT_ONCE - 3)
    rules = book(account)
    assert (await rules.resolve("rule 60")).id == 60_001
    assert (await rules.listing()).lacks is None
    assert account.most_at_once <= AT_ONCE


async def test_what_was_known_serves_while_the_platform_does_not_answer() -> None:
    """A list from before is used and says how old it is; an application's own rules stay while it does not answer."""
    account, clock = ListedRules(), ManualClock()
    rules = book(account, clock)
    await rules.listing()
    clock.let_pass(FRESH)
    account.problems[2] = TimedOut(10)
    listing = await rules.listing()
    assert [rule.id for rule in listing.rules] == [1001, 1002, 1003, 2001]
    assert "The rules of live could not be read" in (listing.lacks or "")
    account.problem = TimedOut(10)
    clock.let_pass(FRESH)
    listing = await rules.listing()
    assert [rule.id for rule in listing.rules] == [1001, 1002, 1003, 2001]
    assert "These are the rules as read on" in (listing.lacks or "")
    assert (await rules.resolve("sales calls")).id == 1002
    assert rules.known().rules == listing.rules
    account.problem, account.problems = None, {}
    assert (await rules.listing()).lacks is None


async def test_which_scenarios_a_rule_has_is_known_of_what_was_read_lately() -> None:
    """A rule's fingerprint changes with its scenarios, and is not known of a list that is older or has no times."""
    account, clock = ListedRules(), ManualClock()
    rules = book(account, clock)
    first = (await rules.resolve("sales calls")).fingerprint
    assert first is not None
    account.modified = datetime(2026, 3, 2, tzinfo=UTC)
    assert (await rules.resolve("sales calls")).fingerprint == first
    second = await rules.fingerprint_now(1002)
    assert second not in {None, first}
    assert (await rules.resolve("sales calls")).fingerprint == second
    assert await rules.fingerprint_now(9) is None
    account.problems[1] = TimedOut(1)
    assert await rules.fingerprint_now(1002) is None
    assert await rules.fingerprint_now(2001) is not None
    account.problem = TimedOut(1)
    assert await rules.fingerprint_now(2001) is None
    assert all(each.fingerprint is None for each in rules.known().rules)
    account.problem, account.problems, account.modified = None, {}, None
    assert (await rules.listing(anew=True)).rules[0].fingerprint is None
