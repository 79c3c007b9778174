"""The acts of people in Slack, as `POST /acts/<name>`: what they do to channels, messages and forms.

Each returns when the app has acked it, or when Slack gave up on it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot.sandbox.page._extension import Handler, Malformed, Problem
from bot.sandbox.slack import ActResult, Channel, Json, LocalSlack, Message, Person, View

_EMPTY: Final = "A message without words is not sent."
_GONE: Final = "This message is no longer there."
_NO_ELEMENT: Final = "This element is no longer there."
_CLOSED: Final = "This form is no longer open."


class Acts:
    """The acts of people in one Slack, where an app has one slash command."""

    def __init__(self, slack: LocalSlack, command: str) -> None:
        self._slack = slack
        self._command = command

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers by name."""
        return {
            "say": _of_a_person(self._say),
            "slash": _of_a_person(self._slash),
            "press": _of_a_person(self._press),
            "submit": _of_a_person(self._submit),
            "close": _of_a_person(self._close),
            "home": _of_a_person(self._home),
        }

    async def _say(self, person: Person, body: Json) -> Json:
        """Post a message; one that mentions the bot reaches it."""
        channel, text = _open_channel(person, body), _text(body, "text")
        thread = _message(person, channel, _text(body, "thread_ts")) if body.get("thread_ts") else None
        if not text.strip():
            raise Problem(_EMPTY)
        if f"@{self._slack.workspace.bot.name}" in text:
            await person.mention(channel, text, thread=thread)
        else:
            person.say(channel, text, thread=thread)
        return {}

    async def _slash(self, person: Person, body: Json) -> Json:
        """Type a slash command, which Slack has in the channel alone (facts: section 1)."""
        channel, typed = _open_channel(person, body), _text(body, "text").strip()
        word = typed.split(maxsplit=1)[0] if typed else ""
        if body.get("thread_ts"):
            raise Problem(f"{word} does not work in a thread: Slack takes it in the channel alone. Nothing was sent.")
        if word != self._command:
            raise Problem(f"{word or 'Nothing'} is no command of this workspace: only {self._command} is.")
        await person.slash(channel, typed[len(word) :].strip(), command=word)
        return {}

    async def _press(self, person: Person, body: Json) -> Json:
        """Use an element of a message, a modal or a Home tab."""
        try:
            return _told(await person.click(_shown(person, body), _text(body, "action_id")))
        except LookupError:
            raise Problem(_NO_ELEMENT) from None

    async def _submit(self, person: Person, body: Json) -> Json:
        """Submit a modal with the values of its fields."""
        view = _view(person, body)
        values = {action: str(value) for each in body["values"].values() for action, value in each.items() if value}
        try:
            return _told(await person.submit(view, values))
        except (LookupError, ValueError) as problem:
            raise Problem(str(problem)) from None

    async def _close(self, person: Person, body: Json) -> Json:
        """Close a modal without submitting it."""
        view = _view(person, body)
        if view not in person.modals:
            raise Problem(_CLOSED)
        await person.close(view)
        return {}

    async def _home(self, person: Person, _body: Json) -> Json:
        """Open the Home tab."""
        await person.open_home()
        return {}


def _of_a_person(act: Callable[[Person, Json], Awaitable[Json]]) -> Handler:
    """Return the handler of an act that nobody can do anonymously."""

    async def handler(person: Person | None, body: Json) -> Json:
        if person is None:
            msg = "The request does not name who acts."
            raise Malformed(msg)
        return await act(person, body)

    return handler


def _told(result: ActResult) -> Json:
    """Return the answer to an act in a view; where it failed, no message could tell."""
    if result.error is not None:
        raise Problem(f"The app did not take this ({result.error}). Nothing was changed: try again.")
    return {}


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise Malformed(f"{name} is no text.")
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half a character cannot be sent on


def _channel(person: Person, body: Json) -> Channel:
    channel_id = _text(body, "channel")
    found = next((channel for channel in person.channels if channel.id == channel_id), None)
    if found is None:
        msg = "This person sees no such channel."
        raise Malformed(msg)
    return found


def _open_channel(person: Person, body: Json) -> Channel:
    channel = _channel(person, body)
    if channel.archived:
        raise Problem(f"#{channel.name} is archived: nobody can write there.")
    return channel


def _message(person: Person, channel: Channel, ts: str) -> Message:
    found = next((message for message in reversed(person.messages(channel)) if message.ts == ts), None)
    if found is None:
        raise Problem(_GONE)
    return found


def _view(person: Person, body: Json) -> View:
    view_id = _text(body, "view")
    home = person.home
    found = next((view for view in [*person.modals, *([home] if home else [])] if view.id == view_id), None)
    if found is None:
        raise Problem(_CLOSED)
    return found


def _shown(person: Person, body: Json) -> Message | View:
    if "view" in body:
        return _view(person, body)
    return _message(person, _open_channel(person, body), _text(body, "ts"))
