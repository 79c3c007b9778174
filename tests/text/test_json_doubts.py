import pytest

from bot.text._json_doubts import json_doubts


@pytest.mark.parametrize(
    ("text", "twice", "rounded"),
    [
        ('{"a": 1, "b": {"a": 2}}', "", ""),
        ('{"a": 1, "a": 2}', "twice", ""),
        ('[{"b": {"a": 1, "\\u0061": 2}}]', "twice", ""),
        ("[9007199254740992, -9007199254740992, 1e20, 0.1]", "", ""),
        ("[9007199254740993]", "", "rounded"),
        ("[-9007199254740993]", "", "rounded"),
        ("[1e400, 1e-99999999999999999999]", "", "rounded"),
        ("[9007199254740993.0]", "", "rounded"),
        ("[9.007199254740993e15, 0.10000000000000000001]", "", "rounded"),
        ("[9007199254740994.0, 1e22, 1e-99999999999999999999]", "", ""),
        (f"[{'9' * 5000}]", "", "rounded"),
        ('["9007199254740993"]', "", ""),
    ],
)
def test_what_readers_take_in_different_ways_is_told(text: str, twice: str, rounded: str) -> None:
    """A key of the same object that comes twice, and a number that a double cannot hold, have their sentence each."""
    said = " ".join(json_doubts(text))
    assert ("more than once" in said, "2^53" in said) == (bool(twice), bool(rounded))
    assert bool(said) == bool(twice or rounded)
