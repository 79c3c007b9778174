"""The list of guards is up to date with the source; `make mutations` breaks them."""

from pathlib import Path

import pytest

from tests.mutations.guards import GUARDS, Guard

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda each: each.name)
def test_its_source_is_there_exactly_once(guard: Guard) -> None:
    """A guard that was rewritten is named, so that its mutation follows it, and its tests exist."""
    assert (ROOT / guard.path).read_text(encoding="utf-8").count(guard.source) == 1
    assert all((ROOT / each).exists() for each in guard.tests.split() if not each.startswith("-"))
