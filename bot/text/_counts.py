"""Numbers with their noun."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular or the plural: `1 line`, `2,000 lines`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
