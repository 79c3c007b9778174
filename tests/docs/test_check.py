"""The page on the check: its example has the verdict that it shows, and every verdict is explained."""

from pathlib import Path

from storage.scenario_checks import Verdict
from tests.docs.pages import fenced, read, rows
from tests.docs.shell import running

CHECK = "session-bot scenario check order.js"
PAGE = "docs/how-to/check.md"


def test_its_example_is_judged_as_it_says(tmp_path: Path) -> None:
    """The command prints each line that is shown, in this order, and its exit code asks for something to be done."""
    (tmp_path / "order.js").write_text(fenced(read(PAGE), "js"))
    with running(CHECK, tmp_path) as process:
        printed, _ = process.communicate(timeout=100)
    assert process.returncode == 1, printed
    found = iter(printed.splitlines())
    for line in fenced(read(PAGE), "text").splitlines():
        assert line in found, line


def test_every_verdict_is_explained() -> None:
    """The table has a row for each verdict, in their order."""
    explained = [row.split("|")[1].strip(" *") for row in rows(read(PAGE), "| verdict | it means | what to do |")]
    assert explained == [str(each) for each in Verdict]
