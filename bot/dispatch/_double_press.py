"""The response to a double press: one intent, typed or clicked twice within seconds."""

from collections.abc import Sequence

from bot.dispatch._parsing import Parsed
from bot.ports import Offer, Request, Response, Services
from bot.text import ago, person
from bot.verbs import thread_link
from storage.command import Command, CommandState


def offers_again(parsed: Parsed) -> Sequence[Offer]:
    """Return the button that runs a command all the same."""
    press = parsed.verb.double_press if parsed.verb is not None else None
    return (Offer(label=press.again, intent=parsed.intent, again=True),) if press and parsed.intent else ()


async def double_press_response(request: Request, parsed: Parsed, twin: Command, services: Services) -> Response:
    """Return the response to a double press, without its button."""
    press = parsed.verb.double_press if parsed.verb is not None else None
    by = "" if twin.actor == request.actor else f" by {person(twin.actor)}"
    when, about = ago(services.clock.age(twin.accepted_at)), f" for #{twin.session}" if twin.session else ""
    if press is not None and twin.session is not None and twin.state is CommandState.done:
        says = f"Already {press.done} #{twin.session}, {when}{by}."
    elif twin.state is CommandState.unknown:
        says = f"That was tried already{about}, {when}{by}, and its outcome is not known."
    else:
        says = f"That is being done already{about}; it was typed {when}{by}."
    return Response(text=f"{says} Nothing was done now.{await thread_link(twin.session, request, services)}")
