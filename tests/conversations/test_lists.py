"""list: what it shows, in which order, narrowed down, page by page."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.sandbox.slack import Message
from storage import sessions
from storage.records import State
from tests.factories import new_session

from .conftest import MakeWorld, World


def add(
    world: World,
    rule: str = "support",
    *,
    state: State = State.running,
    starter: str | None = None,
    channel: str | None = None,
    private: bool = False,
) -> int:
    """Put a session on record that nobody needs to start; give its id."""
    new = new_session(
        team=world.slack.team_id,
        channel=channel or world.ops.id,
        channel_private=private,
        rule_id=77,
        rule_name=rule,
        starter=starter or world.bob.id,
    )
    now = world.clock.now()
    with world.database() as db:
        session = sessions.add(db, new, now=now)
        db.execute("update sessions set state = ?, started_at = created_at where id = ?", [state, session.id])
        if state.is_final:
            db.execute("update sessions set end_seen_at = created_at where id = ?", [session.id])
    return session.id


def mark(world: World, session: int, column: str) -> None:
    """Set a moment of a session to now."""
    with world.database() as db:
        moment = (world.clock.now() - timedelta(seconds=1)).isoformat(timespec="microseconds")
        db.execute(f"update sessions set {column} = ? where id = ?", [moment, session])  # noqa: S608 - our own names


def shown(told: Message) -> list[int]:
    """Return the ids of a list's rows, in their order."""
    words = [line.split()[1] for line in told.text.splitlines() if line.partition(" ")[2].startswith("#")]
    return [int(word.removeprefix("#")) for word in words]


async def test_what_needs_attention_comes_first(world: World) -> None:
    """Lost, unreachable, unconfirmed and overdue sessions stand before the newer ones that are well."""
    states = (State.unknown, State.running, State.uncontrolled, State.running, State.unreachable, State.running)
    for state in states:
        add(world, state=state)
    for column in ("stop_asked_at", "stop_given_up_at"):
        mark(world, 2, column)
    mark(world, 4, "expect_told_at")
    for _ in range(2):
        add(world)
    told = await world.says(world.ann, "list", expect="8 sessions are open")
    assert "5 need attention and stand first." in told.text
    assert shown(told) == [5, 4, 3, 2, 1, 8, 7, 6]
    assert "#2 support – stop not confirmed" in told.text
    assert "#4 support – running, longer than expected" in told.text


async def test_pages_are_turned_by_buttons(world: World) -> None:
    """Ten at a time, in the place of the page before; a page that is gone by then shows the last one there is."""
    for _ in range(23):
        add(world)
    first = await world.says(world.ann, "list rule=SUPP state=any", expect="Page 1 of 3")
    assert shown(first) == list(range(23, 13, -1))
    assert [each.label for each in first.buttons() if each.label.endswith("page")] == ["Next page"]
    lines = len(world.ann.ephemerals(world.ops))
    second = await world.presses(world.ann, first, "Next page", expect="Page 2 of 3")
    assert shown(second) == list(range(13, 3, -1))
    third = await world.presses(world.ann, second, "Next page", expect="Page 3 of 3")
    assert shown(third) == [3, 2, 1]
    assert [each.label for each in third.buttons() if each.label.endswith("page")] == ["Previous page"]
    back = await world.presses(world.ann, third, "Previous page", expect="Page 2 of 3")
    assert "of rule SUPP" in back.text
    assert len(world.ann.ephemerals(world.ops)) == lines
    await world.says(world.ann, "list page=99", expect="Page 3 of 3")


async def test_filters_narrow_the_list(world: World) -> None:
    """By state, rule and starter, alone and together, in any order; the answer says what narrows it."""
    add(world, "support")
    add(world, "night support", starter=world.ann.id)
    add(world, "sales", starter=world.ann.id)
    add(world, "support", state=State.ended)
    for text, ids, says in (
        ("list by=me", [3, 2], f"started by <@{world.ann.id}>"),
        (f"list by={world.bob.id}", [1], f"started by <@{world.bob.id}>"),
        ("list rule=support", [2, 1], "of rule support"),
        ('list rule="night support"', [2], "of rule night support"),
        ("list rule=77 state=any", [3, 2, 1, 4], "4 sessions are known"),
        ("list state=ended rule=support", [4], "1 session is over"),
        ("list rule=support by=me", [2], "1 session is open"),
    ):
        told = await world.says(world.ann, text, expect=says)
        assert shown(told) == ids, text
    await world.says(world.ann, "list rule=nothing", expect="No session is open in this channel, of rule nothing.")


@pytest.fixture
async def unwatched(make_world: MakeWorld) -> AsyncIterator[World]:
    """Return a world whose watch asks the history about no session that only stands on record."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "3600"}) as made:
        yield made


async def test_a_filter_finds_its_session_among_very_many(unwatched: World) -> None:
    """Ten thousand newer ones hide none that fits, and a list that leaves some out says so."""
    world = unwatched
    old = add(world, "needle")
    mark(world, old, "silent_at")
    first = add(world, "hay")
    with world.database() as db:
        row = next(db.query("select * from sessions where id = ?", [first]))
        names = [each for each in row if each not in {"id", "stop_state"}]
        db.execute(
            f"with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000)"  # noqa: S608 - our own names
            f" insert into sessions ({', '.join(names)}) select {', '.join(names)} from n, sessions where id = {first}"
        )
    for text in ("list rule=needle", "list stuck", "list needle"):
        assert shown(await world.says(world.ann, text, expect="1 session is open")) == [old]
    told = await world.says(world.ann, "list", expect="More than 1000 sessions are open in this channel.")
    assert "narrow it down" in told.text
    assert shown(told)[0] == old
    asked = await world.says(world.ann, "stop all rule=needle", expect="Nothing was stopped yet.")
    assert "#1 needle" in asked.text
    await world.says(world.ann, "stop stuck", expect="stuck may mean these.")
    assert shown(await world.says(world.ann, "find needle", expect="1 session has needle.")) == [old]


async def test_all_channels_need_a_grant_but_ones_own(world: World) -> None:
    """`channel=all` is refused without the policy's word; one's own sessions are shown wherever they run."""
    elsewhere = world.slack.channel("private", private=True, members=[world.ann])
    mine = add(world, starter=world.ann.id, channel=elsewhere.id, private=True)
    add(world, starter=world.bob.id, channel=elsewhere.id, private=True)
    await world.says(world.ann, "list channel=all", expect="grant")
    assert world.commands()[-1].state == "denied"
    says = "1 session is open in the channels that you may see"
    told = await world.says(world.ann, "list channel=all by=me", expect=says)
    assert shown(told) == [mine]
    assert f"<#{elsewhere.id}>" in told.text


async def test_a_stop_from_the_list(world: World) -> None:
    """The Stop button of a row, after its dialog, is a stop typed by hand."""
    await world.started("obedient")
    told = await world.says(world.bob, "list", expect="1 session is open")
    (button,) = told.buttons()
    assert button.confirm is not None
    assert button.confirm.title == "Stop session #1?"
    await world.presses(world.bob, told, "Stop", expect="Confirmed: #1")


async def test_status_is_fresh_and_can_be_refreshed(world: World) -> None:
    """Status says of when it is, carries Stop while that can do something, and is read anew in its place."""
    await world.started("obedient")
    told = await world.says(world.bob, "status 1", expect="#1 obedient – running")
    assert "Running for" in told.text
    assert "The bot holds its URL." in told.text
    assert "As of" in told.text
    assert [each.label for each in told.buttons()] == ["Stop", "Refresh"]
    await world.says(world.ann, "stop 1", expect="Confirmed: #1")
    told = await world.presses(world.bob, told, "Refresh", expect="#1 obedient – ended")
    assert "That stop was delivered" in told.text
    assert [each.label for each in told.buttons()] == ["Refresh"]


@pytest.mark.parametrize("said", ["list by=ann", "list channel=ops", "list older=5m", "list state=open state=any"])
async def test_an_option_that_does_not_fit_lists_nothing(world: World, said: str) -> None:
    """An option that is not understood is told with the usage; no other list is shown in its place."""
    add(world)
    told = await world.says(world.ann, said, expect="Usage: /session list")
    assert not shown(told)
