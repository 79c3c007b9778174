"""Clicks on a session's buttons → the commands that they stand for.

The session decides what a click may still do, and a person who pressed too late is told the truth. A card that was
behind when it was pressed is rendered anew.
"""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.ports import Board, Intent, Response, SessionRef
from bot.slack.inbound._listeners import Click, Listeners
from bot.slack.inbound._payload import Action, Payload
from bot.slack.render import (
    AGAIN_ACTION,
    CLOSE_ACTION,
    EDIT_ACTION,
    INPUT_LIMIT,
    REFRESH_ACTION,
    SEND_ACTION,
    STOP_ACTION,
    STOP_THESE_ACTION,
)
from bot.slack.responses import Prefill
from bot.text import ago, person
from bot.verbs import Again, Close, Refresh, Send, Stop, TheseSessions
from storage import commands, sessions
from storage.command import Command, CommandState
from storage.errors import StorageUnavailable

log = logging.getLogger(__name__)

_VALUE: Final = re.compile(r"(?P<session>[0-9]{1,18})\.(?P<version>[0-9]{1,18})")
_IDS: Final = re.compile(r"[0-9]{1,18}(?: [0-9]{1,18})*")
_ABOUT_ONE: Final[Mapping[str, Callable[[int], Intent]]] = {
    STOP_ACTION: lambda session: Stop(TheseSessions.own(session)),
    SEND_ACTION: lambda session: Send(SessionRef(session), None),
    REFRESH_ACTION: lambda session: Refresh(SessionRef(session)),
    CLOSE_ACTION: lambda session: Close(SessionRef(session), None),
}
"""By the action: what a button of one session stands for."""

_GONE: Final = "What you typed is kept for 10 minutes at most: it is gone, so the editor starts empty."
_UNREAD: Final = "The bot's database cannot be read right now, so what you typed is not here: the editor starts empty."


@dataclass(frozen=True)
class _Pressed:
    """The session of a button, and the version of the card that was pressed."""

    session: int
    version: int


@dataclass(frozen=True, kw_only=True)
class Clicks:
    """Listens for the buttons on cards, in lists, and under a send that could not be parsed."""

    listeners: Listeners
    board: Board

    def register(self, app: AsyncApp) -> None:
        """Register the listeners."""
        listens = {
            **dict.fromkeys(_ABOUT_ONE, self._act),
            AGAIN_ACTION: self._again,
            STOP_THESE_ACTION: self._stop_these,
            EDIT_ACTION: self._edit,
        }
        for action, listener in listens.items():
            app.action(re.compile(rf"^{action}:\d+$"))(self.listeners.guarded(listener))

    async def _act(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a click on a button of one session.

        Each click counts, told apart by its moment: a card may lag behind, and a second click on it must be
        told the truth. That two clicks make one stop is the work of the session's record.
        """
        pressed = self._pressed(payload.action)
        intent = None if pressed is None else _ABOUT_ONE[payload.name.partition(":")[0]](pressed.session)
        click = Click(intent=intent, once=payload.action.at, confirmed=True)
        await self.listeners.click(ack, payload, click)

    async def _stop_these(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a click on the button that stops again the sessions a bulk stop left: exactly the listed ones."""
        ids = payload.action.value
        stop = Stop(TheseSessions.own(*map(int, ids.split()))) if _IDS.fullmatch(ids) else None
        click = Click(intent=stop, once=payload.action.at, confirmed=True)
        await self.listeners.click(ack, payload, click)

    async def _again(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a click on Start again: one card in one version starts one session, by however many clicks.

        It is one intent with an `again` that was typed a moment ago.
        """
        pressed = self._pressed(payload.action)
        if pressed is None:
            await self.listeners.click(ack, payload, Click(intent=None))
            return
        key = await self._free(f"again:{pressed.session}.{pressed.version}")
        click = Click(intent=Again(SessionRef(pressed.session)), confirmed=True, key=key)
        admission = await self.listeners.click(ack, payload, click)
        if admission is not None and admission.before is not None:
            says = self._pressed_before(admission.before, payload.person)
            await self.listeners.respond_to(payload)(Response(text=says))

    async def _edit(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a click on Open the editor, under JSON that was not understood."""
        session = SessionRef(int(payload.name.partition(":")[2]))
        prefill, offer = Prefill(note=_GONE), None
        try:
            offer = await self.listeners.dispatch.drafts.get(payload.action.value, payload.person)
        except StorageUnavailable:
            prefill = Prefill(note=_UNREAD)
        if offer is not None and offer.draft is not None:
            prefill = Prefill(text=offer.draft) if len(offer.draft) <= INPUT_LIMIT else Prefill(note=_long(offer.draft))
        dialog = self.listeners.modals.of(payload.trigger, None, prefill)
        click = Click(intent=Send(session, None), once=payload.action.at, dialog=dialog)
        await self.listeners.click(ack, payload, click)

    def _pressed(self, action: Action) -> _Pressed | None:
        """Return a button's value, and have its card rendered anew if it is behind."""
        value = _VALUE.fullmatch(action.value)
        if value is None:
            return None
        pressed = _Pressed(int(value["session"]), int(value["version"]))
        self.listeners.tasks.work(self._repaint_if_behind(pressed))
        return pressed

    async def _repaint_if_behind(self, pressed: _Pressed) -> None:
        try:
            session = await self.listeners.store.read(lambda db: sessions.get(db, pressed.session))
            if session is not None and session.version != pressed.version:
                await self.board.repaint(session.id)
        except StorageUnavailable as problem:
            log.warning("a card that may be behind is not painted anew: %s", problem)

    async def _free(self, key: str) -> str:
        """Return the key of a click; one that came to nothing does not use the card up for the next person."""
        try:
            taken = await self.listeners.store.read(lambda db: commands.with_key_prefix(db, f"{key}:"))
        except StorageUnavailable:
            taken = []
        vain = [each for each in taken if each.state.did_nothing or each.state is CommandState.failed]
        return f"{key}:{len(vain) if len(vain) == len(taken) else len(taken) - 1}"

    def _pressed_before(self, before: Command, actor: str) -> str:
        """Return what became of an earlier click on the same card."""
        who = "You" if before.actor == actor else person(before.actor)
        says = f"{who} pressed this already, {ago(self.listeners.clock.age(before.accepted_at))}."
        if before.state is CommandState.done and before.session is not None:
            says = f"{says} It started #{before.session}."
        elif before.state is CommandState.unknown:
            says = f"{says} Whether it started anything is not known yet."
        else:
            says = f"{says} It is being done."
        return f"{says} Nothing was started now."


def _long(draft: str) -> str:
    return (
        f"What you typed has {len(draft):,} characters and the editor takes {INPUT_LIMIT:,}, so it starts empty. "
        "A longer JSON is typed after the command."
    )
