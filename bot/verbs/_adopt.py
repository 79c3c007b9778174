"""adopt: take over a session that was started elsewhere, by its URL, so that it can be watched and stopped from here.

The URL is a capability: it is read here, sealed, and shown nowhere; not even a mistake in it is quoted.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from bot.ports import (
    ChosenRule,
    Context,
    Intent,
    NotAdopted,
    Outcome,
    Right,
    RulesUnreadable,
    Services,
    UsageProblem,
    Verb,
    Via,
    quoted,
    session_name,
)
from bot.process import HIDDEN, Failpoint, reach, without_urls
from bot.process.network import PUBLIC_IPV4
from bot.text import UnclosedQuote, ago, code, cut, first_word, hide_secrets, person, secret_parts
from bot.verbs._session_start import closed_on_failure, new_session, record_running
from bot.voximplant import HistoryRow, HostRules, NotASessionUrl, SessionUrl
from bot.voximplant.errors import PlatformError, UnknownHistoryId
from storage import Connection, sessions, starts
from storage.records import LARGEST, Session

_HISTORY_ID: Final = re.compile(r"(?:#?h)?([0-9]{1,100})", re.IGNORECASE)
_GAP: Final = re.compile(r"[\s\u200b\u2060\ufeff]+")  # the last three have no width: pasted along unseen
_AROUND: Final = "<>\"'“”„`"
_PATH: Final = re.compile(r"https://[^/]+/request/(?P<first>[^/?]+)/[^/?]+/?")
_MADE_AT: Final = re.compile(r"[0-9A-Fa-f]+\.(?P<seconds>[0-9]{9,11})\.[0-9]+_[0-9.]+")
"""The first part of a URL's path, as captured (facts); that its number is the start is inferred."""

_NOTHING: Final = "Nothing was adopted."
_UNKNOWN_RULE: Final = ChosenRule(id=0, name=None, application_id=None, application_name=None)


@dataclass(frozen=True)
class Adoptee:
    """The session's URL, its number at the platform, and its rule as typed, as far as they are given."""

    url: SessionUrl
    history_id: int | None
    rule: str | None


@dataclass(frozen=True)
class Adopt(Intent):
    """Which session."""

    adoptee: Adoptee


@dataclass(frozen=True)
class _AdopteeArgument:
    """The whole text of the command: its problems are never quoted, as they may be the URL."""

    name: str = "adoptee"
    usage: str = "<url> [history id] [rule]"

    def read(self, text: str) -> tuple[Adoptee, str]:
        """Read the whole text; raises UsageProblem."""
        typed, _, rest = _GAP.sub(" ", text).strip().partition(" ")
        if not typed:
            raise UsageProblem(f"The URL is missing. {_NOTHING}")
        return _read(typed, rest), ""

    def of_words(self, words: Sequence[str]) -> Adoptee:
        """Read the words of a shell; raises UsageProblem."""
        return self.read(" ".join(words))[0]

    def write(self, value: Adoptee) -> str:
        """Return what may be shown of it."""
        number = "" if value.history_id is None else f"h{value.history_id}"
        return " ".join(filter(None, (HIDDEN, number, quoted(value.rule) if value.rule else "")))


def _read(typed: str, rest: str) -> Adoptee:
    bare = typed.lstrip(_AROUND).rstrip(f"{_AROUND},;.").partition("|")[0]
    try:
        url = SessionUrl(bare)
    except NotASessionUrl as problem:
        raise UsageProblem(f"{problem.sentence} {_NOTHING}") from None
    if not url.secure:
        raise UsageProblem(f"That URL is not encrypted: only the one that begins with https is taken. {_NOTHING}")
    if not _PATH.fullmatch(url.reveal()):
        raise UsageProblem(f"A session's URL ends with the word request and two parts; that one does not. {_NOTHING}")
    words = _words(rest)
    number = _HISTORY_ID.fullmatch(words[0]) if words else None
    if number is not None:
        words = words[1:]
        if not 0 < int(number[1]) <= LARGEST:
            raise UsageProblem(f"The platform gives no session the number that you typed. {_NOTHING}")
    if len(words) > 1 or any("/" in each for each in words):
        msg = "After the URL come a history id and a rule, and no more; a rule with spaces goes in quotes."
        raise UsageProblem(f"{msg} {_NOTHING}")
    return Adoptee(url=url, history_id=None if number is None else int(number[1]), rule=words[0] if words else None)


def _words(text: str) -> list[str]:
    words = []
    while text.strip():
        try:
            word, text = first_word(text)
        except UnclosedQuote:
            raise UsageProblem(f"A quote after the URL has no end. {_NOTHING}") from None
        words.append(word)
    return words


async def run(adopt: Adopt, context: Context) -> Outcome:
    """Check the URL without a request to it, record the session, post its card, and watch it."""
    adoptee = adopt.adoptee
    if context.request.via is not Via.slash:
        msg = f"A URL is a key to its session: {code('adopt')} is for the slash command only. {_NOTHING}"
        raise NotAdopted(f"{msg} If it stands in a message, delete that message.")
    _refuse_host(adoptee.url, context.services)
    row, doubt = await _history(adoptee, context.services)
    rule = await _rule(adoptee, row, context.services)
    await context.services.policy.allow_rule(context.request, Right.adopt, rule)
    session = await _record(adoptee, rule, context)
    async with closed_on_failure(session, context, "adopted", secure_url=None):
        await context.services.board.place_card(session.id)
        reach(Failpoint.card_posted)
    return await _adopted(session, adoptee, row, doubt, context)


def _refuse_host(url: SessionUrl, services: Services) -> None:
    """Refuse a host that is neither the platform's own nor named in the setting: public-ipv4 is too wide here."""
    named = [each for each in services.settings.voximplant_session_hosts if each != PUBLIC_IPV4]
    if not HostRules(",".join(named)).matches(url):
        msg = f"That URL leads to a host that is none of the platform's, {code('*.voximplant.com')}."
        hint = "If it is right, ask whoever runs this bot to name its host in VOXIMPLANT_SESSION_HOSTS."
        raise NotAdopted(f"{msg} {_NOTHING} {hint}")


async def _history(adoptee: Adoptee, services: Services) -> tuple[HistoryRow | None, str]:
    """Return the history's row of the given number, and a note where there is none: adopting goes on without."""
    number = adoptee.history_id
    if number is None:
        return None, ""
    known = await services.store.read(lambda db: sessions.by_history_id(db, number))
    if known is not None:
        raise NotAdopted(f"h{number} is {session_name(known)} already. {_NOTHING}")
    try:
        rows = await services.management.call_history([number])
    except UnknownHistoryId:
        raise NotAdopted(f"The platform knows no session h{number}. {_NOTHING} Check the number.") from None
    except PlatformError:
        return None, f" That it is h{number} could not be checked: the history could not be asked."
    row = next((each for each in rows if each.history_id == number), None)
    if row is None and rows.unread:
        return None, f" That it is h{number} could not be checked: what the history says of it cannot be read."
    if row is None:
        return None, f" That it is h{number} could not be checked: the history does not know that number yet."
    if row.has_ended:
        raise NotAdopted(f"h{number} has ended ({cut(row.finish_reason or '', 100)}). {_NOTHING}")
    return row, ""


async def _rule(adoptee: Adoptee, row: HistoryRow | None, services: Services) -> ChosenRule:
    """Return the session's rule: the typed one, else the history's, else none."""
    if adoptee.rule is not None:
        return await services.rules.resolve(adoptee.rule, undone="adopted")
    if row is None:
        return _UNKNOWN_RULE
    named = replace(
        _UNKNOWN_RULE,
        name=row.rule_name or None,
        application_id=row.application_id,
        application_name=row.application_name,
    )
    try:
        rules = (await services.rules.listing()).rules
    except RulesUnreadable:
        return named
    same = [each for each in rules if (each.name, each.application_id) == (row.rule_name, row.application_id)]
    return same[0] if len(same) == 1 else named


async def _record(adoptee: Adoptee, rule: ChosenRule, context: Context) -> Session:
    """Record the session, unless it is recorded already: then nobody gets two cards for one session."""
    new = await new_session(rule, context)
    url, sealer, called_at = adoptee.url.reveal(), context.services.sealer, made_at(adoptee.url)
    held = await context.services.store.read(sessions.secure_urls)
    others = await asyncio.to_thread(starts.seals_of_others, held, url, sealer)

    def job(db: Connection) -> tuple[Session, bool]:
        now = context.services.clock.now()
        return starts.record_adoption(
            db, new, url, sealer, command=context.command, called_at=called_at, now=now, others=others
        )

    session, was_held = await context.services.store.write(job)
    if was_held:
        when = ago(context.services.clock.age(session.created_at))
        raise NotAdopted(f"That is {session_name(session)} already, known {when}. {_NOTHING}")
    return session


def made_at(url: SessionUrl) -> datetime | None:
    """Return the moment of the session's start in its URL, if that has the usual form."""
    path = _PATH.fullmatch(url.reveal())
    made = _MADE_AT.fullmatch(path["first"]) if path else None
    return None if made is None else datetime.fromtimestamp(int(made["seconds"]), UTC)


async def _adopted(session: Session, adoptee: Adoptee, row: HistoryRow | None, doubt: str, context: Context) -> Outcome:
    watched = "" if adoptee.history_id or session.application_id else (
        " Neither its number at the platform nor its rule is known, so its end cannot be seen in the history."
    )  # fmt: skip
    event = f"Adopted by {person(context.request.actor)}.{doubt}{watched}"
    running = await record_running(session, event, context, started_at=(row and row.start) or made_at(adoptee.url))
    await running.deliver_kept_stop_early()

    def changes(db: Connection) -> Session | None:
        columns: dict[str, Any] = {}
        if row is not None and row.custom_data is not None:
            columns["custom_data"] = hide_secrets(without_urls(row.custom_data), secret_parts(adoptee.url.reveal()))
        return starts.record_number(db, session.id, adoptee.history_id, **columns)

    says = f"Adopted {session_name(session)}.{doubt}{watched}"
    return Outcome(says=says, session=session.id, changes=changes, after_commit=running.deliver_kept_stop)


VERB = Verb(
    name="adopt",
    takes=Adopt,
    arguments=(_AdopteeArgument(),),
    summary="Take over a running session by its URL.",
    details=(
        "For a session that was not started here: its card appears in this channel, and it can be sent to and asked to "
        f"stop. The URL is sealed and never shown. {code('history id')} is its number at the platform "
        f"({code('h4202753936')}), by which its end is seen; without it, it is looked for by its rule. "
        f"Example: {code('adopt <url> h4202753936')}."
    ),
    right=Right.adopt,
    run=run,
)
