"""stop: asked, delivered, confirmed or not – each told as what it is, to everybody whom it concerns."""

import json
from typing import Any
from urllib.parse import unquote

import pytest

from bot.sandbox.voximplant import default_account
from bot.sandbox.voximplant._faults import Edit, Error, Fault, Hang, Slow, Status
from bot.text import secret_parts
from storage.records import HistorySays, State

from .conftest import BOTH_MODES, MakeWorld, World, is_card

QUICK = {"SESSION_BOT_CONFIRM_SECONDS": "20"}


def bodies(world: World) -> list[Any]:
    """Read what reached the sessions' URLs."""
    return [json.loads(each.body) for each in world.platform.deliveries]


@BOTH_MODES
async def test_the_card_and_its_thread_carry_everything(world: World) -> None:
    """The card's text has id, rule, starter, time, state and the last event; after the end also how and by whom."""
    await world.says(world.ann, "start obedient ticket 12", expect="Started #1")
    (history_id,) = world.platform.sessions
    card = await world.shows(f"h{history_id}")
    for fact in ("#1 obedient", "running", "Started by ann", "<!date^", "ticket 12", "Last: Started."):
        assert fact in card.text
    button, *others = card.buttons()
    assert [each.label for each in others] == ["Send…", "Refresh"]
    assert (button.label, button.confirm.confirm, button.confirm.deny) == ("Stop", "Stop session", "Keep running")
    assert "Rule obedient, data `ticket 12`, started by ann, started " in button.confirm.text
    verdict = await world.says(
        world.bob, "stop 1 wrong number", expect="Confirmed: #1 obedient ended (Normal termination)"
    )
    assert "Thread" in verdict.plain()
    card = await world.shows("Confirmed by the history")
    end = ("ended", "Stop asked for by bob", "wrong number", "Normal termination", "duration ", "cost ")
    for fact in end:
        assert fact in card.text
        assert fact.strip() in card.plain()
    assert [each.label for each in card.buttons()] == ["Start again"]
    assert len([each for each in world.ops.messages if is_card(each)]) == 1
    reply = await world.replied("Confirmed: #1")
    for fact in ("Stop by bob: wrong number", '{"command": "stop"}', "HTTP 200 after"):
        assert fact in reply.text
    assert not reply.broadcast
    assert [each.state for each in world.commands()] == ["done", "done"]
    became = [each.became for each in world.audit() if each.subject == "session"]
    assert became == ["starting", "running", "stopping", "ended"]
    assert world.session().secure_url is None
    assert world.session().plain_url is None


async def test_each_rule_has_its_own_stop(make_world: MakeWorld) -> None:
    """The stop's body is the rule's from the config, byte for byte, with its secrets masked in the thread."""
    config = """[rules.calm]\nid = 1001\nstop = '{"command":  "stop", "pin": "48151"}'\n"""
    async with make_world(config=config) as world:
        await world.started("calm")
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        assert world.platform.deliveries[-1].body == b'{"command":  "stop", "pin": "48151"}'
        assert "48151" not in world.slack.conversation()


@pytest.mark.parametrize(
    ("lines", "body", "shown"),
    [
        ('stop = "0"', b"0", "Sent: 0\n"),
        (
            'stop = "command=disconnect&pin=48151"',
            b"command=disconnect&pin=48151",
            "Sent: command=disconnect&amp;pin=•••\n",
        ),
        ('stop = ""', b"", "Sent: an empty body\n"),
        ('stop = "Bitte jetzt auflegen ☎"', "Bitte jetzt auflegen ☎".encode(), "Sent: Bitte jetzt auflegen ☎\n"),
    ],
)
async def test_a_stop_is_any_text_that_the_scenario_listens_to(
    make_world: MakeWorld, lines: str, body: bytes, shown: str
) -> None:
    """A rule's stop need not be JSON: it goes out byte for byte, and the thread shows it without its secrets."""
    async with make_world(config=f"[rules.calm]\nid = 1003\n{lines}\n", environ=QUICK) as world:
        await world.started("calm")
        await world.says(world.ann, "stop 1", expect="Stop delivered to #1")
        assert world.platform.deliveries[-1].body == body
        assert shown in (await world.replied("Stop by ann")).text
        assert "48151" not in world.slack.conversation()


async def test_a_stop_can_have_a_path_and_a_method(make_world: MakeWorld) -> None:
    """A scenario that looks at path and method gets both behind its session's URL, which is nowhere shown or kept."""
    source = """VoxEngine.addEventListener(AppEvents.HttpRequest, (e) => {
      Logger.write(`path ${e.path}`);
      if (e.method === "GET" && e.path.endsWith("/stop?token=s3cr3t")) VoxEngine.terminate();
    });"""
    account = default_account()
    account.add_rule(account.applications[0], "pathy", source, rule_id=3000)
    config = '[rules.pathy]\nid = 3000\nstop_method = "GET"\nstop_path = "/stop?token=s3cr3t"\n'
    async with make_world(config=config, account=account) as world:
        await world.started("pathy")
        await world.says(world.ann, "stop 1", expect="Confirmed: #1 pathy")
        assert "Sent: GET …/stop?token=•••" in (await world.replied("Stop by ann")).text
        (running,) = world.platform.sessions.values()
        (path,) = [line.partition("path ")[2] for line in running.log if line.startswith("path ")]
        assert path.startswith("/request/")
        for secret in ("s3cr3t", *secret_parts(f"https://host{path}")):
            assert secret not in world.slack.conversation()


async def test_every_request_says_what_it_is(world: World) -> None:
    """The headers tell a stop, its person and its reason from a send; a person's name is there when it is known."""
    await world.started("stuck")
    await world.says(world.ann, 'send 1 {"n": 1}', expect="Delivered")
    await world.says(world.bob, "stop 1 it hangs – X-Evil: 1", expect="Stop delivered")
    sent, stopped = world.platform.deliveries
    assert sent.headers["X-Session-Bot"] == "send"
    assert "X-Session-Bot-By" not in sent.headers
    assert stopped.headers["X-Session-Bot"] == "stop"
    assert unquote(stopped.headers["X-Session-Bot-By"]) == f"{world.bob.id} (bob)"
    assert unquote(stopped.headers["X-Session-Bot-Reason"]) == "it hangs – X-Evil: 1"


async def test_a_stop_that_is_tried_again_says_the_same(world: World) -> None:
    """All attempts of one stop have the same id, person and reason."""
    await world.started()
    world.platform.faults.session(Status(503), times=2)
    await world.says(world.ann, "stop 1 noisy line", expect="Confirmed: #1")
    first, *others = [each.headers for each in world.platform.deliveries]
    assert len(others) == 2
    assert all(each == first for each in others)


async def test_a_reason_in_quotes_may_begin_with_a_number(world: World) -> None:
    """In quotes of any kind a reason may begin with what looks like an id; only that session is stopped."""
    await world.started()
    await world.started("stuck")
    await world.says(world.ann, 'stop #1 "2 callers complained"', expect="Confirmed: #1")
    assert (await world.shows("ended")).text.count("2 callers complained") == 1
    assert '"2 callers' not in world.card().text
    await world.says(world.ann, "stop 2, «1 is over» they said", expect="Stop delivered to #2 stuck.")
    assert "«1 is over» they said" in (await world.shows("stopping", 1)).text


async def test_several_sessions_are_asked_about_first(world: World) -> None:
    """Several ids get a question that names each session once, and one button that stops them all, once."""
    await world.started()
    await world.started("obedient again")
    (first, *_) = world.platform.sessions
    told = await world.says(
        world.bob, f"stop 1, 2 h{first} they hang", expect="Stop 2 sessions? Nothing was stopped yet."
    )
    assert "#1 obedient in" in told.text
    assert "#2 obedient in" in told.text
    assert not world.platform.deliveries
    await world.presses(world.bob, told, "Stop 2 sessions", expect="2 confirmed ended.")
    assert bodies(world) == [{"command": "stop"}] * 2
    for number in (0, 1):
        card = await world.shows("ended", number)
        assert "they hang" in card.text
        assert not world.replies(number)
    assert [each.state for each in world.commands()[2:]] == ["asked", "done"]


async def test_one_mistyped_id_stops_nothing(world: World) -> None:
    """If one of several ids is nobody's, nothing is stopped, and it is named; perhaps it was meant as a reason."""
    await world.started()
    told = await world.says(
        world.ann, "stop 1 9 callers", expect="No session #9 that you can see, so nothing was done."
    )
    assert "A reason that begins with a number goes in quotes." in told.text
    await world.says(world.ann, "stop " + " ".join(map(str, range(1100))), expect="At most 1,000 sessions at once")
    assert not world.platform.deliveries


async def test_another_channels_session_is_asked_about_first(world: World) -> None:
    """From another channel, the bot's or not, a session is stopped only after a question that names its own."""
    await world.started()
    elsewhere = world.slack.channel("elsewhere", bot_in=False, members=[world.bob])
    told = await world.says(world.bob, "stop 1 it hangs", channel=elsewhere, expect="Stop #1? Nothing was stopped yet.")
    assert f"#1 obedient in <#{world.ops.id}>, running" in told.text
    assert not world.platform.deliveries
    await world.presses(world.bob, told, "Stop #1", channel=elsewhere, expect="Confirmed: #1")
    assert "it hangs" in (await world.shows("ended")).text
    assert not elsewhere.messages


async def test_what_is_over_says_who_ended_it(world: World) -> None:
    """A stop of what has ended sends nothing and says who stopped it and why, or that it ended by itself."""
    await world.started()
    await world.says(world.bob, "stop 1 wrong number", expect="Confirmed: #1")
    told = await world.says(world.ann, "stop 1", expect="#1 obedient has ended already")
    assert f"(Normal termination), after a stop by <@{world.bob.id}>: wrong number. Nothing was sent." in told.text
    await world.started("any-request")
    await world.says(world.ann, "send 2 {}", expect="Delivered")
    await world.shows("It ended by itself.", 1)
    await world.says(world.ann, "stop 2", expect="(Normal termination), by itself. Nothing was sent.")
    assert len(world.platform.deliveries) == 2


async def test_two_responders_make_one_stop(world: World) -> None:
    """Two people who stop the same session at once send one stop, and both get a true answer and the verdict."""
    await world.started("stuck")
    world.platform.faults.session(Hang())
    assert (await world.ann.slash(world.ops, "stop 1 mine")).acked
    assert (await world.bob.slash(world.ops, "stop 1 no, mine")).acked
    told = await world.told(world.bob, "One stop is sent, not two.")
    assert f"#1 stuck: <@{world.ann.id}> asked it to stop" in told.text
    world.platform.faults.release()
    await world.told(world.ann, "Stop delivered to #1 stuck.")
    (session,) = world.platform.sessions.values()
    session.end()
    for person in (world.ann, world.bob):
        await world.told(person, "Confirmed: #1 stuck ended")
    assert len({each.headers["X-Request-Id"] for each in world.platform.deliveries}) == 1
    assert world.stop_of().by == world.ann.id
    assert world.stop_of().reason == "mine"
    assert [each.state for each in world.commands()] == ["done"] * 3


async def test_who_asks_again_is_told_that_it_was_delivered(world: World) -> None:
    """Asking again while the end is being checked sends nothing more, and says by whom and that it was delivered."""
    await world.started("slow-stop")
    await world.says(world.ann, "stop 1", expect="Whether it ended is being checked, for up to 1 min.")
    await world.says(world.ann, "stop 1", expect="you asked it to stop")
    told = await world.says(world.bob, "stop 1", expect="it was delivered, and the end is being checked, for up to")
    assert "Nothing more was sent." in told.text
    assert len(world.platform.deliveries) == 1


async def test_the_button_asks_and_acts_once(world: World) -> None:
    """The card's Stop does nothing when its dialog says no, and one stop when it is pressed twice."""
    card = await world.started()
    kept = await world.bob.click(card, "Stop", confirm=False)
    assert not kept.acked
    one = await world.bob.click(card, "Stop")
    await world.bob.redeliver(one)
    await world.told(world.bob, "Confirmed: #1")
    assert len(world.platform.deliveries) == 1
    assert [each.via for each in world.commands()] == ["slash", "button"]


async def test_a_stop_during_the_start_is_kept_and_delivered(world: World) -> None:
    """A stop while the start is in flight is kept, shown, and delivered the moment the URL arrives."""
    world.platform.faults.management("StartScenarios", Slow(10))
    assert (await world.ann.slash(world.ops, "start obedient")).acked
    await world.shows("starting")
    await world.says(world.bob, "stop 1 wrong rule", expect="Your stop is kept, and delivered the moment")
    told = await world.says(world.ann, "stop 1", expect="it is kept until the start is answered")
    assert f"<@{world.bob.id}> asked it to stop" in told.text
    assert "Stop asked for by" in (await world.shows("wrong rule")).text
    assert not world.platform.deliveries
    world.platform.faults.release()
    await world.told(world.bob, "Confirmed: #1 obedient ended")
    await world.shows("ended")
    assert bodies(world) == [{"command": "stop"}]
    (stopped,) = world.platform.deliveries
    assert stopped.headers["X-Session-Bot"] == "stop"
    assert unquote(stopped.headers["X-Session-Bot-By"]).startswith(world.bob.id)
    assert unquote(stopped.headers["X-Session-Bot-Reason"]) == "wrong rule"
    assert "Stop by bob: wrong rule" in (await world.replied("HTTP 200")).text


async def test_a_stop_kept_for_a_start_that_failed_is_answered(world: World) -> None:
    """When the start is refused, who asked for its stop is told that it never started, in the thread as well."""
    world.platform.faults.management("StartScenarios", Slow(10))
    world.platform.account.balance = 0
    assert (await world.ann.slash(world.ops, "start obedient")).acked
    await world.shows("starting")
    await world.says(world.bob, "stop 1", expect="is kept")
    world.platform.faults.release()
    await world.told(world.bob, "#1 obedient never started, so there was nothing to stop.")
    reply = await world.replied("Nothing was sent.")
    assert "Stop by bob" in reply.text


async def test_a_kept_stop_that_cannot_be_sent_is_told_as_such(make_world: MakeWorld) -> None:
    """A kept stop that could not go out in the end was "not sent": to its person, in `status` and in the audit."""
    async with make_world(environ={"VOXIMPLANT_SESSION_HOSTS": "*.voximplant.com"}) as world:
        world.platform.faults.management("StartScenarios", Slow(10))
        assert (await world.ann.slash(world.ops, "start obedient")).acked
        await world.shows("starting")
        await world.says(world.bob, "stop 1 wrong rule", expect="Your stop is kept")
        world.platform.faults.release()
        await world.told(world.bob, "The stop was not sent: #1 obedient may still run.")
        reply = await world.replied("Not delivered")
        assert "Stop by bob: wrong rule" in reply.text
        assert f"<@{world.bob.id}>" in reply.text  # who asked is called: it may still run
        line = next(each for each in world.audit() if each.became == "unconfirmed")
        assert line.actor == world.bob.id
        assert "could not be sent" in (line.words or "")
        assert "leads to 127.0.0.1" in (line.words or "")
        await world.says(world.bob, "status 1", expect="That stop is not delivered.")
        assert "could not be asked" not in world.slack.conversation()
        assert not world.platform.deliveries


TRUTHS: list[tuple[dict[str, Any], list[tuple[str, Fault, int]], str]] = [
    ({}, [], "The history says that it still runs."),
    ({"history_delay_seconds": 3_600.0}, [], "The history does not know it yet."),
    ({}, [("GetCallHistory", Status(502, "<html>"), 500)], "The history could not be asked."),
]


@pytest.mark.parametrize(("options", "faults", "truth"), TRUTHS)
async def test_a_stop_that_is_not_confirmed_tells_which_truth_holds(
    make_world: MakeWorld, options: dict[str, Any], faults: list[tuple[str, Fault, int]], truth: str
) -> None:
    """Not confirmed in time: thread, channel, card and person hear which of the three truths holds, and what to do."""
    config = '[rules.wild]\nid = 1002\nrunbook = "https://wiki.example.com/wild"\n'
    async with make_world(environ=QUICK, config=config, **options) as world:
        await world.started("wild")
        for method, fault, times in faults:
            world.platform.faults.management(method, fault, times=times)
        await world.says(world.bob, "stop 1 it hangs", expect=f"Not confirmed: #1 stuck (wild) may still run. {truth}")
        reply = await world.replied("Stop not confirmed")
        assert reply.broadcast
        (history_id,) = world.platform.sessions
        parts = (
            truth, f"<@{world.bob.id}>", "The stop by bob", '{"command": "stop"}', "was delivered", "stop 1 asks again",
            "/session send 1", "Runbook of this rule", f"its number h{history_id}", "no forced stop",
        )  # fmt: skip
        for part in parts:
            assert part in reply.text, part
        assert "https://wiki.example.com/wild" in str(reply.blocks)
        card = await world.shows("stop not confirmed")
        assert [each.label for each in card.buttons()] == ["Stop again", "Send…", "Close the record", "Refresh"]
        assert len(world.platform.deliveries) == 1
        assert "ended" not in card.text
        told = await world.says(world.ann, "status 1", expect="stop not confirmed")
        assert truth in told.text


async def test_a_stop_can_be_asked_for_again(make_world: MakeWorld) -> None:
    """After an unconfirmed stop the next one is a new request with its own reply, for every person."""
    async with make_world(environ=QUICK) as world:
        await world.started("stuck")
        await world.says(world.bob, "stop 1 first", expect="Not confirmed")
        told = await world.says(world.ann, "stop 1 second", expect="Stop delivered to #1 stuck")
        assert told.text
        await world.shows("second")
        await world.replied("Stop by ann: second")
        first, second = world.platform.deliveries
        assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
        await world.slack.until(
            lambda: len([each for each in world.replies() if "Stop not confirmed" in each.text]) == 2, "a second report"
        )


async def test_a_stop_that_stays_in_doubt_is_called_so(world: World) -> None:
    """Three attempts without a clear answer are "perhaps delivered", and the history decides."""
    await world.started("stuck")
    world.platform.faults.session(Status(500), times=3)
    await world.says(
        world.ann,
        "stop 1 wrong number",
        expect="Stop perhaps delivered to #1 stuck. Whether it ended is being checked,",
    )
    await world.replied("Perhaps delivered after 3 attempts: The session's server answered HTTP 500")
    (session,) = world.platform.sessions.values()
    session.end()
    await world.told(world.ann, "Confirmed: #1 stuck ended")
    assert world.commands()[-1].state == "unknown"
    told = await world.says(world.bob, "stop 1", expect="has ended already")
    assert f"after a stop by <@{world.ann.id}> that may have arrived: wrong number" in told.text


async def test_an_end_that_is_faster_than_the_answer_stays_told(world: World) -> None:
    """When the history confirms the end before the stop's answer comes, nothing takes that back."""
    await world.started()
    world.platform.faults.session(Slow(10))
    assert (await world.ann.slash(world.ops, "stop 1")).acked
    await world.shows("a stop was asked for, and is not known to have arrived")
    world.platform.faults.release()
    card = await world.shows("Last: Confirmed: #1 obedient ended (Normal termination)")
    assert "not confirmed" not in card.text
    reply = await world.replied("Confirmed: #1 obedient ended")
    assert "HTTP 200" in reply.text
    await world.says(world.bob, "stop 1", expect=f"after a stop by <@{world.ann.id}>")
    assert world.session().state == "ended"


async def test_a_stop_that_cannot_be_sent_is_said_loudly(make_world: MakeWorld) -> None:
    """A stop that surely did not leave says so at once, in the channel too, and makes room for another."""

    def elsewhere(answer: dict[str, Any]) -> dict[str, Any]:
        return {
            key: value.replace("127.0.0.1", "127.0.0.2") if "url" in key else value for key, value in answer.items()
        }

    async with make_world(environ=QUICK) as world:
        world.platform.faults.management("StartScenarios", Edit(elsewhere))
        await world.started("stuck")
        for person in (world.ann, world.bob):
            told = await world.says(person, "stop 1", expect="The stop did not reach #1 stuck.")
            assert "leads to 127.0.0.2" in told.text
            reply = await world.replied(f"Stop by {person.name}")
            assert reply.broadcast
            for part in ("Not sent:", "Not delivered", "leads to 127.0.0.2", "no forced stop"):
                assert part in reply.text
            assert "What to do" not in reply.text
        assert "stop not confirmed" in (await world.shows("could not be sent")).text
        assert [each.state for each in world.commands()[1:]] == ["failed", "failed"]
        assert not world.platform.deliveries


async def test_advice_that_cannot_work_is_not_given(make_world: MakeWorld) -> None:
    """Where only a stop may go unencrypted, what is said of an unconfirmed one does not advise to send."""

    def unencrypted(answer: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in answer.items() if key != "media_session_access_secure_url"}

    async with make_world(environ=QUICK) as world:
        world.platform.faults.management("StartScenarios", Edit(unencrypted))
        await world.started("stuck")
        await world.says(world.bob, "stop 1", expect="Not confirmed: #1 stuck may still run.")
        reply = await world.replied("Stop not confirmed")
        assert "What to do: /session stop 1 asks again." in reply.text
        assert "says it otherwise" not in reply.text


async def test_one_hanging_session_does_not_hold_the_others(world: World) -> None:
    """Of several sessions that are stopped together, each has its own way: one that hangs delays only itself."""
    await world.started()
    await world.started("stuck")
    world.platform.faults.session(Hang(), history_id=max(world.platform.sessions))
    told = await world.says(world.ann, "stop 1 2", expect="Stop 2 sessions?")
    assert (await world.ann.click(told, "Stop 2 sessions")).acked
    await world.shows("ended", 0)
    assert world.session(2).stop is not None
    world.platform.faults.release()
    await world.told(world.ann, "2 of 2 sessions were asked to stop.")


async def test_a_history_that_fails_for_a_while_is_asked_again(make_world: MakeWorld) -> None:
    """Errors of the history delay the verdict and do not change it."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "2"}) as world:
        await world.started()
        for fault in (Error(1, "internal"), Status(502, "<html>"), Status(429)):
            world.platform.faults.management("GetCallHistory", fault)
        await world.says(world.ann, "stop 1", expect="Confirmed: #1")
        await world.shows("Confirmed by the history")
        assert not world.platform.faults.pending


async def test_a_network_that_is_down_is_no_end(make_world: MakeWorld) -> None:
    """A name that cannot be resolved says nothing about the session: nothing was sent, and nobody calls it ended."""
    async with make_world(environ={"VOXIMPLANT_SESSION_HOSTS": "127.0.0.1,nowhere.invalid"}) as world:
        elsewhere = "https://nowhere.invalid:12092/request/AF30.1580999958.1204800_185.164.149.16/90AB"
        urls = {
            "media_session_access_secure_url": elsewhere,
            "media_session_access_url": elsewhere.replace("https", "http"),
        }
        world.platform.faults.management("StartScenarios", Edit(lambda answer: {**answer, **urls}))
        await world.started()
        told = await world.says(world.ann, "stop 1", expect="#1")
        assert "ended" not in told.text
        await world.shows("stop not confirmed")
        assert world.session().state is State.running


async def test_the_history_from_before_the_stop_says_nothing_about_it(make_world: MakeWorld) -> None:
    """A history that is silent since the stop is called so, whatever it said before."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "5"}) as world:
        await world.started("stuck")
        await world.until(lambda: world.session().history_says is HistorySays.runs, "a reading before the stop")
        world.platform.faults.management("GetCallHistory", Status(429, "", {"Retry-After": "600"}), times=1000)
        await world.ann.slash(world.ops, "stop 1")
        await world.replied("The history could not be asked")


async def test_status_says_that_the_history_was_read_before_the_stop(make_world: MakeWorld) -> None:
    """While the first answer since the stop is still awaited, nobody is told that the history could not be asked."""
    async with make_world(environ={"SESSION_BOT_WATCH_SECONDS": "5"}) as world:
        await world.started("stuck")
        await world.until(lambda: world.session().history_says is HistorySays.runs, "a reading before the stop")
        world.platform.faults.management("GetCallHistory", Hang(), times=1000)
        await world.says(world.ann, "stop 1", expect="Stop delivered to #1 stuck.")
        told = await world.says(world.ann, "status 1", expect="The platform's history was read")
        assert ", before the stop." in told.plain()
        assert "could not be asked" not in told.plain()
