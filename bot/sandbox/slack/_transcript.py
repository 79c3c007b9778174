"""A conversation as lines for reading: failed tests print it and the demo draws it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.sandbox.slack._messages import Message
from bot.sandbox.slack._rendering import Names
from bot.sandbox.slack._workspace import Act, Channel


@dataclass(frozen=True)
class Entry:
    """One message or act in a conversation.

    `depth` is 1 inside a thread; `only_visible_to` names the one person who sees it; `act` marks what a
    person did (typed a command, pressed a button), which leaves no message. `ts` is that of the message.
    """

    ts: str
    author: str
    text: str
    buttons: tuple[str, ...] = ()
    depth: int = 0
    only_visible_to: str | None = None
    edited: bool = False
    broadcast: bool = False
    act: bool = False


def transcript(channel: Channel, names: Names, viewer: str | None = None) -> list[Entry]:
    """Return a channel's conversation, threads under their parents, oldest first.

    `names` maps ids to displayed names. With `viewer` (a user id) messages visible only to others are left out,
    and those visible only to the viewer have `only_visible_to` "you"; without, everything is there.
    """
    seen: list[Message | Act] = [
        *(entry for entry in channel.entries if viewer is None or entry.ephemeral_for in (None, viewer)),
        *(act for act in channel.acts if viewer in (None, act.user)),
    ]
    return [_entry(item, names, viewer) for item in _in_order(seen)]


def lines(channel: Channel, names: Names, viewer: str | None = None) -> list[str]:
    """Return the conversation as lines of text, the channel's name first."""
    return [
        f"#{channel.name}",
        *(line for entry in transcript(channel, names, viewer) for line in _lines(entry)),
    ]


def _in_order(seen: list[Message | Act]) -> Iterator[Message | Act]:
    """Yield the top level by time, and each thread right after its parent."""
    tops = {item.ts for item in seen if item.thread_ts is None}
    for item in sorted(seen, key=lambda item: item.ts):
        if item.thread_ts is None:
            yield item
            yield from sorted((one for one in seen if one.thread_ts == item.ts), key=lambda one: one.ts)
        elif item.thread_ts not in tops:
            yield item  # a reply whose parent is gone is not lost


def _entry(item: Message | Act, names: Names, viewer: str | None) -> Entry:
    author = names.get(item.user, item.user).removeprefix("@")
    depth = 1 if item.thread_ts else 0
    if isinstance(item, Act):
        return Entry(item.ts, author, item.text, depth=depth, act=True)
    only_for = item.ephemeral_for and ("you" if viewer else names[item.ephemeral_for].removeprefix("@"))
    return Entry(
        item.ts,
        author,
        item.plain(),
        buttons=tuple(button.label for button in item.buttons()),
        depth=depth,
        only_visible_to=only_for,
        edited=item.edits > 0,
        broadcast=item.broadcast,
    )


def _lines(entry: Entry) -> Iterator[str]:
    notes = [
        *([f"only visible to {entry.only_visible_to}"] if entry.only_visible_to else []),
        *(["also in the channel"] if entry.broadcast else []),
        *(["edited"] if entry.edited else []),
    ]
    margin = "  " + "    " * entry.depth
    head = f"{margin}{entry.author} ({', '.join(notes)})" if notes else f"{margin}{entry.author}"
    if entry.act:
        yield f"{head} {'types ' if entry.text.startswith('/') else ''}{entry.text}"
        return
    first, *rest = entry.text.split("\n")
    yield f"{head}: {first}"
    yield from (f"{margin}  {line}" for line in rest)
