"""`session-bot.toml`: rules, policy and limits; a mistake names its table and key."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.config._grants import Grant
from bot.config._stop_setting import DEFAULT_STOP, compact_json, read_stop, read_stop_type, stop_problem, stop_request
from bot.config._value_forms import in_our_words
from bot.text import DURATION_FORMS, BadJson, begins_like_json, decode_file, duration, foreign_json, understand
from bot.voximplant import Method, StopRequest, path_problem
from storage.records import LARGEST

_MOST_PRESETS = 100
_LONGEST_PRESET_NAME = 75
_LONGEST_PRESET = 3_000

_ALIAS = re.compile(r"(?!\d+\Z)[\w.-]+")  # one word on a command line, and no rule's number
_PERSON = re.compile(r"[USW][A-Z0-9]{2,20}")
_BARE_KEY = re.compile(r"[A-Za-z\d_-]+")


def _preset(given: object) -> str:
    """Read a preset: a text, used as it stands, or a table, used as compact JSON; what begins like JSON must be it."""
    if isinstance(given, dict):
        return compact_json(given)
    if not isinstance(given, str):
        msg = "must be a text in quotes, or a table"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueErrors
    if not begins_like_json(given):
        return given
    try:
        understood = understand(given)
    except BadJson as error:
        raise ValueError(f"begins like JSON and is none: {error}") from None
    if understood.repaired:
        raise ValueError("begins like JSON and is none: " + ", ".join(understood.changes) + " would be needed")
    return understood.body.decode()


def _presets(given: object) -> dict[str, str]:
    """Read prepared texts by name, JSON or not; each fits the editor's field."""
    if not isinstance(given, dict):
        msg = "must be a table of names and texts"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueErrors
    if len(given) > _MOST_PRESETS:
        raise ValueError(f"holds {len(given)} presets, and a list in Slack takes {_MOST_PRESETS}")
    texts = {}
    for name, body in given.items():
        if not 0 < len(name) <= _LONGEST_PRESET_NAME:
            raise ValueError(f"has a name of {len(name)} characters, and a choice in Slack takes 1 to 75")
        try:
            texts[name] = _preset(body)
        except ValueError as problem:
            raise ValueError(f"has a preset {name!r} that {problem}") from None
        if len(texts[name]) > _LONGEST_PRESET:
            raise ValueError(f"has a preset {name!r} of {len(texts[name])} characters, and the editor takes 3000")
    return texts


def _stop_path(given: object) -> str:
    """Check what stands behind a session's URL."""
    if not isinstance(given, str):
        msg = "must be a text in quotes"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueErrors
    if (problem := path_problem(given)) is not None:
        raise ValueError(problem)
    return given


def _duration(given: object) -> timedelta:
    """Read a duration as people write it."""
    found = duration(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f"must be a duration such as {DURATION_FORMS}")
    return found


def _people(given: object) -> tuple[str, ...]:
    """Read a list of user and group ids."""
    if not isinstance(given, list) or not all(isinstance(each, str) and _PERSON.fullmatch(each) for each in given):
        msg = 'must be a list of user or group ids, such as ["U0123ABCD", "S0123ABCD"]'
        raise ValueError(msg)
    return tuple(given)


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RuleConfig(_Table):
    """One rule of the account, as `[rules.ALIAS]` describes it."""

    alias: str
    id: int = Field(gt=0, le=LARGEST, description="The rule's number at the platform.")
    stop: Annotated[str | None, BeforeValidator(read_stop)] = Field(
        default=None,
        description=(
            "The body that asks its sessions to stop: any text, sent as it stands, or a table, sent as JSON; "
            f"without it `{DEFAULT_STOP.body.decode()}`."
        ),
    )
    stop_type: Annotated[str | None, BeforeValidator(read_stop_type)] = Field(
        default=None,
        description="Its content type; without it JSON, a form or plain text, as the body looks.",
    )
    stop_path: Annotated[str, BeforeValidator(_stop_path)] = Field(
        default="",
        description="A path, a query or both, behind the session's own URL: `/stop`, `?action=stop`.",
    )
    stop_method: Literal["POST", "GET"] = Field(
        default="POST", description="The method of a stop; with `GET` it has no body."
    )
    tag: bool = Field(
        default=False,
        description="Whether a start's data ends with a tag, such as `#1a2b3c4d`, so that a lost one can be found.",
    )
    runbook: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s<>|]+$",
        description="A link that is shown when a stop is not confirmed.",
    )
    expect: Annotated[timedelta | None, BeforeValidator(_duration)] = Field(
        default=None, description="People are told, once, of a session that lasts longer."
    )
    max: Annotated[timedelta | None, BeforeValidator(_duration)] = Field(
        default=None, description="A session that lasts longer is asked to stop: `90s`, `10m`, `1h30m`."
    )
    notify: Annotated[tuple[str, ...], BeforeValidator(_people)] = Field(
        default=(), description="Ids of the people and groups who are told; without it the starter is."
    )
    presets: Annotated[Mapping[str, str], BeforeValidator(_presets)] = Field(
        default_factory=dict, description="JSON or texts to choose from in the editor, by name."
    )

    @property
    def stop_request(self) -> StopRequest:
        """The request that asks its sessions to stop."""
        return stop_request(self.stop, self.stop_type, self.stop_path, Method(self.stop_method))


class Limits(_Table):
    """The bot's own limits."""

    custom_data_bytes: int = Field(default=200, gt=0, description="Bytes of data that a start may have.")
    abandoned_url_days: int = Field(
        default=7,
        ge=0,
        le=36_500,
        description="Days for which a session whose record was closed can still be asked to stop.",
    )
    log_phone_digits: int = Field(
        default=4, ge=0, le=15, description="Last digits of a phone number that `log` shows; 15 is all of it."
    )


@dataclass(frozen=True)
class Config:
    """The valid contents of a file, and one sentence for each mistake."""

    rules: tuple[RuleConfig, ...] = ()
    grants: tuple[Grant, ...] = ()
    limits: Limits = field(default_factory=Limits)
    problems: tuple[str, ...] = ()


def read(path: Path) -> Config:
    """Read a config file. Nothing is raised: mistakes are in `problems`."""
    try:
        tables = foreign_json(tomllib.loads(decode_file(path.read_bytes())))
    except OSError as error:
        return Config(problems=(f"{path} cannot be read: {error.strerror}.",))
    except UnicodeDecodeError:
        return Config(problems=(f"{path.name} cannot be read: it is no text in UTF-8 or UTF-16.",))
    except tomllib.TOMLDecodeError as error:
        return Config(problems=(f"{path.name} is not TOML: {error}.",))
    problems: list[str] = []
    rules: tuple[RuleConfig, ...] = ()
    limits: Limits | None = None
    grants: tuple[Grant, ...] = ()
    for name, table in tables.items():
        if name == "rules":
            rules = _rules(table, problems)
        elif name == "limits":
            limits = _checked(Limits, table, "[limits]", problems)
        elif name == "policy":
            grants = _grants(table, problems)
        else:
            problems.append(_unknown(name, "", ("rules", "policy", "limits")))
    told = tuple(f"{path.name}: {problem}." for problem in problems)
    return Config(rules=rules, grants=grants, limits=limits or Limits(), problems=told)


def _rules(tables: object, problems: list[str]) -> tuple[RuleConfig, ...]:
    if not isinstance(tables, dict):
        problems.append("rules are tables, each called [rules.ALIAS]")
        return ()
    rules: list[RuleConfig] = []
    for alias, table in tables.items():
        place = f"[rules.{alias if _BARE_KEY.fullmatch(alias) else json.dumps(alias, ensure_ascii=False)}]"
        if not _ALIAS.fullmatch(alias):
            problems.append(f"the alias {alias!r} must be one word, and more than a number")
        rule = _checked(RuleConfig, table, place, problems, alias=alias)
        if rule is None:
            continue
        twin = next((other for other in rules if other.id == rule.id), rule)
        if (problem := stop_problem(rule.stop, rule.stop_type, Method(rule.stop_method))) is not None:
            problems.append(f"stop in {place} {problem}")
        if twin.stop_request != rule.stop_request:
            problems.append(f"{alias} and {twin.alias} are both rule {rule.id}, but their stops differ")
        if rule.expect is not None and rule.max is not None and rule.expect >= rule.max:
            problems.append(f"expect in {place} must be shorter than max")
        rules.append(rule)
    return tuple(rules)


def _grants(policy: object, problems: list[str]) -> tuple[Grant, ...]:
    """Read every `[[policy.grant]]`; a mistake names its grant by its number, counted from the top of the file."""
    if not isinstance(policy, dict):
        problems.append("the policy is a list of entries, each called [[policy.grant]]")
        return ()
    problems += [_unknown(key, "[policy]", ("grant",)) for key in policy if key != "grant"]
    tables = policy.get("grant", [])
    if not isinstance(tables, list):
        problems.append("each grant is an entry of its own, called [[policy.grant]]: two brackets")
        return ()
    grants = [_checked(Grant, table, f"grant {number}", problems) for number, table in enumerate(tables, start=1)]
    return tuple(each for each in grants if each is not None)


_AnyTable = TypeVar("_AnyTable", bound=BaseModel)


def _checked(kind: type[_AnyTable], table: object, place: str, problems: list[str], **known: str) -> _AnyTable | None:
    """Return a TOML table as its dataclass, or None; report every mistake in the order of its keys."""
    if not isinstance(table, dict):
        problems.append(
            f"{place.strip('[]')} must be a table: {place if place.startswith('[') else '[[policy.grant]]'}"
        )
        return None
    keys = tuple(key for key in kind.model_fields if key not in known)
    found = [(key, _unknown(key, place, keys)) for key in table if key not in keys]
    checked = None
    try:
        checked = kind.model_validate({key: table[key] for key in keys if key in table} | known)
    except ValidationError as error:
        found += [_explained(problem, place) for problem in error.errors(include_input=False, include_url=False)]
    order = list(table)
    problems += [what for _, what in sorted(found, key=lambda each: order.index(each[0]) if each[0] in table else -1)]
    return checked


def _unknown(key: str, place: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    hint = f", the nearest is {near[0]}" if near else f"; there are {', '.join(known)}"
    return f"there is no key {key}{place and f' in {place}'}{hint}"


def _explained(problem: Mapping[str, object], place: str) -> tuple[str, str]:
    """Return the key of a problem, and the problem in our words."""
    loc = problem["loc"]
    key = str(loc[0]) if isinstance(loc, tuple) else ""
    if problem["type"] == "missing":
        return key, f"{place} needs {key}"
    if key == "runbook" and problem["type"] == "string_pattern_mismatch":
        return key, f"{key} in {place} must be a link that starts with https:// or http://"
    return key, f"{key} in {place} {in_our_words(problem)}"
