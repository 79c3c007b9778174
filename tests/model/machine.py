"""The rules of the model: what people, terminals, the platform, Slack, clocks and power cuts do, in any order."""
# ruff: noqa: D401, FBT001, PLR0917 - a rule tells what happens, and Hypothesis draws its arguments by name

import contextlib
import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.ports import Offer, Request, Response, SessionRef, Via
from bot.verbs import Send, Start
from tests.model.databases import ONE_OUTCOME
from tests.model.drawn import CHANNELS, JUMPS, NUMBERS, PAUSES, PEOPLE, SOON, STEPS, WAYS
from tests.model.invariants import Invariants, Unexpected
from tests.model.platform_edge import HistoryMood, StartFate, UrlFate
from tests.model.world import SETTLED_S, Process, World
from tests.postgres.databases import fresh_database


class Model(RuleBasedStateMachine):
    """One world, to which everything happens."""

    def __init__(self, *, on_server: bool = False) -> None:
        super().__init__()
        logging.disable(logging.WARNING)  # a world in trouble says so in thousands of lines
        self._lent = contextlib.ExitStack()
        folder = self._lent.enter_context(tempfile.TemporaryDirectory())
        server = self._lent.enter_context(fresh_database(ONE_OUTCOME)) if on_server else None
        self.world = World(Path(folder), server)
        self.held = Invariants(self.world)
        self._heard = Unexpected(self.held.unexpected)
        logging.getLogger().addHandler(self._heard)
        self.count = 0
        self.typed: list[Request] = []

    # People

    @rule(
        data=st.integers(0, 2),
        name=st.sampled_from(["obedient", "strict"]),
        person=PEOPLE,
        channel=CHANNELS,
        way=WAYS,
        soon=SOON,
    )
    def start(self, data: int, name: str, person: str, channel: str, way: Via, soon: float) -> None:
        """Somebody starts a session; the data is new, or that of an earlier one."""
        given = f"data-{data}" if data else f"new-{self.count}"
        self.held.starts[given] += 1
        asked = Start(name, given, sure=True) if way is Via.modal else f"start {name} {given}"
        self._type(asked, person, channel, way, soon)

    @rule(name=st.sampled_from(["obedient", "strict"]), person=PEOPLE, channel=CHANNELS, soon=SOON)
    def start_twice_at_once(self, name: str, person: str, channel: str, soon: float) -> None:
        """Somebody presses Enter twice: two keys, and one intent."""
        given = f"twice-{self.count}"
        self.held.starts[given] += 1
        self._type(f"start {name} {given}", person, channel, Via.slash, 0)
        self._type(f"start {name} {given}", person, channel, Via.slash, soon)

    @rule(number=NUMBERS, person=PEOPLE, channel=CHANNELS, way=WAYS, twice=st.booleans(), soon=SOON)
    def send(self, number: int, person: str, channel: str, way: Via, twice: bool, soon: float) -> None:
        """Somebody sends something that nobody sent before."""
        body = f'{{"n": {self.count}}}'
        self.held.sends[body.encode()] += 1
        asked = Send(SessionRef(number), body) if way is Via.modal else f"send {number} {body}"
        if twice and way is not Via.modal:
            self.held.bodies[self._type(asked, person, channel, way, 0)] = body.encode()
        key = self._type(asked, person, channel, way, soon, again=way is Via.modal)
        self.held.bodies[key] = body.encode()

    @rule(number=NUMBERS, person=PEOPLE, channel=CHANNELS, way=WAYS, soon=SOON)
    def stop(self, number: int, person: str, channel: str, way: Via, soon: float) -> None:
        """Somebody stops a session."""
        self._type(f"stop {number} they hang", person, channel, way, soon)

    @rule(number=NUMBERS, person=PEOPLE, soon=SOON)
    def click_stop(self, number: int, person: str, soon: float) -> None:
        """Somebody presses Stop, and agrees."""
        self._type(f"stop {number}", person, "C1", Via.button, soon, confirmed=True)

    @rule(person=PEOPLE, channel=CHANNELS, way=WAYS, scope=st.sampled_from(["", " channel=all", " rule=strict"]))
    def stop_all(self, person: str, channel: str, way: Via, scope: str) -> None:
        """Somebody asks what would be stopped, if all were."""
        self._type(f"stop all{scope}", person, channel, way, 1.0)

    @rule(
        verb=st.sampled_from(["close", "status", "refresh"]),
        number=NUMBERS,
        person=PEOPLE,
        channel=CHANNELS,
        way=WAYS,
        soon=SOON,
    )
    def other(self, verb: str, number: int, person: str, channel: str, way: Via, soon: float) -> None:
        """Somebody closes a record, or looks at it."""
        reason = " support ended it" if verb == "close" else ""
        self._type(f"{verb} {number}{reason}", person, channel, way, soon)

    @rule(number=NUMBERS, person=PEOPLE, channel=CHANNELS, soon=SOON)
    def again(self, number: int, person: str, channel: str, soon: float) -> None:
        """Somebody starts a session once more."""
        for row in self._rows("select custom_data from sessions where id = ?", number):
            self.held.starts[row["custom_data"] or ""] += 1
        self._type(f"again {number}", person, channel, Via.slash, soon)

    @rule(person=PEOPLE, soon=SOON, named=st.booleans(), there=NUMBERS)
    def adopt(self, person: str, soon: float, named: bool, there: int) -> None:
        """Somebody takes over a session by its URL: one from elsewhere, or one that is known."""
        platform = self.world.platform
        phones = list(platform.phones.values())
        phone = phones[there - 1] if there <= len(phones) else platform.begin(1001, None, elsewhere=True)
        number = f" h{phone.number}" if named else ""
        self._type(f"adopt {phone.url}{number}", person, "C1", Via.slash, soon)

    @rule(twice=st.booleans(), soon=SOON, place=st.integers(0, 2))
    def press(self, twice: bool, soon: float, place: int) -> None:
        """Somebody presses a button under the last answer that has one, perhaps twice."""
        offers = next((each.offers for _, each in reversed(self.world.answers) if each.offers), ())
        offer: Offer | None = offers[place % len(offers)] if offers else None
        if offer is None or offer.editor is not None:
            return
        if isinstance(offer.intent, Start):
            self.held.starts[offer.intent.data or ""] += 1
        if isinstance(offer.intent, Send):
            self.held.sends[(offer.intent.json or "").encode()] += 1
        known = {"confirmed": offer.confirmed, "again": offer.again, "key": f"button:{self.count}"}
        self._type(offer.intent, "U1", "C1", Via.button, 0 if twice else soon, **known)
        if twice:
            self._type(offer.intent, "U1", "C1", Via.button, soon, **known)

    @precondition(lambda self: self.typed)
    @rule(back=st.integers(0, 3), pause=PAUSES, soon=SOON)
    def bring_again(self, back: int, pause: float, soon: float) -> None:
        """Slack brings one of the last commands once more, perhaps long after."""
        self.world.do(self.world.pass_time(pause))
        self._do(self.typed[-1 - back % len(self.typed)], self.world.bot, soon)

    @rule(number=NUMBERS, person=PEOPLE, is_start=st.booleans(), pause=st.sampled_from([5.0, 40.0]))
    def bring_twice(self, number: int, person: str, is_start: bool, pause: float) -> None:
        """Slack brings a command when it is no double press any more."""
        if is_start:
            self.start(0, "obedient", person, "C1", Via.slash, pause)
        else:
            self.send(number, person, "C1", Via.slash, False, pause)
        self.bring_again(0, 0.0, 0.5)

    @precondition(lambda self: self.typed)
    @rule(soon=SOON)
    def edit(self, soon: float) -> None:
        """Somebody edits the mention of the last command."""
        refused, edited = Response(text="Edits are not run."), self.typed[-1]
        self._type(edited.asked, edited.actor, edited.channel, Via.mention, soon, refused=refused)

    # Bad luck of ours

    @rule(steps=STEPS, pause=PAUSES)
    def crash(self, steps: int, pause: float) -> None:
        """Both processes end at one of the next steps, if there are so many; the next bot comes up."""
        self.world.bot.ends_in = steps
        self.world.terminal.ends_in = steps
        self.world.do(self.world.pass_time(pause))
        self.world.do(self.world.crash())

    @rule(steps=STEPS, number=NUMBERS, verb=st.sampled_from(["start", "stop", "send", "adopt"]))
    def crash_amid(self, steps: int, number: int, verb: str) -> None:
        """Both processes end amid a command, wherever it is by then."""
        self.world.bot.ends_in = steps
        if verb == "start":
            self.start(0, "obedient", "U1", "C1", Via.slash, 40.0)
        elif verb == "stop":
            self.stop(number, "U1", "C1", Via.slash, 40.0)
        elif verb == "send":
            self.send(number, "U1", "C1", Via.slash, False, 40.0)
        else:
            self.adopt("U1", 40.0, True, number)
        self.world.do(self.world.crash())

    @rule(fate=st.sampled_from([StartFate.late, StartFate.lost, StartFate.hangs]), person=PEOPLE)
    def crash_while_starting(self, fate: StartFate, person: str) -> None:
        """Both processes end while the platform has a start, and has not answered it."""
        self.world.platform.fates.appendleft(fate)
        self.start(0, "obedient", person, "C1", Via.slash, 1.0)
        self._crash_and_wait()

    @rule(verb=st.sampled_from(["send", "stop"]), person=PEOPLE)
    def crash_while_asking(self, verb: str, person: str) -> None:
        """Both processes end while a new session has what it was sent, and has not answered."""
        self.start(0, "obedient", person, "C1", Via.slash, 20.0)
        for row in self._rows("select id from sessions order by id desc limit 1"):
            self.world.platform.url_fates.appendleft(UrlFate.hangs)
            if verb == "send":
                self.send(row["id"], person, "C1", Via.slash, False, 1.0)
            else:
                self.stop(row["id"], person, "C1", Via.slash, 1.0)
        self._crash_and_wait()

    @rule(seconds=JUMPS)
    def set_wall(self, seconds: int) -> None:
        """The wall clock is set."""
        self.held.wall_was_set = True
        self.world.set_wall(timedelta(seconds=seconds))

    @rule(days=st.sampled_from([1, 4, 8]))
    def sleep(self, days: int) -> None:
        """The machine sleeps, and wakes up with everything behind."""
        self.world.sleep(86_400.0 * days)
        self.world.do(self.world.pass_time(70.0))

    @rule(person=PEOPLE, days=st.sampled_from([1, 4, 8]))
    def give_up_on(self, person: str, days: int) -> None:
        """Nobody answers at a new session; somebody closes its record, and days pass."""
        self.start(0, "obedient", person, "C1", Via.slash, 20.0)
        for row in self._rows("select id from sessions order by id desc limit 1"):
            self.world.platform.url_fates.extend([UrlFate.gone] * 2)
            self._type(f"stop {row['id']}", person, "C1", Via.button, 5.0, confirmed=True)
            self._type(f"close {row['id']} support ended it", person, "C1", Via.slash, 1.0)
            self.world.platform.url_fates.clear()
        self.held.check()
        self.sleep(days)

    @rule(refuses=st.booleans())
    def channel_refuses(self, refuses: bool) -> None:
        """Slack refuses whatever is posted, or takes it again."""
        self.world.slack.refuses = refuses

    # The platform

    @rule(pause=PAUSES)
    def wait(self, pause: float) -> None:
        """Time passes."""
        self.world.do(self.world.pass_time(pause))

    @rule(mood=st.sampled_from(HistoryMood))
    def mood(self, mood: HistoryMood) -> None:
        """The history answers otherwise from now on."""
        self.world.platform.mood = mood

    @rule(fates=st.lists(st.sampled_from(StartFate), min_size=1, max_size=3))
    def start_fates(self, fates: list[StartFate]) -> None:
        """The next starts come to this."""
        self.world.platform.fates.extend(fates)

    @rule(fates=st.lists(st.sampled_from(UrlFate), min_size=1, max_size=4))
    def url_fates(self, fates: list[UrlFate]) -> None:
        """The next requests to sessions come to this."""
        self.world.platform.url_fates.extend(fates)

    @rule(number=NUMBERS)
    def hangs_up(self, number: int) -> None:
        """A session ends by itself."""
        phones = list(self.world.platform.phones.values())
        if number <= len(phones):
            phones[number - 1].ends_at = self.world.loop.time()

    @rule(number=NUMBERS, forged=st.booleans(), ago=st.sampled_from([0, 30, 4000]), ending=st.booleans())
    def announce(self, number: int, forged: bool, ago: int, ending: bool) -> None:
        """A session announces itself: truly, late, or somebody else in its name; or one that nobody knows."""
        phones = list(self.world.platform.phones)
        there = phones[number - 1] if number <= len(phones) else 9_999_999
        self.world.platform.announce(there, forged=forged, ago_s=ago, ending=ending)

    @rule(seconds=JUMPS)
    def skew(self, seconds: int) -> None:
        """The platform's clock is set."""
        self.held.platform_was_set = True
        self.world.platform.skew += timedelta(seconds=max(min(seconds, 7200), -7200))

    @invariant()
    def holds(self) -> None:
        """Check what holds at any moment."""
        self.held.check()

    def teardown(self) -> None:
        """Make everything well, wait until all has come to rest, and check what holds then."""
        try:
            platform = self.world.platform
            platform.mood, self.world.slack.refuses = HistoryMood.true, False
            platform.fates.clear()
            platform.url_fates.clear()
            self.world.do(self.world.pass_time(SETTLED_S))
            self.held.check_at_rest()
        finally:
            self.world.close()
            self._lent.close()
            logging.getLogger().removeHandler(self._heard)
            logging.disable(logging.NOTSET)

    def _crash_and_wait(self) -> None:
        self.world.do(self.world.crash())
        self.world.do(self.world.pass_time(20.0))

    def _type(self, asked: Any, person: str, channel: str, way: Via, soon: float, **known: Any) -> str:
        """Type a command at its place, under a key of its own, which is returned."""
        self.count += 1
        is_terminal = way is Via.terminal
        known.setdefault("key", f"{way}:{self.count}")
        actor = "cli:ann" if is_terminal else person
        request = self.world.request(asked, channel=channel, actor=actor, via=way, **known)
        self._do(request, self.world.terminal if is_terminal else self.world.bot, soon)
        return request.key

    def _do(self, request: Request, process: Process, soon: float) -> None:
        if process is self.world.bot and request not in self.typed:
            self.typed.append(request)
        if self.world.do(self.world.admits(request, process, soon)):
            self.held.keys.add(request.key)

    def _rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return list(self.world.database.recorded.query(sql, values))
