"""Forms on a person's screen: opened at once, since Slack gives three seconds, and filled when their content is known.

A form is found again by an id of our own making (`external_id`): so it can also be filled when the answer to its
opening was lost.
"""

import asyncio
import functools
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from slack_sdk.web.async_client import AsyncWebClient

from bot.ports import CannotShow
from bot.process import Clock, Tasks
from bot.slack.api import Refused, SlackProblem, TryLater, call_method
from bot.slack.render import BlockKit, editor_about, editor_form, notice_form, opening_form, start_form
from storage.records import Session

log = logging.getLogger(__name__)

WITHIN_S: Final = 3.0
"""The time within which a trigger can open a form (facts)."""

_LATE: Final = frozenset({"expired_trigger_id", "trigger_expired"})


@dataclass(frozen=True)
class Prefill:
    """The text in an editor when it opens, and the note above it."""

    text: str = field(default="", repr=False)
    note: str | None = None


class Modals:
    """Makes the form of each request."""

    def __init__(self, client: AsyncWebClient, tasks: Tasks, clock: Clock, command: str) -> None:
        self.client = client
        self.tasks = tasks
        self.clock = clock
        self.command = command

    def of(self, trigger_id: str, channel: str | None, prefill: Prefill | None = None) -> "Modal":
        """Return the one form that a trigger can open; `channel` is that of its person, if it is known."""
        return Modal(self, trigger_id, channel, prefill or Prefill())

    async def open_start_form(self, trigger_id: str, channel: str | None = None) -> None:
        """Open the form that starts a session; without a channel it asks for one. Raise CannotShow."""
        form = self.of(trigger_id, channel)
        form.begin("Start a session")
        await form.start_form()

    async def replace(self, view_id: str, view_hash: str, view: BlockKit) -> None:
        """Replace an open form that has not changed since `view_hash`; raise a SlackProblem."""
        await call_method(self.client, "views.update", {"view_id": view_id, "hash": view_hash, "view": view})


class Modal:
    """One form: a `Dialog`."""

    def __init__(self, modals: Modals, trigger_id: str, channel: str | None, prefill: Prefill) -> None:
        self._modals = modals
        self._trigger_id = trigger_id
        self._channel = channel
        self._prefill = prefill
        self._title = ""
        self._opened: asyncio.Future[str | None] | None = None
        self._is_filled = False

    def __repr__(self) -> str:
        return "<Modal>"

    @functools.cached_property
    def _id(self) -> str:
        """The `external_id`: made when it is needed, which it is of few of the forms that a command could open."""
        return secrets.token_urlsafe(12)

    def begin(self, title: str) -> None:
        """Open the form, still empty."""
        if self._opened is None:
            self._title = title
            self._opened = asyncio.get_running_loop().create_future()
            self._modals.tasks.work(self._open(self._opened))

    async def editor(self, session: Session, presets: Mapping[str, str], *, as_text: bool = False) -> None:
        """Fill the form with the editor of a send; raise CannotShow."""
        of = editor_about(session, presets, self._id, as_text=as_text)
        await self._fill(editor_form(of, self._prefill.text, self._prefill.note))

    async def start_form(self) -> None:
        """Fill the form with the start of a session; raise CannotShow."""
        await self._fill(start_form(self._id, self._channel, self._modals.command))

    async def refuse(self, sentence: str) -> None:
        """Fill the form with the sentence why it has no other content; return at once, and never raise."""
        if self._opened is not None and not self._is_filled:
            self._is_filled = True
            self._modals.tasks.work(self._fill_late(notice_form(self._title, sentence, self._id)))

    async def _open(self, opened: asyncio.Future[str | None]) -> None:
        """Open the form, and set Slack's error code, or None; an answer that was lost counts as opened."""
        view = opening_form(self._title, self._id)
        try:
            await call_method(self._modals.client, "views.open", {"trigger_id": self._trigger_id, "view": view})
        except Refused as refused:
            opened.set_result(refused.error)
        except TryLater as later:
            log.info("whether a form was opened is not known: %s", later.why)
            opened.set_result(None)
        else:
            opened.set_result(None)

    async def _fill(self, view: BlockKit) -> None:
        """Wait until the form is open, as long as that is possible, and fill it."""
        if self._opened is None:
            raise AssertionError
        self._is_filled = True
        late = asyncio.create_task(self._modals.clock.sleep(WITHIN_S))
        waited_for: set[asyncio.Future[Any]] = {self._opened, late}
        await asyncio.wait(waited_for, return_when=asyncio.FIRST_COMPLETED)
        late.cancel()
        if not self._opened.done():
            self._modals.tasks.background(self._fill_late(view))
            msg = "Slack did not open the form in time."
            raise CannotShow(msg)
        error = self._opened.result()
        if error is not None:
            raise CannotShow(_why(error))
        try:
            await self._update(view)
        except SlackProblem as problem:
            log.warning("a form could not be filled: %s", problem)
            msg = "Slack did not open the form."
            raise CannotShow(msg) from None

    async def _fill_late(self, view: BlockKit) -> None:
        """Fill the form when it opens after all; its person has been told another way."""
        if self._opened is None or await self._opened is not None:
            return
        try:
            await self._update(view)
        except SlackProblem as problem:
            log.info("a form could not be filled: %s", problem)

    async def _update(self, view: BlockKit) -> None:
        arguments: dict[str, Any] = {"external_id": self._id, "view": view}
        await call_method(self._modals.client, "views.update", arguments)


def _why(error: str) -> str:
    if error in _LATE:
        return "The form was not opened in time: Slack takes it within 3 s of your click or command."
    return f"Slack did not open the form ({error})."
