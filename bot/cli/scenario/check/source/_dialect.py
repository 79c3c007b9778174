"""The language of a source: JavaScript, or one of its kin that the platform does not run, with what to do about it."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from bot.cli.scenario.check.source._tokens import Kind, Token

_TYPES: Final = frozenset({"string", "number", "boolean", "any", "void", "unknown", "never", "object", "bigint"})
_DECLARES: Final = ("interface", "type", "enum", "namespace", "declare", "abstract")
_ACCESS: Final = ("private", "public", "protected", "readonly", "override")
_EXPORTED: Final = ("default", "const", "let", "var", "function", "class", "async", "type", "interface", "enum")


class Dialect(Enum):
    """A language, its name for people, and what to do with a source in it; the last is empty for JavaScript."""

    def __init__(self, words: str, advice: str) -> None:
        self.words = words
        self.advice = advice

    javascript = "JavaScript", ""
    typescript = (
        "TypeScript",
        "The platform runs JavaScript only: compile it (tsc --target ES2019 --module none) and check what comes out.",
    )
    module = (
        "an ES module",
        (
            "The platform runs plain scripts, without import and export: bundle it into one file"
            " (esbuild --bundle --format=iife --target=es2019) and check what comes out."
        ),
    )
    jsx = "JSX", "The platform runs JavaScript only, and a scenario has nothing to draw: compile it, or leave it out."


def dialect(name: str, found: Sequence[Token]) -> tuple[Dialect, Token | None]:
    """Return the language of the source of this name, and the first token that no JavaScript of the platform has."""
    candidates = [
        (_typescript(found), Dialect.typescript),
        (_module(found), Dialect.module),
        (_jsx(found), Dialect.jsx),
    ]
    seen = [(token, kind) for token, kind in candidates if token is not None]
    if name.casefold().endswith((".ts", ".mts", ".cts", ".tsx")) and seen:
        return Dialect.typescript, seen[0][0]
    if not seen:
        return Dialect.javascript, None
    return seen[0][1], seen[0][0]


def _typescript(found: Sequence[Token]) -> Token | None:
    """Return the first type annotation, declaration of a type, access word or cast."""
    for index in range(len(found) - 1):
        before = found[index - 1] if index else None
        signs = (_declaration(before, *found[index : index + 2]), _annotation(found, index))
        if (token := next(filter(None, signs), None)) is not None:
            return token
        if found[index].is_name("as") and _is_cast(before, found[index + 1]):
            return found[index]
    return None


def _declaration(before: Token | None, here: Token, after: Token) -> Token | None:
    """Return a word that begins a statement or a member in TypeScript only."""
    begins = before is None or before.line < here.line or before.is_sign(";", "{", "}") or before.is_name("export")
    follows = after.kind is Kind.word and after.line == here.line
    return here if begins and follows and here.is_name(*_DECLARES, *_ACCESS) else None


def _annotation(found: Sequence[Token], index: int) -> Token | None:
    """Return the colon, or the question mark, of a type that stands behind a name or behind parameters."""
    if index + 2 >= len(found):
        return None
    here, second, third = found[index : index + 3]
    if second.kind is Kind.word and third.is_sign(":") and (here.is_sign("(") or here.is_name("let", "const", "var")):
        return third
    if here.kind is Kind.word and second.is_sign("?") and third.is_sign(":"):
        return second
    if here.is_sign(")") and second.is_sign(":") and third.kind is Kind.word and _returns_type(found, index + 2):
        return second
    return None


def _returns_type(found: Sequence[Token], index: int) -> bool:
    """Return whether a colon after brackets names what a function returns; else it is the end of a condition."""
    if found[index].text in _TYPES or found[index].text == "Promise":
        return True
    return index + 1 < len(found) and found[index + 1].is_sign("{", "=>")


def _is_cast(before: Token | None, after: Token) -> bool:
    if before is None or not (before.kind is Kind.word or before.is_sign(")", "]")):
        return False
    return after.kind is Kind.word and (after.text in _TYPES or after.text == "const" or after.text[:1].isupper())


def _module(found: Sequence[Token]) -> Token | None:
    """Return the first `import` or `export` of a module."""
    for index, token in enumerate(found[:-1]):
        after = found[index + 1]
        if token.depth > 0 or (index and found[index - 1].is_sign(".", "?.")):
            continue
        if token.is_name("import") and (after.kind in {Kind.word, Kind.string} or after.is_sign("{", "*")):
            return token
        if token.is_name("export") and (after.is_name(*_EXPORTED) or after.is_sign("{", "*")):
            return token
    return None


def _jsx(found: Sequence[Token]) -> Token | None:
    """Return the first tag where an expression begins."""
    for before, token, after in zip(found, found[1:], found[2:], strict=False):
        opens = before.is_sign("(", "=", "=>", ",", "?", ":") or before.is_name("return")
        if opens and token.is_sign("<") and (after.kind is Kind.word or after.is_sign(">")):
            return token
    return None
