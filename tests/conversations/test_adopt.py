"""adopt: a session that was started elsewhere is taken over by its URL, which nobody ever sees."""

import re
from datetime import timedelta

import pytest

from bot.sandbox.voximplant import FinishReason
from bot.sandbox.voximplant.engine._engine import RunningScenario
from storage.command import CommandState
from storage.records import State

from .conftest import MakeWorld, World

GRANT = '[[policy.grant]]\nverbs = ["look", "start", "send", "stop", "adopt"]\n'
OFTEN = {"SESSION_BOT_WATCH_SECONDS": "2"}


def elsewhere(world: World, rule: str = "obedient", custom_data: str = "") -> RunningScenario:
    """Start a session behind the bot's back."""
    rules = [each for each in world.platform.account.rules if each.rule_name == rule]
    return world.platform._engine.start(rules[0], custom_data)


def bot_said(world: World) -> str:
    """Return what the bot said: the conversation without the lines that people typed."""
    return "\n".join(line for line in world.slack.conversation().splitlines() if " types /session" not in line)


def on_disk(world: World) -> str:
    """Return what stands in the database and the files beside it."""
    files = [path for path in world.folder.glob("session-bot.db*") if path.is_file()]
    return b"".join(path.read_bytes() for path in files).decode("latin-1")


def never_shown(world: World, running: RunningScenario) -> None:
    """Hold that neither the bot's words nor the disk have the URL or a part of its path."""
    for part in running.access_secure_url.split("/")[4:]:
        assert part not in bot_said(world)
        assert part not in on_disk(world)


async def test_an_adopted_session_is_watched_and_stopped_from_here(make_world: MakeWorld) -> None:
    """With its number it gets a card that says by whom, its end is confirmed, and its URL is nowhere to be seen."""
    async with make_world(config=GRANT, environ=OFTEN) as world:
        running = elsewhere(world, custom_data="ticket 7")
        number = running.session.history_id
        told = await world.says(world.ann, f"adopt {running.access_secure_url} h{number}", expect="Adopted #1")
        assert "obedient" in told.text
        card = await world.shows("Data: ticket 7")
        assert "running" in card.text
        assert "Adopted by ann" in card.text
        assert f"h{number}" in card.text
        session = world.session()
        assert (session.state, session.rule_id, session.adopted) == (State.running, 1001, True)
        never_shown(world, running)
        await world.says(world.bob, "stop 1", expect="Confirmed: #1 obedient ended")
        await world.shows("ended")
        assert world.platform.starts() == []
        never_shown(world, running)


async def test_without_its_number_it_is_looked_for_by_its_rule(make_world: MakeWorld) -> None:
    """The rule and the moment in the URL find the one row of the history that can be meant, whatever its data."""
    async with make_world(config=GRANT, environ=OFTEN) as world:
        running = elsewhere(world, custom_data="whatever")
        await world.says(world.ann, f"adopt <{running.access_secure_url}> obedient", expect="Adopted #1 obedient")
        await world.until(lambda: world.session().history_id == running.session.history_id, "its number")
        began = world.session().started_at
        assert began is not None
        assert abs(began - running.session.started_at) < timedelta(seconds=20)  # of a clock that runs fast


async def test_without_number_and_rule_the_answer_says_what_cannot_be_seen(make_world: MakeWorld) -> None:
    """A bare URL is adopted and can be stopped; that its end cannot be confirmed is said at once."""
    async with make_world(config=GRANT) as world:
        running = elsewhere(world)
        told = await world.says(world.ann, f"adopt {running.access_secure_url}", expect="Adopted #1")
        assert "its end cannot be seen in the history" in told.text
        assert "unknown rule" in (await world.shows("running")).text
        await world.says(world.ann, "stop 1")
        await world.until(lambda: not running.session.running, "the session to end")
        never_shown(world, running)


async def test_a_url_that_is_held_already_is_not_adopted_again(make_world: MakeWorld) -> None:
    """Neither a session started here nor one adopted before gets a second card."""
    async with make_world(config=GRANT) as world:
        await world.started()
        started = next(iter(world.platform._engine.started.values()))
        told = await world.says(world.ann, f"adopt {started.access_secure_url}", expect="already")
        assert "#1 obedient" in told.text
        told = await world.says(world.bob, f"adopt {elsewhere(world).access_secure_url} 4202753936", expect="already")
        assert "Nothing was adopted" in told.text
        assert len(world.ops.messages) == 1


@pytest.mark.parametrize(
    ("around", "gap"), [("{},", "\n"), ("`{}`", "\t"), ("<{}>;", " \u200b"), ('"{}".', "\u00a0")], ids=ascii
)
async def test_what_is_pasted_with_the_url_does_no_harm(make_world: MakeWorld, around: str, gap: str) -> None:
    """Whatever space, quote or mark a paste brings along, the URL is the URL and the number after it is read."""
    async with make_world(config=GRANT) as world:
        running = elsewhere(world)
        number = running.session.history_id
        pasted = around.format(running.access_secure_url)
        await world.says(world.ann, f"adopt {pasted}{gap}#h{number}", expect="Adopted #1 obedient")
        assert world.session().history_id == number
        await world.says(world.ann, "stop 1")
        await world.until(lambda: not running.session.running, "the session to end")
        never_shown(world, running)


KEY = "request/AF30C0FFEE42CCA6.1580999958.1204800_127.0.0.1/90AB12CD34EF5D84"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("adopt", "URL is missing"),
        (f"adopt http://127.0.0.1:1/{KEY}", "begins with https"),
        (f"adopt https://evil.example.com/{KEY}", "none of the platform's"),
        (f"adopt https://203.0.113.5/{KEY}", "none of the platform's"),
        ("adopt https://127.0.0.1/request/AF30C0FFEE42CCA6", "two parts"),
        (f"adopt https://127.0.0.1/{KEY}/90AB12CD34EF5D84", "two parts"),
        (f"adopt https://me@127.0.0.1/{KEY}", "at sign"),
        (f"adopt 7 https://127.0.0.1/{KEY}", "not a session URL"),
        (f"adopt https://127.0.0.1/{KEY} 1 https://127.0.0.1/{KEY}", "and no more"),
        (f'adopt https://127.0.0.1/{KEY} "obedient', "has no end"),
        (f"adopt https://127.0.0.1/{KEY} h99", "does not know that number yet"),
        (f"adopt https://127.0.0.1/{KEY} nonsense", "No rule is called nonsense. Nothing was adopted."),
        (f"adopt https://127.0.0.1/{KEY} #7", "No rule is called #7. Nothing was adopted."),
        (f"adpot https://127.0.0.1/{KEY}", "There is no adpot"),
        (f"stop https://127.0.0.1/{KEY}", "Nothing was stopped"),
        (f"kill https://127.0.0.1/{KEY}", "There is no kill"),
        (f"list rule=https://127.0.0.1/{KEY}", "No session is open"),
        (f"rules https://127.0.0.1/{KEY}", "No rule has"),
        (f"start https://127.0.0.1/{KEY}", "No rule is called"),
        (f"stop all rule=https://127.0.0.1/{KEY}", "Nothing was stopped"),
        (f'stop all reason="https://127.0.0.1/{KEY}" rule=x', "Nothing was stopped"),
        (f"status https://127.0.0.1/{KEY}", "not a session's id"),
        (f"audit https://127.0.0.1/{KEY}", "not a session's id"),
    ],
)
async def test_bad_input_is_answered_without_repeating_it(make_world: MakeWorld, typed: str, says: str) -> None:
    """Each mistake has its sentence; no part of the URL is in it, nor on the disk, and nothing is asked of a URL."""
    async with make_world(
        config=GRANT, environ={"VOXIMPLANT_SESSION_HOSTS": "127.0.0.1,*.voximplant.com,public-ipv4"}
    ) as world:
        await world.says(world.ann, typed, expect=says)
        assert "AF30C0FFEE42CCA6" not in bot_said(world)
        assert "90AB12CD34EF5D84" not in bot_said(world)
        assert "AF30C0FFEE42CCA6" not in on_disk(world)
        assert "90AB12CD34EF5D84" not in on_disk(world)
        assert world.platform.deliveries == []


async def test_a_url_in_broken_json_is_not_repeated(world: World) -> None:
    """The line with the caret hides a session's URL, also where only the last part of it would be shown."""
    await world.started()
    for typed in (
        f'send 1 {{"callback": "https://127.0.0.1/{KEY}"',
        f'send 1 {{"callback": "https://127.0.0.1/{KEY}",,}}',
    ):
        told = await world.says(world.ann, typed, expect="Nothing was sent")
        assert "^" in told.plain()
        assert "Line 1, column" in told.text
        said = bot_said(world).replace("https://127.0.0.1/", "")  # who waits for an answer is shown the host
        for part in KEY.split("/")[1:]:
            assert part not in said
            assert part[-8:] not in said
            assert part not in on_disk(world)


async def test_a_url_in_the_data_reaches_the_scenario_and_no_disk(make_world: MakeWorld) -> None:
    """Data with a session's URL in it is started with as typed; what is kept of it hides the URL, and says so."""
    async with make_world() as world:
        data = f'{{"peer": "https://127.0.0.1/{KEY}"}}'
        await world.says(world.ann, f"start obedient {data}", expect="Started #1")
        assert [each.custom_data for each in world.platform.sessions.values()] == [data]
        assert "/request/[hidden]" in (await world.shows("running")).text
        await world.says(world.ann, "status 1", expect="/request/[hidden]")
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        told = await world.says(world.ann, "again 1", expect="Nothing was started")
        assert "is not kept" in told.text
        for part in KEY.split("/")[1:]:
            assert part not in bot_said(world)
            assert part not in on_disk(world)


@pytest.mark.parametrize("typed", ["https://x.y", "https://127.0.0.1/request/AF30C0FFEE42CCA6"])
async def test_how_a_url_should_look_is_said_in_full(make_world: MakeWorld, typed: str) -> None:
    """The sentence on a URL of another form says what is missing in words, of which none is hidden, and says https."""
    async with make_world(config=GRANT) as world:
        told = await world.says(world.ann, f"adopt {typed}", expect="the word request and two")
        assert "[hidden]" not in told.text
        assert "http(s)" not in told.text
        assert "Nothing was adopted." in told.text


async def test_what_has_ended_is_not_adopted(make_world: MakeWorld) -> None:
    """A number that the history calls ended is refused: there is nothing left to steer."""
    async with make_world(config=GRANT) as world:
        running = elsewhere(world)
        running.session.end(FinishReason.ADMINISTRATIVE)
        await world.until(lambda: not running.session.running, "the session to end")
        number = running.session.history_id
        told = await world.says(world.ann, f"adopt {running.access_secure_url} {number}", expect="has ended")
        assert "Nothing was adopted" in told.text
        assert world.ops.messages == []


async def test_an_adoption_needs_its_grant(world: World) -> None:
    """Without a grant nobody adopts, the sentence names the grant, and the URL is not kept."""
    running = elsewhere(world)
    told = await world.says(world.ann, f"adopt {running.access_secure_url}", expect="grant")
    assert "grant of adopt" in told.text
    assert world.commands()[-1].state is CommandState.denied
    never_shown(world, running)


async def test_a_grant_for_some_rules_does_not_open_others(make_world: MakeWorld) -> None:
    """Who may adopt sessions of one rule may not adopt one whose rule is another, or not known."""
    config = '[[policy.grant]]\nverbs = ["adopt", "look"]\nrules = ["obedient"]\n'
    async with make_world(config=config) as world:
        stuck = elsewhere(world, "stuck")
        for typed in (f"{stuck.session.history_id}", "stuck", ""):
            told = await world.says(world.ann, f"adopt {stuck.access_secure_url} {typed}", expect="grant")
            assert "Nothing was done" in told.text
        obedient = elsewhere(world)
        await world.says(
            world.ann, f"adopt {obedient.access_secure_url} {obedient.session.history_id}", expect="Adopted #1"
        )


async def test_without_a_card_nothing_is_adopted(make_world: MakeWorld) -> None:
    """Where the bot cannot post, the record is closed and the URL forgotten."""
    async with make_world(config=GRANT) as world:
        running = elsewhere(world)
        away = world.slack.channel("away", members=[world.ann], bot_in=False)
        told = await world.says(world.ann, f"adopt {running.access_secure_url}", channel=away, expect="/invite")
        assert re.search(r"nothing was", told.text, re.IGNORECASE)
        session = world.session()
        assert (session.state, session.has_url) == (State.failed, False)
