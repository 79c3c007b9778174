"""`session-bot doctor`, in a world with things broken on purpose."""

import json
import re
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from bot.cli import app
from bot.cli.doctor import _slack_hosts as examine_hosts
from bot.cli.doctor._doctor import examine
from bot.cli.doctor._findings import Finding, Level, ok
from bot.cli.doctor._shapes import shapes
from bot.config._loading import load_settings
from bot.sandbox.slack import _faults as slack_faults
from bot.sandbox.voximplant._faults import Error
from bot.slack.inbound import _home as home
from bot.slack.render import _buttons as buttons
from bot.slack.render import _cards as cards
from bot.slack.render import _modals as modals
from storage.records import State
from tests.nothing_lost import until_settled
from tests.quick_clock import QuickClock

from .conftest import MakeWorld, World


async def found(world: World, *, clock: QuickClock | None = None, **other: str) -> list[Finding]:
    """Return the doctor's findings on this world, with its settings or some others."""
    environ = world.environ | other
    return await examine(load_settings(environ, world.folder), clock or world.clock, environ)


def only(findings: list[Finding], what: str) -> Finding:
    """Return the one finding about this."""
    (one,) = [each for each in findings if each.what == what]
    return one


def wrong(findings: list[Finding]) -> dict[str, Level]:
    """Return the findings that are not in order."""
    return {each.what: each.level for each in findings if each.level is not Level.ok}


async def test_a_sound_world_has_no_problem(make_world: MakeWorld) -> None:
    """With everything in order there is no problem, and what cannot be tried is the one warning."""
    config = "[rules.obedient]\nid = {id}\n"
    async with make_world(start=False) as world:
        number = world.platform.account.rules[0].rule_id
        (world.folder / "session-bot.toml").write_text(config.format(id=number))
        world.environ["SESSION_BOT_CHANNELS"] = world.ops.id
        (world.folder / "service-account.json").chmod(0o600)
        await world.start_bot()
        await world.started()
        await until_settled(world)  # what the bot still has to say is not the doctor's
        before = [each.method for each in world.slack.calls if each.method.startswith("chat.")]
        findings = await found(world)
        assert wrong(findings) == {"start": Level.warning}
        assert "StartScenarios would start a session" in only(findings, "start").says
        assert "opens what is stored: 1 URL." in only(findings, "secret key").says
        assert re.match(r"Its head is [0-9a-f]{64} \(line \d+\)", only(findings, "audit").says)
        assert "#ops" in only(findings, "channels").says
        assert "Every full member may start any rule" in only(findings, "policy").says
        assert [each.method for each in world.slack.calls if each.method.startswith("chat.")] == before
        assert len(world.platform.sessions) == 1


async def test_scopes_are_held_against_the_manifest(world: World) -> None:
    """Each scope of the manifest that the token lacks is named, with what to do."""
    world.slack.workspace.scopes.remove("groups:read")
    finding = only(await found(world, SESSION_BOT_CHANNELS=world.ops.id), "scopes")
    assert finding.level is Level.problem
    assert "lacks groups:read" in finding.says
    assert "install it again" in finding.says


async def test_groups_in_the_settings_need_their_scope(world: World) -> None:
    """A group among the responders whose members Slack will not tell is a problem."""
    scopes = world.slack.workspace.scopes
    scopes[:] = [each for each in scopes if each != "usergroups:read"]
    findings = await found(world, SESSION_BOT_RESPONDERS="S0123")
    assert any("usergroups:read" in each.says and each.level is Level.problem for each in findings)


async def test_a_token_of_a_whole_organisation_is_a_problem(make_world: MakeWorld) -> None:
    """A token that serves every workspace of an organisation is told about before the bot refuses it."""
    async with make_world(start=False, slack_options={"enterprise_id": "E0LOCAL", "org_wide": True}) as world:
        finding = only(await found(world), "bot token")
        assert finding.level is Level.problem
        assert "a whole organisation" in finding.says


@pytest.mark.parametrize("kind", ["shared", "org_shared"])
async def test_a_channel_that_others_read_is_told_about(world: World, kind: str) -> None:
    """A channel of the settings is of no use if another workspace reads it, of the same organisation or not."""
    wide = world.slack.channel("wide", **{kind: True})
    finding = only(await found(world, SESSION_BOT_CHANNELS=wide.id), "channels")
    assert finding.level is Level.warning
    assert "#wide is shared with another workspace" in finding.says


async def test_homes_are_looked_at(world: World) -> None:
    """A home without the bot, unknown or shared is told about: what is said of its sessions would reach nobody."""
    away = world.slack.channel("away", members=[world.ann], bot_in=False)
    wide = world.slack.channel("wide", shared=True)
    rules = f'[rules.calm]\nid = 1001\nhome = "{away.id}"\n[rules.loud]\nid = 1002\nhome = "{wide.id}"\n'
    (world.folder / "session-bot.toml").write_text(f'[directory]\nchannel = "C0GONE"\n{rules}')
    says = [each.says for each in await found(world) if each.what == "channels"]
    assert any("The bot is not in #away" in each for each in says)
    assert any("C0GONE of channel in [directory] cannot be read" in each for each in says)
    assert any("#wide is shared with another workspace" in each for each in says)


def test_the_doctor_shows_slack_every_button_and_field() -> None:
    """What is not among the shapes is judged by nobody before it is needed."""
    seen = json.dumps([arguments for _, arguments in shapes(datetime.now(UTC), "/session")])
    actions = {
        action
        for module in (buttons, cards, home, modals)
        for name, action in vars(module).items()
        if name.endswith("_ACTION")
    }
    assert actions
    assert {each for each in actions if not re.search(rf'"action_id": "{each}[":]', seen)} == set()


async def test_slack_judges_every_shape(world: World) -> None:
    """Each shape of card, reply, form and Home is taken, at the longest and oddest that can stand in it."""
    finding = only(await found(world), "shapes")
    asked = [each for each in world.slack.calls if each.method == "blocks.validate"]
    assert finding == ok("shapes", f"Slack takes all {len(asked)} shapes of cards, replies, forms and Home.")
    assert {each.arguments["view"]["type"] for each in asked if "view" in each.arguments} == {"modal", "home"}
    assert sum("message" in each.arguments for each in asked) > len(State)


async def test_a_shape_that_slack_does_not_take_is_named(world: World) -> None:
    """What Slack objects to, and where, is a problem; a Slack that does not judge is only told about."""
    objection = {"pointer": "/blocks/0/text", "code": "failed_constraint", "message": "must be shorter"}
    world.slack.faults.add("blocks.validate", slack_faults.Error("invalid_message", (objection,)))
    finding = only(await found(world), "shapes")
    assert finding.level is Level.problem
    assert "the card of a session that is starting: must be shorter at /blocks/0/text" in finding.says
    for fault in (slack_faults.Error("unknown_method"), slack_faults.RateLimited(30)):
        world.slack.faults.add("blocks.validate", fault)
        finding = only(await found(world), "shapes")
        assert finding.level is Level.warning
        assert "Slack judged 0 shapes" in finding.says


@pytest.mark.parametrize(("method", "what"), [("auth.test", "bot token"), ("apps.connections.open", "app token")])
async def test_a_token_that_is_not_accepted_is_named(world: World, method: str, what: str) -> None:
    """The variable that is wrong is named, and its value is not."""
    world.slack.faults.add(method, slack_faults.Error("invalid_auth"))
    finding = only(await found(world), what)
    assert finding.level is Level.problem
    assert "invalid_auth" in finding.says
    assert "xoxb" not in finding.says
    assert "xapp" not in finding.says


async def test_a_slack_that_is_down_keeps_nothing_else_from_being_looked_at(world: World) -> None:
    """What is wrong with the platform is found on a day without Slack, too."""
    world.slack.faults.add("auth.test", slack_faults.Http(503))
    findings = await found(world)
    assert only(findings, "slack").level is Level.problem
    assert only(findings, "history").level is Level.ok


@pytest.mark.parametrize(
    ("method", "code", "what", "says"),
    [
        pytest.param("GetCallHistory", 104, "roles", "do not allow GetCallHistory", id="no role for the history"),
        pytest.param("GetApplications", 104, "roles", "do not allow GetRules", id="no role for the rules"),
        pytest.param("GetCallHistory", 100, "credentials", "Generate a new key", id="not accepted"),
        pytest.param("GetCallHistory", 455, "clock", "this machine's is wrong", id="ahead"),
        pytest.param("GetCallHistory", 456, "clock", "this machine's is wrong", id="behind"),
    ],
)
async def test_what_the_platform_refuses_is_told_apart(
    world: World, method: str, code: int, what: str, says: str
) -> None:
    """A missing role, a wrong key and a wrong clock are different problems, each with its own remedy."""
    world.platform.faults.management(method, Error(code, "no"), times=2)  # a token refused for its times is made anew
    findings = [each for each in await found(world) if each.what == what and each.level is Level.problem]
    assert [says in each.says for each in findings] == [True]


async def test_a_clock_that_is_off_is_told(world: World) -> None:
    """Some minutes are a warning; more than Slack allows are a problem."""
    for seconds, level in ((60, Level.warning), (600, Level.problem)):
        clock = QuickClock(times=1)
        clock.jump((world.clock.now() - clock.now()).total_seconds() + seconds)
        finding = next(each for each in await found(world, clock=clock) if "Slack's: " in each.says)
        assert finding.level is level
        assert finding.says.startswith("This machine's clock is ")
        assert finding.says.endswith(" s ahead of Slack's: set it right, with NTP.")
    assert "clock" not in only(await found(world), "credentials").says


async def test_a_rule_of_the_config_that_is_gone_is_named(make_world: MakeWorld) -> None:
    """The alias and the number are told, and the nearest rule that there is."""
    async with make_world(config="[rules.obediant]\nid = 99\n") as world:
        finding = only(await found(world), "config")
        assert finding.level is Level.problem
        assert "[rules.obediant] is rule 99" in finding.says
        assert "Nearest: obedient" in finding.says


async def test_what_the_grants_name_and_is_not_there_is_a_problem(make_world: MakeWorld) -> None:
    """A rule that the account lacks and a group that Slack does not know are named; those that are there are not."""
    config = '[[policy.grant]]\nverbs = ["start"]\nwho = ["S0GONE"]\nrules = ["obedient", "gone rule"]\n'
    async with make_world(config=config) as world:
        findings = await found(world)
        assert "grant 1 names the rule gone rule" in only(findings, "grants").says
        assert "who is in the group S0GONE" in only(findings, "groups").says
        assert {only(findings, each).level for each in ("grants", "groups")} == {Level.problem}


async def test_a_key_that_does_not_open_what_is_stored_is_a_problem(world: World) -> None:
    """Sessions that could not be stopped with this key are counted and named before anybody needs to."""
    await world.started()
    findings = await found(world, SESSION_BOT_SECRET_KEY=Fernet.generate_key().decode())
    assert "does not open 1 stored URL (#1)" in only(findings, "secret key").says
    if world.server is None:  # there it is in the settings
        (world.folder / "session-bot.db.key").unlink()
        assert "is gone" in only(await found(world), "secret key").says
        assert not (world.folder / "session-bot.db.key").exists()


MUTE = {
    "sqlite": "create trigger mute before insert on audit begin select raise(ignore); end",
    "postgres": "create rule mute as on insert to audit do instead nothing",
}


async def test_triggers_that_are_gone_or_not_ours_are_told(world: World, engine: str) -> None:
    """What keeps lines out of the audit is named, and a trigger that is gone; nothing is mended here."""
    await world.stop_bot()
    with world.database() as connection:
        connection.execute(MUTE[engine])
        assert "Not as the bot makes them: mute" in only(await found(world), "triggers").says
        connection.execute(f"drop trigger audit_keeps_lines {'' if world.server is None else 'on audit'}")
    assert "audit_keeps_lines" in only(await found(world), "triggers").says


@pytest.mark.sqlite
async def test_a_broken_file_is_told_and_left_as_it_is(world: World) -> None:
    """Rights too wide and a damaged file are found; nothing is mended here."""
    await world.stop_bot()
    path = world.folder / "session-bot.db"
    path.chmod(0o644)
    findings = await found(world)
    assert any("chmod 600" in each.says and "session-bot.db" in each.says for each in findings)
    assert only(findings, "running").level is Level.warning
    for each in world.folder.glob("session-bot.db-*"):
        each.unlink()
    path.write_bytes(b"SQLite format 3\x00" + b"\xff" * 4096)
    assert only(await found(world), "database").level is Level.problem


async def test_channels_are_looked_at(world: World) -> None:
    """A channel of the settings that is unknown, archived or without the bot is a problem, with its name."""
    away = world.slack.channel("away", members=[world.ann], bot_in=False)
    findings = [
        each for each in await found(world, SESSION_BOT_CHANNELS=f"{away.id},C0GONE") if each.what == "channels"
    ]
    assert [each.level for each in findings] == [Level.problem, Level.problem]
    assert any("The bot is not in #away" in each.says for each in findings)
    assert any("C0GONE" in each.says for each in findings)


async def test_without_named_channels_those_of_the_bot_are_told(world: World) -> None:
    """Where the settings name no channel, it is told to which the bot was invited, and who may start what."""
    assert world.ops
    findings = await found(world)
    assert "#ops" in only(findings, "channels").says
    assert only(findings, "policy").level is Level.warning


def says(findings: list[Finding], what: str) -> list[str]:
    """Return every text about this, with its level."""
    return [f"{each.level}: {each.says}" for each in findings if each.what == what]


async def test_who_may_stop_is_told_from_the_grants(make_world: MakeWorld) -> None:
    """A grant of stop to one person in one channel is not told as everybody's everywhere."""
    config = '[[policy.grant]]\nverbs = ["stop"]\nwho = ["U0ANN"]\nchannels = ["C0NIGHT"]\nrules = ["obedient"]\n'
    async with make_world(config=config, start=False) as world:
        findings = await found(world)
        assert "ok: U0ANN may stop sessions of obedient in C0NIGHT." in says(findings, "policy")
        assert says(findings, "responders") == [
            "ok: From other channels they may stop it, too; what runs in a private one only with everywhere."
        ]
        findings = await found(world, SESSION_BOT_RESPONDERS="U0BOB")
        assert says(findings, "responders") == [
            "ok: From another channel only U0BOB may stop a session, and everybody their own.",
            "warning: U0BOB of SESSION_BOT_RESPONDERS is named by no grant of stop, which is needed as well.",
        ]


async def test_without_a_grant_of_stop_that_is_said(make_world: MakeWorld) -> None:
    """Where a policy forgets to stop, nobody learns of it only at night."""
    async with make_world(config='[[policy.grant]]\nverbs = ["start"]\n', start=False) as world:
        findings = await found(world)
        assert says(findings, "responders") == ["warning: No [[policy.grant]] holds stop: nobody may stop from Slack."]


async def test_without_grants_responders_are_who_stops_elsewhere(make_world: MakeWorld) -> None:
    """Without a policy it is every full member, or those whom the settings name."""
    async with make_world(start=False) as world:
        everybody, named = await found(world), await found(world, SESSION_BOT_RESPONDERS="U0BOB")
        assert says(everybody, "responders") == [
            "ok: Sessions of other public channels may be asked to stop by every full member."
        ]
        assert says(named, "responders") == [
            "ok: Sessions of other public channels may be asked to stop by U0BOB, and by everybody their own."
        ]


async def test_a_grant_is_told_as_the_settings_narrow_it(make_world: MakeWorld) -> None:
    """Channels of a grant that SESSION_BOT_CHANNELS does not hold are not promised; nor is a rule that is gone."""
    config = "\n".join(
        f'[[policy.grant]]\nverbs = ["start"]\nwho = ["{who}"]\n{more}'
        for who, more in {
            "U0BOTH": 'channels = ["C0HERE", "C0THERE"]',
            "U0NONE": 'channels = ["C0THERE"]',
            "U0SOME": 'rules = ["obedient", "nosuch"]',
            "U0GONE": 'rules = ["nosuch"]',
        }.items()
    )
    async with make_world(config=config, start=False) as world:
        told = says(await found(world, SESSION_BOT_CHANNELS="C0HERE"), "policy")
        assert told == [
            "ok: U0BOTH may start any rule in C0HERE.",
            "warning: U0NONE may start nothing: SESSION_BOT_CHANNELS holds no channel of that grant (C0THERE).",
            "ok: U0SOME may start obedient in C0HERE.",
        ]


async def test_channels_of_the_grants_are_looked_at(make_world: MakeWorld) -> None:
    """A channel that a grant names is looked up as one of the settings is, and it is said which grant names it."""
    config = '[[policy.grant]]\nverbs = ["start"]\n[[policy.grant]]\nverbs = ["stop"]\nchannels = ["C0GONE"]\n'
    async with make_world(config=config, start=False) as world:
        told = says(await found(world), "channels")
        assert any(each.startswith("problem: C0GONE of [[policy.grant]] 2 cannot be read") for each in told)


async def test_a_command_of_another_name_is_not_called_this_ones(world: World) -> None:
    """That some slash command came says nothing of its name, which no bot can read."""
    finding = only(await found(world, SESSION_BOT_COMMAND="/phone"), "command")
    assert (finding.level, finding.says.partition(".")[0]) == (
        Level.warning,
        "No slash command has come from Slack yet",
    )
    await world.says(world.ann, "list")
    finding = only(await found(world, SESSION_BOT_COMMAND="/phone"), "command")
    assert finding.says.startswith("The last slash command came from Slack at ")
    assert "that it is called /phone cannot be seen from here" in finding.says


def test_wrong_settings_are_exit_code_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every problem of the settings is a line, also as JSON, and nothing else is looked at."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "VOXIMPLANT_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["doctor", "--json"])
    assert result.exit_code == 2
    lines = json.loads(result.stdout)
    assert {(each["level"], each["what"]) for each in lines} == {("problem", "settings")}
    assert any("SLACK_BOT_TOKEN is not set" in each["says"] for each in lines)
    assert "problem settings     SLACK_BOT_TOKEN is not set" in CliRunner().invoke(app, ["doctor"]).stdout


@pytest.mark.parametrize(
    ("api_url", "is_socket_mode", "hosts"),
    [
        ("https://slack.com/api/", True, ["hooks", "files", "wss-primary", "wss-backup"]),
        ("https://slack.com/api/", False, ["hooks", "files"]),
        ("http://127.0.0.1:8080/api/", True, []),
        ("https://slack.com.example.com/api/", True, []),
    ],
)
def test_the_hosts_that_slack_leads_to_are_known(api_url: str, *, is_socket_mode: bool, hosts: list[str]) -> None:
    """Beside `slack.com` Slack uses others, which the page on installing names; elsewhere there are none."""
    named = examine_hosts.named(api_url, is_socket_mode=is_socket_mode)
    assert named == [f"{each}.slack.com" for each in hosts]
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "install.md").read_text()
    assert all(f"`{each}`" in page for each in named)


async def test_a_host_that_cannot_be_reached_is_said() -> None:
    """A host is tried with a connection, by which nothing is sent; what takes none is told with the reason."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        assert await examine_hosts.unreached(None, "127.0.0.1", port, None) is None
    assert await examine_hosts.unreached(None, "127.0.0.1", port, None) == "cannot be reached (ConnectionRefusedError)"
