"""What a text costs: nobody's line may hold up everybody, however it is made.

The bot reads texts on the one thread on which everything else waits, too. So each function over text must cost in
proportion to its length. The steps inside a pattern cannot be counted from outside, but the time of this thread on its
core can: two lengths are compared. Short texts find what may be out of proportion, and only that is measured at length:
a square that is a third of the cost at 8,000 characters is a fourteenth of it at 250, which the first look still sees.
A text that becomes too long for its place is shortened, which costs several renderings: a step, no square. So what grew
by a step is compared once more, beyond it.

Which functions there are is found, not listed: one that takes text, and that none of the texts here gets to, fails.
"""

import importlib
import inspect
import pkgutil
import re
import sys
import time
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, ModuleType
from typing import Any, Final

import pytest

from bot.text import _log_text as log_text
from tests.text.texts_and_functions import FUNCTIONS, NOT_OVER_TEXT, SEEDS, WINGS, quiet, repeated

TIMES: Final = 8
MOST: Final = 24
"""How many times the cost of a text that is `TIMES` as long: 8 in proportion, 64 by its square."""

SHORT: Final = 1_000
CHEAP_S: Final = 0.002
"""What costs no more than this at 8,000 characters does no harm at the 40,000 that Slack takes, even by its square."""

FIRST_SHORT: Final = 250
FIRST_MOST: Final = 12
FIRST_CHEAP_S: Final = CHEAP_S * (FIRST_SHORT / SHORT) ** 2
"""The first look's: everything that the second one objects to is beyond them."""

BEYOND_STEPS: Final = 4_000
"""Slack takes at most 3,000 characters at the places that are filled here."""

LOOKS: Final = (
    (FIRST_SHORT, FIRST_MOST, FIRST_CHEAP_S, 1),
    (SHORT, MOST, CHEAP_S, 2),
    (BEYOND_STEPS, MOST, CHEAP_S, 4),
)
"""Each with the shorter length, how many times its cost is allowed, what is cheap, and the number of attempts."""


def modules(name: str) -> Iterator[ModuleType]:
    """Yield a module and those in it."""
    module = importlib.import_module(name)
    yield module
    for inner in pkgutil.iter_modules(getattr(module, "__path__", [])):
        yield from modules(f"{name}.{inner.name}")


def over_text(module: ModuleType) -> Iterator[Callable[..., Any]]:
    """Yield the functions of a module, for others to call, that begin with a text or with bytes."""
    for name, found in vars(module).items():
        function = inspect.unwrap(found) if inspect.isfunction(found) else None
        if function is None or name.startswith("_") or function.__module__ != module.__name__:
            continue
        first = next(iter(inspect.signature(function, eval_str=False).parameters.values()), None)
        if (
            first is not None
            and first.annotation in {"str", "bytes", str, bytes}
            and not inspect.iscoroutinefunction(function)
        ):
            yield function


def cost(function: Callable[[str], None], text: str) -> float:
    """Return the seconds that this thread was at work."""
    began = time.thread_time()
    function(text)
    return time.thread_time() - began


def is_in_proportion(function: Callable[[str], None], seed: str) -> bool:
    """Compare a text with one several times as long, both short; look closer at what seems out of proportion."""
    return any(_grows(function, seed, *look) for look in LOOKS)


def _grows(  # noqa: PLR0917 - one measurement
    function: Callable[[str], None], seed: str, short: int, most: float, cheap_s: float, attempts: int
) -> bool:
    """Return whether the cost grows in proportion; a machine busy with others is asked again."""
    little, much = repeated(seed, short), repeated(seed, short * TIMES)
    for _ in range(attempts):
        took = cost(function, much)
        if took <= cheap_s or took <= most * min(cost(function, little) for _ in range(2)):
            return True
    return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_text_costs_in_proportion_to_its_length(name: str) -> None:
    """No function over text is slower, per character, for a long text than for a short one."""
    function = quiet(FUNCTIONS[name])
    slow = [seed for seed in SEEDS if not is_in_proportion(function, seed)]
    assert not slow


def test_every_function_over_text_is_measured() -> None:
    """Each function that takes a text first is reached by a text from here, or its cost is explained to be nobody's."""
    reached: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            reached.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for function in FUNCTIONS.values():
            for seed in ("a.", "<@U1|", '{"a": 1}', "\x01code\x02"):
                quiet(function)(repeated(seed, 60))
    finally:
        sys.setprofile(before)
    there = {each for wing in WINGS for module in modules(wing) for each in over_text(module)}
    assert len(there) > len(NOT_OVER_TEXT)
    unmeasured = {each.__name__: each.__module__ for each in there if each.__code__ not in reached}
    assert unmeasured.keys() == NOT_OVER_TEXT.keys(), unmeasured


def test_a_square_is_found() -> None:
    """A pattern that begins anew at each letter is out of proportion: the looks at short texts do not let it pass."""
    pattern = re.compile(r"[a-z]+@")
    assert not any(_grows(quiet(pattern.findall), "a", *look) for look in LOOKS[:2])


def test_lines_of_a_log_that_are_nearly_too_long_cost_in_proportion() -> None:
    """Many lines, each a little shorter than those that are left out, are not read anew from each of their letters."""
    function = quiet(lambda text: log_text.clean_log(text.encode(), is_cut=False, secrets=[], phone_digits=2))
    assert is_in_proportion(lambda line: function(f"{line}{line}\n" * 20), "a.")
