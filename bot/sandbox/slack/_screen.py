"""A person's screen: the views on it, and the elements of views and messages that they use."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.sandbox.slack import _payloads as payloads
from bot.sandbox.slack._act_result import ActResult, not_sent
from bot.sandbox.slack._elements import Filling, Given, Place, answer, element_at, keeps_value, place_of
from bot.sandbox.slack._envelopes import EnvelopeType
from bot.sandbox.slack._messages import Json, Message
from bot.sandbox.slack._modals import is_home_of
from bot.sandbox.slack._response_urls import ResponseUrls
from bot.sandbox.slack._sending import Sending
from bot.sandbox.slack._sight import channels_seen, joined_channel_of
from bot.sandbox.slack._views import View
from bot.sandbox.slack._workspace import Channel, User, Workspace


@dataclass(frozen=True)
class Screen:
    """The screen of one person. Each act returns when the app has acked it, or when Slack stops waiting."""

    user: User
    workspace: Workspace
    sending: Sending
    response_urls: ResponseUrls

    @property
    def modals(self) -> list[View]:
        """The modals, the topmost last."""
        views = [view for view in self.workspace.views.values() if view.user_id == self.user.id and view.is_open]
        return [view for view in views if view.content["type"] == "modal"]

    @property
    def home(self) -> View | None:
        """The Home tab that the app published for this person."""
        return next((view for view in self.workspace.views.values() if is_home_of(view, self.user.id)), None)

    async def press(self, shown: Message | View, place: Place, given: Given = None) -> ActResult:
        """Use the element at a place: press a button, or give it what its kind takes.

        Raises LookupError when there is no such element or option, or it is no longer on the screen, and ValueError
        for a value that the element does not take.
        """
        place = place_of(shown.blocks, place)
        element = element_at(shown.blocks, place)
        channel = self._on_screen(shown)
        done = self._fill(shown, place, given) if keeps_value(element) else self._answer(shown, place, given)
        trigger_id = self.workspace.triggers.issue(self.user.id)
        payload = payloads.action(self.workspace, self.user, shown, place, done, trigger_id=trigger_id)
        if channel is not None and isinstance(shown, Message):
            label = element.get("text", {}).get("text") or done.get("selected_option", {}).get("text", {}).get("text")
            self.workspace.add_act(channel, self.user.id, f"presses [{label or place[1]}]", shown.thread_ts)
            payload["response_url"] = self.response_urls.issue(channel, self.user, shown)
        return await self.sending.send(EnvelopeType.INTERACTIVE, payload)

    async def suggest(self, shown: Message | View, place: Place, typed: str) -> ActResult:
        """Type into an external select; `listed` then returns its options.

        Shorter than its `min_query_length` (Slack's default is 3), nothing is asked for.
        """
        place = place_of(shown.blocks, place)
        element = element_at(shown.blocks, place)
        self._on_screen(shown)
        self._filling(shown).listed.pop(place, None)
        if len(typed) < element.get("min_query_length", 3):
            return not_sent()
        payload = payloads.suggestion(self.workspace, self.user, shown, place, typed)
        return await self.sending.send(EnvelopeType.INTERACTIVE, payload, accepts=True)

    def listed(self, shown: Message | View, place: Place) -> Json:
        """Return what an app listed last for an external select: its `options`, or its `option_groups`."""
        return self._filling(shown).listed.get(place_of(shown.blocks, place), {})

    def fill(self, shown: Message | View, values: Mapping[Place, Given]) -> None:
        """Fill in fields, without sending anything. Raises LookupError and ValueError as `press` does."""
        self._on_screen(shown)
        for place, given in values.items():
            self._fill(shown, place_of(shown.blocks, place), given)

    def check_open(self, view: View) -> None:
        """Raise LookupError unless the modal is on the screen."""
        if view not in self.modals:
            raise LookupError(f"{self.user.name} does not have this modal on the screen")

    def _on_screen(self, shown: Message | View) -> Channel | None:
        """Return the channel of a message. Raises LookupError for what this person does not have on the screen."""
        if isinstance(shown, Message):
            return joined_channel_of(self.workspace, self.user, shown)
        if not shown.is_open or shown.user_id != self.user.id:
            raise LookupError(f"{self.user.name} does not have this view on the screen")
        return None

    def _filling(self, shown: Message | View) -> Filling:
        return shown.filling if isinstance(shown, View) else shown.filling(self.user.id)

    def _fill(self, shown: Message | View, place: Place, given: Given) -> Json:
        done = self._filling(shown).chosen[place] = self._answer(shown, place, given)
        return done

    def _answer(self, shown: Message | View, place: Place, given: Given) -> Json:
        """Return what a person makes of an element; of people and channels those they see are there to choose."""
        element = element_at(shown.blocks, place)
        done = answer(element, place, given, self._filling(shown))
        people, channels = self.workspace.users, {each.id for each in channels_seen(self.workspace, self.user)}
        if done.get("selected_user") not in {None, *people}:
            raise LookupError(f"no such person: {given!r}")
        if done.get("selected_conversation") not in {None, element.get("initial_conversation"), *channels}:
            raise LookupError(f"no such channel: {given!r}")
        return done
