"""`session-bot.toml`: rules, directory, policy and limits; a mistake names its table and key."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.config._grants import Grant
from bot.config._stop_setting import stop_problem
from bot.config._tables import DirectoryConfig, Limits, RuleConfig
from bot.config._value_forms import in_our_words
from bot.text import decode_file, foreign_json
from bot.voximplant import Method

_ALIAS = re.compile(r"(?!\d+\Z)[\w.-]+")  # one word on a command line, and no rule's number
_BARE_KEY = re.compile(r"[A-Za-z\d_-]+")


@dataclass(frozen=True)
class Config:
    """The valid contents of a file, and one sentence for each mistake."""

    rules: tuple[RuleConfig, ...] = ()
    grants: tuple[Grant, ...] = ()
    limits: Limits = field(default_factory=Limits)
    directory: DirectoryConfig = field(default_factory=DirectoryConfig)
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
    directory: DirectoryConfig | None = None
    grants: tuple[Grant, ...] = ()
    for name, table in tables.items():
        if name == "rules":
            rules = _rules(table, problems)
        elif name == "limits":
            limits = _checked(Limits, table, "[limits]", problems)
        elif name == "directory":
            directory = _checked(DirectoryConfig, table, "[directory]", problems)
        elif name == "policy":
            grants = _grants(table, problems)
        else:
            problems.append(_unknown(name, "", ("rules", "policy", "limits", "directory")))
    if directory is None or directory.channel is None:
        problems += [_homeless(each) for each in rules if each.home is None and each.needs_home]
    told = tuple(f"{path.name}: {problem}." for problem in problems)
    return Config(
        rules=rules,
        grants=grants,
        limits=limits or Limits(),
        directory=directory or DirectoryConfig(),
        problems=told,
    )


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


def _homeless(rule: RuleConfig) -> str:
    key = "silent" if rule.silent is not None else "cards"
    return f"{key} of {rule.alias} needs a channel: home in its table, or channel in [directory]"


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
