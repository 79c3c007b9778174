"""The acts of people in Slack, as `POST /acts/<name>`: what they do to channels, messages and forms.

Each returns when the app has acked it, or when Slack gave up on it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from bot.sandbox.page._bodies import given, text, values
from bot.sandbox.page._extension import Handler, Malformed, Problem
from bot.sandbox.page._session_urls import with_session_urls
from bot.sandbox.slack import ActResult, Channel, Incomplete, Json, LocalSlack, Message, Person, Place, View
from bot.sandbox.voximplant import Platform

_LONGEST: Final = 40_000
"""Characters of a message: documented for those of an app; for people's it is not known."""
_NOBODY: Final = "The request does not name the person who acts."
_EMPTY: Final = "A message without words is not sent."
_CLOSED: Final = "This form is not open any more. Nothing was sent."
_GONE: Final = "This is no longer there: it was changed or removed meanwhile. Nothing was sent."


class Acts:
    """The acts of people in one Slack, where an app has one slash command; `platform` has the URLs that they paste."""

    def __init__(self, slack: LocalSlack, platform: Platform, command: str) -> None:
        self._slack = slack
        self._platform = platform
        self._command = command

    def routes(self) -> Mapping[str, Handler]:
        """Return the handlers by name."""
        acts = {
            "say": _say,
            "slash": self._slash,
            "edit": _edit,
            "delete": _delete,
            "dismiss": _dismiss,
            "join": _join,
            "press": _press,
            "search": _search,
            "submit": _submit,
            "close": _close,
            "home": _open_home,
        }
        return {name: _handler(act) for name, act in acts.items()}

    async def _slash(self, person: Person, body: Json) -> Json:
        """Type a slash command, which Slack takes in a channel alone (facts: section 1)."""
        channel, typed = _open_channel(person, body), text(body, "text").strip()
        word = typed.split(maxsplit=1)[0] if typed else ""
        if body.get("thread_ts"):
            mention = f"@{self._slack.workspace.bot.name}{typed[len(word) :]}"
            way = "Type it in the conversation itself." if channel.im else f"Here you can write {mention}"
            raise Problem(f"{word} does not work in a thread, as in Slack: nothing was sent. {way}")
        if word != self._command:
            raise Problem(f"{word or 'Nothing'} is not a command here: only {self._command} is. Nothing was sent.")
        await person.slash(channel, with_session_urls(typed[len(word) :].strip(), self._platform), command=word)
        return {}


async def _say(person: Person, body: Json) -> Json:
    """Post a message; one that mentions the bot reaches it."""
    channel, words = _open_channel(person, body), _words(body)
    thread = _message(person, channel, text(body, "thread_ts")) if body.get("thread_ts") else None
    await person.post(channel, words, thread=thread)
    return {}


async def _edit(person: Person, body: Json) -> Json:
    """Change a message of this person; one that mentions the bot reaches it again."""
    await person.edit(_message(person, _open_channel(person, body), text(body, "ts")), _words(body))
    return {}


async def _delete(person: Person, body: Json) -> Json:
    """Delete a message of this person."""
    person.delete(_message(person, _open_channel(person, body), text(body, "ts")))
    return {}


async def _dismiss(person: Person, body: Json) -> Json:
    """Remove a message that only this person sees, also in a channel that is archived."""
    person.dismiss(_message(person, _channel(person, body), text(body, "ts")))
    return {}


async def _join(person: Person, body: Json) -> Json:
    """Join a public channel."""
    person.join(_open_channel(person, body))
    return {}


async def _press(person: Person, body: Json) -> Json:
    """Use an element of a message, a modal or a Home tab."""
    shown, place = _element(person, body)
    person.screen.fill(shown, values(body))
    return _answer(shown, await person.screen.press(shown, place, given(body, "value")))


async def _search(person: Person, body: Json) -> Json:
    """Type into an external select, and return what the app lists then."""
    shown, place = _element(person, body)
    person.screen.fill(shown, values(body))
    result = await person.screen.suggest(shown, place, text(body, "query"))
    if result.error is not None:
        raise Problem(f"The bot listed nothing ({result.error}). Type again to ask it once more.")
    listing = person.screen.listed(shown, place)
    return {"options": listing.get("options", []), "groups": listing.get("option_groups", [])}


async def _submit(person: Person, body: Json) -> Json:
    """Submit a modal with the values of its fields; the faults that Slack itself finds stand under them then."""
    view = _view(person, body)
    person.screen.fill(view, values(body))
    try:
        return _answer(view, await person.submit(view, {}))
    except Incomplete as incomplete:
        many = len(incomplete.errors) > 1
        raise Problem(f"{'Some fields need' if many else 'A field needs'} another look. Nothing was sent.") from None


async def _close(person: Person, body: Json) -> Json:
    """Close a modal without submitting it."""
    await person.close(_view(person, body))
    return {}


async def _open_home(person: Person, body: Json) -> Json:
    """Open the Home tab, which the app may publish then."""
    del body
    await person.open_home()
    return {}


def _handler(act: Callable[[Person, Json], Awaitable[Json]]) -> Handler:
    """Return the handler of an act, which nobody can do anonymously, with its failures in a person's words."""

    async def handler(person: Person | None, body: Json) -> Json:
        if person is None:
            raise Malformed(_NOBODY)
        try:
            return await act(person, body)
        except LookupError:
            raise Problem(_GONE) from None
        except PermissionError as refusal:
            raise Problem(f"{refusal}. Nothing was sent.") from None
        except ValueError as fault:
            raise Malformed(f"{fault}.") from None

    return handler


def _answer(shown: Message | View, result: ActResult) -> Json:
    """Return the answer to an act; in a message Slack's own one tells of a failure, in a view nothing else would."""
    if result.error is not None and isinstance(shown, View):
        raise Problem(f"The bot did not take this ({result.error}). Nothing has changed: try again.")
    return {}


def _words(body: Json) -> str:
    """Return the text of a message. Raises Problem for one that Slack does not send."""
    words = text(body, "text")
    if not words.strip():
        raise Problem(_EMPTY)
    if len(words) > _LONGEST:
        raise Problem(f"This message has {len(words):,} characters, and at most {_LONGEST:,} fit. Nothing was sent.")
    return words


def _channel(person: Person, body: Json) -> Channel:
    """Return a channel that this person sees; of any other not even the existence is told. Raises Malformed."""
    channel_id = text(body, "channel")
    found = next((channel for channel in person.channels if channel.id == channel_id), None)
    if found is None:
        raise Malformed(f"{person.name} sees no such channel.")
    return found


def _open_channel(person: Person, body: Json) -> Channel:
    channel = _channel(person, body)
    if channel.archived:
        raise Problem(f"#{channel.name} is archived: it can be read, but nobody can write or press anything there.")
    return channel


def _message(person: Person, channel: Channel, ts: str) -> Message:
    found = next((message for message in reversed(person.messages(channel)) if message.ts == ts), None)
    if found is None:
        raise Problem(_GONE)
    return found


def _view(person: Person, body: Json) -> View:
    view_id, home = text(body, "view"), person.home
    found = next((view for view in [*person.modals, *([home] if home else [])] if view.id == view_id), None)
    if found is None:
        raise Problem(_CLOSED)
    return found


def _element(person: Person, body: Json) -> tuple[Message | View, Place]:
    """Return the message or view that an element stands in, and its place there."""
    place = text(body, "block_id"), text(body, "action_id")
    if "view" in body:
        return _view(person, body), place
    return _message(person, _open_channel(person, body), text(body, "ts")), place
