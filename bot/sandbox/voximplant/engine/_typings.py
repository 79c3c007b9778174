"""The names of the platform's scenario API, as its typings have them: the table `typings.json`.

Facts only: names, the values of enums, the types that calls return. `former` lists names of earlier typings, which
scenarios in use still have. How the table is made anew: CONTRIBUTING.md.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def typings() -> Mapping[str, Any]:
    """Return the table as it is stored."""
    text = resources.files(__package__).joinpath("typings.json").read_text(encoding="utf-8")
    table: Mapping[str, Any] = json.loads(text)
    return table


def global_names() -> list[str]:
    """Return the names that the typings put into a scenario's global scope."""
    paths = [*typings()["functions"], *_branches()]
    return sorted({path.partition(".")[0] for path in paths})


def members_of(name: str) -> list[str]:
    """Return the methods of a class, with those of the classes that it extends."""
    known = typings()["classes"][name]
    inherited = members_of(known["extends"]) if "extends" in known else []
    return sorted({*known["methods"], *inherited})


def typings_script() -> str:
    """Return the JavaScript that hands the table to the shim (used by: `js/names.js`)."""
    table = typings()
    known = {"none": {}, **{section: table[section] for section in ("classes", "functions", "shapes")}}
    constants = {
        "enumTexts": {path: json.dumps(values) for path, values in table["enums"].items()},
        "listTexts": {path: " ".join(names) for path, names in table["lists"].items()},
        "namespaces": dict.fromkeys(sorted(_namespaces()), True),
        "globalNames": global_names(),
    }
    lines = [f"const typings = parse({json.dumps(json.dumps(known))});"]
    lines += [f"const {name} = parse({json.dumps(json.dumps(value))});" for name, value in constants.items()]
    return "\n".join(lines)


def _branches() -> Iterator[str]:
    table = typings()
    for section in ("classes", "enums", "lists"):
        yield from table[section]


def _namespaces() -> set[str]:
    parts = [path.split(".") for path in (*typings()["functions"], *_branches())]
    return {".".join(names[:depth]) for names in parts for depth in range(1, len(names))}
