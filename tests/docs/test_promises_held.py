"""The promises of the README are held: each links to tests, and a guard that they hold is broken on purpose."""

import re

import pytest

from tests.docs.pages import ROOT, read, rows
from tests.mutations.guards import GUARDS

PROMISES = [line for line in rows(read("README.md"), "| promise | tests |") if "**" in line]


def linked(promise: str) -> set[str]:
    """Return the files to which a promise links."""
    return set(re.findall(r"\]\((.+?)\)", promise))


def test_there_are_five() -> None:
    """The README promises five things."""
    assert len(PROMISES) == 5


@pytest.mark.parametrize("promise", PROMISES, ids=lambda each: each.split("**")[1])
def test_each_promise_links_to_tests_of_a_guard(promise: str) -> None:
    """Its links lead to files with tests, and at least one guard falls by them in `make mutations`."""
    files = linked(promise)
    assert files
    for file in files:
        assert re.search(r"^(async )?def test_", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), file
    assert [guard.name for guard in GUARDS if set(guard.tests.split()) <= files]
