"""A person's sight of the world as frames: all of it at first, and then the changes."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

from bot.sandbox.page._extension import Extension
from bot.sandbox.page._options import PageOptions
from bot.sandbox.page._shapes import channel_shape, message_shape, person_shape, view_shape
from bot.sandbox.slack import Channel, Json, LocalSlack, Message, Person, Role

_log = logging.getLogger(__name__)

CHUNK: Final = 200
LONGEST: Final = 200_000
"""The most messages in one frame, and the length of their texts from which on no more are added."""


class Feed:
    """The frames for one tab of one person."""

    def __init__(
        self, viewer: Person, slack: LocalSlack, options: PageOptions, extensions: Sequence[Extension], version: str
    ) -> None:
        _ = viewer.dm  # Slack lists an app's direct conversation before a word is said there
        self._viewer = viewer
        self._slack = slack
        self._options = options
        self._extensions = extensions
        self._version = version
        self._sent: dict[tuple[str, str], Json] = {}  # the last frame of each kind that is sent as a whole
        self._failing: list[Extension] = []
        self._names: dict[str, str] = {}
        self._seen: dict[str, int] = {}  # the revision up to which the messages of a channel were sent

    def news(self) -> Iterator[Json]:
        """Yield the frames that are news since the last call; at first a hello and all there is.

        They are made as they are asked for, so that a slow reader holds one at a time. A change meanwhile is news for
        the next call at the latest.
        """
        channels = self._viewer.channels
        names, people = self._new_names(channels), {"type": "people", "people": self._people()}
        if not self._sent:
            self._sent["people", ""] = people
            yield self._hello(names)
        elif names:
            yield {"type": "names", "names": names}
        yield from self._changed(people)
        yield from self._changed({"type": "channels", "channels": self._channels(channels)})
        self._seen = {channel.id: self._seen[channel.id] for channel in channels if channel.id in self._seen}
        older = []
        for chunks in map(self._messages, channels):
            if (newest := next(chunks, None)) is not None:
                yield newest
                older.append(chunks)
        yield from self._changed(self._views())
        yield from self._changed(self._bot())
        for extension in self._extensions:
            for frame in self._frames_of(extension):
                yield from self._changed(frame)
        for chunks in older:
            yield from chunks

    def _frames_of(self, extension: Extension) -> Sequence[Json]:
        """Return the frames of a part of the page; of one that fails none, so that the rest of the page goes on."""
        try:
            frames = list(extension.frames(self._viewer))
        except Exception:  # noqa: BLE001 - its log has the error, once
            if extension not in self._failing:
                self._failing.append(extension)
                _log.exception("A part of the page shows nothing")
            return ()
        if extension in self._failing:
            self._failing.remove(extension)
        return frames

    def _changed(self, frame: Json) -> Iterator[Json]:
        """Yield a frame unless it is the same as the last one of its type and id."""
        key = (frame["type"], frame.get("id", ""))
        if (last := self._sent.get(key)) is not frame and last != frame:
            self._sent[key] = frame
            yield frame

    def _hello(self, names: dict[str, str]) -> Json:
        workspace, options = self._slack.workspace, self._options
        verbs = [
            {"name": verb.name, "usage": verb.usage, "summary": verb.summary, "options": [*map(list, verb.options)]}
            for verb in options.commands
        ]
        return {
            "type": "hello",
            "me": self._viewer.id,
            "people": self._people(),
            "workspace": {"name": workspace.team_name, "bot": {"id": workspace.bot.id, "name": workspace.bot.name}},
            "names": names,
            "commands": [{"word": options.command, "verbs": verbs}],
            "notes": list(options.notes),
            "steps": [asdict(step) for step in options.steps],
            "can": {"check": options.check is not None, "bot": options.bot is not None},
            "version": self._version,
        }

    def _people(self) -> list[Json]:
        abouts = self._options.about
        return [person_shape(person, abouts.get(person.name, "")) for person in people_of(self._slack)]

    def _new_names(self, channels: Sequence[Channel]) -> dict[str, str]:
        """Return the names not sent yet: of everybody, of the groups, and of the channels this person sees."""
        workspace = self._slack.workspace
        visible = {channel.id for channel in channels if not channel.im}
        names = {id_: name for id_, name in workspace.names.items() if id_ not in workspace.channels or id_ in visible}
        names |= {group["id"]: f"@{group['handle']}" for group in workspace.usergroups.values()}
        new = {id_: name for id_, name in names.items() if self._names.get(id_) != name}
        self._names |= new
        return new

    def _channels(self, channels: Sequence[Channel]) -> list[Json]:
        return [channel_shape(channel, self._viewer, self._slack.bot_user_id) for channel in channels]

    def _messages(self, channel: Channel) -> Iterator[Json]:
        """Yield the messages that changed, or all of a channel not sent yet, the newest first."""
        revision = self._seen.get(channel.id)
        self._seen[channel.id] = self._slack.workspace.revision
        whole = revision is None
        if revision is None:
            changed = self._viewer.messages(channel)[::-1]
        else:
            changed = list(self._viewer.changes(channel, revision))
        removed = [message.ts for message in changed if message.removed]
        for number, chunk in enumerate(_chunks(changed) if changed or not whole else [[]]):
            yield {
                "type": "messages",
                "channel": channel.id,
                "messages": [self._message(each) for each in chunk if not each.removed],
                "removed": removed if number == 0 else [],
                "whole": whole and number == 0,
            }

    def _message(self, message: Message) -> Json:
        return message_shape(message, self._viewer, bot=self._slack.workspace.is_app(message.user))

    def _views(self) -> Json:
        home = self._viewer.home
        return {
            "type": "views",
            "modals": [view_shape(view) for view in self._viewer.modals],
            "home": home and view_shape(home),
        }

    def _bot(self) -> Json:
        connected, bot = self._slack.is_connected, self._options.bot
        says = bot.state if bot else _CONNECTED if connected else _NOT_CONNECTED
        return {"type": "bot", "connected": connected, "running": bot and bot.running, "says": says}


_CONNECTED: Final = "A bot is connected."
_NOT_CONNECTED: Final = "No bot is connected. Start one with the environment that the sandbox printed."


def _chunks(messages: Sequence[Message]) -> Iterator[list[Message]]:
    chunk: list[Message] = []
    length = 0
    for message in messages:
        chunk.append(message)
        length += len(message.text)
        if len(chunk) == CHUNK or length > LONGEST:
            yield chunk
            chunk, length = [], 0
    if chunk:
        yield chunk


def people_of(slack: LocalSlack) -> list[Person]:
    """Return the people whom a page can act as."""
    return [person for person in slack.people if person.user.role not in {Role.BOT, Role.DEACTIVATED}]
