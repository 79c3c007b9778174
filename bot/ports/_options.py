"""Options written `name=value` or `--name value`, in any order: the filters of a list."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from bot.ports._errors import UsageProblem
from bot.ports._grammar import quoted, unquoted
from bot.text import UnclosedQuote, code, split_words

ME: Final = "me"

_SHOWN: Final = 80
_PERSON: Final = re.compile(r"(?:<@)?(?P<id>[UW][A-Z0-9]{2,20})(?:\|[^>]*)?>?")
_PAGE: Final = re.compile(r"[1-9][0-9]{0,4}")

_DASHED: Final = re.compile(
    r"(?:(?<=[\s=])|^)(?:[\"“”„«»][^\"“”„«»]*[\"“”„«»]|['‘’][^'‘’]*['‘’])(?!\S)"  # noqa: RUF001 - quoted words stay
    r"|(?<!\S)(?:--|[—–])(?P<name>\w+)(?:=|\s+(?!-|—|–)|$)"
)


@dataclass(frozen=True)
class Option:
    """One option: its name, the form of its value in a usage line, and its parser.

    `read` returns the value, or None for an invalid text; `needs` completes "… must be"; `write` is its inverse.
    """

    name: str
    usage: str
    read: Callable[[str], Any]
    needs: str
    write: Callable[[Any], str] = str


@dataclass(frozen=True)
class Options:
    """All options of a verb, as one argument: a mapping of name to value of the given ones."""

    options: tuple[Option, ...]
    name: str = "options"
    meant: Callable[[str], str] = str
    """Writes a word without `=` as the option that it plainly means; gives others back, and "" for a mere filler."""
    phrases: Callable[[str], str] = str
    """Writes what is said in several words as the option that it plainly means."""

    @property
    def usage(self) -> str:
        """`[name=value]` for each."""
        return " ".join(f"[{each.name}={each.usage}]" for each in self.options if each.usage)

    def read(self, text: str) -> tuple[Mapping[str, Any], str]:
        """Read them all; raises UsageProblem for a word that is none of them, or comes twice."""
        try:
            found = split_words(in_one_style(self.phrases(text), [each.name for each in self.options]))
        except UnclosedQuote as unclosed:
            raise UsageProblem(str(unclosed)) from None
        return self._given([each.text for each in found]), ""

    def of_words(self, words: Sequence[str]) -> Mapping[str, Any]:
        """Read them from words, each of which is one option, with any blanks and quotes in its value."""
        return self._given([unquoted(each) for each in words if each.strip()])

    def _given(self, words: Sequence[str]) -> Mapping[str, Any]:
        given: dict[str, Any] = {}
        for word in words:
            text = word if "=" in word else self.meant(word)
            if not text:
                continue
            option, value = self._option(text)
            if option.name in given:
                twice = f"{code(f'{option.name}=')} stands there twice."
                msg = twice if "=" in word else f"{code(word, _SHOWN)} is more than this command takes."
                raise UsageProblem(msg)
            given[option.name] = _value(option, value, word)
        return MappingProxyType(given)

    def write(self, value: Mapping[str, Any]) -> str:
        """Return those that are given, in the order of the usage line."""
        given = [(each, value[each.name]) for each in self.options if value.get(each.name) is not None]
        return " ".join(f"{each.name}={quoted(each.write(of))}" for each, of in given)

    def _option(self, text: str) -> tuple[Option, str]:
        name, equals, value = text.partition("=")
        option = next((each for each in self.options if each.name == name.casefold()), None)
        if option is not None and equals:
            return option, value
        if not equals:
            raise UsageProblem(f"{code(text, _SHOWN)} is more than this command takes.")
        names = ", ".join(code(f"{each.name}=") for each in self.options if each.usage)
        raise UsageProblem(f"There is no option {code(f'{name}=', _SHOWN)}; there are {names}.")


def in_one_style(text: str, names: Sequence[str]) -> str:
    """Return the text with `--name value` and `--name=value` written as `name=value`; quoted words stay as they are."""

    def one(found: re.Match[str]) -> str:
        name = (found["name"] or "").casefold()
        return f"{name}=" if name in names else found[0]

    return _DASHED.sub(one, text)


def choice_option(name: str, *values: str) -> Option:
    """Return an option whose value is one of a few words, in any case."""
    said = " or ".join(code(f"{name}={each}") for each in values)
    chosen = {each.casefold(): each for each in values}
    return Option(name, "|".join(values), lambda text: chosen.get(text.casefold()), said)


def person_option(name: str) -> Option:
    """Return an option whose value is `me`, a member id (`U0123456`) or a mention."""
    says = f"{code(f'{name}=me')} or a member's id such as {code(f'{name}=U0123ABCD')}; a mention takes an @name, too"
    return Option(name, "me|U…", _person, says)


def text_option(name: str, usage: str) -> Option:
    """Return an option whose value is any words; several in quotes."""
    needs = f"{code(f'{name}={usage}')}, with a text in place of {usage}"
    return Option(name, usage, lambda text: text or None, needs)


def page_option(name: str) -> Option:
    """Return an option whose value is a number from 1 on; buttons use it, usage lines do not show it."""
    return Option(name, "", lambda text: int(text) if _PAGE.fullmatch(text) else None, "a number from 1 on")


def _person(text: str) -> str | None:
    if text.casefold() == ME:
        return ME
    found = _PERSON.fullmatch(text)
    return found["id"] if found else None


def _value(option: Option, text: str, word: str) -> Any:
    value = option.read(text)
    if value is None:
        raise UsageProblem(f"{code(word, _SHOWN)} does not fit; it must be {option.needs}.")
    return value
