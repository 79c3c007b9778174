"""A reading of the history that is older than the stop, in the whole bot."""

from bot.ports import Via
from bot.stops import history_words
from storage.stop import StopState
from tests.model.invariants import Invariants
from tests.model.platform_edge import HistoryMood, UrlFate
from tests.model.world import World


def test_a_reading_older_than_the_stop_is_no_answer(model_world: World) -> None:
    """The history said *running*, and then the stop went out: until it is asked again it says nothing of that stop."""
    held = Invariants(model_world)
    held.starts["x"] += 1
    for asked, mood, seconds in (
        ("start obedient x", HistoryMood.running, 40.0),
        ("stop 1", HistoryMood.silent, 0.5),
    ):
        model_world.platform.mood = mood
        model_world.platform.url_fates.extend([UrlFate.ignored] * 3)
        request = model_world.request(asked, channel="C1", actor="U1", via=Via.slash, key=asked)
        assert model_world.do(model_world.admits(request, model_world.bot, seconds))
    assert model_world.platform.said_runs
    held.check()
    (session,) = held.sessions()
    assert session.stop_state is StopState.delivered
    assert "still runs" not in history_words(session)
