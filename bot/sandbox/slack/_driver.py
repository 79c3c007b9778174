"""The people of the workspace: they type commands, press buttons, mention the bot and fill in forms."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.sandbox.slack import _payloads as payloads
from bot.sandbox.slack._act_result import ActResult, not_sent
from bot.sandbox.slack._composer import compose
from bot.sandbox.slack._delivery import Delivery
from bot.sandbox.slack._elements import Element, Given, field_of, options_of
from bot.sandbox.slack._envelopes import EnvelopeType
from bot.sandbox.slack._forms import Incomplete, by_place, faults
from bot.sandbox.slack._messages import Message, find_button
from bot.sandbox.slack._response_urls import ResponseUrls
from bot.sandbox.slack._screen import Screen
from bot.sandbox.slack._sending import Sending
from bot.sandbox.slack._sight import changes_seen, channels_seen, join, joined_channel_of, messages_seen
from bot.sandbox.slack._views import View
from bot.sandbox.slack._workspace import Channel, User, Workspace


class Person:
    """One person at a keyboard. Each act returns when the app has acked it, or when Slack stops waiting."""

    def __init__(self, user: User, workspace: Workspace, delivery: Delivery, response_urls: ResponseUrls) -> None:
        self.user = user
        self._workspace = workspace
        self._sending = Sending(user, workspace, delivery)
        self._response_urls = response_urls
        self.screen = Screen(user, workspace, self._sending, response_urls)

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
        return self.screen.modals

    @property
    def home(self) -> View | None:
        """The Home tab that the app published for this person."""
        return self.screen.home

    def ephemerals(self, channel: Channel | None = None) -> list[Message]:
        """Return the messages only this person sees, oldest first, in one channel or in all."""
        channels = [channel] if channel else list(self._workspace.channels.values())
        seen = [entry for place in channels for entry in place.entries if entry.ephemeral_for == self.id]
        return sorted(seen, key=lambda message: message.ts)

    # acts in a conversation

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
        self.join(channel)
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
        return await self._sending.send(EnvelopeType.SLASH, payload, accepts=True)

    async def mention(
        self, channel: Channel, text: str, *, thread: Message | None = None, edited: bool = False
    ) -> ActResult:
        """Post a message that mentions the bot; `@name` in it mentions others too.

        With `edited`, the last message of this person in that place becomes this one, and the event fires
        again (facts: with a new event id and the old `ts`).
        """
        if edited:
            mine = [entry for entry in self._around(channel, thread) if entry.user == self.id]
            return await self.edit(mine[-1] if mine else self.say(channel, "…", thread=thread), self._mentioning(text))
        return await self.post(channel, self._mentioning(text), thread=thread)

    async def post(self, channel: Channel, text: str, *, thread: Message | None = None) -> ActResult:
        """Post a message; one that mentions the bot sends it the event."""
        return await self._told(channel, self.say(channel, text, thread=thread))

    def say(self, channel: Channel, text: str, *, thread: Message | None = None) -> Message:
        """Post a message that sends the app no event, whatever is in it."""
        self.join(channel)
        composed = compose(text, self._ids())
        thread_ts = (thread.thread_ts or thread.ts) if thread else None
        return self._workspace.add_message(channel, self.id, composed.text, composed.blocks, thread_ts=thread_ts)

    async def edit(self, message: Message, text: str) -> ActResult:
        """Change a message of this person; one that mentions the bot then sends the event, again if it did before."""
        channel = self._channel_of_mine(message)
        composed = compose(text, self._ids())
        if composed.text == message.text:
            return replace(not_sent(), message=message)
        self._workspace.edit_message(message, composed.text, composed.blocks)
        return await self._told(channel, message)

    def delete(self, message: Message) -> None:
        """Delete a message of this person; one with replies becomes a note in its place, which keeps them together."""
        self._channel_of_mine(message)
        self._workspace.delete_message(message)

    def dismiss(self, message: Message) -> None:
        """Remove a message that only this person sees from their screen."""
        if message.ephemeral_for != self.id:
            raise LookupError(f"this message is not only for {self.name}")
        self._workspace.remove_message(message)

    def join(self, channel: Channel) -> None:
        """Join a public channel. Raises PermissionError for one where people are invited, and for an archived one."""
        join(self._workspace, self.user, channel)

    # acts on what is on the screen

    async def click(self, shown: Message | View, label_or_action: str, *, confirm: bool = True) -> ActResult:
        """Press a button, found by label or action id; `confirm` is the answer to its dialog, if it has one.

        Raises LookupError when there is no such button, or the message is no longer there.
        """
        button = find_button(shown.blocks, label_or_action)
        if button.confirm and not confirm:
            return not_sent()
        return await self.screen.press(shown, (button.block_id, button.action_id))

    async def choose(self, view: View, name: str, option: str) -> ActResult:
        """Choose an option, by label or value, from a select of a view that acts at once."""
        return await self.screen.press(view, field_of(view.blocks, name), option)

    async def search(self, view: View, name: str, typed: str) -> list[str]:
        """Type into an external select of a view and return the options it then lists; one can be submitted."""
        place = field_of(view.blocks, name)
        await self.screen.suggest(view, place, typed)
        return [option["text"]["text"] for option in self.listed(view, name)]

    def listed(self, view: View, name: str) -> list[Element]:
        """Return the options that an external select of a view listed last."""
        return options_of(self.screen.listed(view, field_of(view.blocks, name)))

    async def submit(self, view: View, values: Mapping[str, Given]) -> ActResult:
        """Fill in a modal and submit it; `values` maps labels, block ids or action ids to values.

        A field left out keeps its value. The modal closes, unless the ack says otherwise or does not come. Raises
        Incomplete, a ValueError, where Slack's own form would not let the person submit: then the errors stand under
        the fields.
        """
        self.screen.check_open(view)
        self.screen.fill(view, by_place(view, values))
        view.errors = faults(view)
        self._workspace.changes.notify()
        if view.errors:
            raise Incomplete(view.errors)
        trigger_id = self._workspace.triggers.issue(self.id)
        payload = payloads.submission(self._workspace, self.user, view, trigger_id=trigger_id)
        return await self._sending.send(EnvelopeType.INTERACTIVE, payload, accepts=True)

    async def close(self, view: View) -> ActResult:
        """Close a modal without submitting it; the app gets an event if the view has `notify_on_close`."""
        self.screen.check_open(view)
        view.is_open = False
        self._workspace.changes.notify()
        if not view.content.get("notify_on_close"):
            return not_sent()
        return await self._sending.send(EnvelopeType.INTERACTIVE, payloads.closing(self._workspace, self.user, view))

    async def open_home(self) -> ActResult:
        """Open the app's Home tab."""
        payload = payloads.home_opened(self._workspace, self.user, self.dm, self.home)
        return await self._sending.send(EnvelopeType.EVENT, payload)

    async def redeliver(self, done: ActResult) -> ActResult:
        """Deliver the same payload once more: duplicates happen (facts: section 1).

        Over Socket Mode it comes in a new envelope, over HTTP as the very same signed request.
        """
        return await self._sending.again(done)

    # how

    async def _told(self, channel: Channel, message: Message) -> ActResult:
        """Send the event of a mention, where Slack does: in channels the bot is in, and not in direct conversations.

        Whether a public channel without the bot fires it too is not known: here it does not.
        """
        if f"<@{self._workspace.bot.id}>" not in message.text:
            return replace(not_sent(), message=message)
        if not channel.bot_in or channel.im or "app_mentions:read" not in self._workspace.scopes:
            return replace(not_sent("not_in_channel"), message=message)
        payload = payloads.app_mention(self._workspace, self.user, channel, message)
        return replace(await self._sending.send(EnvelopeType.EVENT, payload), message=message)

    def _channel_of_mine(self, message: Message) -> Channel:
        """Return the channel of a message that this person wrote. Raises LookupError."""
        if message.user != self.id:
            raise LookupError(f"{self.name} did not write this message")
        return joined_channel_of(self._workspace, self.user, message)

    def _around(self, channel: Channel, thread: Message | None) -> list[Message]:
        parent = thread and (channel.message(thread.thread_ts) if thread.thread_ts else thread)
        return channel.thread(parent) if parent else channel.messages

    def _mentioning(self, text: str) -> str:
        """Return the text with the bot's mention in front, unless it holds one already."""
        mention = f"@{self._workspace.bot.name}"
        return text if mention in text else f"{mention} {text}"

    def _ids(self) -> dict[str, str]:
        return {user.name: user.id for user in self._workspace.users.values()}
