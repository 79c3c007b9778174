"""One step of the tour: do the person's act, wait for every message, then compare the platform's events."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from bot.cli.demo._platform_words import happen
from bot.cli.demo._screen import Screen
from bot.cli.demo._steps import Act, MessagePlace, Outside, Presses, Seen, Step, Types, TypesAtOnce
from bot.cli.demo._world import World
from bot.sandbox.slack import ActResult, Message, Person


class StepFailed(Exception):  # noqa: N818 - it is what a step did, told to whoever watches
    """A step failed; the text holds the expectation and the messages seen instead."""

    def __init__(self, *, expected: str, seen: str) -> None:
        super().__init__(f"Expected {expected}.\nSeen instead: {seen}")


@dataclass(frozen=True)
class PlatformEvents:
    """The events at the platform during a step, in their order, in the words of `Step`."""

    started: tuple[str, ...]
    reached: tuple[str, ...]
    ended: tuple[str, ...]

    def __str__(self) -> str:
        facts = [
            *(f"a session was started with {data or 'no data'}" for data in self.started),
            *(f"the scenario got {body}" for body in self.reached),
            *(f"the session ended: {reason}" for reason in self.ended),
        ]
        times = Counter(facts)
        each = [fact if times[fact] == 1 else f"{times[fact]} times {fact}" for fact in times]
        return "; ".join(each) or "nothing was started, sent or ended"

    def in_any_order(self) -> tuple[list[str], ...]:
        """Return the same events, sorted."""
        return sorted(self.started), sorted(self.reached), sorted(self.ended)


async def play(step: Step, world: World, screen: Screen, *, patience_s: float) -> PlatformEvents:
    """Play one step; return the platform's events, which are those of the step. Raises StepFailed."""
    person = world.person(step.act.who)
    read_before = {each.ts: each.text for each in (*person.ephemerals(world.channel), *world.channel.messages)}
    platform_before = _events_so_far(world)

    def news(messages: Iterable[Message]) -> list[Message]:
        return [each for each in messages if read_before.get(each.ts) != each.text]

    def texts(place: MessagePlace, session: int | None) -> list[str]:
        """Return the messages, as people read them, at one place."""
        match place:
            case MessagePlace.line:
                seen = news(person.ephemerals(world.channel))
            case MessagePlace.channel:
                seen = news(world.channel.messages)
            case _:
                seen = _card_messages(world, place, session)
        return [each.plain() for each in seen]

    def missing() -> list[Seen]:
        return [seen for seen in step.sees if not any(_has(text, seen) for text in texts(seen.place, seen.session))]

    for typed in await _act(step.act, world, person, screen):
        if not typed.acked:
            raise StepFailed(expected="an ack within 3 s", seen=str(typed.error))
    try:
        await world.slack.workspace.changes.until(lambda: not missing(), patience_s)
    except TimeoutError:
        first = missing()[0]
        shown = "\n".join(texts(first.place, first.session)) or "nothing"
        raise StepFailed(expected=f"within {patience_s:g} s {first}", seen=shown) from None
    happened = _since(platform_before, _events_so_far(world))
    expected = PlatformEvents(step.started, step.reached, step.ended)
    same = happened.in_any_order() == expected.in_any_order()
    if not same or (happened != expected and not isinstance(step.act, TypesAtOnce)):
        raise StepFailed(expected=f"at the platform: {expected}", seen=str(happened))
    return happened


async def _act(act: Act, world: World, person: Person, screen: Screen) -> list[ActResult]:
    match act:
        case Types(text=text):
            return [await person.slash(world.channel, text)]
        case TypesAtOnce(texts=texts):
            return await asyncio.gather(*(person.slash(world.channel, text) for text in texts))
        case Outside(lines=lines):
            for line in lines:
                word, _, rest = line.partition(" ")
                screen.note(f"{line}\n{happen(world, word, rest)}")
            return []
        case Presses(label=label, session=session, asks=asks):
            if session is None:
                return [await _press(label, asks, person.ephemerals(world.channel)[::-1], person, screen)]
            return [await _press(label, asks, _card_messages(world, MessagePlace.card, session), person, screen)]


async def _press(label: str, asks: str | None, shown: list[Message], person: Person, screen: Screen) -> ActResult:
    """Press the first button of that name as a person does: read its question, if it has one, and confirm."""
    message, button = next(
        ((each, button) for each in shown for button in each.buttons() if button.label == label), (None, None)
    )
    if message is None or button is None:
        seen = "\n".join(each.plain() for each in shown) or "no message"
        raise StepFailed(expected=f"a button [{label}]", seen=seen)
    asked = button.confirm.title if button.confirm else None
    if asked != asks:
        expected = f"[{label}] to ask {asks!r}" if asks else f"[{label}] to ask nothing"
        raise StepFailed(expected=expected, seen=asked or "nothing is asked")
    if button.confirm is not None:
        screen.dialog(label, button.confirm)
    return await person.click(message, label)


def _card_messages(world: World, place: MessagePlace, session: int | None) -> list[Message]:
    """Return a session's card, or the replies under it."""
    card = next(
        (each for each in world.channel.messages if each.text.partition(" ")[2].startswith(f"#{session} ")), None
    )
    if card is None:
        return []
    if place is MessagePlace.card:
        return [card]
    return [each for each in world.channel.thread(card) if each.broadcast or place is not MessagePlace.alarm]


def _events_so_far(world: World) -> PlatformEvents:
    """Return the events at the platform since it was set up."""
    sessions = world.platform.sessions.values()
    over = sorted((each.ended_at, each.finish_reason or "") for each in sessions if each.ended_at is not None)
    return PlatformEvents(
        started=tuple(each.started_with for each in sessions),
        reached=tuple(each.body.decode(errors="replace") for each in world.platform.deliveries),
        ended=tuple(reason for _, reason in over),
    )


def _since(before: PlatformEvents, now: PlatformEvents) -> PlatformEvents:
    return PlatformEvents(
        started=now.started[len(before.started) :],
        reached=now.reached[len(before.reached) :],
        ended=now.ended[len(before.ended) :],
    )


def _has(text: str, seen: Seen) -> bool:
    """Return whether all words stand in a message; Slack's marks for bold and code are ignored."""
    readable = text.replace("*", "").replace("`", "")
    return all(word in readable for word in seen.words)
