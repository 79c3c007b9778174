"""find: a person who has only a complaint in hand finds the session, and stops it."""

import json

from bot.cli.terminal._result import as_json
from bot.sandbox.voximplant import Hang
from storage.records import Origin, State
from tests.conversations.test_lists import add, mark, shown
from tests.conversations.test_terminal import types
from tests.factories import update_session

from .conftest import MakeWorld, World

NUMBER = "+44 20 7946 0018"
DATA = f'{{"caller": "{NUMBER}", "ticket": 12}}'
HOSTILE = '{"a": "<!channel> <@U1> *b* <https://x.test|y> \\u0001 `c`", "caller": "+442079460018"}'


def put(world: World, rule: str = "support", data: str | None = DATA, **values: object) -> int:
    """Put a running session with data on record; give its id."""
    session = add(world, rule)
    with world.database() as db:
        update_session(db, session, custom_data=data, **values)
    return session


def kept(world: World) -> str:
    """Return all that the database keeps of commands and of the audit."""
    with world.database() as db:
        texts = [str(row) for table in ("commands", "audit") for row in db.query(f"select * from {table}")]  # noqa: S608 - our own names
    return "\n".join(texts)


async def test_a_number_finds_the_session_and_is_shown_by_its_last_digits(world: World) -> None:
    """In any spelling, open ones first; neither the answer nor the record has the number."""
    over = put(world, state=State.ended, end_seen_at="2026-11-20T02:14:00+00:00")
    running, _ = put(world), put(world, data='{"caller": "+44 20 7946 0019"}')
    for typed in (NUMBER, "(020) 7946-0018", "0044 20 79460018", "79460018"):
        told = await world.says(world.bob, f"find {typed}", expect="2 sessions have …0018; 1 of them open")
        assert shown(told) == [running, over]
        assert "7946" not in told.text
        assert "7946" not in str(told.blocks)
        assert "…0018" in told.text.partition("\n")[2]
    assert "7946" not in kept(world)
    assert {each.outcome for each in world.commands() if each.verb == "find"} == {"Shown."}


async def test_a_stuck_line_is_found_and_stopped_in_two_lines(world: World) -> None:
    """With nothing but the words of a complaint, the session is found, and its number stops it."""
    await world.started("obedient")
    put(world, "obedient two")
    mark(world, 1, "silent_at")
    told = await world.says(world.bob, "find obedient stuck", expect="1 session has obedient and stuck.")
    assert shown(told) == [1]
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")


async def test_words_that_fit_nothing_name_what_needs_attention(world: World) -> None:
    """Where nothing fits, it is said where was looked, and what needs attention is shown with its button."""
    put(world)
    mark(world, put(world, "sales"), "silent_at")
    told = await world.says(
        world.bob, "find a customer says it rings", expect="No session that you can see has customer"
    )
    assert "Looked for in their data, rules, applications and ids. Known are those that" in told.text
    assert "a grant of everywhere" in told.text
    assert shown(told) == [2]
    told = await world.says(world.bob, "find stuck support", expect="1 session has support.")
    assert "None of those needs attention." in told.text
    assert shown(told) == [1]


async def test_only_what_a_person_may_see_is_found(world: World) -> None:
    """A private channel's sessions, and those of no channel, are neither found nor counted nor hinted at."""
    private = world.slack.channel("private", private=True, members=[world.ann])
    add(world, starter=world.ann.id, channel=private.id, private=True)
    put(world, channel="", starter="", origin=Origin.elsewhere)
    mine = add(world, starter=world.bob.id, channel=private.id, private=True)
    with world.database() as db:
        row = next(db.query("select * from sessions where id = 1"))
        names = ", ".join(each for each in row if each not in {"id", "stop_state"})
        db.execute(
            f"with recursive n(i) as (select 1 union all select i + 1 from n where i < 500)"  # noqa: S608 - our own names
            f" insert into sessions ({names}) select {names} from n, sessions where id = 1"
        )
    told = await world.says(world.bob, "find support", expect="1 session has support.")
    assert shown(told) == [mine]
    await world.says(world.bob, "find ticket", expect="No session that you can see has ticket.")


async def test_pages_of_what_was_found_are_turned(world: World) -> None:
    """Ten at a time, with the words kept on the next page."""
    for _ in range(11):
        put(world)
    first = await world.says(world.bob, "find ticket 12", expect="Page 1 of 2")
    assert len(shown(first)) == 10
    second = await world.presses(world.bob, first, "Next page", expect="Page 2 of 2")
    assert shown(second) == [1]


async def test_nothing_in_the_data_has_an_effect(world: World) -> None:
    """Mentions, links and marks in data and in the words are shown as they are typed, and notify nobody."""
    put(world, HOSTILE[:60], data=HOSTILE)
    told = await world.says(world.bob, "find <!channel> caller", expect="1 session has")
    assert "<!channel>" not in str(told.blocks)
    assert "<https" not in str(told.blocks)
    await world.says(world.bob, "status 1", expect="Custom data")
    await world.says(world.bob, "list", expect="1 session is open")


async def test_a_caller_is_found_in_the_history(world: World) -> None:
    """A number that is in no data finds the sessions in which the history has a call of it."""
    await world.started("obedient")
    await world.says(world.bob, "stop 1", expect="Confirmed: #1")
    add(world, "obedient")
    told = await world.says(world.bob, "find (555) 0100", expect="No session that you can see has …0100")
    assert "needs attention" not in told.text
    told = await world.says(world.bob, "find +1 555-0100", expect="1 session has …0100")
    assert shown(told) == [1]
    asked = [each.parameters for each in world.platform.requests if "remote_number" in each.parameters]
    assert "+15550100" in asked[-1]["remote_number"].split(";")


async def test_a_history_that_does_not_answer_spoils_no_search(make_world: MakeWorld) -> None:
    """What is on record is found all the same, and it is said that nobody knows who called."""
    async with make_world() as world:
        put(world)
        world.platform.faults.management("GetCallHistory", Hang(), times=50)
        told = await world.says(world.bob, f"find {NUMBER}", expect="1 session has …0018")
        assert "Who called is not known: the platform's history could not be asked." in told.text
        told = await world.says(world.bob, "find +1 555 0100", expect="No session that you can see has …0100")
        assert "Who called is not known" in told.text


async def test_a_terminal_finds_without_showing_a_number(make_world: MakeWorld) -> None:
    """The terminal's lines and its JSON have the last digits only, and a script takes no other session for a match."""
    async with make_world() as world:
        put(world)
        mark(world, put(world, "sales", data=None), "silent_at")
        found = as_json(await types(world, "find 0044 20 7946 0018"), "/session")
        assert [each["id"] for each in found["sessions"]] == [1]
        assert "…0018" in found["sessions"][0]["custom_data"]
        assert "7946" not in json.dumps(found)
        told = await types(world, "find ticket")
        assert [row.about and row.about.id for row in told.responses[0].rows] == [1]
        assert "7946" not in told.responses[0].rows[0].text
        none = as_json(await types(world, "find nothing"), "/session")
        assert none["sessions"] == []
        assert "These need attention:" in none["said"][0]
