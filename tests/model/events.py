"""The events of the table: each happens to a session in every situation, in one world, through the whole bot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from bot.ports import Via
from bot.verbs import settle_start
from storage import sessions, starts
from storage.records import Session, State
from tests.model.platform_edge import HistoryMood, StartFate, UrlFate
from tests.model.situations import Placed, place
from tests.model.world import Process, World

_SOON_S: Final = 25.0
_STEP_S: Final = 0.5
_STRICT: Final = 1002


@dataclass
class Scene:
    """One world with a session in every situation, and what came of each."""

    world: World
    placed: dict[str, Placed]
    became: dict[str, Session] = field(default_factory=dict)

    def now(self) -> dict[str, Session]:
        """Return the sessions as they are recorded now."""
        found = self.world.do(self.world.bot.store.read(lambda db: sessions.get_each(db, self._ids)))
        return {situation: found[placed.id] for situation, placed in self.placed.items()}

    @property
    def _ids(self) -> list[int]:
        return [each.id for each in self.placed.values()]

    def wait(self, seconds: float) -> None:
        """Wait for so many seconds."""
        self.world.do(self.world.pass_time(seconds))

    def told(self, situation: str) -> str:
        """Return what the person who typed was told last."""
        said = [each.text for key, each in self.world.answers if key == situation]
        return "\n".join(str(each) for each in said)


Event = Callable[[Scene], None]


def _typed(text: str, fate: UrlFate | None = None, via: Via = Via.slash, **known: Any) -> Event:
    """Return the event of a typed command; `{id}`, `{url}` and `{number}` are those of the session."""

    def happen(scene: Scene) -> None:
        for situation, placed in scene.placed.items():
            placed.phone.takes = fate or UrlFate.ignored
            for _ in range(2):  # Slack brings it a second time: by its key it is the same
                _type(scene, situation, text, via, known)
        scene.wait(_SOON_S)

    return happen


def _type(scene: Scene, situation: str, text: str, via: Via, known: Mapping[str, Any]) -> None:
    world, placed = scene.world, scene.placed[situation]
    is_terminal = via is Via.terminal
    asked = text.format(id=placed.id, url=placed.phone.url, number=placed.phone.number)
    actor = "cli:ann" if is_terminal else "U1"
    request = world.request(asked, channel="C1", actor=actor, via=via, key=situation, **known)
    process: Process = world.terminal if is_terminal else world.bot
    world.do(world.admits(request, process, 0))


def _history(mood: HistoryMood, seconds: float, scene: Scene) -> None:
    scene.world.platform.mood = mood
    scene.wait(seconds)


def _one_reading(scene: Scene) -> None:
    """Wait until the history said *ended* once of each session."""
    scene.world.platform.mood = HistoryMood.wrong
    for _ in range(int(_SOON_S / _STEP_S)):
        scene.wait(_STEP_S)
        for situation, session in scene.now().items():
            if session.end_seen_at is not None and "ended once" not in situation:
                scene.became.setdefault(situation, session)


def _several(scene: Scene) -> None:
    for placed in scene.placed.values():
        scene.world.platform.begin(placed.phone.rule, placed.phone.data)
    _history(HistoryMood.true, _SOON_S, scene)


def _announced(scene: Scene, *, is_taken: bool = False, ending: bool = False, forged: bool = False) -> None:
    was = scene.now()
    for situation, placed in scene.placed.items():
        stop = was[situation].stop
        if is_taken and stop is not None:
            placed.phone.taken = stop.request_id
        scene.world.platform.announce(placed.phone.number, ending=ending, forged=forged)
    _history(HistoryMood.true, 45.0, scene)


def _late_url(scene: Scene) -> None:
    """Record the answer to a start, with its URL, whatever the session became meanwhile."""
    services = scene.world.bot.services
    if services is None:
        raise AssertionError
    for placed in scene.placed.values():
        record = partial(
            starts.record_running, session_id=placed.id, by="U1", event="The platform said yes.",
            now=services.clock.now(), secure_url=services.sealer.seal(placed.phone.url),
        )  # fmt: skip
        scene.world.do(scene.world.bot.store.write(record))


def _late_refusal(scene: Scene) -> None:
    """Record that a start surely did not happen, whatever the session became meanwhile."""
    services = scene.world.bot.services
    if services is None:
        raise AssertionError
    how: dict[str, Any] = {"by": "U1", "event": "The platform refused it.", "now": services.clock.now()}
    for session in scene.now().values():
        scene.world.do(scene.world.bot.store.write(partial(settle_start, session=session, to=State.failed, **how)))


def _crash(scene: Scene, fate: UrlFate) -> None:
    for placed in scene.placed.values():
        placed.phone.takes = fate
    scene.world.do(scene.world.crash())
    scene.wait(_SOON_S)


def _wall_set(scene: Scene, by: timedelta, seconds: float) -> None:
    scene.world.set_wall(by)
    scene.wait(seconds)


def _again(scene: Scene) -> None:
    scene.world.platform.fates.extend([StartFate.refused] * len(scene.placed))
    _typed("again {id}")(scene)


EVENTS: Final[Mapping[str, Event]] = {
    "stop, and its URL takes it": _typed("stop {id} they hang"),
    "stop, and no answer comes": _typed("stop {id}", UrlFate.hangs),
    "stop, and nobody is there": _typed("stop {id}", UrlFate.gone),
    "stop, and there is no network": _typed("stop {id}", UrlFate.unreached),
    "a click on Stop": _typed("stop {id}", via=Via.button, confirmed=True),
    "stop from a terminal": _typed("stop {id}", via=Via.terminal, confirmed=True),
    "send": _typed('send {id} {{"to": {id}}}'),
    "send, and nobody is there": _typed('send {id} {{"to": {id}}}', UrlFate.gone),
    "close": _typed("close {id} support ended it"),
    "adopt its URL": _typed("adopt {url} h{number}"),
    "again": _again,
    "the history says that it runs": partial(_history, HistoryMood.running, _SOON_S),
    "the history does not know it": partial(_history, HistoryMood.absent, _SOON_S),
    "the history says once that it ended": _one_reading,
    "the history says twice that it ended": partial(_history, HistoryMood.wrong, _SOON_S),
    "the history knows several": _several,
    "the history is silent": partial(_history, HistoryMood.silent, _SOON_S),
    "the history has rows that cannot be read": partial(_history, HistoryMood.odd, _SOON_S),
    "it announces itself": _announced,
    "it says that it took up the stop": partial(_announced, is_taken=True),
    "it says that it is ending": partial(_announced, ending=True),
    "somebody forges its announcement": partial(_announced, forged=True),
    "the answer to its start comes late": _late_url,
    "the platform refuses its start, late": _late_refusal,
    "a crash, and the next process finds it": partial(_crash, fate=UrlFate.ignored),
    "a crash, and the next process finds nobody there": partial(_crash, fate=UrlFate.gone),
    "the time to confirm is over": partial(_history, HistoryMood.running, 100.0),
    "one clock says that its limit is over": partial(_wall_set, by=timedelta(hours=2), seconds=_SOON_S),
    "two clocks say that its limit is over": partial(_history, HistoryMood.running, 330.0),
    "a clock is set back": partial(_wall_set, by=-timedelta(hours=2), seconds=_SOON_S),
    "one clock says that a week is over": partial(_wall_set, by=timedelta(days=8), seconds=_SOON_S),
}  # fmt: skip
"""By name; a typed one is brought twice under its key."""

_LIMITED: Final = {each for each in EVENTS if "limit" in each}


def happen(world: World, event: str) -> Scene:
    """Place a session in each situation, let the event happen to all of them, and return what came of each."""
    world.platform.mood = HistoryMood.absent
    scene = Scene(world, place(world, rule=_STRICT if event in _LIMITED else 1001))
    EVENTS[event](scene)
    for situation, session in scene.now().items():
        scene.became.setdefault(situation, session)
    return scene
