"""The people of the workspace: they type commands, press buttons, mention the bot and fill in forms."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.sandbox.slack import _payloads as payloads
from bot.sandbox.slack._acks import apply_ack
from bot.sandbox.slack._act_result import ActResult, not_sent
from bot.sandbox.slack._composer import compose
from bot.sandbox.slack._delivery import Delivery
from bot.sandbox.slack._envelopes import DeliveryResult, Envelope, EnvelopeType
from bot.sandbox.slack._errors import SlackError
from bot.sandbox.slack._messages import Message, find_button
from bot.sandbox.slack._modals import is_home_of
from bot.sandbox.slack._response_urls import ResponseUrls
from bot.sandbox.slack._sight import changes_seen, channels_seen, messages_seen
from bot.sandbox.slack._views import View, field_of, filled, option_of
from bot.sandbox.slack._workspace import SLACKBOT, Channel, User, Workspace


class Person:
    """One person at a keyboard. Each act returns when the app has acked it, or when Slack stops waiting."""

    def __init__(self, user: User, workspace: Workspace, delivery: Delivery, response_urls: ResponseUrls) -> None:
        self.user = user
        self._workspace = workspace
        self._delivery = delivery
        self._response_urls = response_urls

    def __repr__(self) -> str:
        return f"Person({self.user.name!r}, {self.user.id})"

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The user name."""
        return self.user.name

    @property
    def dm(self) -> Channel:
        """The direct conversation with the bot."""
        return self._workspace.dm(self.id)

    def dm_with(self, other: "Person") -> Channel:
        """Return the direct conversation with another person, where the bot is not."""
        return self._workspace.dm(self.id, other.id)

    @property
    def channels(self) -> list[Channel]:
        """The channels this person sees."""
        return channels_seen(self._workspace, self.user)

    def messages(self, channel: Channel) -> list[Message]:
        """Return the messages of a channel that this person sees, threads and ephemerals included, oldest first."""
        return messages_seen(self.user, channel)

    def changes(self, channel: Channel, revision: int) -> Iterator[Message]:
        """Yield the messages this person sees, or saw until they were removed, that changed after a revision."""
        return changes_seen(self.user, channel, revision)

    @property
    def modals(self) -> list[View]:
        """The modals on this person's screen, the topmost last."""
        views = [view for view in self._workspace.views.values() if view.user_id == self.id and view.is_open]
        return [view for view in views if view.content["type"] == "modal"]

    @property
    def home(self) -> View | None:
        """The Home tab that the app published for this person."""
        return next((view for view in self._workspace.views.values() if is_home_of(view, self.id)), None)

    def ephemerals(self, channel: Channel | None = None) -> list[Message]:
        """Return the messages only this person sees, oldest first, in one channel or in all."""
        channels = [channel] if channel else list(self._workspace.channels.values())
        seen = [entry for place in channels for entry in place.entries if entry.ephemeral_for == self.id]
        return sorted(seen, key=lambda message: message.ts)

    # acts

    async def slash(
        self,
        channel: Channel,
        text: str,
        *,
        command: str = "/session",
        trigger_id: str | None = None,
        team_id: str | None = None,
    ) -> ActResult:
        """Type a slash command. A reply in its ack becomes a message only this person sees.

        Slack lets no bot and no deactivated person type one, and whether people of other workspaces can is not
        known. Here all of them can: it is the app's business to refuse them.
        """
        self._join(channel)
        self._workspace.add_act(channel, self.id, f"{command} {text}".rstrip())
        trigger_id = self._workspace.triggers.issue(self.id, trigger_id)
        payload = payloads.slash(
            self._workspace,
            self.user,
            channel,
            command=command,
            text=text,
            trigger_id=trigger_id,
            response_url=self._response_urls.issue(channel, self.user),
            team_id=team_id,
        )
        return await self._send(Envelope(EnvelopeType.SLASH, payload, accepts_response_payload=True))

    async def click(self, shown: Message | View, label_or_action: str, *, confirm: bool = True) -> ActResult:
        """Press a button, found by label or action id; `confirm` is the answer to its dialog, if it has one.

        Raises LookupError when there is no such button, or the message is no longer there.
        """
        button = find_button(shown.blocks, label_or_action)
        if button.confirm and not confirm:
            return not_sent()
        trigger_id = self._workspace.triggers.issue(self.id)
        if isinstance(shown, View):
            if not shown.is_open or shown.user_id != self.id:
                raise LookupError(f"{self.name} does not have this view on the screen")
            payload = payloads.click_in_view(self._workspace, self.user, shown, button, trigger_id=trigger_id)
        else:
            channel = self._channel_of(shown)
            self._workspace.add_act(channel, self.id, f"presses [{button.label}]", shown.thread_ts)
            payload = payloads.click_in_message(
                self._workspace,
                self.user,
                channel,
                shown,
                button,
                trigger_id=trigger_id,
                response_url=self._response_urls.issue(channel, self.user, shown),
            )
        return await self._send(Envelope(EnvelopeType.INTERACTIVE, payload, accepts_response_payload=False))

    async def submit(self, view: View, values: Mapping[str, str]) -> ActResult:
        """Fill in a modal and submit it; `values` maps labels, block ids or action ids to values.

        The modal closes, unless the ack says otherwise or does not come. Raises LookupError and ValueError
        where Slack's own form would not let the person do it.
        """
        self._has_open(view)
        trigger_id = self._workspace.triggers.issue(self.id)
        payload = payloads.submission(self._workspace, self.user, view, filled(view, values), trigger_id=trigger_id)
        return await self._send(Envelope(EnvelopeType.INTERACTIVE, payload, accepts_response_payload=True))

    async def choose(self, view: View, name: str, option: str) -> ActResult:
        """Choose an option, by label or value, from a select that acts at once."""
        self._has_open(view)
        block_id, element = field_of(view, name)
        trigger_id = self._workspace.triggers.issue(self.id)
        payload = payloads.choice(
            self._workspace, self.user, view, block_id, element, option_of(element, option), trigger_id=trigger_id
        )
        return await self._send(Envelope(EnvelopeType.INTERACTIVE, payload, accepts_response_payload=False))

    async def search(self, view: View, name: str, typed: str) -> list[str]:
        """Type into an external select and return the options it then lists; one of these can be submitted.

        Shorter than the field's `min_query_length` (Slack's default is 3), nothing is asked for.
        """
        self._has_open(view)
        block_id, element = field_of(view, name)
        if len(typed) < element.get("min_query_length", 3):
            return []
        payload = payloads.suggestion(self._workspace, self.user, view, block_id, element, typed)
        await self._send(Envelope(EnvelopeType.INTERACTIVE, payload, accepts_response_payload=True))
        return [option["text"]["text"] for option in view.suggested.get(element["action_id"], [])]

    async def mention(
        self, channel: Channel, text: str, *, thread: Message | None = None, edited: bool = False
    ) -> ActResult:
        """Post a message that mentions the bot; `@name` in it mentions others too.

        With `edited`, the last message of this person in that place becomes this one, and the event fires
        again (facts: with a new event id and the old `ts`).
        """
        if edited:
            mine = [entry for entry in self._around(channel, thread) if entry.user == self.id]
            return await self.edit(mine[-1] if mine else self.say(channel, "…", thread=thread), text)
        return await self._mentioned(channel, self.say(channel, self._with_mention(text), thread=thread))

    async def edit(self, message: Message, text: str) -> ActResult:
        """Change a message of this person into one that mentions the bot."""
        if message.user != self.id:
            raise LookupError(f"{self.name} did not write this message")
        composed = compose(self._with_mention(text), self._ids())
        self._workspace.edit_message(message, composed.text, composed.blocks)
        return await self._mentioned(self._channel_of(message), message)

    def say(self, channel: Channel, text: str, *, thread: Message | None = None) -> Message:
        """Post a message that sends the app no event: the bot reads no channels."""
        self._join(channel)
        composed = compose(text, self._ids())
        thread_ts = (thread.thread_ts or thread.ts) if thread else None
        return self._workspace.add_message(channel, self.id, composed.text, composed.blocks, thread_ts=thread_ts)

    async def close(self, view: View) -> ActResult:
        """Close a modal without submitting it; the app gets an event if the view has `notify_on_close`."""
        if view not in self.modals:
            raise LookupError(f"{self.name} does not have this modal on the screen")
        view.is_open = False
        self._workspace.changes.notify()
        if not view.content.get("notify_on_close"):
            return not_sent()
        payload = payloads.closing(self._workspace, self.user, view)
        return await self._send(Envelope(EnvelopeType.INTERACTIVE, payload, accepts_response_payload=False))

    async def open_home(self) -> ActResult:
        """Open the app's Home tab."""
        payload = payloads.home_opened(self._workspace, self.user, self.dm, self.home)
        return await self._send(Envelope(EnvelopeType.EVENT, payload, accepts_response_payload=False))

    async def redeliver(self, done: ActResult) -> ActResult:
        """Deliver the same payload once more: duplicates happen (facts: section 1).

        Over Socket Mode it comes in a new envelope, over HTTP as the very same signed request.
        """
        if done.envelope is None:
            msg = "nothing was sent that could come again"
            raise LookupError(msg)
        envelope, answer = await self._delivery.repeat(done.envelope, done.request)
        return replace(self._apply_ack(envelope, answer), message=done.message)

    # how

    def _has_open(self, view: View) -> None:
        if view not in self.modals:
            raise LookupError(f"{self.name} does not have this modal on the screen")

    async def _send(self, envelope: Envelope) -> ActResult:
        return self._apply_ack(envelope, await self._delivery.deliver(envelope))

    def _apply_ack(self, envelope: Envelope, answer: DeliveryResult) -> ActResult:
        """Apply an ack; the person sees its failure as an error message."""
        error = answer.error
        if error is None:
            try:
                apply_ack(self._workspace, self.user, envelope, answer.payload)
            except SlackError as refusal:
                error = refusal.code
        if error is not None:
            self._show_failure(envelope, error)
        return ActResult(answer.error is None, answer.payload, answer.seconds, error, envelope, request=answer.request)

    def _show_failure(self, envelope: Envelope, error: str) -> None:
        """Show the person that the app failed, as an ephemeral message; failed events show nothing.

        Facts give `operation_timeout` for commands. How Slack shows it for buttons is not known.
        """
        payload = envelope.payload
        channel_id = payload.get("channel_id") or payload.get("channel", {}).get("id")
        if envelope.type is EnvelopeType.EVENT or channel_id is None:
            return
        what = payload.get("command", "The button")
        self._workspace.add_message(
            self._workspace.channels[channel_id],
            SLACKBOT,
            f'{what} failed with the error "{error}"',
            ephemeral_for=self.id,
        )

    async def _mentioned(self, channel: Channel, message: Message) -> ActResult:
        """Send the event, where Slack does: in channels the bot is in, and not in direct conversations.

        Whether a public channel without the bot fires it too is not known: here it does not.
        """
        if not channel.bot_in or channel.im or "app_mentions:read" not in self._workspace.scopes:
            return replace(not_sent("not_in_channel"), message=message)
        payload = payloads.app_mention(self._workspace, self.user, channel, message)
        result = await self._send(Envelope(EnvelopeType.EVENT, payload, accepts_response_payload=False))
        return replace(result, message=message)

    def _join(self, channel: Channel) -> None:
        """Join a public channel before acting in it, as people must; a guest must have been invited."""
        if channel.archived:  # nobody can write there; that buttons there are dead as well is not known
            raise PermissionError(f"#{channel.name} is archived")
        if self.id in channel.members:
            return
        if channel.private or channel.im:
            raise PermissionError(f"{self.name} is not in #{channel.name}: name them in members=[…]")
        channel.members.append(self.id)

    def _channel_of(self, message: Message) -> Channel:
        channel = self._workspace.channels[message.channel_id]
        if message not in channel.entries or message.ephemeral_for not in (None, self.id):
            raise LookupError(f"{self.name} does not see this message (any more)")
        self._join(channel)
        return channel

    def _around(self, channel: Channel, thread: Message | None) -> list[Message]:
        parent = thread and (channel.message(thread.thread_ts) if thread.thread_ts else thread)
        return channel.thread(parent) if parent else channel.messages

    def _with_mention(self, text: str) -> str:
        """Return the text with the bot's mention in front, unless it holds one already."""
        mention = f"@{self._workspace.bot.name}"
        return text if mention in text else f"{mention} {text}"

    def _ids(self) -> dict[str, str]:
        return {user.name: user.id for user in self._workspace.users.values()}
