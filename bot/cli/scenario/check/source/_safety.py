"""The safety timers of a source: those that end the session, or its calls, after a while."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.cli.scenario.check.source._code import Code, Spot
from bot.cli.scenario.check.source._tokens import Kind, Token

_ENDS: Final = ("terminate", "hangup")
_NOT_FUNCTIONS: Final = ("if", "for", "while", "switch", "with", "catch", "function", "async", "return", "await")
_SHORTEST_S: Final = 30.0
"""A shorter timer that ends the session is part of its course, and no guard against a session that stays."""


@dataclass(frozen=True)
class SafetyTimer:
    """A timer that ends the session; `seconds` is None where the source does not say them as a number."""

    spot: Spot
    seconds: float | None


def safety_timers(code: Code) -> Iterator[SafetyTimer]:
    """Yield the timers that end the session, but for the short ones, and those that a request sets."""
    enders, numbers = _enders(code), _numbers(code.tokens)
    openings = [code.registration(index) for index in code.events("HttpRequest")]
    handlers = [code.inside(opening) for opening in openings if opening is not None]
    for index, token in enumerate(code.tokens[:-1]):
        if not token.is_name("setTimeout", "setInterval") or not code.tokens[index + 1].is_sign("("):
            continue
        inside = [code.tokens[each] for each in code.inside(index + 1)]
        if any(index in each for each in handlers) or not any(each.is_name(*enders) for each in inside):
            continue
        milliseconds = _value(_last_argument(inside, token.depth + 1), numbers)
        if token.is_name("setInterval") or milliseconds is None:
            yield SafetyTimer(code.spot(index), None)
        elif milliseconds >= _SHORTEST_S * 1000:
            yield SafetyTimer(code.spot(index), milliseconds / 1000)


def _enders(code: Code) -> frozenset[str]:
    """Return the names of functions that end the session or its calls, those that call one of them included."""
    inside: dict[str, set[str]] = {}
    for index, token in enumerate(code.tokens[:-2]):
        if token.kind is Kind.word and (body := _body(code, index)) is not None:
            words = {code.tokens[each].text for each in body if code.tokens[each].kind is Kind.word}
            inside.setdefault(token.text, set()).update(words)
    names = set(_ENDS)
    while more := {name for name, used in inside.items() if name not in names and used & names}:
        names |= more
    return frozenset(names)


def _body(code: Code, index: int) -> range | None:
    """Return the places of a function's body, if the name here is the name of one that is made here."""
    start = None if code.tokens[index].is_name(*_NOT_FUNCTIONS) else _after_parameters(code, index + 1)
    if start is None or start >= len(code.tokens):
        return None
    if code.tokens[start].is_sign("{"):
        return code.inside(start)
    if start + 1 >= len(code.tokens) or not code.tokens[start].is_sign("=>"):
        return None
    is_block = code.tokens[start + 1].is_sign("{")
    return code.inside(start + 1) if is_block else _expression(code.tokens, start + 1)


def _after_parameters(code: Code, at: int) -> int | None:
    """Return the place behind the parameters of a function that begins here, with an equals sign or without."""
    is_assigned = code.tokens[at].is_sign("=", ":")
    at += is_assigned
    while at < len(code.tokens) and code.tokens[at].is_name("async", "function"):
        at += 1
    if at < len(code.tokens) and code.tokens[at].is_sign("("):
        return code.inside(at).stop + 1
    return at + 1 if is_assigned else None  # one parameter without brackets, or no function at all


def _expression(found: Sequence[Token], start: int) -> range:
    """Return the places of the one expression that is an arrow function's body."""
    depth = found[start].depth
    for index in range(start, len(found)):
        token = found[index]
        if token.depth < depth or (token.depth == depth and token.is_sign(";", ",")):
            return range(start, index)
    return range(start, len(found))


def _numbers(found: Sequence[Token]) -> dict[str, float]:
    """Return the names that are given a number once, such as `const LIMIT = 30 * 60 * 1000`."""
    numbers: dict[str, float] = {}
    for index, token in enumerate(found[:-2]):
        if token.is_name("const", "let", "var") and found[index + 2].is_sign("="):
            end = index + 3
            while end < len(found) and (found[end].kind in {Kind.number, Kind.word} or found[end].is_sign("*")):
                if found[end].is_name("const", "let", "var"):
                    break
                end += 1
            value = _value(found[index + 3 : end], numbers)
            if value is not None:
                numbers[found[index + 1].text] = value
    return numbers


def _last_argument(inside: Sequence[Token], depth: int) -> Sequence[Token]:
    commas = [index for index, each in enumerate(inside) if each.depth == depth and each.is_sign(",")]
    return inside[commas[-1] + 1 :] if commas else ()


def _value(expression: Sequence[Token], numbers: Mapping[str, float]) -> float | None:
    """Return a number, or a product of numbers and names that stand for one; None for anything else."""
    product = 1.0
    for index, token in enumerate(expression):
        if index % 2:
            if not token.is_sign("*"):
                return None
            continue
        factor = numbers.get(token.text) if token.kind is Kind.word else _literal(token)
        if factor is None:
            return None
        product *= factor
    return product if len(expression) % 2 and math.isfinite(product) else None


def _literal(token: Token) -> float | None:
    if token.kind is not Kind.number:
        return None
    try:
        return float(token.text.replace("_", ""))
    except ValueError:  # hexadecimal and its like: nobody writes a delay so
        return None
