"""The words about whether a session's scenario listens to its rule's stop, by the check that was kept of it.

A check is the simulator's word, on the sources that the rule had at the session's start and on the stop that is
configured now; of others nothing is known, and nothing is said.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from bot.ports import ChosenRule, Services
from bot.stops._reachable import shut_words
from bot.text import begins_like_json, code, cut, moment, strong
from bot.voximplant import StopRequest
from storage import Connection, scenario_checks
from storage.errors import StorageUnavailable
from storage.records import Session
from storage.scenario_checks import ScenarioCheck, stop_digest
from storage.sealing import Sealer

_SENTENCE_SHOWN: Final = 200
_WORD_SHOWN: Final = 200
_PLAIN_NAME: Final = re.compile(r"(?!\d+\Z)[\w.-]+", re.ASCII)

CardNote = Callable[[Connection, Session], str | None]
"""Returns a line for a session's card, read with the session."""


def digest_of(stop: StopRequest) -> str:
    """Return the digest under which checks of a stop are kept."""
    return stop_digest(stop.body, stop.content_type, stop.path, stop.method)


def check_of(db: Connection, session: Session, stop: StopRequest) -> ScenarioCheck | None:
    """Return the check of this stop with the scenarios that the session runs, or None."""
    return scenario_checks.of_rule(db, session.rule_id, session.rule_fingerprint, digest_of(stop))


async def checks_of(rules: Iterable[ChosenRule], services: Services) -> Mapping[int, ScenarioCheck]:
    """Return the checks that are true of these rules now, by their numbers; none where they cannot be read."""
    wanted = [(each, digest_of(services.rules.stop_request(each.id))) for each in rules if each.fingerprint is not None]

    def job(db: Connection) -> Mapping[int, ScenarioCheck]:
        found = ((each.id, scenario_checks.of_rule(db, each.id, each.fingerprint, stop)) for each, stop in wanted)
        return {number: check for number, check in found if check is not None}

    try:
        return await services.store.read(job) if wanted else {}
    except StorageUnavailable:
        return {}


async def fingerprint_at_start(rule: ChosenRule, services: Services) -> str | None:
    """Return which scenarios a session of this rule runs that starts now.

    The list of rules may be a minute old, and the kit bound since: it is read anew where a warning depends on it.
    """
    check = (await checks_of([rule], services)).get(rule.id)
    return await services.rules.fingerprint_now(rule.id) if check is not None and check.is_deaf else rule.fingerprint


def deaf_words(check: ScenarioCheck | None) -> str | None:
    """Return the warning of a scenario that is known not to end by its stop; None for every other."""
    if check is None or not check.is_deaf:
        return None
    return f"{strong('Its scenario does not listen to a stop')}, checked {moment(check.checked_at)}"


def card_note(db: Connection, session: Session, stop: StopRequest, sealer: Sealer) -> str | None:
    """Return the warning for the card of a session that is not over: that its URL is shut, or it does not listen."""
    if session.seems_over:
        return None
    return shut_words(session, sealer) or deaf_words(check_of(db, session, stop))


def listening_lines(session: Session, check: ScenarioCheck | None) -> list[str]:
    """Return what is known of the scenario of a stop that is not confirmed, and the command that tells more."""
    if not session.rule_id:
        return []
    name = _rule_argument(session)
    look, install = (code(f"session-bot scenario {each} --rule {name}") for each in ("check", "install"))
    if check is None or not check.verdict.is_known:
        return [f"Whether its scenario listens to this stop: {look}, on the bot's machine, tells."]
    if check.listens:
        since = moment(check.checked_at)
        return [f"Its scenario ended by this stop when it was checked, {since}. An end can take 90 s at the platform."]
    works = works_words(check)
    why = cut(check.sentence, _SENTENCE_SHOWN) if works is None else f"it ends by {works}, for session-bot.toml."
    if check.kit_helps:
        more = f"{install}, on the bot's machine, makes the sessions that start after it listen."
    else:
        more = f"{look}, on the bot's machine, shows more."
    return [f"{deaf_words(check)}: {why}", more]


def works_words(check: ScenarioCheck) -> str | None:
    """Return the lines for session-bot.toml that a check found to end the scenario."""
    return None if check.works is None else " and ".join(code(each, _WORD_SHOWN) for each in check.works.splitlines())


def word_to_send(check: ScenarioCheck | None) -> str | None:
    """Return what to type behind `send <id>` for a deaf scenario that another body ends; None where none is known."""
    if check is None or not check.is_deaf or check.works is None:
        return None
    try:
        setting = tomllib.loads(check.works)
    except tomllib.TOMLDecodeError:
        return None
    as_sent = not setting.get("stop_path") and setting.get("stop_method", "POST") == "POST"
    word = setting.get("stop") if as_sent else None
    if not isinstance(word, str) or not word or not word.isprintable() or len(word) > _WORD_SHOWN:
        return None
    return word if begins_like_json(word) else f"--text {word}"


def _rule_argument(session: Session) -> str:
    """Return the rule as a shell takes it: its alias or name where that is one plain word, else its number."""
    names = (each for each in (session.alias, session.rule_name) if each is not None and _PLAIN_NAME.fullmatch(each))
    return next(names, str(session.rule_id))
