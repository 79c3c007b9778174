"""A dataclass shows in no `repr` what a field may hold – a URL, a key, or typed text – and what flows is frozen."""

import dataclasses
import importlib
import pkgutil
import re
import typing
from collections.abc import Iterator
from typing import Final

import bot
import storage

CANARY: Final = "canary-in-a-field"
MAY_HOLD_ONE: Final = re.compile(
    r"(?:.*_)?(?:urls?|tokens?|secrets?|passwords?|headers|body|content|target|path|pem|data|json|asked)"
)
IS_TEXT: Final = re.compile(r"\b(?:str|bytes|Any|Mapping|object)\b")
WORLD_OUTSIDE: Final = ("bot.sandbox.", "bot.cli.scenario.sessions.")
"""What imitates the world outside, and runs with no secret of anybody's."""

SHOWN: Final = {
    "Workspace.url": "the address of the workspace, which all who are in it read",
    "Known.url": "the same",
}

IS_CHANGED: Final = {"Verified", "Waiting"}
"""What is found line by line, and the place of a job in a queue."""


def dataclasses_of_ours() -> Iterator[type]:
    """Yield each dataclass of the product."""
    for package in (bot, storage):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(WORLD_OUTSIDE) and not module.name.endswith("__main__"):
                for each in vars(importlib.import_module(module.name)).values():
                    if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__module__ == module.name:
                        yield each


def telling(each: type) -> list[str]:
    """Return the fields whose text must not be shown."""
    kinds = typing.get_type_hints(each)
    return [
        field.name
        for field in dataclasses.fields(each)
        if MAY_HOLD_ONE.fullmatch(field.name)
        and IS_TEXT.search(str(kinds[field.name]))
        and f"{each.__name__}.{field.name}" not in SHOWN
    ]


def shown(each: type) -> str:
    """Return the `repr` of one with a canary in every field that may hold one, and nothing in the others."""
    made, may_hold = object.__new__(each), telling(each)
    for field in dataclasses.fields(each):
        object.__setattr__(made, field.name, CANARY if field.name in may_hold else None)
    return repr(made)


def test_no_dataclass_shows_what_it_may_hold() -> None:
    """A URL, a token, a body or typed data in a field is in no `repr`."""
    holding = [each for each in dataclasses_of_ours() if telling(each)]
    assert len(holding) > 20
    assert [f"{each.__module__}.{each.__name__}" for each in holding if CANARY in shown(each)] == []


def test_what_is_recorded_or_decided_is_frozen() -> None:
    """A record, a command, a stop or a verdict is never changed in place: who holds one holds what was read."""
    wings = ("storage.", "bot.access.", "bot.dispatch.", "bot.ports.", "bot.stops.")
    flowing = [each for each in dataclasses_of_ours() if each.__module__.startswith(wings)]
    assert len(flowing) > 60
    changing = {each.__name__ for each in flowing if not each.__dataclass_params__.frozen}  # type: ignore[attr-defined]
    assert changing == IS_CHANGED


def test_a_field_that_is_shown_is_found() -> None:
    """The search itself sees a dataclass that shows its URL."""

    @dataclasses.dataclass(frozen=True)
    class Careless:
        plain_url: str | None
        count: int

    assert CANARY in shown(Careless)
