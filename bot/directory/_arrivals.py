"""Confirmed claims become facts: a lost session runs again, and one from elsewhere is recorded.

A session whose number is not known may be the one that announces itself. As in the search of the history nothing is
guessed: where several could be it, the session is recorded as one from elsewhere, and the threads of the others say so.
"""

import asyncio
import functools
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.account import possible_rows, with_rule
from bot.directory._beat_clock import BeatClock
from bot.directory._doubles import report_double
from bot.directory._elsewhere import Elsewhere
from bot.directory._identity import could_be
from bot.directory._verification import Verified
from bot.ports import Reply, SavepointGroup, Services, session_name
from bot.process import UNEXPECTED_LOG_LINE, Failpoint, Tasks, new_reference, reach
from bot.stops import deliver_stop
from bot.text import SCENARIO, call, cut, person
from storage import Connection, announced, messages, sessions, starts
from storage.errors import StorageUnavailable
from storage.records import Origin, Session, State
from storage.sealing import CannotOpen
from storage.sessions import NewSession

log = logging.getLogger(__name__)

AT_ONCE: Final = 25
"""Sessions in one commit: no ack and no stop waits long behind them."""

_SHOWN: Final = 10


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """The settlement of a claim: as the session `known`, else as a new one; `url` is sealed.

    `possible` are the sessions without a number that it could be; if they are others when it is recorded, it is
    planned anew.
    """

    of: Verified
    url: bytes = field(repr=False)
    possible: frozenset[int]
    known: int | None
    new: NewSession


@dataclass
class _Settled:
    """The result of one commit: changed sessions, those whose kept stop goes out now, and claims to plan anew."""

    changed: list[Session]
    reached: list[Session]
    again: list[Verified]


class Arrivals:
    """Settles confirmed claims, a few in each commit."""

    def __init__(self, services: Services, clock: BeatClock, tasks: Tasks) -> None:
        self._services = services
        self._clock = clock
        self._tasks = tasks
        self._elsewhere = Elsewhere(services)
        self._searched: dict[int, frozenset[int] | None] = {}

    async def settle(self, verified: Sequence[Verified]) -> list[Verified]:
        """Record what these are; return those that cannot be settled yet."""
        again: list[Verified] = []
        self._elsewhere.forget()
        self._searched = {}
        for first in range(0, len(verified), AT_ONCE):
            piece = verified[first : first + AT_ONCE]
            open_ = await self._services.store.read(announced.without_number)
            plans = await self._plans(piece, open_, again)
            settled = await self._services.store.write(functools.partial(self._record, plans))
            if plans:
                reach(Failpoint.announced_taken_up)
            again += settled.again
            for session in settled.changed:
                self._services.changes.publish(session)
            for session in settled.reached:
                self._tasks.work(deliver_stop(session, self._services))
        if len(again) < len(verified):
            self._services.board.nudge()
            self._services.wake_watch()  # once: it looks at every open session
        return again

    async def _plans(self, piece: Sequence[Verified], open_: Sequence[Session], again: list[Verified]) -> list[_Plan]:
        """Return how these are settled, and add those to `again` that cannot be yet; one that fails is left out."""
        plans: list[_Plan] = []
        for each in piece:
            await asyncio.sleep(
                0
            )  # where many starts have no answer each comparison takes milliseconds: acks go between
            try:
                plan = await self._plan(each, open_)
            except StorageUnavailable:
                raise
            except Exception:  # the log has its traceback, and its next beat is planned anew
                log.exception(UNEXPECTED_LOG_LINE, new_reference(), "in the intake of a session")
            else:
                again += [each] if plan is None else []
                plans += [] if plan is None else [plan]
        return plans

    async def _plan(self, each: Verified, open_: Sequence[Session]) -> _Plan | None:
        """Return how this is to be settled; None: not yet."""
        sealed = self._services.sealer.seal(each.claim.url.reveal())
        known: int | None
        holder = next((held for held in open_ if self._holds(held, each.claim.url.reveal())), None)
        if holder is not None:
            if holder.state is State.starting:
                return None  # it is being adopted, or its start recorded
            possible, known = [holder], holder.id
        else:
            possible = could_be(each.row, open_, self._services)
            if any(one.state is State.starting for one in possible):
                return None  # its answer is on the way, and will say which number is its own
            known = possible[0].id if len(possible) == 1 and await self._is_only_row(each, possible[0]) else None
        new = await self._elsewhere.new_session(each)
        if new is None:
            return None
        return _Plan(of=each, url=sealed, possible=frozenset(one.id for one in possible), known=known, new=new)

    def _holds(self, session: Session, url: str) -> bool:
        """Return whether this session, whose number is not known, was given this URL."""
        for sealed in (session.secure_url, session.plain_url):
            try:
                if sealed is not None and self._services.sealer.open(sealed).rstrip("/") == url.rstrip("/"):
                    return True
            except CannotOpen:
                continue
        return False

    async def _is_only_row(self, each: Verified, session: Session) -> bool:
        """Return whether the history has no other row that could be this session.

        A row that is recorded as from elsewhere could still be it.
        """
        if session.id not in self._searched:
            session = await with_rule(session, self._services)
            rows = await possible_rows(session, self._services)
            known = rows is not None and (rows or not rows.unread)
            self._searched[session.id] = frozenset(row.history_id for row in rows or ()) if known else None
        found = self._searched[session.id]
        if found is None:
            return False
        others = found - {each.row.history_id}
        taken = await self._services.store.read(lambda db: announced.standings(db, others))
        return others == {one.history_id for one in taken if one.origin is Origin.slack}

    def _record(self, plans: Sequence[_Plan], db: Connection) -> _Settled:
        settled = _Settled([], [], [])
        parts = SavepointGroup(db, "in the intake of a session")  # one that fails takes no other along
        open_ = announced.without_number(db)
        for plan in plans:
            parts.do(functools.partial(self._record_one, db, plan, open_, settled))
            open_ = [one for one in open_ if one.id != plan.known]
        return settled

    def _record_one(self, db: Connection, plan: _Plan, open_: Sequence[Session], settled: _Settled) -> None:
        # One writer: nobody begins a session, or takes the number, between the look and the row.
        number = plan.of.row.history_id
        session = sessions.by_history_id(db, number)
        if session is None:
            if plan.known is None:
                possible = {one.id for one in could_be(plan.of.row, open_, self._services)}
            else:
                possible = {plan.known} & {one.id for one in open_}
            if possible != plan.possible:
                settled.again.append(plan.of)
                return
            if plan.known is None:
                self._record_arrival(db, plan, settled)
                return
            session = sessions.get(db, plan.known)
        if session is not None:
            self._record_known(db, plan, session, settled)

    def _record_known(self, db: Connection, plan: _Plan, session: Session, settled: _Settled) -> None:
        """Record the number, and the URL of a session that holds none: a claim never takes the place of one."""
        now, row = self._services.clock.now(), plan.of.row
        facts = {"application_id": row.application_id, "application_name": row.application_name}
        if session.application_id is None:
            sessions.record_silently(db, session.id, **facts)
        if session.has_url:
            if session.history_id is None:
                changed = starts.record_number(db, session.id, row.history_id)
                settled.changed += [] if changed is None else [changed]
            return
        beat = {"heard_at": self._clock.ours(plan.of.claim.beat), "calls": plan.of.claim.calls}
        event = _FOUND if session.state is State.unknown else _URL_CAME
        changed = announced.record_url(
            db, session.id, plan.url, row.history_id, by=SCENARIO, event=event, now=now, **beat
        )
        if changed is None:
            return
        settled.changed.append(changed)
        is_kept = changed.stop is not None and changed.stop.arrived is None
        if is_kept:
            settled.reached.append(changed)
        reply = Reply(text=_says(changed, event), buttons=True)
        messages.add_reply(db, changed.id, changed.channel, reply.body(), command=None, now=now)

    def _record_arrival(self, db: Connection, plan: _Plan, settled: _Settled) -> None:
        now, claim, row = self._services.clock.now(), plan.of.claim, plan.of.row
        arrival = announced.Arrival(
            new=plan.new,
            history_id=row.history_id,
            secure_url=plan.url,
            started_at=self._clock.ours(row.start or claim.started),
            heard_at=self._clock.ours(claim.beat),
            calls=claim.calls,
        )
        event = f"{_ARRIVED} Whether it is {_names(db, plan.possible)} cannot be told." if plan.possible else _ARRIVED
        has_card = self._services.rules.has_all_cards(plan.new.rule_id)
        session = announced.record_arrival(db, arrival, by=SCENARIO, event=event, with_card=has_card, now=now)
        if session is None:
            return
        settled.changed.append(session)
        for each in plan.possible:
            report_double(db, each, session, now=now)


_ARRIVED: Final = "It announced itself: it was not started in Slack."
_FOUND: Final = "It was started after all, and announced itself: it runs, and can be stopped."
_URL_CAME: Final = "It announced its URL: it can be stopped, and sent to."


def _says(session: Session, event: str) -> str:
    """Return the reply to a session's thread, which calls its starter."""
    number = f" (h{session.history_id})"
    kept = session.stop
    delivered = "" if kept is None or kept.arrived else f" The stop by {person(kept.by)} is being delivered now."
    caller = f" {call(session.starter)}" if session.starter else ""
    return f"{session_name(session)} {cut(session.rule, 150)}{number}: {event}{delivered}{caller}"


def _names(db: Connection, ids: Collection[int]) -> str:
    found = [sessions.get(db, each) for each in sorted(ids)[:_SHOWN]]
    return " or ".join(each.name for each in found if each is not None)
