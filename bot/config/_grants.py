"""Grants: who may do what, where, with which rules, from the file or the two variables that abbreviate some."""

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

VERBS: Final = ("look", "start", "send", "stop", "close", "log", "audit", "adopt", "everywhere")
"""The rights of a grant: those of `bot.ports` but `help`, which needs no grant."""

_LOOKS: Final = frozenset({"list", "status", "rules"})
_PERSON_OR_GROUP: Final = re.compile(r"[UWS][A-Z\d]+")
_CHANNEL: Final = re.compile(r"[CG][A-Z\d]+")


def _several(given: object, what: str) -> Sequence[object]:
    if not isinstance(given, list):
        raise ValueError(f"must be a list of {what}, in [ ]")  # noqa: TRY004 - pydantic collects ValueErrors
    if not given:
        raise ValueError(f"is an empty list, which would be nobody's and nothing's: name {what}, or leave it out")
    return given


def _ids(form: re.Pattern[str], what: str) -> BeforeValidator:
    def check(given: object) -> tuple[str, ...]:
        ids = _several(given, what)
        for place, each in enumerate(ids, start=1):
            if not isinstance(each, str) or not form.fullmatch(each):
                raise ValueError(f"must be a list of {what}; entry {place} is none")
        return tuple(str(each) for each in ids)

    return BeforeValidator(check)


def _verbs(given: object) -> tuple[str, ...]:
    named = _several(given, "verbs")
    problems = [sentence for each in named if (sentence := _no_verb(each)) is not None]
    if problems:
        raise ValueError("; ".join(problems))
    return tuple(str(each) for each in named)


def _no_verb(named: object) -> str | None:
    """Return the problem with a verb's name, and the nearest verb; None if there is none."""
    if named in VERBS:
        return None
    if isinstance(named, str) and named in _LOOKS:
        return f"holds {named}, which is part of look"
    if named == "help":
        return "holds help, which needs no grant"
    nearest = difflib.get_close_matches(str(named), VERBS, n=1, cutoff=0)[0]
    return f"holds {str(named)[:40]!r}, which is no verb; the nearest is {nearest}"


def _rules(given: object) -> tuple[int | str, ...]:
    rules = _several(given, "rules: numbers, aliases or names")
    for place, each in enumerate(rules, start=1):
        if isinstance(each, bool) or not isinstance(each, int | str) or not str(each).strip():
            raise ValueError(f"must be a list of rules: numbers, aliases or names; entry {place} is none")
    return tuple(each if isinstance(each, int) else str(each) for each in rules)


class Grant(BaseModel):
    """One `[[policy.grant]]`; who, channels and rules that are left out are all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verbs: Annotated[tuple[str, ...], BeforeValidator(_verbs)] = Field(description="What may be done.")
    who: Annotated[
        tuple[str, ...] | None, _ids(_PERSON_OR_GROUP, "ids of people or groups, like U0123456789 or S0123456789")
    ] = Field(default=None, description="Ids of people (`U…`, `W…`) and user groups (`S…`).")
    channels: Annotated[tuple[str, ...] | None, _ids(_CHANNEL, "ids of channels, like C0123456789")] = Field(
        default=None, description="Ids of the sessions' channels."
    )
    rules: Annotated[tuple[int | str, ...] | None, BeforeValidator(_rules)] = Field(
        default=None, description="Rules by number, by alias, or by the exact name that the platform has."
    )


EVERYDAY: Final = Grant.model_validate({"verbs": ["look", "start", "send", "stop", "close"]})
"""The rights of every full member where the file has no grants; the other verbs need a grant in any case."""


def granted(entries: Sequence[Grant], channels: Collection[str]) -> tuple[Grant, ...]:
    """Return all grants: `start` in `channels` only, if there are any."""
    grants = entries or (EVERYDAY,)
    return tuple(part for each in grants for part in _started_in(each, channels)) if channels else tuple(grants)


def granted_elsewhere(responders: Collection[str]) -> tuple[Grant, ...]:
    """Return the additional grants needed to stop another channel's session."""
    return (Grant.model_validate({"verbs": ["stop"]} | ({"who": sorted(responders)} if responders else {})),)


def _started_in(grant: Grant, channels: Collection[str]) -> Iterator[Grant]:
    """Yield the grant in two parts: `start`, in those of its channels that are among these, and all other verbs."""
    if "start" in grant.verbs:
        shared = tuple(each for each in sorted(channels) if grant.channels is None or each in grant.channels)
        yield grant.model_copy(update={"verbs": ("start",), "channels": shared})
    yield grant.model_copy(update={"verbs": tuple(each for each in grant.verbs if each != "start")})
