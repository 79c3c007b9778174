"""Offers as they are kept: of every verb, exactly as they were made."""

import dataclasses
import json
import typing
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dispatch._offer_codec import OfferCodec, _types_within
from bot.ports._response import Offer
from bot.verbs import VERBS, AllSessions, Start, Stop, TheseSessions
from bot.voximplant import SessionUrl
from storage.records import Origin

CODEC = OfferCodec(VERBS)
TEXT = st.text(max_size=20)
DURATIONS = st.timedeltas(timedelta(0), timedelta(days=3650))
URLS = st.integers(0, 10**9).map(lambda number: SessionUrl(f"https://www1.voximplant.com/request/{number}/a"))
OPTIONS = st.dictionaries(TEXT, TEXT | st.integers() | DURATIONS | st.sampled_from(Origin), max_size=4)


def of_type(of: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one for each form of a type
    """Return values of a field's type."""
    arguments = typing.get_args(of)
    if arguments and typing.get_origin(of) is tuple:
        return st.lists(of_type(arguments[0]), max_size=3).map(tuple)
    if typing.get_origin(of) is not None and issubclass_of(typing.get_origin(of), Mapping):
        return OPTIONS
    if arguments:
        return st.one_of(*map(of_type, arguments))
    if of is SessionUrl:
        return URLS
    if dataclasses.is_dataclass(of):
        return st.builds(of, **{name: of_type(each) for name, each in typing.get_type_hints(of).items()})
    if issubclass_of(of, Enum):
        return st.sampled_from(of)
    known = {str: TEXT, timedelta: DURATIONS, bool: st.booleans(), type(None): st.none(), int: st.integers()}
    return known[of]


def issubclass_of(of: Any, base: type) -> bool:
    """Return whether it is a class, and one of these."""
    return isinstance(of, type) and issubclass(of, base)


INTENTS = st.one_of(*(of_type(verb.takes) for verb in VERBS))
OFFERS = st.builds(
    Offer,
    label=TEXT,
    intent=INTENTS,
    again=st.booleans(),
    confirmed=st.booleans(),
    danger=st.booleans(),
    question=st.none() | TEXT,
    editor=st.none() | st.integers(1),
    draft=st.none() | TEXT,
    good_for=st.none() | DURATIONS,
    redraw=st.none() | INTENTS,
)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
@given(data=st.data())
def test_an_offer_of_any_verb_is_read_as_it_was_written(verb: Any, data: st.DataObject) -> None:
    """Whatever was typed, and of whichever verb: what is read again is equal, to the type of each part."""
    intent = data.draw(of_type(verb.takes))
    read = CODEC.read(CODEC.write(Offer(label="x", intent=intent))).intent
    assert read == intent
    assert repr(read) == repr(intent)


@given(OFFERS)
def test_all_that_an_offer_is_is_kept(offer: Offer) -> None:
    """Every field of an offer is kept, but for the value of its button."""
    assert CODEC.read(CODEC.write(dataclasses.replace(offer, value="secret"))) == offer
    assert "secret" not in CODEC.write(dataclasses.replace(offer, value="secret"))


def test_no_two_types_have_one_name() -> None:
    """A record is known by the name of its type, so that name must be one type's only."""
    types = set(_types_within(Offer, *(verb.takes for verb in VERBS)))
    assert len({each.__name__ for each in types}) == len(types)


@given(offer=OFFERS, data=st.data(), way=st.sampled_from(["gone", "renamed", "added", "another type", "unknown"]))
def test_an_offer_that_was_changed_is_none(offer: Offer, data: st.DataObject, way: str) -> None:
    """A record whose fields another version has otherwise is unreadable, and never one with a field left out."""
    written = json.loads(CODEC.write(offer))
    found = list(records(written))
    name, holder = data.draw(st.sampled_from(found))
    fields = holder[name]
    field = data.draw(st.sampled_from(sorted(fields))) if fields else None
    if way == "unknown":
        holder[f"{name}_"] = holder.pop(name)
    elif way == "added" or field is None:
        fields["added"] = 1
    elif way == "another type":
        holder[name] = list(fields)
    else:
        value = fields.pop(field)
        if way == "renamed":
            fields[f"{field}_"] = value
    with pytest.raises(ValueError, match="not written as this version"):
        CODEC.read(json.dumps(written))


def records(written: Any) -> typing.Iterator[tuple[str, dict[str, Any]]]:
    """Yield every record in what was written, by its name and what holds it."""
    if isinstance(written, list):
        for each in written:
            yield from records(each)
    elif isinstance(written, dict):
        ((name, inner),) = written.items()
        if isinstance(inner, dict) and name != "mapping":
            yield name, written
            for each in inner.values():
                yield from records(each)


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"Stop":{"which":{"AllSessions":{}}}}', '{"mapping":7}', "{"])
def test_what_is_no_offer_is_not_read_as_one(text: str) -> None:
    """An intent alone, a number, or nothing is no offer."""
    with pytest.raises(ValueError, match=r".*"):
        CODEC.read(text)


def test_a_confirmed_stop_stays_one_of_just_these() -> None:
    """A bulk stop's confirmation names the sessions that were shown, and the question for later what was typed."""
    offer = Offer(
        label="Stop 2 sessions",
        intent=Stop(TheseSessions.own(7, 8, reason="3 calls hang")),
        confirmed=True,
        redraw=Stop(AllSessions(rule="x", older=timedelta(minutes=30))),
    )
    read = CODEC.read(CODEC.write(offer))
    assert read == offer
    assert read.intent == Stop(TheseSessions.own(7, 8, reason="3 calls hang"))
    assert CODEC.read(CODEC.write(Offer(label="x", intent=Start("r", " {1} ")))).intent == Start("r", " {1} ")
