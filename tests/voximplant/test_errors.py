import inspect
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.voximplant import errors
from bot.voximplant.errors import PlatformError, PlatformFault, Refused, TryLater, refusal

FIELDS = {
    "host": "203.0.113.5",
    "found": [IPv4Address("10.0.0.7")],
    "why": "answered HTTP 403",
    "reason": "The credentials file is missing.",
    "code": 999,
    "msg": "something",
    "seconds": 5.0,
    "status": 502,
    "history_id": None,
}


def tree(root: type[PlatformError] = PlatformError) -> Iterator[type[PlatformError]]:
    """Walk the package's own classes; other modules may hang theirs below."""
    if root.__module__.startswith(errors.__name__):
        yield root
    for child in root.__subclasses__():
        yield from tree(child)


def one_of(kind: type[PlatformError]) -> PlatformError:
    if kind.__init__ is Exception.__init__:
        return kind()
    needed = list(inspect.signature(kind).parameters.values())
    return kind(*(FIELDS[p.name] for p in needed if p.name in FIELDS))


@pytest.mark.parametrize("kind", list(tree()))
def test_every_error_has_a_sentence_of_its_own(kind: type[PlatformError]) -> None:
    """Each class says itself what happened, what did not, and what to do next."""
    assert "text" in vars(kind)
    sentence = one_of(kind).sentence
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert str(one_of(kind)) == sentence


def test_no_two_errors_say_the_same() -> None:
    """A sentence belongs to one class, so that what people quote leads to one place."""
    texts = [kind.text for kind in tree()]
    assert len(set(texts)) == len(texts)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """The drawing at the top of the package names every class, and no other."""
    drawn = {
        word for line in errors.__doc__.splitlines() if line[:1] in "P├│└" or "└─" in line for word in line.split()
    }
    names = {kind.__name__ for kind in tree()}
    assert names <= drawn
    assert {word for word in drawn if word in vars(errors)} == names


@pytest.mark.parametrize("code", [1, 2, 4, 15, 16])
def test_a_fault_of_the_platform_is_no_refusal(code: int) -> None:
    """A failure inside the platform may come after it acted, so it is an unknown outcome."""
    assert isinstance(refusal(code, "internal"), PlatformFault)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (100, "AuthenticationFailed"),
        (104, "RoleMissing"),
        (127, "NoMoney"),
        (131, "AccountNotActivated"),
        (132, "Refused"),
        (147, "UnknownRule"),
        (150, "UnknownHistoryId"),
        (156, "UnknownRule"),
        (162, "TryLater"),
        (257, "BadParameter"),
        (314, "ConcurrencyLimit"),
        (340, "TryLater"),
        (375, "RuleWithoutScenario"),
        (416, "TryLater"),
        (447, "TokenRejected"),
        (454, "TokenRejected"),
        (455, "ClockSkew"),
        (456, "ClockSkew"),
        (484, "ProbablyRepeated"),
        (496, "BadParameter"),
        (515, "ProbablyRepeated"),
    ],
)
def test_each_code_that_matters_has_its_class(code: int, name: str) -> None:
    """The platform's documented codes lead to the class whose sentence fits; any other to Refused."""
    refused = refusal(code, "The platform says no.")
    assert type(refused).__name__ == name
    assert isinstance(refused, Refused)
    assert (refused.code, refused.msg) == (code, "The platform says no.")


def test_repeat_after_names_its_seconds() -> None:
    """Code 416 tells in its message how long to wait, and the sentence passes that on."""
    refused = refusal(416, "Repeat the request after 7 s")
    assert isinstance(refused, TryLater)
    assert refused.retry_after == 7
    assert "in 7 s" in refused.sentence


@given(
    secret=st.from_regex(r"[A-F0-9]{20,40}", fullmatch=True),
    wrap=st.sampled_from(
        [
            "https://h:1/request/{}/x",
            "the key {} is bad",
            "api_key={}&rule_id=1",
            "/request/{}",
            "Bearer a.{}.b",
        ]
    ),
    before=st.text(max_size=40).filter(lambda text: "{" not in text and "}" not in text),
)
def test_a_message_that_repeats_a_secret_is_scrubbed(secret: str, wrap: str, before: str) -> None:
    """What the platform's message echoes of URLs, keys and tokens reaches no sentence, field or repr."""
    for refused in (refusal(132, before + " " + wrap.format(secret)), refusal(1, wrap.format(secret))):
        assert secret not in repr(refused) + str(refused) + repr(vars(refused)) + repr(refused.args)


def test_a_message_is_kept_readable_and_short() -> None:
    """A message of many lines or characters becomes one short line."""
    refused = refusal(132, "The 'scenario_id'\nparameter is\x00invalid. " + "word " * 500)
    assert isinstance(refused, Refused)
    assert refused.msg.startswith("The 'scenario_id' parameter is invalid. word")
    assert len(refused.msg) <= 200
