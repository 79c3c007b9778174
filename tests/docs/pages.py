"""The pages that people read, and what stands in them: tables, examples, links."""

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *(ROOT / "docs").rglob("*.md")]
)


def named(page: Path) -> str:
    """Return a page's path as people write it."""
    return page.relative_to(ROOT).as_posix()


def read(name: str) -> str:
    """Return the text of a page, by its path."""
    return (ROOT / name).read_text(encoding="utf-8")


def texts() -> dict[str, str]:
    """Return the text of every page by its path."""
    return {named(page): read(named(page)) for page in PAGES}


def rows(page: str, head: str, number: int = 0) -> list[str]:
    """Return the rows of a table with this head, by default of the first one."""
    _, *below = page.split(f"{head}\n")
    assert len(below) > number, f"there is no table {head}"
    return below[number].partition("\n\n")[0].splitlines()[1:]


def fenced(page: str, language: str, number: int = 0) -> str:
    """Return an example in this language, by default the first one."""
    return examples(page, language)[number]


def examples(page: str, language: str) -> list[str]:
    """Return every example in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def anchors(page: str) -> set[str]:
    """Return what a link into this page may name: its headings, as they are written in an address."""
    prose = re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
