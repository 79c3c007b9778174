"""`session-bot.toml`: what a team says of its rules, its policy and its limits; mistakes are told with their line."""

import difflib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.config._grants import Grant
from bot.config._value_forms import in_our_words
from bot.text import DURATION_FORMS, BadJson, decode_file, duration, understand
from storage.records import LARGEST

DEFAULT_STOP = b'{"command": "stop"}'

_MOST_PRESETS = 100
_LONGEST_PRESET_NAME = 75
_LONGEST_PRESET = 3_000

_ALIAS = re.compile(r"(?!\d+\Z)[\w.-]+")  # one word on a command line, and no rule's number
_PERSON = re.compile(r"[USW][A-Z0-9]{2,20}")
_KEY = re.compile(r"\"[^\"]*\"|'[^']*'|[\w-]+")
_KEYS = re.compile(rf"\s*(?P<keys>(?:{_KEY.pattern})(?:\s*\.\s*(?:{_KEY.pattern}))*)\s*=")
_HEADER = re.compile(r"\s*\[+(?P<name>[^\]]+)\]")


def _stop_body(given: object) -> bytes:
    """Take a stop body: JSON in a string, used as it stands, or a table, used as compact JSON."""
    if isinstance(given, dict):
        try:
            return json.dumps(given, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        except (TypeError, ValueError):
            msg = "holds a date, nan or inf, which JSON does not know"
            raise ValueError(msg) from None
    if not isinstance(given, str):
        msg = "must be JSON in a string, or a table"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueErrors
    try:
        understood = understand(given)
    except BadJson as error:
        raise ValueError(f"must be JSON: {error}") from None
    if understood.repaired:
        raise ValueError("must be JSON as it stands: " + ", ".join(understood.changes) + " would be needed")
    return understood.body


def _presets(given: object) -> dict[str, str]:
    """Take prepared JSON texts by their names, each given like a stop body; a text fits the editor's field."""
    if not isinstance(given, dict):
        msg = "must be a table of names and JSON"
        raise ValueError(msg)  # noqa: TRY004 - pydantic collects ValueErrors
    if len(given) > _MOST_PRESETS:
        raise ValueError(f"holds {len(given)} presets, and a list in Slack takes {_MOST_PRESETS}")
    texts = {}
    for name, body in given.items():
        if not 0 < len(name) <= _LONGEST_PRESET_NAME:
            raise ValueError(f"has a name of {len(name)} characters, and a choice in Slack takes 1 to 75")
        try:
            texts[name] = _stop_body(body).decode()
        except ValueError as problem:
            raise ValueError(f"has a preset {name!r} that {problem}") from None
        if len(texts[name]) > _LONGEST_PRESET:
            raise ValueError(f"has a preset {name!r} of {len(texts[name])} characters, and the editor takes 3000")
    return texts


def _duration(given: object) -> timedelta:
    """Take a duration as people write it."""
    found = duration(given) if isinstance(given, str) else None
    if found is None:
        raise ValueError(f"must be a duration such as {DURATION_FORMS}")
    return found


def _people(given: object) -> tuple[str, ...]:
    """Take a list of user and group ids."""
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
    stop: Annotated[bytes, BeforeValidator(_stop_body)] = Field(
        default=DEFAULT_STOP,
        description="The body that asks its sessions to stop: JSON in a string, sent as it stands, or a table.",
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
        default_factory=dict, description="JSON to choose from in the editor, by name."
    )


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
    """What a file says, as far as it is in order, and one sentence for each thing that is not."""

    rules: tuple[RuleConfig, ...] = ()
    grants: tuple[Grant, ...] = ()
    limits: Limits = field(default_factory=Limits)
    problems: tuple[str, ...] = ()


def read(path: Path) -> Config:
    """Read a config file. Nothing is raised: what is wrong comes back as `problems`."""
    try:
        text = decode_file(path.read_bytes())
        tables = tomllib.loads(text)
    except OSError as error:
        return Config(problems=(f"{path} cannot be read: {error.strerror}.",))
    except UnicodeDecodeError:
        return Config(problems=(f"{path.name} cannot be read: it is no text in UTF-8 or UTF-16.",))
    except tomllib.TOMLDecodeError as error:
        return Config(problems=(f"{path.name} is not TOML: {error}.",))
    mistakes = _Mistakes(path.name, text)
    for key in tables.keys() - {"rules", "policy", "limits"}:
        mistakes.unknown(key, (), ("rules", "policy", "limits"))
    rules = _rules(tables.get("rules", {}), mistakes)
    limits = _checked(Limits, tables.get("limits", {}), ("limits",), mistakes)
    grants = _grants(tables.get("policy", {}), mistakes)
    return Config(rules=rules, grants=grants, limits=limits or Limits(), problems=mistakes.sentences())


class _Mistakes:
    """The mistakes found in one file so far, each with its line."""

    def __init__(self, name: str, text: str) -> None:
        self._found: list[tuple[int, str]] = []
        self._name = name
        self._text = text

    def sentences(self) -> tuple[str, ...]:
        """Give them as they stand in the file, line by line; first what is about no line."""
        return tuple(sentence for _, sentence in sorted(self._found, key=lambda found: found[0]))

    def add(self, path: tuple[str, ...], what: str) -> None:
        line = _line(self._text, path)
        self._found.append((line or 0, f"{self._name}, line {line}: {what}." if line else f"{self._name}: {what}."))

    def unknown(self, key: str, table: tuple[str, ...], known: tuple[str, ...]) -> None:
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        place = f" in {_called(table)}" if table else ""
        hint = f", the nearest is {near[0]}" if near else f"; there are {', '.join(known)}"
        self.add((*table, key), f"there is no key {key}{place}{hint}")


def _rules(tables: object, mistakes: _Mistakes) -> tuple[RuleConfig, ...]:
    if not isinstance(tables, dict):
        mistakes.add(("rules",), "rules are tables, each called [rules.ALIAS]")
        return ()
    rules: list[RuleConfig] = []
    for alias, table in tables.items():
        path = ("rules", alias)
        if not _ALIAS.fullmatch(alias):
            mistakes.add(path, f"the alias {alias!r} must be one word, and more than a number")
        rule = _checked(RuleConfig, table, path, mistakes, alias=alias)
        if rule is None:
            continue
        twin = next((other for other in rules if other.id == rule.id), rule)
        if twin.stop != rule.stop:
            mistakes.add(path, f"{alias} and {twin.alias} are both rule {rule.id}, but their stop bodies differ")
        if rule.expect is not None and rule.max is not None and rule.expect >= rule.max:
            mistakes.add((*path, "expect"), f"expect in [rules.{alias}] must be shorter than max")
        rules.append(rule)
    return tuple(rules)


def _grants(policy: object, mistakes: _Mistakes) -> tuple[Grant, ...]:
    """Read every `[[policy.grant]]`; the second one has the path `policy`, `grant#2`."""
    if not isinstance(policy, dict):
        mistakes.add(("policy",), "the policy is a list of entries, each called [[policy.grant]]")
        return ()
    for key in sorted(policy.keys() - {"grant"}):
        mistakes.unknown(key, ("policy",), ("grant",))
    tables = policy.get("grant", [])
    if not isinstance(tables, list):
        mistakes.add(("policy", "grant"), "each grant is an entry of its own, called [[policy.grant]]: two brackets")
        return ()
    paths = [("policy", f"grant#{number}") for number in range(1, len(tables) + 1)]
    grants = [_checked(Grant, table, path, mistakes) for path, table in zip(paths, tables, strict=True)]
    return tuple(each for each in grants if each is not None)


_AnyTable = TypeVar("_AnyTable", bound=BaseModel)


def _checked(
    kind: type[_AnyTable], table: object, path: tuple[str, ...], mistakes: _Mistakes, **known: str
) -> _AnyTable | None:
    """Turn a TOML table into its dataclass, or note everything that is wrong with it."""
    if not isinstance(table, dict):
        called, header = ".".join(path), f"[{'.'.join(path)}]"
        if path[0] == "policy":
            called, header = _called(path), "[[policy.grant]]"
        mistakes.add(path, f"{called} must be a table: {header}")
        return None
    keys = tuple(key for key in kind.model_fields if key not in known)
    unknown = table.keys() - set(keys)
    for key in sorted(unknown):
        mistakes.unknown(key, path, keys)
    try:
        return kind.model_validate({key: table[key] for key in keys if key in table} | known)
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            _explain(problem, path, mistakes)
        return None


def _explain(problem: Mapping[str, object], path: tuple[str, ...], mistakes: _Mistakes) -> None:
    loc = problem["loc"]
    key = str(loc[0]) if isinstance(loc, tuple) else ""
    table = _called(path)
    if problem["type"] == "missing":
        mistakes.add(path, f"{table} needs {key}")
    elif key == "runbook" and problem["type"] == "string_pattern_mismatch":
        mistakes.add((*path, key), f"{key} in {table} must be a link that starts with https:// or http://")
    else:
        mistakes.add((*path, key), f"{key} in {table} {in_our_words(problem)}")


def _called(path: tuple[str, ...]) -> str:
    """Name a table by its header, and a grant, whose header is like the others', by its number."""
    return path[-1].replace("#", " ") if path[0] == "policy" and len(path) > 1 else f"[{'.'.join(path)}]"


def _line(text: str, path: tuple[str, ...]) -> int | None:
    """Find a key's line, counted from 1: where it is set, else its table's first, else where it is named.

    A key may be dotted, and a table may stand in its line. The n-th table of a list, `[[a.b]]`, has the path
    `a`, `b#n`.
    """
    here: tuple[str, ...] = ()
    head: int | None = None
    named: int | None = None
    word = re.escape(path[-1].partition("#")[0])
    lists: Counter[str] = Counter()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            here = tuple(part.strip().strip("\"'") for part in header["name"].split("."))
            if line.lstrip().startswith("[["):
                lists[header["name"]] += 1
                here = (*here[:-1], f"{here[-1]}#{lists[header['name']]}")
        elif keys := _KEYS.match(line):
            at = (*here, *(part.strip("\"'") for part in _KEY.findall(keys["keys"])))
            is_set = len(here) < len(path) and at[: len(path)] == path
            if is_set or (at == path[: len(at)] and re.search(rf"(?<!\w){word}(?!\w)", line[keys.end() :])):
                return number
        if here in {path, path[:-1]} and here and head is None:
            head = number
        if named is None and re.search(rf"(?<!\w){word}(?!\w)", line):
            named = number
    return head or named
