"""The page on the kit: its example, its options and its members are those of the kit."""

import re

from bot.config import Settings
from bot.sandbox.voximplant import default_account
from bot.scenario import KIT_NAME, KIT_VERSION, kit_source
from bot.scenario._options import options_of
from bot.voximplant import KEY_VALUE_PAGE
from tests.conversations.conftest import MakeWorld
from tests.docs.pages import fenced, read, rows

PAGE = "docs/how-to/kit.md"


async def test_its_example_says_goodbye_and_ends(make_world: MakeWorld) -> None:
    """The example, behind the kit, is told who stops it and why, and ends when its goodbye has been said."""
    account = default_account()
    account.add_rule(account.applications[0], "polite", kit_source(), fenced(read(PAGE), "js"), rule_id=2000)
    async with make_world(account=account) as world:
        await world.started("polite")
        (session,) = world.platform.sessions.values()
        await world.says(world.bob, "stop 1 wrong number", expect="Confirmed: #1")
        stop = next(line for line in session.log if line.startswith("Stop "))
        assert re.fullmatch(rf"Stop \S+ by {world.bob.id} \(bob\): wrong number", stop)
        assert session.finish_reason == "Normal termination"


def test_its_options_are_those_of_the_kit() -> None:
    """Every option that the kit has stands there, and no other."""
    table = rows(read(PAGE), "| option | what it does |")
    assert [row.split("`")[1] for row in table] == list(options_of(kit_source()))


def test_its_members_are_those_that_are_announced() -> None:
    """Every member that the kit writes stands there, and no other."""
    table = rows(read(PAGE), "| member | value |")
    named = {name for row in table for name in re.findall(r"`(\w+)`", row.split(" | ")[0])}
    written = re.findall(r"claim = \{([^}]*)\}|const beat = \{([^}]*)\}|claim, \{([^}]*)\}", kit_source())
    own = {
        part.split(":")[0].strip() for group in written for text in group for part in text.split(",") if part.strip()
    }
    assert named == {*own, "hmac"} == {*own} | {"hmac"}
    assert '"hmac":"' in kit_source()


def test_its_sum_is_right() -> None:
    """The calls and the writes that announcing costs follow from the settings as they are, here and in the README."""
    rounds = 3600 / Settings.model_fields["directory_seconds"].default
    calls = rounds / KEY_VALUE_PAGE
    for page in (PAGE, "README.md"):
        assert f"{calls:g}" in read(page)
    (puts, reads, _) = rows(read(PAGE), "| what | how often | at 1,000 sessions at once |")
    beats = 3600 // int(options_of(kit_source())["ANNOUNCE_EVERY_SECONDS"])
    assert f"{beats} an hour" in puts
    assert f"{beats * 1000:,} an hour" in puts
    assert f"{calls:g} an hour for each session, and up to {rounds:g} for" in reads
    assert f"{calls * 1000:,.0f} to {calls * 1000 + rounds:,.0f} calls an hour" in reads
    assert f"{calls * 1000:,.0f} an hour for 1,000 sessions" in read("README.md").replace("\n", " ")


def test_its_output_is_what_is_printed() -> None:
    """The drawn output names the kit and its version as the command does."""
    drawn = fenced(read(PAGE), "text")
    assert f"The kit, scenario {KIT_NAME}, version {KIT_VERSION}, is added" in drawn
