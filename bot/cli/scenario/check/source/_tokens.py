"""The tokens of a JavaScript source: enough to look for names in code without meeting comments, strings or patterns.

It is a scan and no parser: it accepts everything, TypeScript and half a program too, and never fails. Where the grammar
would be needed to tell a division from a pattern, the more frequent of the two is assumed.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

_SPACE: Final = re.compile(r"(?:\s|\ufeff)+")
_COMMENT: Final = re.compile(r"//[^\n\r\u2028\u2029]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_NAME: Final = re.compile(r"#?(?:[^\W\d]|\$|\\u)(?:\w|[$\\\u200c\u200d])*")
_NUMBER: Final = re.compile(r"(?:\d|\.\d)(?:\w|\.(?!\.)|(?<=[eE])[+-])*")
_STRING: Final = re.compile(r"""'(?:[^'\\\n\r]|\\.)*'?|"(?:[^"\\\n\r]|\\.)*"?""", re.DOTALL)
_TEMPLATE: Final = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_REGEX: Final = re.compile(
    # Of bounded length, or a line full of slashes would be searched to its end from each of them.
    r"/(?![*/])(?:[^/\\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r]){0,200}\]){1,300}/\w*"
)
_SIGN: Final = re.compile(r"=>|[=!]==?|&&|\|\||\.\.\.|\?\.(?!\d)|.", re.DOTALL)
_LINE_END: Final = re.compile(r"\r\n|[\n\r\u2028\u2029]")

_BEFORE_A_PATTERN: Final = frozenset(
    {
        *("await", "case", "delete", "do", "else", "extends", "in", "instanceof"),
        *("new", "of", "return", "throw", "typeof", "void", "yield"),
    }
)
"""Keywords after which a slash begins a pattern: after any other name it divides."""

_WITH_CONDITION: Final = frozenset({"if", "while", "for", "with"})


class Kind(Enum):
    """The kind of a token."""

    word = auto()
    number = auto()
    string = auto()
    """A string, or a template without values in it; `text` is what it holds, escapes as they are written."""
    template = auto()
    """A piece of a template that has values in it."""
    regex = auto()
    sign = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `line` and `column` count from 1, `depth` is the number of brackets that it stands in."""

    kind: Kind
    text: str
    line: int
    column: int
    depth: int

    def is_name(self, *names: str) -> bool:
        """Return whether it is one of these names."""
        return self.kind is Kind.word and self.text in names

    def is_sign(self, *signs: str) -> bool:
        """Return whether it is one of these signs."""
        return self.kind is Kind.sign and self.text in signs


def tokens(source: str) -> list[Token]:
    """Return the tokens of a source, comments and white space left out."""
    return list(_Scan(source).tokens())


def line_starts(source: str) -> list[int]:
    """Return where each line of a source begins, as JavaScript counts lines."""
    return [0, *(each.end() for each in _LINE_END.finditer(source))]


class _Scan:
    """The state of one scan: a stack of the open brackets, and the token before."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = line_starts(source)
        self._open: list[tuple[str, bool]] = []  # the bracket; is it the one of `if (…)` and its like?
        self._before: Token | None = None
        self._closed_condition = False

    def tokens(self) -> Iterator[Token]:
        at = 2 + self._source[2:].find("\n") if self._source.startswith("#!") else 0
        while at < len(self._source):
            if (skipped := _SPACE.match(self._source, at) or _COMMENT.match(self._source, at)) is not None:
                at = skipped.end()
                continue
            token, at = self._next(at)
            self._before = token
            yield token

    def _next(self, at: int) -> tuple[Token, int]:
        sign = self._source[at]
        if sign in "'\"" and (found := _STRING.match(self._source, at)) is not None:
            text = found[0]
            closed = len(text) > 1 and text.endswith(sign)
            return self._token(Kind.string, text[1:-1] if closed else text[1:], at), found.end()
        if sign == "`" or (sign == "}" and self._open and self._open[-1][0] == "${"):
            return self._template(at)
        if sign == "/" and self._is_pattern() and (found := _REGEX.match(self._source, at)) is not None:
            return self._token(Kind.regex, found[0], at), found.end()
        for kind, pattern in ((Kind.word, _NAME), (Kind.number, _NUMBER)):
            if (found := pattern.match(self._source, at)) is not None:
                return self._token(kind, found[0], at), found.end()
        return self._sign(at)

    def _template(self, at: int) -> tuple[Token, int]:
        """Return the piece of a template that begins with its quote, or behind a value."""
        goes_on = self._source[at] == "}"
        if goes_on:
            self._open.pop()
        found = _TEMPLATE.match(self._source, at + 1)
        end = at + 1 if found is None else found.end()
        has_value = self._source.startswith("${", end)
        kind = Kind.template if goes_on or has_value else Kind.string
        token = self._token(kind, self._source[at + 1 : end], at)
        if has_value:
            self._open.append(("${", False))
            return token, end + 2
        return token, end + 1

    def _sign(self, at: int) -> tuple[Token, int]:
        found = _SIGN.match(self._source, at)
        text = self._source[at] if found is None else found[0]
        if text in ")]}" and self._open:
            _, self._closed_condition = self._open.pop()
        token = self._token(Kind.sign, text, at)
        if text in "([{":
            before = self._before
            self._open.append((text, text == "(" and before is not None and before.is_name(*_WITH_CONDITION)))
        return token, at + len(text)

    def _is_pattern(self) -> bool:
        """Return whether a slash begins a pattern here, by the token before it."""
        before = self._before
        if before is None:
            return True
        if before.kind is Kind.sign:
            return self._closed_condition if before.text == ")" else before.text != "]"
        if before.kind is Kind.word:
            return before.text in _BEFORE_A_PATTERN
        return before.kind is Kind.template and bool(self._open) and self._open[-1][0] == "${"

    def _token(self, kind: Kind, text: str, at: int) -> Token:
        line = bisect_right(self._starts, at)
        return Token(kind, text, line, at - self._starts[line - 1] + 1, len(self._open))
