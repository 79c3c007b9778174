"""What a check has shown of a rule's scenario is said before the incident, and at it, as long as it is true."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.cli.scenario._change import Change, ChangeOptions, carry
from bot.cli.scenario.check import Options
from bot.cli.scenario.check._keeping import keep as keep_rows
from bot.cli.scenario.check._rules import check_rules
from bot.cli.terminal._execution import open_terminal
from bot.config import DEFAULT_STOP, load_settings
from bot.sandbox.voximplant import default_account
from bot.sandbox.voximplant._faults import Status
from bot.stops import digest_of
from bot.voximplant import StopRequest
from storage import Connection, scenario_checks
from storage.scenario_checks import ScenarioCheck, Verdict

from .conftest import MakeWorld, World

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}
DEAF = ScenarioCheck(
    digest="d",
    stop=digest_of(DEFAULT_STOP),
    verdict=Verdict.stops_otherwise,
    with_kit=Verdict.stops_with_kit,
    has_kit=False,
    works='stop = "0"',
    sentence="Of nine requests only 0 ends it.",
    checked_at=datetime(2026, 3, 1, 2, 14, tzinfo=UTC),
)
POLITE = """VoxEngine.addEventListener(AppEvents.Started, () => { VoxEngine.callPSTN("1", "2"); });
VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => { if (e.content === "0") VoxEngine.terminate(); });"""
WARNING = "Its scenario does not listen to a stop"


async def keep(world: World, name: str, check: ScenarioCheck, mark: str | None = None) -> None:
    """Record a check of a rule from another process, for its scenarios as they are now, or as they were at `mark`."""
    settings = load_settings(world.environ, world.folder, slack=False)
    async with open_terminal(settings, world.clock) as terminal:
        rule = await terminal.services.rules.resolve(name)
        mark = mark or rule.fingerprint
        assert mark is not None

        def job(db: Connection) -> None:
            scenario_checks.keep(db, check)
            scenario_checks.keep_rule(db, rule.id, mark, check.digest)

        await terminal.services.store.write(job)


async def test_a_deaf_rule_is_known_before_the_incident(make_world: MakeWorld) -> None:
    """The list of rules, the start form and the card say that a scenario does not listen, of no other rule."""
    async with make_world(environ=QUICK) as world:
        await keep(world, "stuck", DEAF)
        told = await world.says(world.ann, "rules", expect="stuck")
        (line,) = [each for each in told.text.splitlines() if "stuck" in each]
        assert "its scenario does not listen to a stop" in line
        assert 'it ends by stop = "0" in session-bot.toml' in line
        assert told.text.count("does not listen to a stop") == 1
        assert "session-bot scenario install --rule NAME" in told.text
        assert (await world.ann.slash(world.ops, "start")).acked
        form = await world.slack.until(lambda: next(iter(world.ann.modals), None), "the form")
        await world.slack.until(lambda: "Rule" in form.plain(), "its fields")
        await world.ann.search(form, "Rule", "")
        described = {each["text"]["text"]: each.get("description") for each in world.ann.listed(form, "Rule")}
        assert [name.split(" ")[0] for name, said in described.items() if said is not None] == ["stuck"]
        await world.started("obedient")
        await world.started("stuck")
        assert WARNING in (await world.shows("running", 1)).text
        assert WARNING not in world.card(0).text


async def test_a_check_at_a_terminal_is_said_in_slack(make_world: MakeWorld) -> None:
    """What `session-bot scenario check` finds out of a rule is what the bot says of it, without a restart."""
    account = default_account()
    account.add_rule(account.applications[0], "polite", POLITE, rule_id=3000)
    async with make_world(environ=QUICK, account=account) as world:
        settings = load_settings(world.environ, world.folder, slack=False)
        found = await check_rules(settings, ["polite"], Options(with_kit=False), lambda _: None)
        assert await keep_rows(settings, found.rows, datetime.now(UTC)) is None
        told = await world.says(world.ann, "rules polite", expect="does not listen to a stop")
        assert 'it ends by stop = "0" in session-bot.toml' in told.text
        await world.started("polite")
        assert WARNING in world.card().text
        await world.stop_bot()
        (world.folder / "session-bot.toml").write_text('[rules.polite]\nid = 3000\nstop = "0"\n')
        await world.start_bot()
        told = await world.says(world.ann, "rules polite", expect="rule 3000")
        assert "does not listen" not in told.text
        await world.says(world.ann, "stop 1", expect="Confirmed: #1 polite")


async def test_a_rule_that_was_mended_a_moment_ago_is_warned_of_no_more(make_world: MakeWorld) -> None:
    """With the kit bound since the check, neither the list nor a card repeats what is true no longer."""
    account = default_account()
    account.add_rule(account.applications[0], "polite", POLITE, rule_id=3000)
    async with make_world(environ=QUICK, account=account) as world:
        await keep(world, "polite", DEAF)
        await world.says(world.ann, "rules polite", expect="does not listen to a stop")
        await world.started("polite")
        assert WARNING in world.card().text
        settings = load_settings(world.environ, world.folder, slack=False)
        options = ChangeOptions(names=("polite",), dry_run=False, yes=True, json=False)
        assert await carry(settings, Change.install, options) == 0
        await world.started("polite again")
        assert WARNING not in world.card(1).text
        told = await world.says(world.ann, "rules polite", expect="has the kit")
        assert "does not listen" not in told.text
        await world.says(world.ann, "stop 2", expect="Confirmed: #2 polite")
        assert WARNING in world.card(0).text


async def test_what_ends_it_is_said_when_a_stop_is_not_confirmed(make_world: MakeWorld) -> None:
    """The thread and the alarm say that the scenario does not listen, what does end it, and how to mend it."""
    async with make_world(environ=QUICK) as world:
        await keep(world, "stuck", DEAF)
        await world.started("stuck")
        verdict = await world.says(world.ann, "stop 1", expect="Not confirmed")
        assert "It kept silent: the answer was empty.\nIts scenario does not listen to a stop, checked" in verdict.text
        assert "/session send 1 --text 0 ended it when it was checked." in verdict.text
        status = await world.says(world.bob, "status 1", expect="Its end is not confirmed")
        assert WARNING in status.text
        assert "It kept silent" in status.text
        assert WARNING in (await world.replied("Stop by ann")).text
        alarm = await world.replied("Stop not confirmed")
        for fact in (
            "It kept silent: the answer was empty.",
            f"{WARNING}, checked ",
            'it ends by stop = "0", for session-bot.toml.',
            "session-bot scenario install --rule stuck, on the bot's machine",
            "/session send 1 --text 0 ended it when it was checked",
        ):
            assert fact in alarm.text, fact
        assert "scenario check" not in alarm.text
        assert "asks again" not in alarm.text


async def test_of_what_is_not_known_the_check_is_named(make_world: MakeWorld) -> None:
    """Without a check the alarm names it; what the scenario answered stands there without its secrets."""
    async with make_world(environ=QUICK, answer_bodies=True) as world:
        account = world.platform.account
        source = 'VoxEngine.addEventListener(AppEvents.HttpRequest, () => "busy, pin=48151");'
        account.add_rule(account.applications[0], "polite", source, rule_id=3000)
        await world.started("polite")
        assert WARNING not in world.card().text
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        alarm = await world.replied("Stop not confirmed")
        assert "It answered: busy, pin=•••" in alarm.text
        assert "session-bot scenario check --rule polite, on the bot's machine" in alarm.text
        assert "48151" not in world.slack.conversation()
        assert b"48151" not in world.kept()


async def test_a_check_of_another_stop_says_nothing(make_world: MakeWorld) -> None:
    """A check that was made with another stop than the configured one, or of other scenarios, is no longer true."""
    other = digest_of(StopRequest(body=b"0", content_type="text/plain; charset=utf-8"))
    async with make_world(environ=QUICK) as world:
        await keep(world, "stuck", replace(DEAF, stop=other))
        await keep(world, "obedient", replace(DEAF, digest="e"), mark="as it was before")
        told = await world.says(world.ann, "rules", expect="stuck")
        assert "does not listen" not in told.text
        await world.started("stuck")
        assert WARNING not in world.card().text


async def test_a_good_check_warns_of_nothing(make_world: MakeWorld) -> None:
    """A scenario that ended by its stop is named in the list, and on no card."""
    async with make_world(environ=QUICK) as world:
        await keep(world, "stuck", replace(DEAF, verdict=Verdict.stops, works=None, with_kit=None))
        told = await world.says(world.ann, "rules stuck", expect="its scenario ends by a stop, checked")
        assert "scenario install" not in told.text
        await world.started("stuck")
        assert WARNING not in world.card().text
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        alarm = await world.replied("Stop not confirmed")
        assert "Its scenario ended by this stop when it was checked" in alarm.text


async def test_a_stop_that_perhaps_arrived_says_so(make_world: MakeWorld) -> None:
    """Of a stop without an answer nobody can say whether the scenario read it."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        world.platform.faults.session(Status(500), times=3)
        await world.says(world.ann, "stop 1", expect="Not confirmed")
        alarm = await world.replied("Stop not confirmed")
        assert "Whether its scenario read it cannot be known." in alarm.text


async def test_a_bulk_stop_says_it_as_well(make_world: MakeWorld) -> None:
    """The summary has each answer, and the alarm which scenarios are known not to listen and how to look at all."""
    async with make_world(environ=QUICK) as world:
        await keep(world, "stuck", DEAF)
        await world.started("stuck")
        await world.started("stuck again")
        told = await world.says(world.bob, "stop 1 2", expect="Stop 2 sessions?")
        await world.presses(world.bob, told, "Stop 2 sessions", expect="2 not confirmed")
        alarm = await world.slack.until(
            lambda: next((each for each in world.ops.messages if "after the stop by" in each.text), None), "the alarm"
        )
        assert alarm.text.count(WARNING) == 2
        assert alarm.text.count("It kept silent: the answer was empty.") == 2
        assert "session-bot scenario check --all, on the bot's machine" in alarm.text
