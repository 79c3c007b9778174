"""The situations of a session: its state and its stop's, as a row each, with a session at the platform behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from storage import Connection, commands, messages, sessions
from storage.command import NewCommand
from storage.records import Session, State
from storage.stop import Arrived, StopState
from tests.factories import new_session
from tests.model.platform_edge import APPLICATION, RULES, Phone
from tests.model.world import TEAM, World

_ENDED_ONCE: Final = "ended once"
_WIPED: Final = "wiped"

SITUATIONS: Final = (
    "starting", "starting, kept",
    "running", "running, on its way", "running, not sent", "running, ended once",
    "stopping, delivered", "stopping, perhaps delivered", "stopping, unconfirmed", "stopping, on its way",
    "stopping, delivered, ended once",
    "unreachable", "unreachable, nobody there", "unreachable, unconfirmed", "unreachable, on its way",
    "unknown", "unknown, kept", "unknown, not sent",
    "uncontrolled", "uncontrolled, not sent",
    "abandoned", "abandoned, wiped", "abandoned, unconfirmed", "abandoned, on its way",
    "ended", "failed",
)  # fmt: skip
"""The state of a session, and that of its stop unless nobody asked for one or it is settled; then what else counts."""

_ARRIVED: Final[Mapping[str, Arrived | None]] = {
    StopState.delivered: Arrived.yes,
    StopState.perhaps_delivered: Arrived.perhaps,
    StopState.nobody_there: Arrived.nobody,
    StopState.unconfirmed: Arrived.yes,
}
_WITHOUT_URL: Final = {State.starting, State.unknown, State.uncontrolled, State.ended, State.failed}
_MAX_S: Final = {1002: 300.0}
_WITHOUT_NUMBER: Final = {State.starting, State.unknown, State.failed}


@dataclass(frozen=True)
class Placed:
    """A session in one situation, and its other half at the platform, which runs unless it is over."""

    id: int
    phone: Phone


def words(session: Session) -> str:
    """Return the situation that a session is in."""
    stop = session.stop_state
    parts = [str(session.state)]
    if stop not in {StopState.not_asked, StopState.settled}:
        parts.append(stop)
    if session.end_seen_at is not None and not session.state.is_final:
        parts.append(_ENDED_ONCE)
    if session.state is State.abandoned and not session.has_url:
        parts.append(_WIPED)
    return ", ".join(parts)


def place(world: World, *, rule: int) -> dict[str, Placed]:
    """Record a session of this rule in each situation; a start in flight is of another, whose rows it might be."""
    services, store, owner = world.bot.services, world.bot.store, world.bot.owner
    if services is None:
        raise AssertionError
    now, sealer = services.clock.now(), services.sealer
    other = next(each for each in RULES if each != rule)
    phones = {
        each: world.platform.begin(other if each.startswith(State.starting) else rule, f"of {each}")
        for each in SITUATIONS
    }

    def record(db: Connection) -> dict[str, Placed]:
        return {
            situation: Placed(_record(db, situation, phone, sealer.seal(phone.url), now=now, owner=owner), phone)
            for situation, phone in phones.items()
        }

    return world.do(store.write(record))


def _record(db: Connection, situation: str, phone: Phone, sealed: bytes, *, now: datetime, owner: str) -> int:
    state, *more = situation.split(", ")
    stop = next((each for each in more if each in list(StopState)), None)
    known: dict[str, Any] = {"state": State(state), "called_at": now, "started_at": now}
    if state not in _WITHOUT_URL and _WIPED not in more:
        known["secure_url"] = sealed
    if state not in _WITHOUT_NUMBER:
        known["history_id"] = phone.number
    if state in _WITHOUT_NUMBER:
        known["started_at"] = None
    if _ENDED_ONCE in more:
        known |= {"end_seen_at": now, "finish_reason": "Normal termination"}
    if stop is not None:
        known |= {"stop_by": "U9", "stop_request_id": f"earlier-{phone.number}", "stop_asked_at": now}
        arrived = _ARRIVED.get(stop)
        known["stop_arrived"] = arrived
        known["stop_delivered_at"] = now if arrived in {Arrived.yes, Arrived.perhaps} else None
        known["stop_given_up_at"] = now if stop in {StopState.not_sent, StopState.unconfirmed} else None
    new = new_session(
        team=TEAM, rule_id=phone.rule, rule_name=RULES[phone.rule], application_id=APPLICATION,
        application_name="calls", custom_data=phone.data, max_s=_MAX_S.get(phone.rule),
    )  # fmt: skip
    session = sessions.add(db, new, now=now - timedelta(seconds=1), **known)
    messages.add_card(db, session.id, session.channel, now=now)
    if session.state is State.starting:
        typed = NewCommand(
            key=f"start-{phone.number}", verb="start", actor="U1", team=TEAM, channel="C1", via="slash",
            digest=f"{phone.number}", owner=owner, at=now,
        )  # fmt: skip
        command = commands.admit(db, typed, window=None).command
        commands.mark_calling(db, command.id, now=now)
        commands.set_session(db, command.id, session.id)
    return session.id
