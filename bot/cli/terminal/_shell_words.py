"""Words of the shell, quoted for the bot's grammar: one word there is one word here."""

from collections.abc import Sequence
from typing import Final

from bot.ports import leading_ids
from bot.text import UnclosedQuote, split_words

_ALL: Final = "all"


def one_word(word: str) -> str:
    """Return a word in quotes if it would be several without them; of `key=value` only the value is quoted."""
    if not word.strip() or _is_one(word):
        return word
    key, equals, value = word.partition("=")
    if not (equals and key.isidentifier()):
        key, equals, value = "", "", word
    tried = [f"{key}{equals}{quote}{value}{quote}" for quote in ('"', "'")]
    return next((each for each in tried if _is_one(each)), tried[0])


def rule_word(rule: str) -> str:
    """Return a rule's name; an empty one keeps its place, so that the data is not read as the rule."""
    if not rule.strip():
        return '""'
    if _is_one(rule):
        return rule
    return next((each for each in (f'"{rule}"', f"'{rule}'") if _is_one(each)), f'"{rule}"')


def stop_words(typed: Sequence[str]) -> list[str]:
    """Return the words after `stop`: `all` with options, or ids and a reason, which becomes one word."""
    if typed and typed[0].casefold() == _ALL:
        return [one_word(each) for each in typed]
    count = next((place for place, each in enumerate(typed) if not _are_ids(each)), len(typed))
    ids, reason = list(typed[:count]), " ".join(typed[count:])
    if all(len(each.split()) <= 1 for each in typed[count:]) or _is_one(reason):
        return [*ids, reason] if reason else ids
    return [*ids, f'"{reason}"']  # in double quotes always, which the bot takes off from first to last


def _are_ids(word: str) -> bool:
    refs, rest = leading_ids(word)
    return bool(refs) and not rest and len(word.split()) == 1


def _is_one(word: str) -> bool:
    try:
        found = split_words(word)
    except UnclosedQuote:
        return False
    return len(found) == 1 and (found[0].start, found[0].end) == (0, len(word))
