"""Rules for JSON values, small enough to write Slack's limits down as a table (see `blocks`).

A rule takes a value and the JSON pointer to it, and yields one sentence for each thing that is wrong, in the
words Slack uses where they are known: `must be less than 3001 characters [json-pointer:/blocks/0/text/text]`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_ADDRESS: Final = re.compile(r"https?://[^\s/]+", re.IGNORECASE)

Rule = Callable[[Any, str], Iterator[str]]


def wrong(what: str, pointer: str) -> str:
    """Return the sentence for one problem at a pointer."""
    return f"{what} [json-pointer:{pointer}]"


def string(most: int, least: int = 1) -> Rule:
    """Allow a string of `least` to `most` characters."""

    def rule(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield wrong("must be a string", pointer)
        elif len(value) > most:
            yield wrong(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            yield wrong(f"must be more than {least - 1} characters", pointer)

    return rule


def address(most: int) -> Rule:
    """Allow an http or https address of at most this many characters."""

    def rule(value: Any, pointer: str) -> Iterator[str]:
        yield from string(most)(value, pointer)
        if isinstance(value, str) and not _ADDRESS.match(value):
            yield wrong("must be a valid URL", pointer)

    return rule


def boolean(value: Any, pointer: str) -> Iterator[str]:
    """Allow true and false."""
    if not isinstance(value, bool):
        yield wrong("must be a boolean", pointer)


def integer(least: int, most: int) -> Rule:
    """Allow a whole number from `least` to `most`."""

    def rule(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield wrong(f"must be an integer from {least} to {most}", pointer)

    return rule


def mapping(value: Any, pointer: str) -> Iterator[str]:
    """Allow any object."""
    if not isinstance(value, dict):
        yield wrong("must be an object", pointer)


def anything(value: Any, pointer: str) -> Iterator[str]:
    """Allow every value, unchecked."""
    del value, pointer
    yield from ()


def one_of(*values: str) -> Rule:
    """Allow exactly these strings."""

    def rule(value: Any, pointer: str) -> Iterator[str]:
        if value not in values:
            yield wrong(f"must be one of: {', '.join(values)}", pointer)

    return rule


def items(rule: Rule, most: int, least: int = 1) -> Rule:
    """Allow an array of `least` to `most` items that follow `rule`."""

    def array(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield wrong("must be an array", pointer)
            return
        if len(value) > most:
            yield wrong(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield wrong(f"no less than {least} items allowed", pointer)
        for index, item in enumerate(value):
            yield from rule(item, f"{pointer}/{index}")

    return array


def table(
    required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *, any_of: tuple[str, ...] = ()
) -> Rule:
    """Allow an object with these keys and no others; of `any_of` at least one must be there."""
    known = {**required, **(optional or {})}

    def rule(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be an object", pointer)
            return
        for name in required:
            if name not in value:
                yield wrong(f"missing required field: {name}", pointer)
        if any_of and not any(name in value for name in any_of):
            yield wrong(f"missing required field: {' or '.join(any_of)}", pointer)
        for name, part in value.items():
            if name in known:
                yield from known[name](part, f"{pointer}/{name}")
            else:
                yield wrong(f"invalid additional property: {name}", pointer)

    return rule


def all_of(*rules: Rule) -> Rule:
    """Allow values that follow every one of these rules."""

    def rule(value: Any, pointer: str) -> Iterator[str]:
        for each in rules:
            yield from each(value, pointer)

    return rule


def by_type(kinds: Mapping[str, Rule], what: str) -> Rule:
    """Allow an object whose `type` is one of `kinds`, and which follows that kind's rule."""

    def rule(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield wrong("must be an object", pointer)
        elif not isinstance(kind := value.get("type"), str) or kind not in kinds:
            yield wrong(f"unsupported type: {kind!r} is no {what} here", f"{pointer}/type")
        else:
            yield from kinds[kind](value, pointer)

    return rule
