"""The admission of a command as one commit: its row with its key, the sessions it names, and a refusal's offers."""

from collections.abc import Sequence
from dataclasses import replace

from bot.dispatch._command_record import by_own_number, record_named_sessions, recorded_refusal, written_intent
from bot.dispatch._double_press import offers_again
from bot.dispatch._drafts import PreparedOffers
from bot.dispatch._parsing import Parsed, digest_of, key_of
from bot.ports import DoublePress, Offer, Request, Services
from storage import Connection, Job, commands
from storage.command import NewCommand
from storage.commands import Admitted


def admission(
    request: Request,
    parsed: Parsed,
    services: Services,
    offers: PreparedOffers | None = None,
    refusal: str | None = None,
) -> Job[Admitted]:
    """Return the job that records a command; `offers` with it, where it is answered without being run.

    `refusal` is the sentence of a command that could be parsed, and is refused all the same.
    """
    verb, refusal = parsed.verb, refusal or parsed.problem
    new = NewCommand(
        key=key_of(request, parsed, refusal),
        verb=parsed.name,
        actor=request.actor,
        team=request.team,
        channel=request.channel,
        via=request.via,
        digest=parsed.digest,
        owner=services.owner,
        at=services.clock.now(),
        intent=written_intent(parsed.intent) if verb is not None and verb.urgent and parsed.intent else None,
        confirmed=request.confirmed,
    )
    press = _double_press(request, parsed)
    refused = None if refusal is None else recorded_refusal(refusal)

    def job(db: Connection) -> Admitted:
        window, by_anyone = (press.within, press.by_anyone) if press else (None, False)
        since = services.clock.since
        meant = new
        if press is not None and verb is not None and parsed.intent is not None:  # however the session is named
            meant = replace(new, digest=digest_of(verb, by_own_number(db, parsed.intent, request.team)))
        admitted = commands.admit(db, meant, window=window, by_anyone=by_anyone, since=since, refused=refused)
        if not admitted.fresh:
            return admitted
        if offers is not None and (refused is not None or admitted.twin is not None):
            offers.record(db)
        return replace(admitted, named=record_named_sessions(db, admitted.command.id, parsed.intent, request.team))

    return job


def offers_in_place(request: Request, parsed: Parsed) -> Sequence[Offer]:
    """Return the offers of the answer in the place of running a command: to its problem, or to a double press."""
    if parsed.problem is None:
        return offers_again(parsed) if _double_press(request, parsed) is not None else ()
    return parsed.offers if request.refused is None else request.refused.offers


def asked_form(parsed: Parsed) -> str | None:
    """Return the title of the form that a command asks for, or None."""
    if parsed.verb is None or parsed.problem is not None or parsed.verb.form is None:
        return None
    return parsed.verb.form(parsed.intent)


def _double_press(request: Request, parsed: Parsed) -> DoublePress | None:
    """Return what makes a command and an earlier one the same intent; None where the person means it again."""
    means_it = request.again or asked_form(parsed) is not None
    return parsed.verb.double_press if parsed.verb is not None and not means_it else None
