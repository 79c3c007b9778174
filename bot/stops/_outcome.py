"""The texts about the end of a stop: confirmed, or the history's answer when it is not."""

from datetime import datetime, timedelta
from typing import Final

from bot.ports import Services, session_name
from bot.stops._listening import check_of, listening_lines, word_to_send
from bot.stops._reachable import can_be_sent_to, can_deliver_stop
from bot.text import code, cut, duration_words, link, moment
from storage import sessions
from storage.errors import StorageUnavailable
from storage.records import HistorySays, Session, State
from storage.scenario_checks import ScenarioCheck
from storage.stop import Arrived, Stop, StopState

_ANSWER_SHOWN: Final = 300
_PRESETS_SHOWN: Final = 5
_PRESET_SHOWN: Final = 40
_ROUNDED: Final = timedelta(seconds=2)
"""The history has whole seconds, of the beginning and of the duration."""


async def await_outcome(session: Session, services: Services) -> Session:
    """Wait until the stop of this session is confirmed or given up, and return the session as it is then."""

    async def read() -> Session | None:
        try:
            return await services.store.read(lambda db: sessions.get(db, session.id))
        except StorageUnavailable:
            return None  # the next change will tell

    return await services.changes.until(session.id, lambda each: each.stop_state.has_outcome, read)


async def unconfirmed_facts(session: Session, services: Services) -> list[str]:
    """Return what a scenario answered to a stop that is not confirmed, and whether it listens; of others nothing."""
    if session.stop is None or not (session.stop.may_have_arrived and session.stop_state.needs_a_person):
        return []
    stop = services.rules.stop_request(session.rule_id)
    try:
        check = await services.store.read(lambda db: check_of(db, session, stop))
    except StorageUnavailable:
        check = None
    answered = answer_words(session)
    other = [f"{each}." for each in _other_word(session, services, check)]
    return [*([] if answered is None else [answered]), *listening_lines(session, check), *other]


def outcome_words(session: Session) -> str:
    """Return a sentence about the end of a session that was to stop."""
    name = session_name(session)
    if session.state is State.failed:
        return f"{name} never started, so there was nothing to stop."
    if session.state.is_final:
        return f"Confirmed: {name} ended{_after(session)}."
    if session.stop_state is StopState.not_sent:
        return f"The stop was not sent: {name} may still run."
    if session.stop_state.needs_a_person:
        return f"Not confirmed: {name} may still run. {standing_words(session)}"
    return f"The stop of {name} is not confirmed yet. {scenario_words(session)}".strip()


def session_standing(session: Session) -> str:
    """Return a sentence about the state of any session."""
    name = session_name(session)
    if session.state is State.failed:
        return f"{name} never started."
    if session.state is State.abandoned:
        return f"The record of {name} is closed; it may still run."
    if session.stop_state.needs_a_person:
        return outcome_words(session)
    if session.seems_over:
        reason = f" ({session.finish_reason})" if session.finish_reason else ""
        return f"{name} ended{reason}."
    return f"{name} is {session.state}."


def arrival_words(arrived: Arrived | None) -> str:
    """Return the result of a stop's delivery, as the end of a clause about it."""
    return _ARRIVAL_WORDS[arrived]


def taken_words(stop: Stop) -> str:
    """Return when the scenario said that it took a stop up; empty where it did not say so. That is no end."""
    return "" if stop.taken_at is None else f"Its scenario took it up, {moment(stop.taken_at, seconds=True)}."


def untaken_words(stop: Stop) -> str:
    """Return that a stop was delivered, or perhaps was, and not taken up."""
    arrived = "Perhaps delivered" if stop.is_doubtful else "Delivered"
    return f"{arrived}; the scenario has not taken it up."


def scenario_words(session: Session) -> str:
    """Return what a session that announces itself says of its stop; empty for others, and where nobody can tell yet."""
    stop = session.stop
    if stop is None:
        return ""
    is_untaken = stop.untaken_at is not None and stop.taken_at is None
    return "Its scenario has not taken it up." if is_untaken else taken_words(stop)


def standing_words(session: Session) -> str:
    """Return both words about a stop that is not confirmed: the scenario's, if there is one, and the history's."""
    return f"{scenario_words(session)} {history_words(session)}".strip()


_ARRIVAL_WORDS: Final = {
    None: "is on its way",
    Arrived.yes: "was delivered",
    Arrived.perhaps: "may have been delivered",
    Arrived.nobody: "found nobody at the session's URL",
}


def history_words(session: Session) -> str:
    """Return the history's answer, or its absence, about a stop that is not confirmed."""
    if is_stale(session):
        return "The history could not be asked."
    return {
        HistorySays.runs: "The history says that it still runs.",
        HistorySays.absent: "The history does not know it yet.",
        HistorySays.several: "The history knows several sessions that could be it.",
        HistorySays.ended: "The history said once that it ended, which is being read again.",
        HistorySays.silent: "The history could not be asked.",
        None: "The history has not been asked yet.",
    }[session.history_says]


def answer_words(session: Session, limit: int = _ANSWER_SHOWN) -> str | None:
    """Return what the scenario answered to the stop, or that it kept silent; None where the stop did not arrive."""
    stop = session.stop
    if stop is None or not stop.may_have_arrived:
        return None
    if stop.is_doubtful:
        return "Whether its scenario read it cannot be known."
    if stop.answer is None:  # of a stop that an earlier version delivered
        return None
    return f"It answered: {code(stop.answer, limit)}" if stop.answer else "It kept silent: the answer was empty."


def confirm_time_words(services: Services) -> str:
    """Return the time for which the end of a stop is checked before it counts as not confirmed: `up to 60 s`."""
    return f"up to {duration_words(timedelta(seconds=services.settings.confirm_seconds))}"


def is_stale(session: Session) -> bool:
    """Return whether the history was asked before the stop, by version, and so is no answer to it."""
    if session.stop is None or session.stop.version is None or session.stop_state.is_unsent:
        return False  # no stop has changed anything since
    return session.history_version is None or session.history_version < session.stop.version


def untaken_lines(session: Session, services: Services, check: ScenarioCheck | None) -> list[str]:
    """Return what to try on a session whose scenario does not take up its stop: another word, first that of a check."""
    slash, number = services.settings.command, session.id
    ways = _other_word(session, services, check)
    presets = list(services.rules.presets(session.rule_id))
    if can_be_sent_to(session, services):
        if presets:
            names = ", ".join(cut(each, _PRESET_SHOWN) for each in presets[:_PRESETS_SHOWN])
            ways.append(f"{code(f'{slash} send {number}')} has the presets {names}")
        ways.append(f"{code(f'{slash} send {number} <json>')} or {code('--text …')} says it otherwise")
    lines = [f"What to do: {'; '.join(ways)}."] if ways else []
    return [*lines, *_runbook(session, services)]


def what_to_do(session: Session, services: Services, check: ScenarioCheck | None = None) -> list[str]:
    """Return the next steps for a session that may still run although it was to stop.

    Where its scenario is known not to listen to this stop, asking again is none of them; a word that ends it is the
    first.
    """
    slash, number = services.settings.command, session.id
    ways = _other_word(session, services, check)
    is_deaf = check is not None and check.is_deaf
    if not is_deaf and can_deliver_stop(session, services):
        ways.append(f"{code(f'{slash} stop {number}')} asks again")
    if can_be_sent_to(session, services):
        ways.append(f"{code(f'{slash} send {number} <json>')} or {code('--text …')} says it otherwise")
    lines = [f"What to do: {'; '.join(ways)}."] if ways else []
    lines += _runbook(session, services)
    number_there = f" with its number h{session.history_id}" if session.history_id is not None else ""
    return [*lines, f"The platform has no forced stop; its support can be asked{number_there}."]


def _runbook(session: Session, services: Services) -> list[str]:
    address = services.rules.runbook(session.rule_id)
    return [] if address is None else [f"{link(address, 'Runbook of this rule')}."]


def _other_word(session: Session, services: Services, check: ScenarioCheck | None) -> list[str]:
    """Return the send that ends a deaf scenario, where a check found one and it can be sent."""
    word = word_to_send(check)
    if word is None or not can_be_sent_to(session, services):
        return []
    return [f"{code(f'{services.settings.command} send {session.id} {word}')} ended it when it was checked"]


def when_it_ended(session: Session) -> datetime | None:
    """Return the moment of its end, if it is known and consistent with our clock.

    The platform's moments stand beside our own: an end before its stop arrived, or after the reading that
    showed it, is by another clock.
    """
    ended, read = session.ended_at, session.history_at
    delivered = None if session.stop is None else session.stop.delivered_at
    if ended is None or (delivered is not None and ended < delivered - _ROUNDED):
        return None
    return None if read is not None and ended > read + _ROUNDED else ended


def _after(session: Session) -> str:
    reason = f" ({session.finish_reason})" if session.finish_reason else ""
    if session.stop is None or not session.stop.may_have_arrived:
        return reason
    if session.ended_at is None:
        return f"{reason} after the stop"
    if (ended := when_it_ended(session)) is None:
        return reason
    return f"{reason}, {duration_words(ended - session.stop.since)} after the stop"
