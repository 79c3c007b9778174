"""Bulk stops: a preview of exactly what will be stopped, one summary, and an honest word on each session."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from bot.sandbox.slack import Error, Message, Person
from bot.sandbox.voximplant import Account, default_account
from bot.sandbox.voximplant._account import shipped_scenario
from bot.sandbox.voximplant._faults import Edit, Hang, Status
from bot.stops._summary import list_in_full
from storage import outbox
from storage.bulks import Bulk, Part
from storage.records import Session, State

from .conftest import MakeWorld, World, is_card

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}
PATIENT = {"SESSION_BOT_CONFIRM_SECONDS": "3600", "SESSION_BOT_WATCH_SECONDS": "3600"}


def summaries(world: World) -> list[Message]:
    """Return the summaries that stand in the channel."""
    return [each for each in world.ops.messages if each.text.startswith("Stop of ")]


async def summary(world: World, word: str) -> Message:
    """Wait until the summary says this."""
    return await world.slack.until(
        lambda: next((each for each in summaries(world) if word in each.text), None), f"a summary with {word!r}"
    )


async def in_full(world: World) -> list[dict[str, str]]:
    """Wait for the list under the summary, and read it."""
    (head,) = summaries(world)
    found = await world.slack.until(lambda: world.ops.thread(head)[:1], "the whole list")
    lines = found[0].text.splitlines()
    begin = next(place for place, line in enumerate(lines) if line.startswith("session,"))
    return list(csv.DictReader(io.StringIO("\n".join(line for line in lines[begin:] if line.count(",") > 5))))


def without_urls(answer: dict[str, object]) -> dict[str, object]:
    """Remove the session's URLs from the answer to a start."""
    return {key: value for key, value in answer.items() if "url" not in key}


async def started(world: World, *rules: str, by: Person | None = None) -> list[Message]:
    """Start sessions one after another; each has its own data, so that none is taken for a double press."""
    before = len([each for each in world.ops.messages if is_card(each)])
    return [await world.started(f"{rule} {before + place}", by) for place, rule in enumerate(rules)]


async def stopped(world: World, person: Person, text: str, count: int) -> None:
    """Type a bulk stop and confirm its preview."""
    shown = await world.says(person, text, expect=f"Stop {count} sessions?")
    await world.presses(person, shown, f"Stop {count} sessions", expect="were asked to stop")


async def test_one_summary_tells_what_became_of_each(make_world: MakeWorld) -> None:
    """A bulk stop has one summary with counts, who, why, what is not confirmed and how long it took, and one list."""
    async with make_world(environ=QUICK) as world:
        await started(world, "obedient", "stuck", "obedient")
        await stopped(world, world.bob, 'stop all reason="they hang"', 3)
        said = await summary(world, "It took")
        assert "Stop of 3 sessions by bob" in said.text
        assert "Why: they hang" in said.text
        assert "2 confirmed ended · 1 not confirmed." in said.text
        assert "• #2 stuck" in said.text
        assert "The history says that it still runs." in said.text
        assert len(summaries(world)) == 1
        rows = await in_full(world)
        assert [(row["session"], row["outcome"]) for row in rows] == [
            ("1", "confirmed"), ("2", "not confirmed"), ("3", "confirmed"),
        ]  # fmt: skip
        await world.told(world.bob, "2 confirmed ended · 1 not confirmed.")
        await world.shows("stop not confirmed", 1)
        assert [len(world.replies(number)) for number in range(3)] == [0, 0, 0]
        assert not any("Stop not confirmed" in each.text for each in world.ops.messages if not is_card(each))


async def test_the_cards_of_a_few_follow(make_world: MakeWorld) -> None:
    """While a stop of up to twenty is under way each card shows how far its own has come, and who it is of."""
    async with make_world(environ=PATIENT) as world:
        await started(world, "stuck", "obedient", "stuck")
        await stopped(world, world.bob, "stop all", 3)
        await summary(world, "1 confirmed ended · 2 still being checked.")
        for number in (0, 2):
            card = await world.shows("stopping", number)
            assert [each.label for each in card.buttons()] == ["Send…", "Refresh"]
        await world.shows("Confirmed by the history", 1)


async def test_refresh_says_of_when_the_card_is(make_world: MakeWorld) -> None:
    """Refresh leaves a newer moment on the card, also where nothing changed, and in the middle of a stop of several."""
    async with make_world(environ={**PATIENT, "SESSION_BOT_WATCH_SECONDS": "3600"}) as world:
        cards = await started(world, "stuck", "stuck")
        await stopped(world, world.bob, "stop all", 2)
        await summary(world, "2 still being checked.")
        for _ in range(2):
            before = (await world.shows("stopping", 0)).text
            world.clock.jump(2)
            told = await world.presses(world.ann, cards[0], "Refresh", expect="what it says appears on the card")
            assert told.text.startswith("As of <!date^")
            await newer(world, cards[0], moment(before))


async def newer(world: World, card: Message, before: int) -> None:
    """Wait until a card is of a later moment."""
    await world.slack.until(lambda: moment(card.text) > before, "a newer moment")


def moment(text: str) -> int:
    """Return the moment of which a card says that it is."""
    found = re.search(r"As of <!date\^(\d+)\^", text)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("rule", ["obedient", "2001"])
async def test_where_the_summary_cannot_stand_its_list_comes_directly(make_world: MakeWorld, rule: str) -> None:
    """Out of the channel, summary and list go to the person who asked for the stop: as much as fits, no file."""
    async with make_world(account=long_names()) as world:
        await started(world, *[rule] * 4)
        told = await world.says(world.bob, "stop all", expect="Stop 4 sessions?")
        world.ops.bot_in = False
        await world.presses(world.bob, told, "Stop 4 sessions", expect="were asked to stop")

        def rows() -> list[str]:
            lines = [line for each in world.bob.dm.messages for line in each.plain().splitlines()]
            return sorted({line.split(",")[0] for line in lines if ",confirmed," in line})

        fits = ["1", "2", "3", "4"] if rule == "obedient" else ["1", "2", "3"]
        await world.slack.until(lambda: rows() == fits, "the list")
        said = [each.plain() for each in world.bob.dm.messages]
        assert any("the others are shown by `list state=any`" in each for each in said) == (len(fits) < 4)
        await world.slack.until(
            lambda: any("4 confirmed ended" in each.text for each in world.bob.dm.messages), "the summary"
        )
        await world.until(lambda: not waits(world), "nothing to wait for a channel for ever")


def waits(world: World) -> int:
    """Count what stands under a summary and is still to come."""
    with world.database() as connection:
        sql = "select count(*) from messages where under is not null and error is null and shown < wanted"
        return int(connection.execute(sql).fetchone()[0])


async def test_the_summary_is_edited_at_most_every_three_seconds(make_world: MakeWorld) -> None:
    """However fast outcomes come, the summary is changed at most once in three seconds."""
    async with make_world() as world:
        await started(world, "obedient", "slow-stop", "obedient")
        await stopped(world, world.bob, "stop all", 3)
        said = await summary(world, "3 confirmed ended")
        shown = [each for each in world.slack.calls if each.arguments.get("ts") == said.ts]
        seconds = [each.at.timestamp() for each in shown if each.method == "chat.update"]
        assert all(later - earlier >= 2.9 for earlier, later in pairwise(seconds))


@pytest.mark.parametrize(
    "text",
    [
        "stop all stuck ones",
        "stop all rule=stuck now",
        "stop all older=soon",
        "stop all by=bob",
        "stop all channel=ops",
        "stop all rule=stuck rule=wild",
        'stop all reason="never closed',
        "stop all age=3m",
    ],
)
async def test_any_other_word_stops_nothing(world: World, text: str) -> None:
    """After `all` only options may follow: any other word is a usage error, without a button, and stops nothing."""
    await started(world, "stuck", "stuck")
    told = await world.says(world.ann, text, expect="Usage: ")
    assert "Nothing was stopped." in told.text
    assert not told.buttons()
    assert not world.platform.deliveries


async def test_options_narrow_it_down(make_world: MakeWorld) -> None:
    """Rule, age and starter narrow down what `all` is; only this channel's open sessions are meant."""
    config = "[rules.calm]\nid = 1001\n"
    async with make_world(config=config) as world:
        await started(world, "obedient", "stuck")
        await started(world, "obedient", by=world.bob)
        elsewhere = world.slack.channel("support", members=[world.ann])
        await world.says(world.ann, "start stuck there", channel=elsewhere, expect="Started #4")
        for text, ids in (
            ("stop all", "123"), ("stop all rule=calm", "13"), ("stop all rule=obedient by=me", "1"),
            ("stop all rule=Calm", "13"), ("stop all rule=OBEDIENT", "13"), ('stop all rule="\u200bstuck"', "2"),
            (f"stop all by={world.bob.id}", "3"), ("stop all older=1h", ""), ("stop all rule=nothing", ""),
        ):  # fmt: skip
            told = await world.says(world.ann, text, expect="Nothing was stopped")
            assert [each for each in "1234" if f"#{each} " in told.text] == list(ids), text
        world.clock.jump(3_700)
        told = await world.says(world.ann, "stop all older=1h", expect="Stop 3 sessions?")
        assert not world.platform.deliveries


async def test_a_rule_that_differs_in_case_only_is_another(make_world: MakeWorld) -> None:
    """A bulk stop of `Obedient`, which is a rule of its own, is none of `obedient`, though that alone has sessions."""
    account = default_account()
    account.add_rule(account.add_application("second"), "Obedient", "")
    async with make_world(account=account) as world:
        await started(world, "obedient")
        await world.says(world.ann, "stop all rule=Obedient", expect="No open session")
        await world.says(world.ann, "stop all rule=OBEDIENT", expect="Stop #1?")


async def test_the_preview_says_how_many_which_and_how_many_calls(world: World) -> None:
    """The preview names the first twenty, counts the rest, and says what the history knows of their calls."""
    for _ in range(11):
        await started(world, "obedient", "obedient")
    told = await world.says(world.ann, "stop all", expect="Stop 22 sessions?")
    assert "#20 obedient in" in told.text
    assert "#21 obedient" not in told.text
    assert "… and 2 more." in told.text
    assert "Sessions that end take their calls with them. The history lists none so far." in told.text
    world.platform.faults.management("GetCallHistory", Status(502, "<html>"), times=20)
    told = await world.says(world.bob, "stop all", expect="Stop 22 sessions?")
    assert "How many is not known: the history cannot be asked now." in told.text


async def test_what_has_ended_is_not_asked_about(world: World) -> None:
    """Of several ids those that have ended are named as that; where nothing else is left, there is no button."""
    await started(world, "obedient", "obedient", "stuck")
    for number in (1, 2):
        await world.says(world.ann, f"stop {number} wrong number", expect=f"Confirmed: #{number}")
    told = await world.says(world.bob, "stop 1 2", expect="#1 obedient has ended already")
    assert "#2 obedient has ended already" in told.text
    assert told.text.count(f"after a stop by <@{world.ann.id}>: wrong number. Nothing was sent.") == 2
    assert not told.buttons()
    elsewhere = world.slack.channel("support", members=[world.ann])
    told = await world.says(world.ann, "stop 1", channel=elsewhere, expect="has ended already")
    assert not told.buttons()
    before = len(world.platform.deliveries)
    told = await world.says(world.bob, "stop 1 2 3", expect="Stop #3?")
    assert "Not among them, since they are over: #1, #2." in told.text
    assert len(world.platform.deliveries) == before
    await world.presses(world.bob, told, "Stop #3", expect="Stop delivered to #3")


async def test_an_old_preview_is_drawn_anew(world: World) -> None:
    """A button that is older than five minutes stops nothing: it shows what it would stop by now."""
    await started(world, "stuck", "stuck")
    told = await world.says(world.ann, "stop all", expect="Stop 2 sessions?")
    await started(world, "stuck")
    world.clock.jump(301)
    told = await world.presses(world.ann, told, "Stop 2 sessions", expect="Stop 3 sessions?")
    assert not world.platform.deliveries
    await world.presses(world.ann, told, "Stop 3 sessions", expect="3 of 3 sessions were asked to stop.")
    assert len(world.platform.deliveries) == 3


async def test_exactly_the_list_that_was_shown_is_stopped(world: World) -> None:
    """What has ended since the preview is skipped, and what was started since is not added."""
    await started(world, "obedient", "obedient", "obedient")
    told = await world.says(world.ann, "stop all", expect="Stop 3 sessions?")
    await started(world, "obedient")
    next(iter(world.platform.sessions.values())).end()
    await world.until(lambda: world.session(1).state is State.ended, "the end of #1 to be settled")
    await world.presses(world.ann, told, "Stop 3 sessions", expect="2 of 3 sessions were asked to stop.")
    said = await summary(world, "It took")
    assert "2 confirmed ended · 1 had ended before." in said.text
    assert len(world.platform.deliveries) == 2
    assert "running" in world.card(3).text
    assert [row["outcome"] for row in await in_full(world)] == ["skipped", "confirmed", "confirmed"]


async def test_a_preview_that_is_confirmed_twice_acts_once(world: World) -> None:
    """The same press delivered twice, and a second press, make one bulk stop."""
    await started(world, "obedient", "obedient")
    told = await world.says(world.ann, "stop 1 2", expect="Stop 2 sessions?")
    shown = Message(**{**vars(told), "blocks": told.blocks})
    world.ops.entries.append(shown)
    pressed = await world.ann.click(told, "Stop 2 sessions")
    assert (await world.ann.redeliver(pressed)).acked
    assert (await world.ann.click(shown, "Stop 2 sessions")).acked
    await summary(world, "2 confirmed ended")
    assert len(world.platform.deliveries) == 2
    assert len(summaries(world)) == 1


async def test_somebody_elses_preview_stops_nothing(world: World) -> None:
    """A preview is for the person who asked: the same press by another one is refused."""
    await started(world, "stuck", "stuck")
    told = await world.says(world.ann, "stop all", expect="Stop 2 sessions?")
    shown = Message(**{**vars(told), "blocks": told.blocks, "ephemeral_for": world.bob.id})
    world.ops.entries.append(shown)
    assert (await world.bob.click(shown, "Stop 2 sessions")).acked
    await world.told(world.bob, "so nothing was done")
    assert not world.platform.deliveries


async def test_two_people_who_confirm_at_once_send_one_stop_each(world: World) -> None:
    """Two responders with the same list stop every session once, and both get a summary that is true."""
    await started(world, "obedient", "obedient")
    shown: Sequence[Message] = [
        await world.says(person, "stop all", expect="Stop 2 sessions?") for person in (world.ann, world.bob)
    ]
    assert (await world.ann.click(shown[0], "Stop 2 sessions")).acked
    assert (await world.bob.click(shown[1], "Stop 2 sessions")).acked
    for person in (world.ann, world.bob):
        await summary(world, f"by {person.name}")
        await world.told(person, "Stop of 2 sessions")
    assert len({each.headers["X-Request-Id"] for each in world.platform.deliveries}) == 2


async def test_one_that_hangs_does_not_hold_the_others(world: World) -> None:
    """Of many sessions one hangs: the others are stopped and confirmed in the summary meanwhile."""
    await started(world, "stuck", "obedient", "obedient")
    world.platform.faults.session(Hang(), history_id=min(world.platform.sessions))
    told = await world.says(world.ann, "stop all", expect="Stop 3 sessions?")
    assert (await world.ann.click(told, "Stop 3 sessions")).acked
    await summary(world, "2 confirmed ended · 1 still being checked.")
    world.platform.faults.release()
    await world.told(world.ann, "3 of 3 sessions were asked to stop.")


async def test_it_says_what_it_cannot_stop_and_why(world: World) -> None:
    """A session without a URL is in the summary with its reason, and the others are stopped."""
    await started(world, "obedient", "obedient")
    world.platform.faults.management("StartScenarios", Edit(without_urls))
    assert (await world.ann.slash(world.ops, "start obedient third")).acked
    await world.shows("uncontrolled", 2)
    await stopped(world, world.bob, "stop all", 3)
    said = await summary(world, "It took")
    assert "1 could not be asked" in said.text
    assert "nobody can stop it from here" in said.text


async def test_a_session_of_a_channel_that_is_not_yours_is_left_out(make_world: MakeWorld) -> None:
    """Who may not stop another channel's sessions gets a preview of the rest, which says why."""
    async with make_world(environ={"SESSION_BOT_RESPONDERS": "U0RESPONDER"}) as world:
        elsewhere = world.slack.channel("support", members=[world.ann])
        await world.says(world.ann, "start obedient there", channel=elsewhere, expect="Started #1")
        await world.says(world.ann, "start obedient here", expect="Started #2")
        await world.says(world.ann, "start obedient too", expect="Started #3")
        told = await world.says(world.bob, "stop 1 2 3", expect="Stop 2 sessions?")
        assert "Not among them, since you may not stop them: #1" in told.text
        await world.says(world.bob, "stop 1", expect="belongs to")
        assert not world.platform.deliveries


async def test_all_channels_need_a_grant(make_world: MakeWorld) -> None:
    """`channel=all` is denied without a grant; with one the preview says which channel each session is in."""
    config = '[[policy.grant]]\nverbs = ["look", "start", "stop"]\n'
    config += '[[policy.grant]]\nwho = ["{bob}"]\nverbs = ["everywhere"]\n'
    async with make_world(start=False) as world:
        (world.folder / "session-bot.toml").write_text(config.replace("{bob}", world.bob.id))
        await world.start_bot()
        elsewhere = world.slack.channel("support", members=[world.ann])
        await world.says(world.ann, "start obedient there", channel=elsewhere, expect="Started #1")
        await started(world, "obedient")
        await world.says(world.ann, "stop all channel=all", expect="everywhere")
        told = await world.says(world.bob, "stop all channel=all", expect="Stop 2 sessions?")
        assert f"<#{elsewhere.id}>" in told.text
        await world.presses(world.bob, told, "Stop 2 sessions", expect="2 of 2 sessions were asked to stop.")
        await summary(world, "2 confirmed ended.")


async def test_a_stop_that_cannot_reach_any_says_so(make_world: MakeWorld) -> None:
    """What surely did not leave is not confirmed in the summary, with that reason, and without replies below."""

    def elsewhere(answer: dict[str, object]) -> dict[str, object]:
        return {key: str(value).replace("127.0.0.1", "127.0.0.2") if "url" in key else value
                for key, value in answer.items()}  # fmt: skip

    async with make_world() as world:
        world.platform.faults.management("StartScenarios", Edit(elsewhere), times=2)
        await started(world, "stuck", "stuck")
        for number in range(2):
            await world.replied("can neither send to it nor stop it", number)
        await stopped(world, world.bob, "stop all", 2)
        said = await summary(world, "2 not confirmed.")
        assert "The stop did not reach it." in said.text
        assert [len(world.replies(number)) for number in range(2)] == [1, 1]


async def test_a_restart_in_the_middle_loses_no_outcome(make_world: MakeWorld) -> None:
    """A process that ends while outcomes are open leaves a summary that the next one brings to its end."""
    async with make_world(environ=QUICK) as world:
        await started(world, "stuck", "stuck")
        await stopped(world, world.bob, "stop all", 2)
        await summary(world, "2 still being checked.")
        await world.stop_bot()
        next(iter(world.platform.sessions.values())).end()
        await world.start_bot()
        said = await summary(world, "1 confirmed ended · 1 not confirmed.")
        assert len(summaries(world)) == 1
        assert len(await in_full(world)) == 2
        assert len(world.platform.deliveries) == 2
        assert said.text.startswith("Stop of 2 sessions")


async def test_a_private_channels_session_is_not_named_elsewhere(make_world: MakeWorld) -> None:
    """What is confirmed in a public channel says nothing there about a private channel's session but its outcome."""
    async with make_world(environ=QUICK) as world:
        hidden = world.slack.channel("hidden", private=True, members=[world.ann])
        await world.says(world.ann, "start stuck", channel=hidden, expect="Started #1")
        await world.shows("running", channel=hidden)
        await world.says(world.ann, "start obedient", expect="Started #2")
        await world.shows("running")
        number = min(world.platform.sessions)
        await stopped(world, world.ann, "stop all by=me channel=all", 2)
        said = await summary(world, "It took")
        rows = await in_full(world)
        shown = said.text + "".join(each.text for each in world.ops.thread(said))
        assert "stuck" not in shown
        assert f"h{number}" not in said.text
        assert "of a private channel" in said.text
        assert [(row["session"], row["outcome"]) for row in rows] == [("1", "not confirmed"), ("2", "confirmed")]
        assert rows[0]["history_id"] == ""


def long_names() -> Account:
    """Set up an account with a rule whose name is so long that the list of a few sessions fits into no reply."""
    account = default_account()
    account.add_rule(account.applications[0], f"=long {'name ' * 500}", shipped_scenario("obedient"), rule_id=2001)
    return account


def under(world: World) -> list[Message]:
    """Return what stands under the summary."""
    (head,) = summaries(world)
    return world.ops.thread(head)


async def settled(world: World) -> None:
    """Stop four sessions of the long name, and wait until the summary says that it is over."""
    await started(world, *["2001"] * 4)
    await stopped(world, world.bob, "stop all", 4)
    await summary(world, "It took")


def nothing_due(world: World) -> bool:
    """Return whether Slack has got everything."""
    with world.database() as connection:
        return outbox.count_due(connection) == 0


async def test_a_long_list_comes_as_one_file(make_world: MakeWorld) -> None:
    """A list that fits into no reply is one CSV file under the summary, safe for a spreadsheet, and comes once."""
    async with make_world(account=long_names()) as world:
        await settled(world)
        (reply,) = await world.slack.until(lambda: under(world), "the list")
        assert reply.text == "All 4 sessions, and what became of each:"
        (file,) = reply.files
        assert file.name == "stop-of-4-sessions.csv"
        rows = list(csv.DictReader(io.StringIO(file.content.decode())))
        assert [(row["session"], row["outcome"]) for row in rows] == [(each, "confirmed") for each in "1234"]
        assert all(row["rule"].startswith("'=long name") for row in rows)
        await world.until(lambda: nothing_due(world), "everything to be shown")
        await world.stop_bot()
        await world.start_bot()
        await world.says(world.ann, "list", expect="No")
        assert under(world) == [reply]


@pytest.mark.parametrize("word", ["missing_scope", "file_uploads_disabled"])
async def test_without_files_a_long_list_comes_as_far_as_it_fits(make_world: MakeWorld, word: str) -> None:
    """Where Slack takes no file of the bot's, one reply holds what fits, and says how to see the rest."""
    async with make_world(account=long_names()) as world:
        if word == "missing_scope":
            world.slack.workspace.scopes.remove("files:write")
        else:
            world.slack.faults.add("files.completeUploadExternal", Error(word))
        await settled(world)
        await world.slack.until(lambda: under(world), "the list")
        await world.until(lambda: nothing_due(world), "everything to be shown")
        (reply,) = under(world)
        head, *rows = reply.plain().strip().strip("`").splitlines()
        assert head.startswith("3 of 4 sessions")
        assert "session,rule,outcome" in reply.plain()
        assert [number for number in "1234" if any(row.startswith(f"{number},'=long") for row in rows)] == list("123")
        assert not reply.files
        told = await world.says(world.ann, "list state=any", expect="4 sessions")
        assert "#4" in told.plain()


async def test_a_file_that_does_not_get_through_comes_as_text(make_world: MakeWorld) -> None:
    """Bytes that reach no server, again and again, are said as text in the end."""
    async with make_world(account=long_names()) as world:
        world.slack._files.origin = "http://127.0.0.1:9"
        await settled(world)
        (reply,) = await world.slack.until(lambda: under(world), "the list")
        assert "3 of 4 sessions" in reply.text
        asked = [each for each in world.slack.calls if each.method == "files.getUploadURLExternal"]
        assert len(asked) > 1


async def test_a_file_that_is_wanted_survives_a_restart(make_world: MakeWorld) -> None:
    """A list that Slack did not take before the bot ended is shared by the next process, once."""
    async with make_world(account=long_names()) as world:
        world.slack.faults.add("files.completeUploadExternal", Error("internal_error"), times=100_000)
        await settled(world)
        await world.slack.until(
            lambda: [each for each in world.slack.calls if each.method == "files.completeUploadExternal"], "an attempt"
        )
        await world.stop_bot()
        assert under(world) == []
        world.slack.faults.clear()
        await world.start_bot()
        (reply,) = await world.slack.until(lambda: under(world), "the list")
        await world.until(lambda: nothing_due(world), "everything to be shown")
        assert [each.files[0].name for each in under(world)] == ["stop-of-4-sessions.csv"]
        assert len(summaries(world)) == 1
        assert reply.files[0].content.count(b"confirmed") == 4


def test_a_long_list_without_a_file_begins_with_what_may_still_run() -> None:
    """Of more sessions than one reply holds, those stand in it that somebody has to see to."""
    now = datetime(2026, 1, 31, 2, 14, tzinfo=UTC)
    bulk = Bulk(
        id=1, command=1, summary=1, channel="C1", actor="U1", reason=None, began_at=now, told_at=None, closed_at=None
    )
    parts = [
        Part(session=a_session(number, now), skipped=number <= 450, why_not=None if number <= 450 else "It did not go.")
        for number in range(1, 501)
    ]
    reply = list_in_full(bulk, parts)["instead"]
    assert len(reply) < 12_000
    numbers = [int(line.partition(",")[0]) for line in reply.splitlines()[1:] if line[:1].isdigit()]
    assert numbers[:51] == [*range(451, 501), 1]
    assert reply.startswith(f"{len(numbers)} of 500 sessions; those that may still run stand first.")


def a_session(number: int, now: datetime) -> Session:
    """Make a session that ended."""
    empty = dict.fromkeys(field.name for field in fields(Session))
    known = {
        "id": number, "team": "T1", "channel": "C1", "channel_private": False, "channel_shared": False, "rule_id": 1,
        "rule_name": "a rule with a name", "starter": "U1", "state": State.ended, "version": 1, "last_event": "",
        "changed_at": now, "changed_by": "U1", "created_at": now,
    }  # fmt: skip
    return Session(**{**empty, **known})
