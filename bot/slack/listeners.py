"""Slack → Request: one listener per command and per kind of button, each acking exactly once.

A listener never raises (facts §3.1: an exception within 10 ms of the ack loses the ack): `guarded` turns
anything unexpected into an ack that says so, with a reference that stands in the log and in the audit.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.clock import Clock
from bot.dispatch import Admission, Dispatch
from bot.drafts import Drafts
from bot.mrkdwn import code
from bot.ops import Metrics
from bot.slack import cards
from bot.slack.answers import Answers
from bot.slack.dialogs import Dialogs
from bot.slack.home import REFRESH_ACTION, START_ACTION, Home, visitor_of
from bot.tasks import Tasks
from bot.unexpected import LOGGED, new_reference
from bot.verbs.board import Dialog, Tell, Telling
from bot.verbs.verb import Request, Via
from storage import audit
from storage.store import StorageError, Store

log = logging.getLogger(__name__)

Listener = Callable[[AsyncAck, Mapping[str, Any]], Awaitable[None]]

_PRESSED: Final = "You pressed this already; it was done once, and nothing more was done now."
_EXPIRED: Final = "That button has expired, so nothing was done. Type the command again."
_STRANGER: Final = "Only members of this bot's own workspace may use its commands. Nothing was done."


@dataclass(frozen=True, kw_only=True)
class Click:
    """What a click stands for: the command it types, `text`, or None where it is no command any more.

    `once` is what a second delivery of the same click has in common with it; `key` stands for clicks that are one,
    whoever makes them. `again` and `confirmed` are the request's. With `replace` what is told takes the place of the
    line with the button; `dialog` is the form to open, if not the usual one.
    """

    text: str | None
    once: str = ""
    again: bool = False
    confirmed: bool = False
    replace: bool = False
    dialog: Dialog | None = None
    key: str | None = None


@dataclass(frozen=True, kw_only=True)
class Listeners:
    """What the listeners need. They are registered last: what nobody else takes comes to them."""

    dispatch: Dispatch
    drafts: Drafts
    answers: Answers
    home: Home
    dialogs: Dialogs
    tasks: Tasks
    clock: Clock
    metrics: Metrics
    store: Store
    team: str
    command: str
    group_changed: Callable[[str], None]

    def register(self, app: AsyncApp) -> None:
        """Listen on the app: the slash command, offers, and whatever nobody else listens for."""
        app.command(self.command)(self.guarded(self._slash))
        app.action(re.compile(rf"^{cards.OFFER_ACTION}(:\d+)?$"))(self.guarded(self._offer))
        app.event("app_home_opened")(self.guarded(self.home.opened))
        app.action(REFRESH_ACTION)(self.guarded(self.home.refresh))
        app.action(START_ACTION)(self.guarded(self.home.start))
        app.event("subteam_members_changed")(self.guarded(self._group))
        app.action(re.compile(""))(self.guarded(self._stale))
        app.command(re.compile(""))(self.guarded(self._misnamed))

    async def _group(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Take word that the members of a user group changed: they are asked for before they are next relied on."""
        await ack()
        self.group_changed(str((body.get("event") or {}).get("subteam_id", "")))

    async def _slash(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Take a typed command; its answer may stand in the ack."""
        request = Request(
            team=str(body.get("team_id", "")),
            channel=str(body["channel_id"]),
            actor=str(body["user_id"]),
            via=Via.slash,
            key=f"slash:{body['trigger_id']}",
            text=str(body.get("text", "")),
            tell=self.answers.of(str(body["response_url"]), str(body["user_id"])),
            foreign=is_foreign(body),
            dialog=self.dialogs.of(str(body["trigger_id"]), str(body["channel_id"])),
        )

        async def answer(said: Telling | None) -> None:
            if said is None:
                await ack()
            else:
                painted = self.answers.painted(said, request.actor)
                await ack(response_type="ephemeral", **painted)

        await self.take(request, answer)

    async def _misnamed(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Take a command that the app has under another name than the settings: without an ack it would time out."""
        sent = str(body["command"])
        if is_foreign(body) or body.get("team_id") != self.team:
            became, words = "denied", _STRANGER
        else:
            log.warning("the app sent %s, and this bot is set to %s: give both one name", sent, self.command)
            became = "refused"
            words = (
                f"This bot is set to {code(self.command)} (SESSION_BOT_COMMAND), and the app sent {code(sent)}. "
                "Nothing was done."
            )
        await ack(response_type="ephemeral", text=words)
        await self._note(body, words, became)

    async def _offer(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Take a click on a button under a line to one person."""
        value = str(body["actions"][0].get("value", ""))
        offer = self.drafts.get(value, str(body["user"]["id"]))
        if offer is None:
            await self.click(ack, body, Click(text=None, once=value, replace=True))
        else:
            click = Click(text=offer.text, once=value, again=offer.again, confirmed=offer.confirmed, replace=True)
            admission = await self.click(ack, body, click)
            if admission is not None and admission.before is not None:
                tell = self.answers.of(str(body.get("response_url", "")), str(body["user"]["id"]))
                await tell(Telling(text=_PRESSED))

    async def _stale(self, ack: AsyncAck, body: Mapping[str, Any]) -> None:
        """Take a click on a button that this version does not know: without an ack it would time out."""
        await self.click(ack, body, Click(text=None))

    async def click(self, ack: AsyncAck, body: Mapping[str, Any], click: Click) -> Admission | None:
        """Make a command of a click; None is given for what is no command any more."""
        channel, tell = self._where(body, click)

        async def answer(said: Telling | None) -> None:
            await ack()
            if said is not None:
                await tell(said)

        if click.text is None:
            await answer(Telling(text=_EXPIRED))
            return None
        action, actor = body["actions"][0], str(body["user"]["id"])
        place = body.get("container", {}).get("message_ts", "")
        here = None if visitor_of(body) is not None else channel
        request = Request(
            team=str((body.get("team") or {}).get("id", "")),
            channel=channel,
            actor=actor,
            via=Via.button,
            key=click.key or f"button:{place}:{action['action_id']}:{click.once}:{actor}",
            text=click.text,
            tell=tell,
            again=click.again,
            confirmed=click.confirmed,
            foreign=is_foreign(body),
            typed_at=moment(action.get("action_ts")),
            dialog=click.dialog or self.dialogs.of(str(body.get("trigger_id", "")), here),
        )
        return await self.take(request, answer)

    def _where(self, body: Mapping[str, Any], click: Click) -> tuple[str, Tell]:
        """Give the channel in which a click counts as made, and the way to whoever made it: Home has its own."""
        visitor = visitor_of(body)
        if visitor is None:
            channel = body.get("channel", {}).get("id") or body.get("container", {}).get("channel_id", "")
            actor, response_url = str(body["user"]["id"]), str(body.get("response_url", ""))
            return str(channel), self.answers.of(response_url, actor, replace=click.replace)
        turns_page = click.text is not None and click.text.startswith("list ")
        return visitor.channel, self.home.page(visitor) if turns_page else self.home.aside(visitor)

    async def take(self, request: Request, answer: Callable[[Telling | None], Awaitable[None]]) -> Admission:
        """Admit, ack, and leave the rest to a task that is held on to."""
        began = self.clock.monotonic()
        admission = await self.dispatch.admit(request)
        if admission.work is not None:
            self.tasks.work(admission.work)
        await answer(admission.telling)
        self.metrics.ack_seconds.observe(self.clock.monotonic() - began)
        return admission

    def guarded(self, listener: Listener, tell_of: Callable[[Mapping[str, Any]], Tell] | None = None) -> Listener:
        """Make a listener that never raises, and whose task is held on to while it runs (facts §3.1, §3.6).

        `tell_of` gives the way to the person of a payload that brings no response_url.
        """

        async def guarded(ack: AsyncAck, body: Mapping[str, Any]) -> None:
            with self.tasks.held():
                try:
                    await listener(ack, body)
                except Exception:  # the person gets the reference, the log its traceback, the audit its line
                    made = new_reference()
                    log.exception(LOGGED, made, "in a listener")
                    words = f"Something unexpected went wrong; what was done is uncertain. Reference: `{made}`."
                    await self._confess(ack, body, words, tell_of)
                    await self._note(body, words)

        return guarded

    async def _confess(
        self,
        ack: AsyncAck,
        body: Mapping[str, Any],
        words: str,
        tell_of: Callable[[Mapping[str, Any]], Tell] | None,
    ) -> None:
        """Tell the person: in the ack, where Slack shows its text and it is not sent yet; else beside it."""
        if ack.response is None and "command" in body:
            await ack(response_type="ephemeral", text=words)
            return
        if ack.response is None:
            await ack()
        who = body.get("user_id") or (body.get("user") or {}).get("id") or ""
        if tell_of is not None:
            await tell_of(body)(Telling(text=words))
        elif body.get("response_url"):  # on Home there is none: the audit and the log have it
            await self.answers.of(str(body["response_url"]), str(who))(Telling(text=words))

    async def _note(self, body: Mapping[str, Any], words: str, became: str = "failed") -> None:
        """Give what is no command its line in the audit, as far as the payload can be read."""
        channel, actor, event = body.get("channel") or {}, body.get("user") or {}, body.get("event") or {}
        facts: Mapping[str, Any] = {
            "team": str(body.get("team_id") or (body.get("team") or {}).get("id") or ""),
            "channel": str(body.get("channel_id") or channel.get("id") or event.get("channel") or ""),
            "actor": str(body.get("user_id") or actor.get("id") or event.get("user") or ""),
        }
        now = self.clock.now()
        try:
            await self.store.write(lambda db: audit.note(db, **facts, became=became, words=words, now=now))
        except StorageError as problem:
            log.error("%r has no line in the audit: %s", words, problem)  # noqa: TRY400 - logged above


def is_foreign(body: Mapping[str, Any]) -> bool:
    """Whether a payload says that the person, or the channel, belongs to another workspace (facts §3.14)."""
    team = (body.get("team") or {}).get("id") or body.get("team_id")
    users_team = (body.get("user") or {}).get("team_id") or body.get("user_team_id") or body.get("user_team")
    if body.get("is_ext_shared_channel"):
        return True
    return users_team is not None and users_team != team


def moment(text: Any) -> datetime | None:
    """Read a timestamp of Slack's, seconds since 1970 with a fraction; None for what is none."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
