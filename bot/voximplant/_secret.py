"""A text that is shown only by an explicit call."""

from typing import NoReturn


class Secret:
    """A text hidden from `repr`, `str`, formatting, `vars`, `dataclasses.asdict` and pickling.

    `reveal()` is the only access to it, so that every use can be found by that word.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text, for sending or sealing it."""
        return self._value

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} is not written down")
