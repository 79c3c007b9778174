"""Tables, examples and drawings of the pages."""

from collections.abc import Iterable, Mapping
from typing import Any


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return a table; a bar in a cell is escaped."""
    lines = [head, ("---",) * len(head), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    head_line, rule, *rest = ("| " + " | ".join(cells) + " |" for cells in lines)
    return "\n".join([head_line, rule.replace(" ", ""), *rest])


def code(text: str) -> str:
    """Return text as code."""
    return f"`{text}`"


def fenced(language: str, text: str) -> str:
    """Return a block of code."""
    return f"```{language}\n{text}\n```"


def drawing(follows: Mapping[Any, frozenset[Any]], *, first: Any) -> str:
    """Return a table of which state may follow which as a drawing."""
    arrows = [f"    [*] --> {_node(first)}"]
    arrows += [
        f"    {_node(state)} --> {_node(each)}" for state in follows for each in follows if each in follows[state]
    ]
    arrows += [f"    {_node(state)} --> [*]" for state in follows if not follows[state]]
    names = [f"    {_node(state)} : {state}" for state in follows if _node(state) != str(state)]
    return fenced("mermaid", "\n".join(["stateDiagram-v2", *names, *arrows]))


def _node(state: Any) -> str:
    return str(state).replace(" ", "_")
