"""The tables of `session-bot.toml` for rules, the directory and limits: their keys and what these mean."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.config._stop_setting import DEFAULT_STOP, compact_json, read_stop, read_stop_type, stop_request
from bot.text import DURATION_FORMS, BadJson, begins_like_json, duration, understand
from bot.voximplant import Method, StopRequest, path_problem
from storage.records import LARGEST

_MOST_PRESETS = 100
_LONGEST_PRESET_NAME = 75
_LONGEST_PRESET = 3_000

_PERSON = re.compile(r"[USW][A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")


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


def _channel(given: object) -> str:
    """Read a channel's id."""
    if not isinstance(given, str) or not _CHANNEL.fullmatch(given):
        msg = "must be a channel's id, like C0123456789"
        raise ValueError(msg)
    return given


def _names(given: object) -> tuple[str, ...]:
    """Read a list of applications, each by its name or its number."""
    if not isinstance(given, list) or not all(isinstance(each, str) and each.strip() for each in given):
        msg = 'must be a list of names or numbers in quotes, such as ["support", "4379769"]'
        raise ValueError(msg)
    return tuple(each.strip() for each in given)


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RuleConfig(Table):
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
    home: Annotated[str | None, BeforeValidator(_channel)] = Field(
        default=None,
        description="The channel of its sessions that nobody started in Slack; without it that of `[directory]`.",
    )
    silent: Annotated[timedelta | None, BeforeValidator(_duration)] = Field(
        default=None,
        description="People are told, once, of a session that announced itself and was not heard of for so long.",
    )
    cards: Literal["needed", "all"] | None = Field(
        default=None,
        description="`all`: each of those gets a card at once; without it as `[directory]` has it.",
    )
    presets: Annotated[Mapping[str, str], BeforeValidator(_presets)] = Field(
        default_factory=dict, description="JSON or texts to choose from in the editor, by name."
    )

    @property
    def needs_home(self) -> bool:
        """Return whether something of it is told in a channel."""
        return self.silent is not None or self.cards == "all"

    @property
    def stop_request(self) -> StopRequest:
        """The request that asks its sessions to stop."""
        return stop_request(self.stop, self.stop_type, self.stop_path, Method(self.stop_method))


class Limits(Table):
    """The bot's own limits."""

    custom_data_bytes: int = Field(default=200, gt=0, description="Bytes of data that a start may have.")
    abandoned_url_days: int = Field(
        default=7,
        ge=0,
        le=36_500,
        description="Days for which a session whose record was closed can still be asked to stop.",
    )
    log_phone_digits: int = Field(
        default=4, ge=0, le=15, description="Last digits of a phone number that `log` and `find` show; 15 is all of it."
    )
    commands_under_way: int = Field(
        default=2_000,
        gt=0,
        description="Commands at once, beyond which another is refused; a stop is refused beyond twice as many.",
    )


class DirectoryConfig(Table):
    """The handling of sessions that announce themselves."""

    channel: Annotated[str | None, BeforeValidator(_channel)] = Field(
        default=None,
        description="The channel of sessions that nobody started in Slack, where their rule has no `home`.",
    )
    cards: Literal["needed", "all"] = Field(
        default="needed",
        description="`all`: each of them gets a card at once; `needed`: once a stop or an alarm calls for it.",
    )
    applications: Annotated[tuple[str, ...], BeforeValidator(_names)] = Field(
        default=(),
        description="Names or numbers of applications that are read although nothing was announced there yet.",
    )
