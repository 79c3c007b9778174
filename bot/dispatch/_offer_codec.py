"""Offers as JSON and back, exactly as they are: an offer of any verb, with all that was typed.

Of every record the name of its type and all of its fields are written, and only one with just these fields is read: a
stop of some sessions that another version wrote otherwise must not be read as a stop of all.
"""

import dataclasses
import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Any, Final

from bot.ports import Offer, Verb
from bot.voximplant import SessionUrl

_WRONG: Final = "it is not written as this version writes it"


class OfferCodec:
    """Writes and reads the offers of these verbs."""

    def __init__(self, verbs: Sequence[Verb]) -> None:
        self._types: dict[str, Any] = {
            each.__name__: each for each in _types_within(Offer, *(verb.takes for verb in verbs))
        }

    def write(self, offer: Offer) -> str:
        """Return an offer as JSON, without the value of its button."""
        return json.dumps(_plain(dataclasses.replace(offer, value="")), separators=(",", ":"))

    def read(self, text: str) -> Offer:
        """Return the offer; raise ValueError where this version does not write it so."""
        try:
            offer = self._meant(json.loads(text))
        except (TypeError, AttributeError):
            raise ValueError(_WRONG) from None
        if not isinstance(offer, Offer):
            raise ValueError(_WRONG)  # noqa: TRY004 - for the reader a text is wrong, not a type
        return offer

    def _meant(self, plain: Any) -> Any:
        """Return the value that was written: an object has one key, the name of its type."""
        match plain:
            case list():
                return tuple(map(self._meant, plain))
            case dict() if len(plain) == 1:
                ((name, inner),) = plain.items()
                return self._of_type(name, inner)
            case dict():
                raise ValueError(_WRONG)
            case _:
                return plain

    def _of_type(self, name: str, inner: Any) -> Any:
        match name:
            case "mapping":
                return {key: self._meant(value) for key, value in inner.items()}
            case "microseconds":
                return inner * timedelta.resolution
            case "url":
                return SessionUrl(inner)
        of = self._types.get(name)
        if of is None:
            raise ValueError(_WRONG)
        if issubclass(of, Enum):
            return of(inner)
        fields = {each.name for each in dataclasses.fields(of)}
        if not isinstance(inner, dict) or set(inner) != fields:
            raise ValueError(_WRONG)
        return of(**{field: self._meant(value) for field, value in inner.items()})


def _plain(value: Any) -> Any:
    """Return a value in JSON's own types."""
    match value:
        case Enum():  # some are texts as well
            return {type(value).__name__: value.value}
        case None | bool() | int() | float() | str():
            return value
        case tuple():
            return [_plain(each) for each in value]
        case Mapping():
            return {"mapping": {key: _plain(each) for key, each in value.items()}}
        case _:
            return dict([_named(value)])


def _named(value: Any) -> tuple[str, Any]:
    """Return the name of a value's type, and its content."""
    match value:
        case timedelta():
            return "microseconds", value // timedelta.resolution
        case SessionUrl():
            return "url", value.reveal()
        case _:
            fields = dataclasses.fields(value)  # a TypeError for any other: no offer holds one, which a test shows
            return type(value).__name__, {each.name: _plain(getattr(value, each.name)) for each in fields}


def _types_within(*types: Any) -> Iterator[type]:
    """Yield the records and enums among these types, and among those of their fields."""
    for each in types:
        if typing.get_args(each):
            yield from _types_within(*typing.get_args(each))
        elif dataclasses.is_dataclass(each) and isinstance(each, type):
            yield each
            yield from _types_within(*typing.get_type_hints(each).values())
        elif isinstance(each, type) and issubclass(each, Enum):
            yield each
