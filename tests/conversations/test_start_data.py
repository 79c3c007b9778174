"""The data of a start: a probable mistake is asked about, and the typed bytes are sent."""

from bot.sandbox.voximplant import default_account
from bot.sandbox.voximplant._account import shipped_scenario

from .conftest import MakeWorld, World


def data_of(world: World) -> list[str | None]:
    """Return the custom data of each session at the platform."""
    return [each.custom_data for each in world.platform.sessions.values()]


async def test_an_option_behind_the_data_is_refused_with_the_line_that_was_meant(world: World) -> None:
    """However the limit is written there, nothing is started, and one press starts with it, or as it was typed."""
    line = 'start obedient {{"a":1}} {0}'
    for form, typed in [
        *[
            (line, each)
            for each in ("--max 30m", "max=30m", "-m 30m", "\u2014max 30m", "max: 30m", "--max 30 m", "-m30m")
        ],
        *[('start {0} obedient {{"a":1}}', each) for each in ("--max 30m", "--max=30m", "max=30m", "-m 30m")],
        ('start obedient {0} {{"a":1}}', "max 30m"),
    ]:
        told = await world.says(world.ann, form.format(typed), expect="stands after the rule")
        assert 'Did you mean /session start obedient --max 30m {"a":1}?' in told.text
    for typed in ("x --max 30 please", "x --max soon or so", 'x --max {"a":1}'):
        await world.says(world.ann, f"start obedient {typed}", expect="with a duration such as")
    told = await world.says(world.ann, "start obedient x y max=30m", expect="stands after the rule")
    await world.says(world.ann, "start obedient x --tag y", expect="--tag is not an option of start")
    assert not world.platform.sessions
    assert [each.label for each in told.buttons()] == ["Start all the same", "Start with that limit"]
    await world.presses(world.ann, told, "Start with that limit", expect="Started #1")
    assert data_of(world) == ["x y"]
    assert world.session().max is not None
    told = await world.says(world.ann, "start obedient x --tag y", expect="--tag is not an option of start")
    await world.presses(world.ann, told, "Start all the same", expect="Started #2")
    assert data_of(world) == ["x y", "x --tag y"]


async def test_data_that_is_nearly_json_is_asked_about(world: World) -> None:
    """Nothing is started before somebody says so: with the data as typed, or repaired where that makes JSON of it."""
    told = await world.says(world.ann, 'start obedient {"a": 1', expect="begins like JSON and is none")
    assert [each.label for each in told.buttons()] == ["Start all the same"]
    assert not world.platform.sessions
    await world.presses(world.ann, told, "Start all the same", expect="It went out as typed.")
    told = await world.says(world.ann, "start obedient {“a”: 1}", expect="begins like JSON and is none")
    await world.presses(world.ann, told, "Start with it repaired", expect="Started #2")
    told = await world.says(world.ann, "start obedient plain words, no JSON", expect="Started #3")
    assert "JSON" not in told.text
    assert data_of(world) == ['{"a": 1', '{"a": 1}', "plain words, no JSON"]


async def test_json_with_something_around_it_is_asked_about(world: World) -> None:
    """Quotes of a shell, and what looks like an option before JSON, go out only when somebody says so."""
    for typed in ("'{\"a\": 1}'", '"{"a": 1}"', 'data={"a": 1}', 'channel=all {"a": 1}'):
        told = await world.says(world.ann, f"start obedient {typed}", expect="JSON with something around it")
    assert not world.platform.sessions
    await world.presses(world.ann, told, "Start with the JSON alone", expect="Started #1")
    valid = '"{\\"a\\": 1}"'
    await world.says(world.ann, f"start obedient {valid}", expect="Started #2")
    told = await world.says(world.ann, 'start obedient data={"a": 2}', expect="JSON with something around it")
    await world.presses(world.ann, told, "Start all the same", expect="Started #3")
    assert data_of(world) == ['{"a": 1}', valid, 'data={"a": 2}']


async def test_what_json_leaves_open_is_said_in_a_line(world: World) -> None:
    """A key that comes twice, and a number that JavaScript rounds, go out as typed, with a line that says so."""
    typed = '{"a": 1, "a": 9007199254740993}'
    told = await world.says(world.ann, f"start obedient {typed}", expect="Started #1")
    for text in ("a key more than once (a)", "beyond 2^53", "It went out as typed."):
        assert text in told.text
    assert data_of(world) == [typed]
    await world.says(world.ann, f"send 1 {typed}", expect="a key more than once")
    assert world.platform.deliveries[-1].body == typed.encode()


async def test_a_rule_may_be_typed_as_rules_prints_it(make_world: MakeWorld) -> None:
    """`in` and an application after the name say which rule is meant; other words after `in` are data."""
    account = default_account()
    other = account.add_application("other place")
    account.add_rule(other, "obedient", shipped_scenario("obedient"), rule_id=2000)
    async with make_world(account=account) as world:
        await world.says(world.ann, "start obedient", expect="Several rules have that name")
        await world.says(world.ann, "start obedient in demo", expect="Started #1")
        told = await world.says(world.ann, "start Obedient in Other Place --max 5m {}", expect="Started #2")
        assert "was read as the application" in told.text
        await world.says(world.ann, "start stuck in other place", expect="has no rule stuck")
        await world.says(world.ann, "start stuck in case of fire", expect="Started #3")
        assert data_of(world) == ["", "{}", "in case of fire"]
        assert (world.session(1).rule_id, world.session(2).rule_id) == (1001, 2000)
