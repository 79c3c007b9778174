"""Submitted forms and their choices → Request: the editor of a send, the form of a start.

An error of a field is shown under it, and the form stays open. The key of a submission is the form's own
id: submitted twice it acts once, and a refused submission does not use it up (`bot.dispatch`
records that one under a key of its own).
"""

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace
from typing import Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.ports import (
    Answerable,
    Denied,
    Intent,
    Request,
    Response,
    Right,
    RuleListing,
    Services,
    SessionRef,
    Via,
)
from bot.slack.api import SlackProblem
from bot.slack.inbound import _filled_forms as filled_forms
from bot.slack.inbound._listeners import Listeners
from bot.slack.inbound._payload import Payload, View
from bot.slack.render import (
    DATA_FIELD,
    EDITOR,
    ERROR_LIMIT,
    PRESET_ACTION,
    RULE_ACTION,
    START_FORM,
    editor_form,
    notice_form,
    rule_options,
)
from bot.slack.responses import Recipient
from bot.stops import checks_of
from bot.text import BadJson, begins_like_json, cut, plain, understand
from bot.verbs import Rules, Send, Start, data_problem, json_mistake

log = logging.getLogger(__name__)

PATIENCE_S: Final = 2.0
"""The time for which a list of rules is waited for: Slack shows answers within three seconds."""

_CHECKS_PATIENCE_S: Final = 0.3

_NO_ANSWER: Final = "The platform does not answer."
_NO_PRESET: Final = (
    "The config has changed, and this preset is no longer in it. The form is as it was and nothing was sent; "
    "open it again for the presets that there are."
)
_OLD_FORM: Final = "This form is of another version of the bot, and nothing was sent. Close it and open it again."


@dataclass(frozen=True, kw_only=True)
class Forms:
    """The listeners for forms."""

    listeners: Listeners
    services: Services

    def register(self, app: AsyncApp) -> None:
        """Register the listeners."""
        guarded = self.listeners.guarded
        app.view(EDITOR)(guarded(self._send))
        app.view(START_FORM)(guarded(self._start))
        app.action(PRESET_ACTION)(guarded(self._preset))
        app.options(RULE_ACTION)(guarded(self._rules))

    async def _send(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a submitted editor."""
        of = filled_forms.editor_of(_view_of(payload))
        if of is None:
            await ack(response_action="update", view=notice_form("Send", _OLD_FORM, secrets.token_urlsafe(12)))
            return
        text, ref = filled_forms.typed(_view_of(payload), of), SessionRef(of.session)
        is_text = filled_forms.is_text(_view_of(payload), of)
        try:
            if not is_text:
                understand(text)
        except BadJson as problem:
            says = f"{json_mistake(problem)} Nothing was sent. To send it as it stands, choose Text below."
            await _refuse(ack, of.block, says)
            return
        send = Send(ref, None, text) if is_text else Send(ref, text)
        request = self._request(payload, of.channel, send)
        await self._take(ack, replace(request, again=True), of.block)

    async def _start(self, ack: AsyncAck, payload: Payload) -> None:
        """Handle a submitted start form."""
        filled = filled_forms.filled(_view_of(payload))
        if filled.errors or filled.channel is None or filled.rule is None:
            await ack(response_action="errors", errors=dict(filled.errors))
            return
        problem = data_problem(filled.data or "", self.services.settings.limits.custom_data_bytes)
        request = self._request(payload, filled.channel, Start(filled.rule, filled.data, sure=True))
        if problem is not None:
            request = replace(request, refused=Response(text=problem))
        await self._take(ack, request, RULE_ACTION if problem is None else DATA_FIELD)

    async def _take(self, ack: AsyncAck, request: Request, block: str) -> None:
        """Admit the command of a submission. A response in the ack stands under a field, unless it has offers."""

        async def answer(response: Response | None) -> None:
            if response is not None and not response.offers:
                await _refuse(ack, block, response.text)
                return
            await ack()
            if response is not None:
                await request.respond(response)

        await self.listeners.take(request, answer)

    async def _preset(self, ack: AsyncAck, payload: Payload) -> None:
        """Replace the text of the field by a preset, as the form says."""
        await ack()
        view = _view_of(payload)
        of = filled_forms.editor_of(view)
        presets = {} if of is None else self.services.rules.presets(of.rule)
        name = filled_forms.chosen_preset(payload.action, presets)
        if of is None or name is None:
            await self.listeners.respond_to(payload)(Response(text=_NO_PRESET))
            return
        as_text = not begins_like_json(presets[name])
        of = replace(of, presets=tuple(presets), round=of.round + 1, as_text=as_text)
        try:
            await self.listeners.modals.replace(view.id, view.hash, editor_form(of, presets[name]))
        except SlackProblem as problem:
            log.warning("a preset could not be shown: %s", problem)
            says = "The preset could not be shown; nothing was sent. Choose it again."
            await self.listeners.respond_to(payload)(Response(text=says))

    async def _rules(self, ack: AsyncAck, payload: Payload) -> None:
        """Answer with the rules that fit the typed text, for people who may look at them or start them."""
        listing = await self._visible_rules(payload)
        await ack(options=rule_options(listing, payload.text, await self._deaf(listing)))

    async def _visible_rules(self, payload: Payload) -> RuleListing:
        """Return the rules for this person; the cached ones where the platform does not answer soon."""
        request = self._request(payload, filled_forms.start_channel(_view_of(payload)), Rules(None))
        is_allowed = False
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._allow_choice(request)
                is_allowed = True
                return await self.services.rules.listing()
        except (Answerable, TimeoutError) as problem:
            log.info("the rules of the account are not listed in a form: %s", type(problem).__name__)
        if not is_allowed:
            return RuleListing(rules=(), lacks=None)
        return replace(self.services.rules.known(), lacks=_NO_ANSWER)

    async def _deaf(self, listing: RuleListing) -> frozenset[int]:
        """Return the rules whose scenarios are known not to listen to a stop; none where that takes long."""
        try:
            async with asyncio.timeout(_CHECKS_PATIENCE_S):
                checks = await checks_of(listing.rules, self.services)
        except TimeoutError:
            return frozenset()
        return frozenset(number for number, check in checks.items() if check.is_deaf)

    async def _allow_choice(self, request: Request) -> None:
        """Raise Denied for a person who may neither look at rules nor start them where the form will."""
        try:
            await self.services.policy.allow(request, Right.look)
        except Denied:
            await self.services.policy.allow(request, Right.start)

    def _request(self, payload: Payload, channel: str, intent: Intent) -> Request:
        return Request(
            **payload.origin,
            channel=channel,
            via=Via.modal,
            key=f"view:{_view_of(payload).id}",
            asked=intent,
            respond=self.listeners.responses.to(Recipient(person=payload.person, channel=channel)),
        )


def _view_of(payload: Payload) -> View:
    """Return the form that a payload of its kind always has."""
    if payload.view is None:
        raise AssertionError
    return payload.view


async def _refuse(ack: AsyncAck, block: str, sentence: str) -> None:
    """Answer with a sentence under a field; the form stays open."""
    await ack(response_action="errors", errors={block: cut(plain(sentence), ERROR_LIMIT)})
